# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong in a scanner, on slices [n, rows, columns] in place: motion, chemical shift, lost signal, parts not imaged."""
import numpy as np
from scipy import ndimage as ndi


def add_motion(rng, volume, row_mm):
    """A patient who moves while some neighbouring slices are read: blurred along the rows, with a displaced copy."""
    if rng.random() > .25:
        return
    n = len(volume)
    first = int(rng.integers(0, n))
    top, bottom = sorted(rng.integers(0, volume.shape[1], 2))
    for k in range(first, min(n, first + int(rng.integers(2, 8)))):
        part = volume[k, top:bottom]
        shift = rng.uniform(2, 9) / row_mm
        volume[k, top:bottom] = .6 * ndi.gaussian_filter1d(part, .35 * shift, axis=1) + .4 * np.roll(part, int(round(shift)), 1)


def shift_fat(rng, fat, water, row_mm):
    """Image of water and of what is left of fat, which sits up to 3 mm beside its place along the rows."""
    return water + np.roll(fat, int(round(float(rng.uniform(-3, 3)) / row_mm)), int(rng.integers(1, 3)))


def add_metal(rng, volume, row_mm, slice_mm):
    """Lost signal with a bright rim about a brace, a plate or a screw."""
    if rng.random() > .12:
        return
    body = np.argwhere(volume[:, ::8, ::8] > .3 * volume.mean())
    if len(body) == 0:
        return
    centre = body[rng.integers(len(body))] * (1, 8, 8)
    r = float(rng.uniform(8, 35))
    z, y, x = np.ogrid[:volume.shape[0], :volume.shape[1], :volume.shape[2]]
    d = np.sqrt(((z - centre[0]) * slice_mm) ** 2 + ((y - centre[1]) * row_mm) ** 2 + ((x - centre[2]) * row_mm) ** 2) / r
    volume *= 1 - np.exp(-d ** 4)
    volume += float(rng.uniform(0, 1.5)) * volume.mean() * np.exp(-((d - 1.2) / .15) ** 2)


def missing_rows(rng, rows):
    """First and last row that are imaged: in one study of seven the head or the feet are not."""
    top = int(rows * rng.uniform(.02, .16)) if rng.random() < .08 else 0
    bottom = rows - (int(rows * rng.uniform(.03, .2)) if rng.random() < .08 else 0)
    return top, bottom
