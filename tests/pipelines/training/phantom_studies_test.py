#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training still reads what `osteon phantom` writes: bones and lesions come out where the truth has them."""
import json
import os
import sys
import tempfile
import unittest

import numpy as np

from lab import SOURCE, phantom

sys.path.insert(0, os.path.join(SOURCE, 'pipelines', 'training'))
import labels  # noqa: E402
import phantom_studies  # noqa: E402

SEED = phantom_studies.TRAINING_SEEDS[0]


class PhantomStudies(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='osteon-training-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_a_study_has_its_bones_and_lesions(self):
        truth = phantom(f'{self.folder}/study', '--seed', str(SEED), '--in-plane', '3', '--slice', '8', '--lesions', '5')
        phantom_studies.convert(f'{self.folder}/study', self.folder)
        with np.load(f'{self.folder}/s{SEED}_0.npz') as study, open(f'{self.folder}/s{SEED}_0.json') as f:
            self.assertEqual(json.load(f)['lesions'], len(truth['lesions']))
            self.assertEqual(study['img'].shape, study['lab'].shape)
            self.assertEqual({labels.CLASSES[i] for i in np.unique(study['lab']) if i != labels.NOT_BONE}, set(labels.BONES))
            lesion = study['les'] > 100
            self.assertTrue(lesion.any())
            # The lattice is that of the pixels, the truth's is coarser; at the border of a bone they differ by half a voxel.
            self.assertGreater((study['lab'][lesion] != labels.NOT_BONE).mean(), .8)

    def test_a_held_out_seed_is_refused(self):
        phantom(f'{self.folder}/study', '--seed', '5', '--in-plane', '3', '--slice', '8')
        with self.assertRaisesRegex(ValueError, 'seed 5 is held out'):
            phantom_studies.convert(f'{self.folder}/study', self.folder)


if __name__ == '__main__':
    unittest.main(verbosity=2)
