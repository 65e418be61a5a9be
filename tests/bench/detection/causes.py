# SPDX-License-Identifier: GPL-3.0-or-later
"""Classifies false marks by the tissue on which they lie, from the truth of the study."""
import numpy as np
from scipy import ndimage as ndi

NEAR_MM = 6.0       # of score.py: closer than this is "the same place"
AT_BONE_MM = 4.0


def cause_of(truth, sites, points, at):
    """"normal variant", "bone", "beside bone" or "soft tissue".

    points: [n, 3] LPS mm of the segment; at: [3, m] its voxels on the truth's grid; sites: bone numbers there, 0 outside bone.
    """
    variants = truth.get("normal_variants")
    for variant in variants if isinstance(variants, list) else []:      # the product's phantom only counts them
        if "centre_lps" not in variant:     # without a place of its own: seams of growth plates, sacral flaring
            continue
        if np.linalg.norm(points - np.array(variant["centre_lps"]), axis=1).min() <= variant["radius_mm"] + NEAR_MM:
            return "normal variant"
    if at.shape[1] == 0:
        return "outside the truth's grid"
    reach = [int(np.ceil(AT_BONE_MM / s)) + 1 for s in truth["grid"]["spacing_zyx"]]
    box = tuple(slice(max(0, a.min() - r), a.max() + r + 1) for a, r in zip(at, reach))
    local = tuple(a - b.start for a, b in zip(at, box))
    bone = sites[box] > 0
    inside = bone[local].mean()
    if inside >= .5:
        return "bone"
    near = ndi.distance_transform_edt(~bone, sampling=truth["grid"]["spacing_zyx"])[local] <= AT_BONE_MM if bone.any() else np.zeros(1)
    return "beside bone" if near.mean() >= .5 else "soft tissue"
