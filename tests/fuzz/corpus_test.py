#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the seeds of the fuzz targets in every test run, so that a moved file is noticed without building the targets."""
import os
import re
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import make_corpus  # noqa: E402


class Corpus(unittest.TestCase):
    def test_every_target_has_seeds(self):
        with open(os.path.join(HERE, 'run.sh')) as file:
            targets = re.findall(r'\[(\w+)\]=\d', file.read())
        self.assertGreater(len(targets), 4)
        with tempfile.TemporaryDirectory() as folder:
            make_corpus.main(folder)
            for target in set(targets) - {'wire'}:  # wire_seeds.cc makes these.
                files = [os.path.join(folder, target, name) for name in os.listdir(os.path.join(folder, target))]
                self.assertTrue(files, target)
                self.assertTrue(any(os.path.getsize(name) for name in files), target)


if __name__ == '__main__':
    unittest.main()
