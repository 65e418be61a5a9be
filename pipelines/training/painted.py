# SPDX-License-Identifier: GPL-3.0-or-later
"""Lesions painted into training patches: any size, strength and bone, since the simulator draws few in the small bones of head, trunk and girdles.

A painted lesion is an irregular ellipsoid of marrow of one bone, brighter than that marrow by a clear margin. Truth and image agree over
the neighbouring slices.
"""
import numpy as np
from scipy import ndimage

import labels

SLICE_PX = 3.0              # fine pixels (2 mm) between slices (6 mm), of a body of usual height
RADII_PX = (1.7, 7.5)       # of a lesion in plane: about 3.5 to 15 mm
LEVELS = (1.6, 5.0)         # brightness over muscle; chosen: grade 1 to fluid
LEAST_OVER_MARROW = 1.5     # below this share of the marrow around, it would be noise or red marrow
LEAST_BONE_PX = 12          # of the coarse grid, in a slice; smaller sections are too little to hold a lesion


def paint(u, bones, lesion, row, rng):
    """Paint up to three lesions near `row` of the fine grid; changes u and lesion.

    u [5, H, W]: relative signal of the slices 0, -1, +1, -2, +2; bones [5, H/2, W/2]: their classes; lesion [H, W]: shares of slice 0.
    """
    h, w = bones.shape[1:]
    first, last = max(0, int(row) // 2 - 100), min(h, int(row) // 2 + 100)
    present, counts = np.unique(bones[0, first:last], return_counts=True)
    present = [b for b, n in zip(present, counts) if 1 <= b <= len(labels.BONES) and n >= LEAST_BONE_PX]
    if not present:
        return
    for _ in range(rng.integers(1, 4)):
        bone = present[rng.integers(len(present))]
        places = np.argwhere(bones[0, first:last] == bone)
        z, x = places[rng.integers(len(places))]
        _paint_one(u, bones, lesion, bone, 2 * (z + first) + rng.random() * 2, 2 * x + rng.random() * 2, rng)


def _paint_one(u, bones, lesion, bone, zc, xc, rng):
    radius = float(np.exp(rng.uniform(*np.log(RADII_PX))))
    rz, rx, ry = radius * np.exp(rng.normal(0, .25, 3))
    reach = int(2 * max(rz, rx)) + 3
    rows = slice(max(0, int(zc) - reach) // 2 * 2, min(lesion.shape[0], int(zc) + reach) // 2 * 2)
    cols = slice(max(0, int(xc) - reach) // 2 * 2, min(lesion.shape[1], int(xc) + reach) // 2 * 2)
    if rows.stop - rows.start < 4 or cols.stop - cols.start < 4:
        return
    half = (slice(rows.start // 2, rows.stop // 2), slice(cols.start // 2, cols.stop // 2))
    marrow = u[0, rows, cols][np.kron(bones[0][half] == bone, np.ones((2, 2), bool))]
    if not len(marrow):
        return
    level = float(np.exp(rng.uniform(*np.log(LEVELS))))
    if level < LEAST_OVER_MARROW * np.median(marrow):
        return
    zz, xx = np.mgrid[rows, cols].astype(np.float32)
    bumps = ndimage.zoom(rng.normal(0, .3, (5, 5)), ((rows.stop - rows.start) / 5, (cols.stop - cols.start) / 5), order=1)
    turn = rng.uniform(0, np.pi)
    dz, dx = zz + .5 - zc, xx + .5 - xc
    dz, dx = dz * np.cos(turn) + dx * np.sin(turn), dx * np.cos(turn) - dz * np.sin(turn)
    in_plane = (dz / rz) ** 2 + (dx / rx) ** 2 + bumps
    y0 = rng.normal(0, .4) * ry
    grain = ndimage.gaussian_filter(rng.normal(0, 1, in_plane.shape), .8) * rng.uniform(0, .35)
    for k, away in enumerate((0, -1, 1, -2, 2)):
        d = in_plane + ((away * SLICE_PX - y0) / ry) ** 2
        own = ndimage.gaussian_filter(np.kron(bones[k][half] == bone, np.ones((2, 2), np.float32)), .7)
        share = np.clip(own * 1.3, 0, 1) / (1 + np.exp(np.clip((d - 1) * 3, -30, 30)))
        share[share < .05] = 0
        here = u[k, rows, cols]
        here += share * np.maximum(0, level * (1 + grain) - here)
        if k == 0:
            np.maximum(lesion[rows, cols], share, out=lesion[rows, cols])
