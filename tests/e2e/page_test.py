#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows of page_flows.py in a real browser, with the real Orthanc, plugin and worker.

Look at the screenshots: OSTEON_SCREENSHOTS=FOLDER keeps them, as OSTEON_KEEP_LAB=1 keeps everything.
"""
import os
import unittest

import mini
from browser import Browser
from copied_study import copy_of
from field_study import COARSE
from lab import Lab, phantom
from page_flows import FLOWS, Flows


def with_accession(number):
    def change(d, _=None):
        d.AccessionNumber = number
    return change


class Page(unittest.TestCase):
    def test_each_flow(self):
        with Lab(StableQuietSeconds=1) as lab, Browser(lab.folder) as browser:
            lab.shots = os.environ.get('OSTEON_SCREENSHOTS') or lab.path('screenshots')
            os.makedirs(lab.shots, exist_ok=True)
            lab.start_orthanc()
            phantom(lab.path('phantom'), '--seed', '5', '--lesions', '3', *COARSE)
            lab.uids = {'A-CT': mini.image_series(lab.path('A-CT'), 'ct', modality='CT', change=with_accession('A-CT'))}
            lab.send(lab.path('A-CT'))
            lab.wait_for_state(lab.uids['A-CT'], 'skipped')
            for name in ('A-1', 'A-2'):
                lab.uids[name] = copy_of(lab.path('phantom'), name, lab.path(name), with_accession(name))
                lab.send(lab.path(name))
                lab.wait_for_state(lab.uids[name], 'ready')
            flows = Flows(lab, browser)
            for name in FLOWS:
                with self.subTest(name):
                    flows.run(name)


if __name__ == '__main__':
    unittest.main(verbosity=2)
