# SPDX-License-Identifier: GPL-3.0-or-later
"""The studies of studies.py and phantom_studies.py as memory-mapped arrays on the network's grid, made once. Trainings that run side by side share folders."""
import fcntl
import os

import numpy as np
from scipy import ndimage

import canonical
import labels


def prepare(stem):
    """{x, lab, les, mid, weight, lesions} of the study STEM.json: input on the fine grid, classes on the coarse one, lesion percent, the body's middle, weight of each slice, lesions_of().

    Makes the arrays from STEM.npz and removes it, unless they are there. A process that comes while another makes them waits. OSError or ValueError when neither can be read.
    """
    with open(stem + ".json") as f:
        fcntl.flock(f, fcntl.LOCK_EX)       # until it is closed, also by the end of the process
        if not os.path.exists(stem + ".mid.npy"):
            convert(stem)
    x, lab, les = (np.load(f"{stem}.{n}.npy", mmap_mode="r") for n in ("x", "lab", "les"))
    weight = np.array([np.count_nonzero((s > 0) & (s <= len(labels.BONES))) for s in lab], float)
    weight = (weight + .06 * weight.max()) / (weight + .06 * weight.max()).sum()
    return dict(x=x, lab=lab, les=les, mid=np.load(stem + ".mid.npy"), weight=weight,
                lesions=lesions_of(np.asarray(les[:, ::2, ::2]) > 100))


def convert(stem):
    with np.load(stem + ".npz") as z:
        x, y_mid, x_mid = canonical.prepare(z["img"].astype(np.float32))
        h, w = x.shape[1:]
        lab, les = z["lab"][:, :h, :w], z["les"][:, :h, :w]
    lab4 = lab[:, ::2, ::2].copy()
    for dz, dx in ((0, 1), (1, 0), (1, 1)):     # thin bones must not vanish between the samples
        other = lab[:, dz::2, dx::2]
        thin = ((lab4 == 0) | (lab4 == labels.NOT_BONE)) & (other > 0) & (other <= len(labels.BONES)) & (dz == dx)
        lab4[thin] = other[thin]
    np.save(stem + ".x.npy", x.astype(np.float16))
    np.save(stem + ".lab.npy", lab4)
    np.save(stem + ".les.npy", les)
    np.save(stem + ".mid.npy", np.array([y_mid, x_mid]))     # the last one says that all are there
    os.remove(stem + ".npz")


def lesions_of(mask):
    """Slices and rows of each connected lesion."""
    parts, n = ndimage.label(mask, np.ones((3, 3, 3)))
    return [np.argwhere(parts[box] == k + 1)[:, :2] + (box[0].start, box[1].start) for k, box in enumerate(ndimage.find_objects(parts))]
