#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""config/bones_and_cutoffs.json: sound, refused when it is not, used by the code and nowhere repeated, and as config/evidence.md says."""
import copy
import hashlib
import json
import os
import re
import subprocess
import tempfile
import tomllib
import unittest

import jsonschema

from house_test import ROOT, product_sources, read

FILE = 'config/bones_and_cutoffs.json'
# With what the file says to a program: ids, codes, values, units. A change of these needs a new version.
VERSION, DIGEST = 3, 'fb830325d7667d0e0e998dda30b91d4e829c9047fcf14e5e6a743b68d4f04962'

# What is broken, and what is said of it.
FAULTS = (
    ('version', lambda d: d.update(version='2'), "'version': must be a whole number from 1 on"),
    ('version zero', lambda d: d.update(version=0), "'version': must be a whole number from 1 on"),
    ('a key of the file', lambda d: d.update(unit=[]), "the file: unknown key 'unit', the nearest known one is 'units'"),
    ('no cut-offs', lambda d: d.update(cutoffs=[]), "'cutoffs': must be a list"),
    ('a missing key', lambda d: d['cutoffs'][0].pop('source'), "cutoff 'lesion_probability': 'source' is missing"),
    ('an unknown key', lambda d: d['cutoffs'][0].update(sorce=''), "cutoff 'lesion_probability': unknown key 'sorce', the nearest known one is 'source'"),
    ('a text', lambda d: d['cutoffs'][0].update(value='0.4'), "cutoff 'lesion_probability': 'value' must be a number from 0 on"),
    ('truth', lambda d: d['cutoffs'][0].update(value=True), "cutoff 'lesion_probability': 'value' must be a number from 0 on"),
    ('a percentage', lambda d: d['cutoffs'][0].update(value=40), "cutoff 'lesion_probability': 'value' of a probability must be a number from 0 to 1"),
    ('below zero', lambda d: d['cutoffs'][3].update(value=-0.3), "cutoff 'min_lesion_ml': 'value' must be a number from 0 on"),
    ('half a lesion', lambda d: next(c for c in d['cutoffs'] if c['id'] == 'many_lesions').update(value=4.5),
     "cutoff 'many_lesions': 'value' of a count must be a whole number"),
    ('another unit', lambda d: d['cutoffs'][3].update(unit='mL'), "cutoff 'min_lesion_ml': 'unit' must be one of 'probability'"),
    ('an empty source', lambda d: d['cutoffs'][3].update(source=''), "cutoff 'min_lesion_ml': 'source' is empty"),
    ('no name', lambda d: d['cutoffs'][1].update(id='Least'), "cutoff 2: 'id' must be a name"),
    ('a side', lambda d: d['units'][0].update(side='both'), "unit 'skull': 'side' must be one of '', 'right', 'left'"),
    ('a code', lambda d: d['units'][0].update(code='T-11100'), "unit 'skull': 'code' must be a SNOMED CT code"),
    ('no name in German', lambda d: d['units'][0].update(name_de=''), "unit 'skull': 'name_de' is empty"),
)


def constant(name):
    return 'k' + name.title().replace('_', '')


class Cutoffs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.file = json.loads(read(FILE))
        cls.cutoffs = {one['id']: one for one in cls.file['cutoffs']}
        cls.schema = jsonschema.Draft7Validator(json.loads(read('config/bones_and_cutoffs.schema.json')))
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)

    def made(self, text):
        """Exit code, header and message of the build's program for such a file."""
        path, target = os.path.join(self.folder.name, 'file.json'), os.path.join(self.folder.name, 'made.h')
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        done = subprocess.run(['/usr/bin/python3', '-B', f'{ROOT}/config/cmake/cutoffs.py', path, target], capture_output=True, text=True)
        with open(target, encoding='utf-8') as f:
            return done.returncode, f.read(), done.stderr

    def test_the_file_is_sound_and_each_cutoff_a_constant(self):
        jsonschema.Draft7Validator.check_schema(self.schema.schema)
        self.assertEqual(list(self.schema.iter_errors(self.file)), [])
        code, header, said = self.made(read(FILE))
        self.assertEqual((code, said), (0, ''))
        self.assertIn(f'constexpr int kVersion = {VERSION};', header)
        made = {name: float(value) for name, value in re.findall(r'constexpr (?:double|std::size_t) (k\w+) = ([\d.]+);', header)}
        self.assertEqual(made, {constant(name): one['value'] for name, one in self.cutoffs.items()})

    def test_a_broken_file_is_refused_and_the_last_good_constants_stay(self):
        _, good, _ = self.made(read(FILE))
        for what, damage, expected in FAULTS:
            with self.subTest(what):
                file = copy.deepcopy(self.file)
                damage(file)
                code, header, said = self.made(json.dumps(file))
                self.assertNotEqual(code, 0)
                self.assertIn('file.json: ' + expected, said)
                self.assertEqual(header, good)
                self.assertFalse(self.schema.is_valid(file))
        twice = copy.deepcopy(self.file)
        twice['cutoffs'].append(twice['cutoffs'][0])  # What a schema cannot say.
        self.assertIn("there is another 'lesion_probability'", self.made(json.dumps(twice))[2])
        self.assertIn('line 2 column', self.made('{"version": 2,\n oops')[2])

    def test_a_change_of_what_it_says_has_a_new_version(self):
        said = [[list(unit.values()) for unit in self.file['units']],
                [[one[key] for key in ('id', 'value', 'unit')] + [one.get('setting')] for one in self.file['cutoffs']]]
        digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
        self.assertEqual((self.file['version'], digest), (VERSION, DIGEST), 'raise "version" in the file, put both into this test, and look for the old value in the headers and in evidence.md')

    def test_the_code_uses_each_and_has_no_other(self):
        code = '\n'.join(re.sub(r'(?m)//.*$', '', read(name)) for name in product_sources())
        self.assertEqual(set(re.findall(r'\bcutoffs::(k\w+)', code)) - {'kVersion'}, set(map(constant, self.cutoffs)))

    def test_settings_have_their_value_in_the_shipped_osteond_toml(self):
        shipped = tomllib.loads(read('config/osteond.toml'))['pipeline']
        settings = {name: one['value'] for name, one in self.cutoffs.items() if 'setting' in one}
        self.assertEqual(settings, {name: shipped[name] for name in settings})
        numbers = {name for name, value in shipped.items() if isinstance(value, float)}
        self.assertEqual(set(settings), numbers)


class Evidence(unittest.TestCase):
    parts = dict(re.findall(r'(?ms)^## (.*?)\n(.*?)(?=^## |\Z)', read('config/evidence.md')))

    def test_it_has_the_number_of_each_cutoff_that_names_it(self):
        named = 0
        for one in json.loads(read(FILE))['cutoffs']:
            for part in re.findall(r'evidence\.md, ([\w -]+)', one['source']):
                self.assertIn(part, self.parts, one['id'])
            begins = re.match(r'evidence\.md, ([\w -]+)', one['source'])
            if not begins:
                continue
            named += 1
            forms = {f'{one["value"]:g}', f'{100 * one["value"]:g} %' if one['unit'] == 'share' else f'{one["value"]:g}'}
            self.assertTrue(any(re.search(rf'(?<![\d.]){re.escape(form)}(?!\.?\d)', self.parts[begins[1]]) for form in forms), f'{one["id"]}: {forms}')
        self.assertGreater(named, 15)

    def test_the_constants_that_stay_are_as_it_says(self):
        rows = re.findall(r'(?m)^\| `(\S+)` `(k\w+)` \| ([\d.]+) \|', self.parts['Constants that stay in the code'])
        self.assertGreater(len(rows), 10)
        for path, name, value in rows:
            found = re.search(rf'constexpr [^;]*?\b{name} = ([\d.]+)F?[,;]', read(path))
            self.assertTrue(found, f'{path} has no {name}')
            self.assertEqual(found[1], value, f'{path} {name}')


if __name__ == '__main__':
    unittest.main(verbosity=2)
