# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a report as independent readers see them: dciodvfy, dsrdump, pydicom, pdftotext and the JSON Schema.

report_write_case makes synthetic studies; nothing here shares code with the writers. Runs the checks of check_*.py on one
set of studies. The pages of three studies are left in <build>/report-cases/{classic,stations,prior}/sc-*.png.
"""
import sys
import unittest

import objects_cases
from check_conformance import Conformance
from check_numbers import Numbers
from check_pages import Pages
from check_places import Places
from check_references import References
from check_schema import Schema
from check_strict import Strict
from check_words import Words

CHECKS = (Conformance, Numbers, Pages, Places, References, Schema, Strict, Words)


def load_tests(loader, tests, pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(check) for check in CHECKS)


if __name__ == '__main__':
    objects_cases.make_cases()
    passed = unittest.main(verbosity=2, exit=False).result.wasSuccessful()
    objects_cases.leave_pictures()
    sys.exit(0 if passed else 1)
