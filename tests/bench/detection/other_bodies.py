# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies that training did not use: warps of the one training anatomy, with another resolution and other proportions.

Each is a fixed warp of the label volume: lengths of shank, thigh, pelvis, trunk, neck and head, width of hips and shoulders,
depth, and a smooth deformation with its own seed. The warps of pipelines/training/bodies.py are drawn otherwise.
"""
import os

import numpy as np
from scipy import ndimage as ndi

SPACING = (4.84, 1.775, 1.775)      # z, y, x mm
BREAKS = [0, .26, .48, .58, .8, .88, 1]     # feet to head: shank, thigh, pelvis, trunk, neck, head
BODIES = {
    "wide_hips": dict(height=.93, parts=[.96, .92, 1.12, 1.05, 1.1, .98], hips=1.1, shoulders=.86, depth=.95, mirror=False, seed=11),
    "long_legs": dict(height=.97, parts=[1.1, 1.08, .95, .9, .95, 1.0], hips=.92, shoulders=1.06, depth=1.12, mirror=False, seed=12),
    "large_head": dict(height=.9, parts=[.9, .95, 1.05, 1.0, 1.0, 1.2], hips=1.05, shoulders=.92, depth=1.0, mirror=True, seed=13),
}


def warp(labels, spacing, height, parts, hips, shoulders, depth, mirror, seed):
    rng = np.random.default_rng(seed)
    extent = np.array(labels.shape) * spacing
    n = (int(extent[0] * height / SPACING[0]), int(extent[1] * depth / SPACING[1]), int(extent[2] * 1.1 / SPACING[2]))
    t = (np.arange(n[0]) + .5) / n[0]
    ends = np.concatenate([[0], np.cumsum(np.diff(BREAKS) * parts)])
    z = np.interp(t, ends / ends[-1], BREAKS) * labels.shape[0] - .5
    width = np.interp(t, [0, .3, .5, .56, .7, .8, .86, 1], [1, 1, hips, hips, 1, shoulders, shoulders, 1])
    u = ((np.arange(n[2]) + .5) / n[2] * 2 - 1) * (-1.1 if mirror else 1.1)
    y = (np.arange(n[1]) + .5) / n[1] * labels.shape[1] - .5
    fields = [ndi.zoom(ndi.gaussian_filter(rng.standard_normal((8, 5, 7)), .8), [a / b for a, b in zip(n, (8, 5, 7))], order=1)
              for _ in range(3)]
    dz, dy, dx = (f / f.std() * mm / s for f, mm, s in zip(fields, (6, 3, 4), spacing))
    out = np.zeros(n, np.uint8)
    for i in range(n[0]):
        at = (np.rint(z[i] + dz[i]).astype(int), np.rint(y[:, None] + dy[i]).astype(int),
              np.rint(((u / width[i] + 1) / 2 * labels.shape[2] - .5)[None] + dx[i]).astype(int))
        inside = np.all([(a >= 0) & (a < size) for a, size in zip(at, labels.shape)], 0)
        out[i] = np.where(inside, labels[tuple(a.clip(0, size - 1) for a, size in zip(at, labels.shape))], 0)
    return out


def write_bodies(anatomy, folder):
    """{name: path} of the anatomy itself ("plain") and of each body above, made once."""
    paths = {"plain": anatomy}
    z = np.load(anatomy)
    for name, how in BODIES.items():
        paths[name] = os.path.join(folder, name + ".npz")
        if not os.path.exists(paths[name]):
            np.savez_compressed(paths[name], labels=warp(z["labels"], z["spacing"], **how), spacing=np.array(SPACING))
    return paths
