#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`osteon config check`, and that the schemas of config/ judge a configuration as the programs do."""
import json
import os
import tomllib
import unittest

import jsonschema
from lab import OSTEON, SOURCE
from terminal import Terminal, call


class ConfigCheck(Terminal):
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

    def test_config_check_warns_of_an_orthanc_that_is_open_to_others(self):
        for settings, warned in (({'RemoteAccessAllowed': True, 'AuthenticationEnabled': False}, True), ({'RemoteAccessAllowed': True}, False),
                                 ({'RemoteAccessAllowed': False, 'AuthenticationEnabled': False}, False),
                                 ({'RemoteAccessAllowed': True, 'AuthenticationEnabled': True}, False)):
            with self.subTest(settings):
                code, findings = self.config_check('--orthanc', self.write('open.json', json.dumps({'Osteon': {}, **settings})))
                self.assertEqual(code, 0)
                self.assertEqual(any('can read and delete images' in what for what in findings), warned, findings)

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

    def test_without_names_it_looks_where_the_packages_put_them(self):
        usual = ('/etc/orthanc', '/etc/osteon/osteond.toml')
        there = [path for path in usual if os.path.exists(path)]  # Of the machine that tests.
        done = call(OSTEON, 'config', 'check')
        self.assertIn(done.returncode, (0, 1) if there else (2,), done.stderr)
        for path in there:
            self.assertIn(path, done.stdout)
        if not there:
            self.assertIn(' nor '.join(usual), done.stderr)

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


if __name__ == '__main__':
    unittest.main(verbosity=2)
