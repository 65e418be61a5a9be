# SPDX-License-Identifier: GPL-3.0-or-later
"""From a STIR volume to what the network sees: the contract of README.md, shared with pipelines/stages/skeleton/canonical.cc.

Both sides must agree to rounding; tests/pipelines/stages/skeleton/canonical_golden.py compares them on a small array.
"""
import numpy as np

FOREGROUND_OF_REFERENCE = .5
CAP_OF_REFERENCE = 3.0
PRIOR_WEIGHT = .05
BOX_RADIUS = (4, 12, 12)        # slices, rows, columns of the 4 mm grid
BOX_PASSES = 2
X_UNIT_PX, Y_UNIT_PX = 64.0, 16.0


def lower_median(values):
    return float(np.partition(values, (values.size - 1) // 2)[(values.size - 1) // 2])


def box_mean(v, radius, axis):
    """Sum over a window of 2 r + 1 along an axis, zero outside."""
    n = v.shape[axis]
    c = np.cumsum(v, axis=axis, dtype=np.float64)
    c = np.concatenate([np.zeros_like(np.take(c, [0], axis)), c], axis)
    hi = np.minimum(np.arange(n) + radius + 1, n)
    lo = np.maximum(np.arange(n) - radius, 0)
    return ((np.take(c, hi, axis) - np.take(c, lo, axis)) / (2 * radius + 1)).astype(np.float32)


def smooth(v):
    for _ in range(BOX_PASSES):
        for axis, radius in enumerate(BOX_RADIUS):
            v = box_mean(v, radius, axis)
    return v


def global_reference(v4):
    """Lower median of what is brighter than the mean: muscle and its like."""
    return lower_median(v4[v4 > v4.mean(dtype=np.float64)])


def local_reference(v4, g):
    """Smoothed signal of the foreground, capped so that one bright organ does not darken its surroundings."""
    mask = (v4 > FOREGROUND_OF_REFERENCE * g).astype(np.float32)
    num = smooth(np.minimum(v4, CAP_OF_REFERENCE * g) * mask)
    den = smooth(mask)
    return (num + PRIOR_WEIGHT * g) / (den + PRIOR_WEIGHT)


def halve(v2):
    """Mean of 2 x 2 pixels in plane; an odd last row or column is dropped."""
    n, h, w = v2.shape
    v = v2[:, :h // 2 * 2, :w // 2 * 2].reshape(n, h // 2, 2, w // 2, 2)
    return v.mean((2, 4), dtype=np.float32)


def compress(u):
    return np.log1p(2 * u) - 1


def prepare(v2):
    """(compressed image on the 2 mm grid, centre row of y and x on the 4 mm grid)."""
    v2 = np.asarray(v2, np.float32)
    v2 = v2[:, :v2.shape[1] // 2 * 2, :v2.shape[2] // 2 * 2]
    v4 = halve(v2)
    g = global_reference(v4)
    ref = local_reference(v4, g)
    mask = v4 > FOREGROUND_OF_REFERENCE * g
    total = max(1, int(mask.sum()))
    y_mid = float((mask.sum((1, 2)) * np.arange(v4.shape[0])).sum() / total)
    x_mid = float((mask.sum((0, 1)) * np.arange(v4.shape[2])).sum() / total)
    u = v2 / ref.repeat(2, 1).repeat(2, 2)
    return compress(u), y_mid, x_mid
