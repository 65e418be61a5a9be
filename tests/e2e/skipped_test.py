#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A study that is no whole-body MRI is skipped, and `osteon explain` says why. Skipped is not failed."""
import unittest

import mini
from lab import Lab, OSTEON, run, wait_until


class Skipped(unittest.TestCase):
    def test_each_is_skipped_with_a_reason_a_person_can_read(self):
        cases = {  # name -> (study folder maker, words of the reason)
            'a brain MR': (lambda d: mini.image_series(d, 'brain'), r'STIR|inversion'),
            'a STIR of one region': (lambda d: mini.image_series(d, 'knee-stir', stir=True), r'mm|whole'),
            'a CT': (lambda d: mini.image_series(d, 'ct', modality='CT'), r'CT|MR'),
            'an SR alone': (lambda d: mini.report_only(d, 'sr-alone'), r'SR|no MR|image'),
        }
        with Lab() as lab:
            lab.start_orthanc()
            url = f'http://127.0.0.1:{lab.http}'
            for name, (make, words) in cases.items():
                with self.subTest(name):
                    folder = lab.path(name.replace(' ', '-'))
                    study = make(folder)
                    lab.send(folder)
                    job = wait_until(f'{name} is skipped', lambda: (lambda j: j if j and j['state'] == 'skipped' else None)(lab.job_of(study)), 60)
                    self.assertRegex(job['reason'], words)
                    explained = run(OSTEON, 'explain', study, '--url', url).stdout
                    self.assertIn('skipped', explained)
                    self.assertRegex(explained, words)


if __name__ == '__main__':
    unittest.main(verbosity=2)
