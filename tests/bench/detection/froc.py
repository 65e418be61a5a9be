# SPDX-License-Identifier: GPL-3.0-or-later
"""Sensitivity against false marks as the probability cut moves, from the candidates that `--explain` writes.

Candidates below the product's cut have no segment, so a candidate is judged by its centroid alone: it hits the lesion
that is nearest when that is within 6 mm. At the product's own cut the figures are close to, not the same as, those of score.py.
"""
import json
import os

import numpy as np

HIT_MM = 6.0
CUTS = (.05, .1, .2, .3, .4, .5, .6, .7, .8, .9)


def marks_of(out, owners, distance, spacing, origin):
    """[[probability, lesion id or 0]] of every candidate of a result folder; empty when the study was not evaluable.

    owners, distance: number of the nearest lesion and mm to it, by voxel.
    """
    path = os.path.join(out, "explain", "candidates.json")
    if not os.path.exists(path):
        return []
    with open(path) as f:
        candidates = json.load(f)
    marks = []
    for c in candidates:
        if "centroid_lps_mm" not in c:
            continue
        x, y, z = c["centroid_lps_mm"]
        at = np.rint([(origin[2] - z) / spacing[0], (y - origin[1]) / spacing[1], (x - origin[0]) / spacing[2]]).astype(int)
        at = tuple(at.clip(0, np.array(owners.shape) - 1))
        marks.append([c["probability"], int(owners[at]) if distance[at] <= HIT_MM else 0])
    return marks


def curve(studies):
    """[(cut, sensitivity of required lesions, false marks per study)]"""
    required = {(s["name"], r["id"]) for s in studies for r in s["lesions"] if r["required"]}
    out = []
    for cut in CUTS:
        found = {(s["name"], lesion) for s in studies for p, lesion in s["marks"] if lesion and p >= cut}
        false = sum(1 for s in studies for p, lesion in s["marks"] if not lesion and p >= cut)
        out.append((cut, len(found & required) / max(1, len(required)), false / max(1, len(studies))))
    return out
