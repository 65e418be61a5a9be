#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs are killed at bad moments: the worker during a study, Orthanc before the study is stable."""
import unittest

from lab import Lab, phantom, wait_until


class Killed(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(LeaseSeconds=10, RetryBaseSeconds=1)
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.folder = self.lab.path('phantom')
        self.study = phantom(self.folder, '--seed', '5', '--lesions', '4')['study']

    def reports(self):
        return self.lab.instances_of(self.study, 'SR')

    def test_the_worker_dies_in_the_middle_and_comes_back(self):
        self.lab.start_orthanc()
        self.lab.start_worker()
        self.lab.send(self.folder)
        self.lab.wait_for_state(self.study, 'leased')
        wait_until('the analysis has begun', lambda: (self.lab.job_of(self.study) or {}).get('stage'), 60)
        self.lab.kill('worker')
        self.assertEqual(self.reports(), [])
        self.lab.start_worker()
        job = self.lab.wait_for_state(self.study, 'done')
        self.assertGreaterEqual(job['attempt'], 2)
        self.assertEqual(len(self.reports()), 1)

    def test_orthanc_dies_before_the_study_is_stable(self):
        self.lab.section['StableQuietSeconds'] = 4
        self.lab.start_orthanc()
        self.lab.send(self.folder)
        self.lab.kill('orthanc')
        self.lab.start_orthanc()
        self.lab.start_worker()
        self.lab.wait_for_state(self.study, 'done')
        self.assertEqual(len(self.reports()), 1)


if __name__ == '__main__':
    unittest.main(verbosity=2)
