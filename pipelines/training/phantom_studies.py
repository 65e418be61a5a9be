# SPDX-License-Identifier: GPL-3.0-or-later
"""Studies of the product's own phantom as training arrays, like those of studies.py: a second, independent body.

  phantom_studies.py --out DIR STUDY [STUDY ...]      # folders that `osteon phantom` has written, composed or in stations

The phantom's truth names bones only. What is not bone is stored as labels.NOT_BONE: the network may call it what it
likes, as long as it is no bone. Seeds up to 60 (tests, demonstrations) and from 7000 (benchmarks) are refused.
"""
import argparse
import glob
import json
import os

import numpy as np
import pydicom

import canonical
import labels
import studies

TRAINING_SEEDS = range(61, 7000)
BODY_ROW_MM2 = 1500.0
UNNAMED = "unnamed"     # of the product's bone units; no phantom has a voxel of it


def read_series(folder):
    """Every series as (volume [y, z, x], origin x y z, spacing of y z x), coronal, front to back, head first."""
    series = {}
    for path in glob.glob(os.path.join(folder, "**", "*"), recursive=True):
        if os.path.isfile(path) and os.path.basename(path) != "DICOMDIR":
            ds = pydicom.dcmread(path)
            series.setdefault(ds.SeriesInstanceUID, []).append(ds)
    for slices in series.values():
        slices.sort(key=lambda d: d.ImagePositionPatient[1])
        first = slices[0]
        if not np.allclose(np.asarray(first.ImageOrientationPatient, float), [1, 0, 0, 0, 0, -1], atol=1e-3):
            raise ValueError("not straight coronal")
        step = (slices[-1].ImagePositionPatient[1] - first.ImagePositionPatient[1]) / (len(slices) - 1)
        spacing = np.array([step, *map(float, first.PixelSpacing)])
        yield np.stack([d.pixel_array for d in slices]).astype(np.float32), np.array(first.ImagePositionPatient, float), spacing


def compose(parts):
    """One volume out of stations of one lattice in x and y, each fading out towards its ends; origin and spacing with it."""
    parts = sorted(parts, key=lambda p: -p[1][2])
    (_, origin, spacing) = parts[0]
    starts = [int(round((origin[2] - p[1][2]) / spacing[1])) for p in parts]
    rows = max(at + p[0].shape[1] for at, p in zip(starts, parts))
    n, _, columns = parts[0][0].shape
    total, weight = np.zeros((n, rows, columns), np.float32), np.zeros((1, rows, 1), np.float32)
    for at, (volume, _, _) in zip(starts, parts):
        h = volume.shape[1]
        w = np.minimum(np.arange(h) + 1, h - np.arange(h)).astype(np.float32)[None, :, None]
        total[:, at:at + h] += volume * w
        weight[:, at:at + h] += w
    return total / np.maximum(weight, 1e-3), origin, spacing


def body_scale(volume, spacing):
    """Height of the body over that of scale 1 (README.md, contract, 1)."""
    over = volume > .5 * canonical.global_reference(volume)
    rows = np.nonzero(over.sum((0, 2)) * spacing[0] * spacing[2] >= BODY_ROW_MM2)[0]
    return (rows.max() + 1 - rows.min()) * spacing[1] / studies.ADULT_MM


def unit_classes(units):
    """Class of every number of the truth's unit volume; quarters and sides are not learnt."""
    leg, pelvis = ("tibia", "fibula", "patella"), ("ilium", "ischium", "pubis")
    out = [labels.NOT_BONE]
    for key in units:
        base = key.removesuffix("_right").removesuffix("_left")
        for part in ("_proximal", "_diaphysis", "_distal"):
            base = base.removesuffix(part)
        name = "leg" if base in leg else "pelvis" if base in pelvis else base
        out.append(labels.NOT_BONE if base == UNNAMED else labels.CLASSES.index(name))
    return np.array(out, np.uint8)


def truth_on(grid, lps, slab_mm, classes, units, lesions):
    """Classes at the points of a lattice (y, z, x coordinates in mm) and the share of lesion in each slab about them."""
    origin, spacing = np.array(grid["origin_lps"]), np.array(grid["spacing_zyx"])
    at = [(lps[0] - origin[1]) / spacing[1], (origin[2] - lps[1]) / spacing[0], (lps[2] - origin[0]) / spacing[2]]
    size = (units.shape[1], units.shape[0], units.shape[2])
    inside = [(p >= -.5) & (p < n - .5) for p, n in zip(at, size)]
    y, z, x = [np.clip(np.rint(p).astype(int), 0, n - 1) for p, n in zip(at, size)]
    seen = inside[0][:, None, None] & inside[1][None, :, None] & inside[2][None, None, :]
    lab = np.where(seen, classes[units[np.ix_(z, y, x)]].transpose(1, 0, 2), labels.NOT_BONE).astype(np.uint8)
    half = max(1, int(round(slab_mm / spacing[1] / 2)))
    mask = (lesions[z][:, :, x] > 0).astype(np.float32).transpose(1, 0, 2)
    share = np.stack([mask[max(0, m - half):m + half + 1].mean(0) for m in y])
    return lab, share * seen


def convert(study, out):
    with open(os.path.join(study, "truth.json")) as f:
        truth = json.load(f)
    if truth["seed"] not in TRAINING_SEEDS:
        raise ValueError(f"seed {truth['seed']} is held out")
    volume, origin, spacing = compose(list(read_series(os.path.join(study, "dicom"))))
    scale = body_scale(volume, spacing)
    steps = np.array([studies.SLICE_MM, studies.PIXEL_MM, studies.PIXEL_MM]) * scale
    shape = np.maximum(1, np.rint(np.array(volume.shape) * spacing / steps)).astype(int)
    y_mm = np.arange(len(volume)) * spacing[0]
    img = studies.canonical(volume, y_mm, spacing[1], scale, 1, shape) / canonical.global_reference(volume)
    along = [(np.arange(n) + .5) * step - .5 * d for n, step, d in zip(shape, steps, spacing)]
    with np.load(os.path.join(study, "truth.npz")) as z:
        lab, share = truth_on(truth["grid"], (origin[1] + along[0], origin[2] - along[1], origin[0] + along[2]), steps[0],
                              unit_classes(truth["units"]), z["units"], z["lesions"])
    stem = os.path.join(out, f"s{truth['seed']}_0")
    np.savez(stem + ".npz", img=img.astype(np.float16), lab=lab, les=(share * 200).astype(np.uint8))
    with open(stem + ".json", "w") as f:
        json.dump(dict(scale=float(scale), lesions=len(truth["lesions"])), f)
    print(stem, img.shape, f"scale {scale:.3f}", len(truth["lesions"]), flush=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--out", required=True)
    ap.add_argument("studies", nargs="+")
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    for study in a.studies:
        convert(study, a.out)


if __name__ == "__main__":
    main()
