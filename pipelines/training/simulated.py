# SPDX-License-Identifier: GPL-3.0-or-later
"""Candidates of simulated DICOM studies with exact truth, as tests/bench/detection/run.py --leave-out BODY --prepare makes them.

They go the whole way through series, stations and composition, so the judge learns from what it will see. A folder holds
studies/NAME with dicom/, truth.json and truth.npz.
"""
import glob
import json
import os
import subprocess

import numpy as np
from scipy import ndimage as ndi


def cases_of(folder):
    return sorted(os.path.dirname(p) for p in glob.glob(os.path.join(folder, "studies", "*", "truth.npz")))


def run_detector(program, threads, models, cases, out):
    os.makedirs(out, exist_ok=True)
    for case in cases:
        name = os.path.basename(case)
        if not os.path.exists(os.path.join(out, name + ".json")):
            subprocess.run([program, models, str(threads), out], input=f"{name} {os.path.join(case, 'dicom')}\n", text=True, check=True,
                           stdout=subprocess.DEVNULL)


def indices_in(truth, grid, shape, at):
    """Voxels of the composed grid (slice, row, column) as indices of the truth's, those outside of it left out."""
    column, row, slice_ = (np.array(grid[n]) for n in ("column", "row", "slice"))
    points = np.array(grid["origin"]) + np.outer(at[2], column) + np.outer(at[1], row) + np.outer(at[0], slice_)
    points = np.concatenate([points + slice_ * o for o in np.linspace(-.45, .45, 4)])      # a slice is thicker than a voxel of the truth
    spacing, origin = truth["grid"]["spacing_zyx"], truth["grid"]["origin_lps"]
    index = np.stack([(origin[2] - points[:, 2]) / spacing[0], (points[:, 1] - origin[1]) / spacing[1],
                      (points[:, 0] - origin[0]) / spacing[2]]).round().astype(int)
    return tuple(np.unique(index[:, np.all((index >= 0) & (index < np.array(shape)[:, None]), 0)], axis=1))


def near_lesions(labels, spacing, reach_mm):
    """(mm to the nearest lesion, its number) of every voxel within the reach of one; far away 99 and 0."""
    distance, owner = np.full(labels.shape, 99, np.float32), np.zeros(labels.shape, labels.dtype)
    reach = [int(np.ceil(reach_mm / s)) for s in spacing]
    for number, box in enumerate(ndi.find_objects(labels), 1):
        if box is None:
            continue
        box = tuple(slice(max(0, s.start - r), min(n, s.stop + r)) for s, r, n in zip(box, reach, labels.shape))
        own = ndi.distance_transform_edt(labels[box] != number, sampling=spacing).astype(np.float32)
        nearer = own < distance[box]
        distance[box][nearer], owner[box][nearer] = own[nearer], number
    return distance, owner


def candidates_of(case, out, body, hits_of, near_mm):
    """As candidates.candidates_of(), which gives `hits_of`."""
    name = os.path.basename(case)
    with open(os.path.join(case, "truth.json")) as f:
        truth = json.load(f)
    with np.load(os.path.join(case, "truth.npz")) as z:
        lesions = z["lesions"]
    with open(os.path.join(out, name + ".json")) as f:
        found = json.load(f)
    labels = np.fromfile(os.path.join(out, name + ".labels.u16"), np.uint16).reshape(found["grid"]["shape"])
    distance, owner = near_lesions(lesions, truth["grid"]["spacing_zyx"], 2 * near_mm)
    rows, boxes = [], ndi.find_objects(labels)
    for c in found.get("candidates") or []:
        box = boxes[c["label"] - 1] if c["label"] <= len(boxes) else None
        if box is None:
            continue
        at = indices_in(truth, found["grid"], lesions.shape, [i + s.start for i, s in zip(np.nonzero(labels[box] == c["label"]), box)])
        hits, kind = hits_of(lesions, lesions[at], distance[at], owner[at])
        rows.append(dict(features=c["features"], unit=c["unit"], kind=kind, hits=[(case, h) for h in hits], study=case, body=body, simulated=True,
                         ruled_out=bool(c["reasons"]) and c["reasons"][0].startswith(("normal:", "fluid:", "uncertain:"))))
    return rows, {(case, r["id"]): r["volume_ml"] for r in truth["lesions"] if r["id"]}
