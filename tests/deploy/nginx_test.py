#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""deploy/nginx-osteon.conf in Debian's nginx, before a real Orthanc: what it needs is known to nginx, the command line comes through with
the house's certificate, and the page's actions do, while those of a foreign page do not.
"""
import base64
import json
import os
import re
import ssl
import unittest
import urllib.error
import urllib.request

from lab import HOST, Lab, OSTEON, SOURCE, free_port, run, wait_until

FILE = f'{SOURCE}/deploy/nginx-osteon.conf'
# What Debian's nginx.conf has around the files of sites-enabled, in a folder of its own.
AROUND = '''daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  include {folder}/site.conf;
}}
'''


def text(path):
    with open(path) as f:
        return f.read()


def replaced(site, values):
    """The file as a site changes it: each directive's value, and nothing else."""
    for directive, value in values.items():
        site, found = re.subn(rf'(?m)^( *{directive} +).*;$', rf'\g<1>{value};', site)
        assert found == 1, directive
    return site


class Proxy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.port = free_port()
        cls.url = f'https://localhost:{cls.port}'
        cls.certificate = cls.lab.path('pacs.pem')
        run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
            '-keyout', cls.lab.path('pacs.key'), '-out', cls.certificate)
        cls.lab.start_orthanc()
        cls.start(text(FILE))

    @classmethod
    def start(cls, site):
        lab = cls.lab
        with open(lab.path('site.conf'), 'w') as f:
            f.write(replaced(site, {'listen': f'127.0.0.1:{cls.port} ssl', 'server_name': 'localhost', 'ssl_certificate': cls.certificate,
                                    'ssl_certificate_key': lab.path('pacs.key'), 'proxy_pass': f'http://127.0.0.1:{lab.http}'}))
        with open(lab.path('nginx.conf'), 'w') as f:
            # The lab's folder is of this user alone.
            f.write(AROUND.format(folder=lab.folder, user='user root;' if os.getuid() == 0 else ''))
        command = ['/usr/sbin/nginx', '-p', lab.folder, '-e', lab.path('nginx-error.log'), '-c', lab.path('nginx.conf')]
        checked = run(*command, '-t')
        assert 'test is successful' in checked.stderr and '[warn]' not in checked.stderr, checked.stderr
        lab.start('nginx', command)

        def up():
            try:
                return cls.ask('GET', '/system')[0] == 200
            except urllib.error.URLError:
                return False
        wait_until('nginx answers', up, 30)

    @classmethod
    def ask(cls, method, path, origin=None, user=None):
        """Status and text of the answer, as a browser asks that shows a page of `origin`, or one in which "name:password" was typed."""
        headers = {'X-Osteon': '1', **({'Origin': origin} if origin else {})}
        if user:
            headers['Authorization'] = 'Basic ' + base64.b64encode(user.encode()).decode()
        request = urllib.request.Request(cls.url + path, data=b'{}' if method == 'POST' else None, method=method, headers=headers)
        trusted = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=cls.certificate))
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({}), trusted).open(request, timeout=60) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def hold(self):
        return self.lab.get('/osteon/status')['hold']

    def test_the_command_line_comes_through_with_the_houses_certificate(self):
        self.assertIn('mode: assist', run(OSTEON, 'status', '--url', self.url, '--ca-file', self.certificate).stdout)
        refused = run(OSTEON, 'status', '--url', self.url, ok=None)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn('--ca-file', refused.stderr)
        run(OSTEON, 'pause', '--url', self.url, '--ca-file', self.certificate)
        self.assertEqual(self.hold()['kind'], 'pause')
        run(OSTEON, 'resume', '--url', self.url, '--ca-file', self.certificate)
        self.assertIsNone(self.hold())

    def test_the_page_and_its_actions_come_through_and_those_of_a_foreign_page_do_not(self):
        self.assertIn('<title>Osteon</title>', self.ask('GET', '/osteon/app/')[1])
        for foreign in ('https://evil.example', 'https://localhost', 'null'):
            status, said = self.ask('POST', '/osteon/pause', origin=foreign)
            self.assertEqual(status, 403, foreign)
            self.assertIn('another origin', said)
        self.assertIsNone(self.hold())
        self.assertEqual(self.ask('POST', '/osteon/pause', origin=self.url)[0], 200)
        self.assertEqual(self.hold()['kind'], 'pause')
        self.assertEqual(self.ask('POST', '/osteon/resume', origin=self.url)[0], 200)

    def test_with_the_users_of_the_manual_nothing_is_open(self):
        manual = text(f'{SOURCE}/deploy/README.md').split('\n## Users and TLS\n')[1]
        settings = json.loads(re.search(r'```json\n(.*?)```', manual, re.S)[1])
        self.assertIs(settings['AuthenticationEnabled'], True)
        name, password = next(iter(settings['RegisteredUsers'].items()))
        self.restart_orthanc(settings, 401)
        self.addCleanup(self.restart_orthanc, {}, 200)
        for method, path in (('GET', '/system'), ('GET', '/osteon/app/'), ('GET', '/osteon/jobs'), ('POST', '/osteon/pause')):
            self.assertEqual(self.ask(method, path)[0], 401, path)
            self.assertEqual(self.ask(method, path, user=f'{name}:wrong')[0], 401, path)
        self.assertIn('<title>Osteon</title>', self.ask('GET', '/osteon/app/', user=f'{name}:{password}')[1])
        file = self.lab.path('password')
        with open(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600), 'w') as f:
            f.write(password + '\n')
        house = ['--url', self.url, '--ca-file', self.certificate]
        self.assertIn('--user', run(OSTEON, 'status', *house, ok=(1,)).stderr)
        run(OSTEON, 'pause', *house, '--user', name, '--password-file', file)
        self.assertIn(f'"operator {name}"', self.ask('GET', '/osteon/status', user=f'{name}:{password}')[1], 'who paused')
        run(OSTEON, 'resume', *house, '--user', name, '--password-file', file)

    def restart_orthanc(self, settings, answer):
        """With these settings beside the lab's own; `answer` is what it says to somebody without a name."""
        config = self.lab.orthanc_config()
        self.lab.stop('orthanc')
        with open(self.lab.path('with-users.json'), 'w') as f:
            json.dump({**config, **settings}, f)
        self.lab.start('orthanc', ['Orthanc', self.lab.path('with-users.json')], HOST)
        wait_until('Orthanc answers through nginx', lambda: self.ask('GET', '/system')[0] == answer, 60)

    def test_the_headers_are_needed_and_the_manual_names_them(self):
        headers = re.findall(r'(?m)^ *(proxy_set_header (?:Host|X-Forwarded-Host) .*;)$', text(FILE))
        self.assertEqual(len(headers), 2)
        manual = text(f'{SOURCE}/deploy/README.md')
        for line in headers:
            self.assertIn(f'  {line}\n', manual)
        self.lab.stop('nginx')
        self.addCleanup(self.start, text(FILE))
        self.addCleanup(self.lab.stop, 'nginx')
        self.start(re.sub(r'(?m)^ *proxy_set_header .*\n', '', text(FILE)))
        self.assertEqual(self.ask('POST', '/osteon/pause', origin=self.url)[0], 403)


if __name__ == '__main__':
    unittest.main(verbosity=2)
