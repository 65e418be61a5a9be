#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""osteon and osteond at a terminal, without any server: help, exit codes, keys, doctor."""
import contextlib
import http.server
import json
import os
import re
import ssl
import stat
import threading
import unittest

from lab import OSTEON, OSTEOND, SOURCE, free_port
from terminal import Terminal, call

COMMANDS = ['analyze', 'backfill', 'config', 'digest', 'doctor', 'drain', 'evaluate', 'explain', 'jobs', 'keygen', 'logs', 'pause', 'phantom',
            'resume', 'retry', 'run-now', 'selftest', 'skip', 'status']


def texts(folder):
    """Name -> content of every file in it."""
    contents = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name)) as f:
            contents[name] = f.read()
    return contents


@contextlib.contextmanager
def https_server(cert, key):
    """A server on a free port of localhost that answers every GET; its port."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"version": "https"}')

        def log_message(self, *_):
            pass
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    # A thread for each connection: a client that does not trust the certificate would otherwise block the next one.
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class Osteon(Terminal):
    # ---- help and usage

    def test_help_lists_and_explains_every_command(self):
        overview = call(OSTEON, '--help')
        self.assertEqual(overview.returncode, 0)
        for command in COMMANDS:
            with self.subTest(command):
                self.assertIn(command, overview.stdout)
                one = call(OSTEON, command, '--help')
                self.assertEqual(one.returncode, 0)
                self.assertIn('--help', one.stdout)
                self.assertRegex(one.stdout, r'Exit codes?: 0 |config')

    def test_versions(self):
        for program in (OSTEON, OSTEOND):
            done = call(program, '--version')
            self.assertEqual(done.returncode, 0)
            self.assertRegex(done.stdout, r'^osteond? \d+\.\d+\.\d+\n$')

    def test_usage_errors_exit_with_2(self):
        for arguments in ([], ['analyse'], ['jobs', '--limit', '0'], ['retry'], ['retry', 'x'], ['skip', '0'], ['run-now', '-1'], ['jobs', 'x'], ['logs', '1e3'],
                          ['backfill', '--from', 'yesterday'], ['backfill', '--to', '20260230'], ['backfill', '--from', '20260302', '--to', '20260301'],
                          ['status', '--url', 'ftp://pacs'], ['status', '--url', ''],
                          ['keygen', '--worker', 'server'], ['status', '--user', 'ann'],
                          ['config'],
                          ['config', 'check', '--worker', self.path('none')], ['digest', '--since', 'soon'], ['logs'], ['logs', 'x'], ['digest', '--since', '2999-01-01'],
                          ['phantom', '--out', self.path('p'), '--series', 'stir,t9']):
            with self.subTest(arguments):
                done = call(OSTEON, *arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertTrue(done.stderr)

    def test_what_was_meant_is_named(self):
        for arguments, words in ((['analize'], "no command 'analize'; did you mean 'analyze'"),
                                 (['jobs', '--stat', 'stuck'], "no option '--stat'; did you mean '--state'"),
                                 (['jobs', '--state', 'stuk'], "did you mean 'stuck'"),
                                 (['keygen', '--part', 'sever'], "did you mean 'server'"),
                                 (['retry', 'x'], "'x' is no number of a job; 'osteon jobs' shows them"),
                                 (['backfill', '--from', '20260230'], 'there is no day 20260230'),
                                 (['backfill', '--from', '20260302', '--to', '20260301'], '--to is before --from'),
                                 (['status', '--url', 'ftp://pacs'], "'ftp://pacs' is no address that begins with http:// or https://")):
            with self.subTest(arguments):
                done = call(OSTEON, *arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn(words, done.stderr)

    def test_help_has_no_internal_names(self):
        for command in COMMANDS:
            with self.subTest(command):
                text = call(OSTEON, command, '--help').stdout
                self.assertNotRegex(text, r'ENUM|->|INT in|TEXT:|UINT')

    def test_each_state_is_explained_in_the_words_of_the_page(self):
        def text(path):
            with open(os.path.join(SOURCE, path), encoding='utf-8') as f:
                return f.read()
        names = re.findall(r'return "(\w+)";', re.search(r'Name\(JobState.*?\n}\n', text('orthanc-plugin/ledger/states.cc'), re.S)[0])
        said = dict(re.findall(r"^  (\w+): '(.*)',", text('orthanc-plugin/web/app.words.en.js'), re.M))
        listed = re.findall(r'^  (\w+)(?: \((.+?)\))?: .+\.$', call(OSTEON, 'jobs', '--help').stdout, re.M)
        self.assertEqual(listed, [(name, said[name] if said[name] != name else '') for name in names])
        self.assertGreater(len(names), 9)

    def test_https_by_a_reverse_proxy(self):
        cert, key = self.path('cert.pem'), self.path('key.pem')
        call('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
             '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert)
        with https_server(cert, key) as port:
            url = f'https://localhost:{port}'
            trusted = call(OSTEON, 'status', '--url', url, '--ca-file', cert, '--json')
            self.assertEqual(trusted.returncode, 0, trusted.stderr)
            self.assertEqual(json.loads(trusted.stdout), {'version': 'https'})
            unknown = call(OSTEON, 'status', '--url', url)
            self.assertEqual(unknown.returncode, 1)
            self.assertIn('--ca-file', unknown.stderr)
            selftest = call(OSTEON, 'selftest', '--url', url)
            self.assertEqual(selftest.returncode, 1)
            self.assertNotIn('waiting', selftest.stderr, 'time does not mend it')

    def test_the_hidden_command_of_osteond_is_not_advertised(self):
        self.assertNotIn('--folder', call(OSTEOND, '--help').stdout)

    # ---- no server

    def test_server_commands_say_that_nobody_answers(self):
        for arguments in (['status'], ['digest', '--since', '2026-01-01'], ['pause'], ['drain'], ['resume'], ['jobs'], ['jobs', '7'], ['logs', '7'], ['explain', '1.2.3'], ['run-now', '7'], ['retry', '7'], ['skip', '7'],
                          ['backfill'], ['selftest', '--wait', 0]):
            with self.subTest(arguments):
                done = call(OSTEON, *arguments, '--url', self.nobody)
                self.assertEqual(done.returncode, 1)
                self.assertIn('does not answer', done.stderr)
                self.assertEqual(done.stdout, '')

    def test_doctor_names_each_fault_and_how_to_fix_it(self):
        config = self.write('osteond.toml', f'[worker]\nendpoint = "tcp://127.0.0.1:{free_port()}"\n'
                                            f'spool_dir = "{self.path("spool")}"\n')
        done = call(OSTEON, 'doctor', '--url', self.nobody, '--wait', 0, '--config', config, '--json')
        self.assertEqual(done.returncode, 1)
        findings = json.loads(done.stdout)
        wrong = {f['what']: f['fix'] for f in findings if f['verdict'] == 'wrong'}
        self.assertTrue(any('does not answer' in what for what in wrong), wrong)
        self.assertTrue(any('nothing answers at tcp' in what for what in wrong), wrong)
        self.assertTrue(all(wrong.values()), 'each has its remedy')
        self.assertIn('->', call(OSTEON, 'doctor', '--url', self.nobody, '--wait', 0, '--config', config).stdout)

    def test_doctor_shows_the_line_of_a_bad_configuration(self):
        config = self.write('osteond.toml', '[worker]\nslot = 2\n')
        done = call(OSTEON, 'doctor', '--url', self.nobody, '--wait', 0, '--config', config)
        self.assertIn("line 2: unknown key 'slot' in [worker], the nearest known one is 'slots'", done.stdout)

    # ---- keys

    def test_keygen_makes_private_keys_once(self):
        keys = self.path('keys')
        done = call(OSTEON, 'keygen', '--out', keys)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(os.listdir(keys)),
                         ['allowed_workers.txt', 'server.key', 'server.pub', 'worker.key', 'worker.pub'])
        for name in ('server.key', 'worker.key'):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(keys, name)).st_mode), 0o600)
            self.assertIn(name, done.stdout)
        with open(os.path.join(keys, 'worker.key')) as f:
            secret = f.read().split('secret ')[1].strip()
        self.assertNotIn(secret, done.stdout)

        before = texts(keys)
        again = call(OSTEON, 'keygen', '--out', keys)
        self.assertEqual(again.returncode, 2)
        self.assertIn('never overwritten', again.stderr)
        self.assertEqual(before, texts(keys))

        more = call(OSTEON, 'keygen', '--out', keys, '--part', 'worker', '--worker', 'ward-2')
        self.assertEqual(more.returncode, 0, more.stderr)
        self.assertTrue(os.path.exists(os.path.join(keys, 'ward-2.key')))

    # ---- osteond at start

    def check(self, config):
        return call(OSTEOND, '--config', config, '--check')

    def test_the_shipped_configuration_is_in_order(self):
        done = self.check(os.path.join(SOURCE, 'config', 'osteond.toml'))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_faults_of_configuration_and_keys_stop_the_start(self):
        keys = self.path('keys')
        call(OSTEON, 'keygen', '--out', keys)
        good = f'[worker]\nkey_file = "{keys}/worker.key"\nserver_public_key_file = "{keys}/server.pub"\n'
        self.assertEqual(self.check(self.write('good.toml', good)).returncode, 0)
        cases = [('[worker]\nslots = 0\n', 2, 'whole number from 1 to 64'),
                 ('[worker]\nendpoint = "tcp://192.0.2.1:5742"\n', 2, 'osteon keygen'),
                 (good.replace('worker.key', 'none.key'), 1, 'none.key'),
                 (good.replace('server.pub', 'worker.key'), 1, 'worker.key')]
        for text, code, words in cases:
            with self.subTest(words):
                done = self.check(self.write('bad.toml', text))
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(words, done.stderr)
        os.chmod(os.path.join(keys, 'worker.key'), 0o640)
        done = self.check(self.path('good.toml'))
        self.assertEqual(done.returncode, 1)
        self.assertIn('chmod 600', done.stderr)


if __name__ == '__main__':
    unittest.main(verbosity=2)
