#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""osteon and osteond at a terminal, without any server: help, exit codes, keys, doctor."""
import contextlib
import http.server
import json
import os
import ssl
import stat
import subprocess
import tempfile
import threading
import tomllib
import unittest

import jsonschema
from lab import OSTEON, OSTEOND, SOURCE, free_port

COMMANDS = ['analyze', 'backfill', 'config', 'digest', 'doctor', 'drain', 'evaluate', 'explain', 'jobs', 'keygen', 'logs', 'pause', 'phantom',
            'resume', 'retry', 'selftest', 'skip', 'status']


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


def call(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=120)


class Osteon(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='osteon-cli-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.nobody = f'http://127.0.0.1:{free_port()}'

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), 'w') as f:
            f.write(text)
        return self.path(name)

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
        for arguments in ([], ['analyse'], ['jobs', '--limit', '0'], ['retry'], ['backfill', '--from', 'yesterday'],
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
                                 (['keygen', '--part', 'sever'], "did you mean 'server'")):
            with self.subTest(arguments):
                done = call(OSTEON, *arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn(words, done.stderr)

    def test_help_has_no_internal_names(self):
        for command in COMMANDS:
            with self.subTest(command):
                text = call(OSTEON, command, '--help').stdout
                self.assertNotRegex(text, r'ENUM|->|INT in|TEXT:|UINT')

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

    def test_the_hidden_command_of_osteond_is_not_advertised(self):
        self.assertNotIn('--folder', call(OSTEOND, '--help').stdout)

    # ---- no server

    def test_server_commands_say_that_nobody_answers(self):
        for arguments in (['status'], ['digest', '--since', '2026-01-01'], ['pause'], ['drain'], ['resume'], ['jobs'], ['jobs', '7'], ['logs', '7'], ['explain', '1.2.3'], ['retry', '7'], ['skip', '7'],
                          ['backfill'], ['selftest']):
            with self.subTest(arguments):
                done = call(OSTEON, *arguments, '--url', self.nobody)
                self.assertEqual(done.returncode, 1)
                self.assertIn('does not answer', done.stderr)
                self.assertEqual(done.stdout, '')

    def test_doctor_names_each_fault_and_how_to_fix_it(self):
        config = self.write('osteond.toml', f'[worker]\nendpoint = "tcp://127.0.0.1:{free_port()}"\n'
                                            f'spool_dir = "{self.path("spool")}"\n')
        done = call(OSTEON, 'doctor', '--url', self.nobody, '--config', config, '--json')
        self.assertEqual(done.returncode, 1)
        findings = json.loads(done.stdout)
        wrong = {f['what']: f['fix'] for f in findings if f['verdict'] == 'wrong'}
        self.assertTrue(any('does not answer' in what for what in wrong), wrong)
        self.assertTrue(any('nothing answers at tcp' in what for what in wrong), wrong)
        self.assertTrue(all(wrong.values()), 'each has its remedy')
        self.assertIn('->', call(OSTEON, 'doctor', '--url', self.nobody, '--config', config).stdout)

    def test_doctor_shows_the_line_of_a_bad_configuration(self):
        config = self.write('osteond.toml', '[worker]\nslot = 2\n')
        done = call(OSTEON, 'doctor', '--url', self.nobody, '--config', config)
        self.assertIn("line 2: unknown key 'slot' in [worker], the nearest known one is 'slots'", done.stdout)

    # ---- config check

    def config_check(self, *arguments):
        done = call(OSTEON, 'config', 'check', *arguments, '--json')
        return done.returncode, {f['what']: f for f in json.loads(done.stdout)}

    def test_config_check_names_file_key_and_what_to_do(self):
        folder, keys = self.path('orthanc'), self.path('keys')
        os.makedirs(folder)
        call(OSTEON, 'keygen', '--out', keys)
        self.write('rules.txt', '{"Word": {}}')
        cases = [('{"Osteon": {"Mod": "silent"}}', "section Osteon: 'Mod' is not known; did you mean 'Mode'?"),
                 ('{"Osteon": {"Mode": "on"}}', "'Mode' is \"on\" and must be"),
                 ('{"Osteon": {"Digest": {"At": "7"}}}', "'At' \"7\"; a time of day is written 07:00"),
                 ('{\n"Osteon": {,}}', 'line 2, column'),
                 ('{"Osteon": {"RulesFile": "gone.json"}}', "'RulesFile': " + os.path.join(folder, 'gone.json')),
                 ('{"Osteon": {"RulesFile": "../rules.txt"}}', "rules.txt: selection rules: 'Word' is not known; did you mean 'Words'?"),
                 (json.dumps({'Osteon': {'ServerKeyFile': keys + '/server.key', 'AllowedWorkersFile': 'none.txt'}}), "'AllowedWorkersFile'"),
                 ('{"Osteon": {}, "Name": "x"}', "key 'Name' stands in")]
        self.write('orthanc/orthanc.json', '{ // comment\n"Name": "PACS"}')
        for text, words in cases:
            with self.subTest(words):
                file = self.write('orthanc/osteon.json', text)
                code, findings = self.config_check('--orthanc', folder)
                self.assertEqual(code, 1)
                wrong = [f for f in findings.values() if f['verdict'] == 'wrong']
                self.assertEqual(len(wrong), 1, findings)
                self.assertIn(words, wrong[0]['what'])
                self.assertIn(file, wrong[0]['what'])
                self.assertTrue(wrong[0]['fix'])

    def test_config_check_tells_whether_both_sides_know_each_other(self):
        for name in ('a', 'b'):
            call(OSTEON, 'keygen', '--out', self.path(name))
        def sides(plugin, worker):
            orthanc = self.write('osteon.json', json.dumps({
                'Plugins': ['/usr/lib/libOsteonPlugin.so'],
                'Osteon': {'ServerKeyFile': f'{plugin[0]}/server.key', 'AllowedWorkersFile': f'{plugin[1]}/allowed_workers.txt'} if plugin else {}}))
            keys = f'key_file = "{worker[0]}/worker.key"\nserver_public_key_file = "{worker[1]}/server.pub"\n' if worker else ''
            code, findings = self.config_check('--orthanc', orthanc, '--worker', self.write('osteond.toml', '[worker]\n' + keys))
            self.assertEqual(code, 0)
            return [what for what, f in findings.items() if f['verdict'] == 'warning']
        a, b = self.path('a'), self.path('b')
        for plugin, worker, words in (((a, a), (a, a), []), ((), (), []), ((a, a), (), ['only the plugin']), ((), (a, a), ['only the worker']),
                                      ((a, a), (a, b), ['server_public_key_file']), ((a, b), (a, a), ['AllowedWorkersFile'])):
            with self.subTest(plugin=plugin, worker=worker):
                warned = sides(plugin, worker)
                self.assertEqual(len(warned), len(words), warned)
                for one, word in zip(warned, words):
                    self.assertIn(word, one)

    def test_config_check_looks_at_both_sides(self):
        orthanc = self.write('osteon.json', '{"Osteon": {"Endpoint": "tcp://127.0.0.1:5742"}}')
        worker = self.write('osteond.toml', '[worker]\nendpoint = "tcp://127.0.0.1:5743"\n')
        code, findings = self.config_check('--orthanc', orthanc, '--worker', worker)
        self.assertEqual(code, 0, findings)
        self.assertTrue(any('5743' in what and '5742' in what and f['fix'] for what, f in findings.items()), findings)
        for text, words in (('[worker]\nslot = 2\n', "unknown key 'slot'"), ('[pipeline]\nlanguage = "fr"\n', 'language')):
            worker = self.write('osteond.toml', text)
            code, findings = self.config_check('--worker', worker)
            self.assertEqual(code, 1)
            (what, finding), = findings.items()
            self.assertIn(words, what)
            self.assertIn('osteond.toml', what)
            self.assertIn('restart osteond', finding['fix'])
        self.assertEqual(self.config_check('--worker', os.path.join(SOURCE, 'config', 'osteond.toml'))[0], 0)
        self.assertEqual(self.config_check('--orthanc', os.path.join(SOURCE, 'config', 'orthanc-osteon.json'))[0], 0)

    # ---- schemas

    def schema(self, name):
        with open(os.path.join(SOURCE, 'config', name)) as f:
            return jsonschema.Draft7Validator(json.load(f))

    def test_the_schemas_hold_every_key_of_the_shipped_files(self):
        with open(os.path.join(SOURCE, 'config', 'selection_rules.json')) as f:
            rules = json.loads(''.join(line for line in f if not line.lstrip().startswith('//')))
        with open(os.path.join(SOURCE, 'config', 'osteond.toml'), 'rb') as f:
            worker = tomllib.load(f)
        for name, shipped in (('selection_rules.schema.json', rules), ('osteond.schema.json', worker)):
            validator = self.schema(name)
            jsonschema.Draft7Validator.check_schema(validator.schema)
            self.assertEqual(list(validator.iter_errors(shipped)), [])
            self.assertEqual({k: sorted(v['properties']) for k, v in validator.schema['properties'].items()},
                             {k: sorted(v) for k, v in shipped.items()})

    def test_schema_and_program_judge_selection_rules_alike(self):
        validator = self.schema('selection_rules.schema.json')
        for rules in ({}, {'Words': {'LeaveOut': ['research']}}, {'TimesMs': {'StirInversionTime': [20, 1000]}}, {'WholeBody': {'MinStations': 20}},
                      {'Word': {}}, {'Words': {'LeaveOut': 'research'}}, {'Words': {'LeaveOut': [1]}}, {'TimesMs': {'StirInversionTime': [19, 1000]}},
                      {'TimesMs': {'StirInversionTime': 150}}, {'WholeBody': {'MinStations': 2.5}}, {'WholeBody': {'MinShareOfHeight': 1.1}}):
            with self.subTest(rules):
                self.write('rules.txt', json.dumps(rules))
                code, findings = self.config_check('--orthanc', self.write('osteon.json', '{"Osteon": {"RulesFile": "rules.txt"}}'))
                self.assertEqual(validator.is_valid(rules), code == 0, findings)

    def test_schema_and_program_judge_thresholds_alike(self):
        validator = self.schema('osteond.schema.json')
        for text in ('', 'lesion_probability = 0.99', 'min_lesion_ml = 10', 'inference = "opencv"', 'language = "de"', 'write_pdf = true',
                     'lesion_probability = 1.0', 'min_lesion_ml = 0.001', 'inference = "fast"', 'language = "fr"', 'write_pdf = 1', 'max_key_images = 100', 'min_lesion = 1'):
            with self.subTest(text):
                worker = self.write('osteond.toml', f'[pipeline]\n{text}\n')
                code, findings = self.config_check('--worker', worker)
                self.assertEqual(validator.is_valid(tomllib.loads(f'[pipeline]\n{text}\n')), code == 0, findings)

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
