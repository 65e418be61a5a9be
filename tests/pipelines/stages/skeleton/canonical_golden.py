# SPDX-License-Identifier: GPL-3.0-or-later
"""The training code and the C++ stage must normalise alike: numpy recomputes the numbers that canonical_test.cc checks.

  canonical_golden.py            compare with canonical_golden.json
  canonical_golden.py --write    write it anew, after a change of the contract
"""
import json
import os
import sys
import unittest

import numpy as np

ROOT = os.environ.get("OSTEON_SOURCE_DIR", os.path.join(os.path.dirname(__file__), "../../../.."))
sys.path.insert(0, os.path.join(ROOT, "pipelines/training"))
import canonical  # noqa: E402

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "canonical_golden.json")
SHAPE = (9, 60, 44)


def volume():
    """A small array with air, tissue and one organ, from integers only, so that C++ can make the same array."""
    k, j, i = np.ogrid[:SHAPE[0], :SHAPE[1], :SHAPE[2]]
    v = ((i * 7 + j * 13 + k * 29) % 17 + 3).astype(np.float32)
    body = (i >= 8) & (i < 36) & (j >= 5) & (j < 55) & (k >= 1) & (k < 8)
    v = np.where(body, v + 100 + (j % 5) * 4, v)
    organ = body & (i >= 20) & (i < 30) & (j >= 20) & (j < 32)
    return np.where(organ, v * 6, v).astype(np.float32)


def numbers():
    v = volume()
    half = canonical.halve(v)
    g = canonical.global_reference(half)
    ref = canonical.local_reference(half, g)
    x, y_mid, x_mid = canonical.prepare(v)
    at = [(k, j, i) for k in (0, 4, 8) for j in (2, 24, 51) for i in (3, 25, 40)]
    return dict(shape=SHAPE, global_reference=g, middle_slice=y_mid, middle_column=x_mid, places=at,
                local_reference=[float(ref[k, j // 2, i // 2]) for k, j, i in at], compressed=[float(x[p]) for p in at])


class Golden(unittest.TestCase):
    def test_numpy_gives_the_numbers_that_the_cpp_test_checks(self):
        with open(GOLDEN) as f:
            golden = json.load(f)
        now = json.loads(json.dumps(numbers()))
        self.assertEqual(golden.keys(), now.keys())
        for key in now:
            np.testing.assert_allclose(golden[key], now[key], rtol=1e-6, err_msg=key)


if __name__ == "__main__":
    if "--write" in sys.argv:
        with open(GOLDEN, "w") as f:
            json.dump(numbers(), f, indent=1)
            f.write("\n")
    else:
        unittest.main()
