#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`osteon evaluate` as a person runs it: exit codes, files written, what is printed."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import lab

FILES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'evaluate_files.py')


class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='osteon-evaluate-')
        subprocess.run([sys.executable, '-B', FILES, 'known', os.path.join(cls.folder, 'known')], check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def evaluate(self, *options, ok=(0,), results='results'):
        return lab.run(lab.OSTEON, 'evaluate', '--truth', os.path.join(self.folder, 'known', 'truth'),
                       '--results', os.path.join(self.folder, 'known', results), *options, ok=ok)

    def test_prints_a_table_and_writes_json_and_plot(self):
        out = os.path.join(self.folder, 'out', 'deep')
        done = self.evaluate('--out', out)
        self.assertIn('2/5 = 40.0 %', done.stdout)
        self.assertEqual(sorted(os.listdir(out)), ['evaluation.json', 'froc.png'])
        with open(os.path.join(out, 'evaluation.json')) as f:
            self.assertEqual(json.load(f)['summary']['false_positives']['events'], 2)
        with open(os.path.join(out, 'froc.png'), 'rb') as f:
            self.assertEqual(f.read(4), b'\x89PNG')

    def test_prints_json(self):
        summary = json.loads(self.evaluate('--json', '--minimum-ml', '1').stdout)['summary']
        self.assertEqual(summary['sensitivity']['of'], 3)

    def test_says_what_is_wrong(self):
        self.assertIn('--truth', lab.run(lab.OSTEON, 'evaluate', ok=(2,)).stderr)
        self.evaluate(ok=(2,), results='nowhere')
        done = self.evaluate(ok=(2,), results='results/f')
        self.assertIn('no study is in both folders', done.stderr)
        self.assertIn('1.2.6', done.stderr)


if __name__ == '__main__':
    unittest.main(verbosity=2)
