#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`osteon evaluate` on output of `osteon analyze`: two phantoms, with their truth in the form of a site's own segmentations."""
import glob
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import numpy as np
import pydicom
from lab import OSTEON, SOURCE, phantom, run
from segs import Grid, Lesion, write_seg

SCORE = os.path.join(os.environ.get('OSTEON_SHARED', ''), 'wbmri-sim', 'score.py')
LEAST_ML = 0.4  # The limit of the phantom's truth for required lesions.


def units():
    with open(os.path.join(SOURCE, 'config', 'bones_and_cutoffs.json'), encoding='utf-8') as f:
        return {u['id']: u for u in json.load(f)['units']}


def write_truth(case, folder):
    """The lesions of truth.npz as a Segmentation on coronal planes; without lesions, one image, which says that the study was read."""
    os.makedirs(folder)
    with open(os.path.join(case, 'truth.json'), encoding='utf-8') as f:
        truth = json.load(f)
    image = sorted(glob.glob(os.path.join(case, 'dicom', '**', '*.dcm'), recursive=True))[0]
    study = str(pydicom.dcmread(image, stop_before_pixels=True).StudyInstanceUID)
    if not truth['lesions']:
        shutil.copy(image, folder)
        return study
    labels = np.load(os.path.join(case, 'truth.npz'))['lesions'].transpose(1, 0, 2)  # y, z, x: coronal planes, front to back.
    dz, dy, dx = truth['grid']['spacing_zyx']
    grid = Grid(origin=truth['grid']['origin_lps'], row=(1, 0, 0), column=(0, 0, -1), pixel=(dz, dx), slice_step=dy)
    names = units()
    lesions = [Lesion(labels == row['id'], names[row['unit']]['meaning'], names[row['unit']].get('side', '').capitalize(),
                      f"Lesion {row['id']}", f"2.25.{row['id']}") for row in truth['lesions']]
    write_seg(os.path.join(folder, 'truth.dcm'), study, grid, lesions)
    return study


class Evaluate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='osteon-evaluate-')
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.studies = []
        for name, options in (('ill', ('--seed', '3', '--lesions', '6')), ('healthy', ('--seed', '5', '--lesions', '0'))):
            case = os.path.join(cls.folder, 'case', name)
            phantom(case, *options)
            run(OSTEON, 'analyze', case, '--out', os.path.join(cls.folder, 'results', name))
            cls.studies.append(write_truth(case, os.path.join(cls.folder, 'truth', name)))
        cls.done = run(OSTEON, 'evaluate', '--truth', os.path.join(cls.folder, 'truth'), '--results', os.path.join(cls.folder, 'results'),
                       '--minimum-ml', str(LEAST_ML), '--json')
        cls.got = json.loads(cls.done.stdout)

    def test_both_studies_are_compared(self):
        self.assertEqual(sorted(s['study_instance_uid'] for s in self.got['studies']), sorted(self.studies))
        self.assertGreater(self.got['summary']['sensitivity']['of'], 0)

    def test_certainty_of_findings_json_makes_a_froc(self):
        self.assertGreater(len(self.got['summary']['froc']['points']), 1)

    def test_numbers_are_those_of_the_simulators_score(self):
        if not os.path.isfile(SCORE):
            self.skipTest('OSTEON_SHARED has no wbmri-sim/score.py')
        pairs = [os.path.join(self.folder, side, name) for name in ('ill', 'healthy') for side in ('case', 'results')]
        out = os.path.join(self.folder, 'score.json')
        subprocess.run(['/usr/bin/python3', '-B', SCORE, *pairs, '--json', out], check=True, stdout=subprocess.DEVNULL)
        with open(out, encoding='utf-8') as f:
            score = json.load(f)
        summary = self.got['summary']
        self.assertEqual(summary['sensitivity']['of'], score['total']['lesions'])
        self.assertEqual(summary['sensitivity']['hits'], sum(c['found'] for c in score['cases']))
        self.assertEqual(summary['false_positives']['events'], sum(c['false_positives'] for c in score['cases']))


if __name__ == '__main__':
    unittest.main(verbosity=2)
