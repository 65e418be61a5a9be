#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training counts company as the detector does: the table of tests/pipelines/stages/detect/company_test.cc."""
import os
import sys
import unittest

from lab import SOURCE

sys.path.insert(0, os.path.join(SOURCE, 'pipelines', 'training'))
from company import company_of  # noqa: E402

SURE, DOUBTFUL, NORMAL = (3.0, False), (.5, False), (3.0, True)
TABLE = [
    ('no marks', [], []),
    ('a sure one is no company to itself', [SURE], [0]),
    ('doubtful ones are none', [DOUBTFUL, DOUBTFUL], [0, 0]),
    ('what a rule calls normal is none, though it has some', [NORMAL, SURE], [1, 0]),
    ('a sure one has one less', [SURE, SURE, DOUBTFUL], [1, 1, 2]),
    ('many count as three', [SURE] * 4 + [DOUBTFUL], [3] * 5),
]


class Company(unittest.TestCase):
    def test_is_the_number_of_sure_lesions_elsewhere(self):
        for what, marks, company in TABLE:
            with self.subTest(what):
                self.assertEqual(list(company_of([odds for odds, _ in marks], [ruled_out for _, ruled_out in marks])), company)


if __name__ == '__main__':
    unittest.main(verbosity=2)
