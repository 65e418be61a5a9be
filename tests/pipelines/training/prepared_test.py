#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trainings side by side share the studies of a folder: each of them gets all, whoever comes first."""
import json
import multiprocessing
import os
import sys
import tempfile
import unittest

import numpy as np

from lab import SOURCE

sys.path.insert(0, os.path.join(SOURCE, 'pipelines', 'training'))
import labels  # noqa: E402
import prepared  # noqa: E402

SIDE_BY_SIDE = 4


def sums(stem, together, out):
    """Puts the sums of the arrays, or what went wrong."""
    together.wait()
    try:
        study = prepared.prepare(stem)
        out.put([float(np.asarray(study[name], np.float64).sum()) for name in ('x', 'lab', 'les', 'mid')] + [len(study['lesions'])])
    except (OSError, ValueError) as error:
        out.put(repr(error))


class Prepared(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='osteon-prepared-')
        self.addCleanup(folder.cleanup)
        self.stem = os.path.join(folder.name, 's1_0')

    def write_study(self):
        rng = np.random.default_rng(1)
        img = np.zeros((30, 160, 120), np.float16)
        img[4:26, 20:140, 20:100] = rng.uniform(50, 150, (22, 120, 80))
        lab, les = np.zeros(img.shape, np.uint8), np.zeros(img.shape, np.uint8)
        lab[8:20, 40:100, 50:70] = labels.CLASSES.index('femur')
        les[10:13, 60:70, 54:60] = les[16:18, 80:90, 54:60] = 200
        np.savez(self.stem + '.npz', img=img, lab=lab, les=les)
        with open(self.stem + '.json', 'w') as f:
            json.dump({'scale': 1}, f)

    def test_all_get_the_same_whoever_comes_first(self):
        self.write_study()
        context = multiprocessing.get_context('fork')
        together, out = context.Barrier(SIDE_BY_SIDE), context.Queue()
        processes = [context.Process(target=sums, args=(self.stem, together, out)) for _ in range(SIDE_BY_SIDE)]
        for process in processes:
            process.start()
        got = [out.get(timeout=60) for _ in processes]
        for process in processes:
            process.join(60)
        self.assertEqual(got, [got[0]] * SIDE_BY_SIDE)
        self.assertEqual(got[0][-1], 2, 'lesions')
        self.assertFalse(os.path.exists(self.stem + '.npz'), 'made once')

    def test_a_study_that_is_not_there_is_an_error(self):
        with self.assertRaises(OSError):
            prepared.prepare(self.stem)
        self.write_study()
        os.remove(self.stem + '.npz')
        with self.assertRaisesRegex(OSError, 's1_0.npz'):
            prepared.prepare(self.stem)


if __name__ == '__main__':
    unittest.main(verbosity=2)
