# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated training studies on the canonical grid (see README.md for the grid and the labels).

  studies.py --simulator wbmri_sim.py --anatomy AM.npz --out DIR [--bodies N] [--first-seed N] [--draws N]
"""
import argparse
import copy
import json
import os

import numpy as np
from scipy import ndimage as ndi

import bodies
import faults
import labels
import poses

ADULT_MM = 1776.0          # body height that the canonical grid calls scale 1
POSES = 6                  # of each variant, beside arms and legs as the anatomy has them
PIXEL_MM, SLICE_MM = 2.0, 6.0   # canonical grid of the stored studies, times the body scale


def draw_knobs(sim, rng):
    """Knobs of one body: size, age and shape."""
    k = sim.Knobs()
    child = rng.random() < .6
    k.scale = float(rng.uniform(.58, .95) if child else rng.uniform(.85, 1.1))
    k.deform_mm = float(rng.uniform(3, 11))
    k.red_marrow = float(rng.uniform(0, .4) if child else rng.uniform(0, .12))
    k.physis = int(child and rng.random() < .8)
    k.effusion = int(rng.random() < .4)
    return k


def draw_contrast(sim, rng, k):
    """Knobs of one examination of that body."""
    k.variants = int(rng.random() < .6)
    k.tesla = 3.0 if rng.random() < .4 else 1.5
    k.te = float(rng.uniform(45, 95))
    k.tr = float(rng.uniform(3000, 8000))
    k.ti = 0.0
    k.slice_mm = float(rng.uniform(3, 8))
    k.gap_mm = float(rng.uniform(0, 1.5))
    k.snr = float(np.exp(rng.uniform(np.log(7), np.log(40))))
    k.bias = float(rng.uniform(.05, .45))
    k.station_step = float(rng.uniform(0, .2))
    k.station_falloff = float(rng.uniform(0, .4))
    k.fatsat_failure = float(rng.choice([0, .15, .3, .6]))
    k.ghost = float(rng.uniform(0, .05))
    k.n_lesions = int(rng.integers(8, 22)) if rng.random() < .85 else 0
    k.lesion_contrast = float(rng.uniform(.75, 1.05))
    k.min_strength = float(rng.choice([.35, .5]))
    return k


def signal_volume(sim, body, frac, k, rng, ti_shift_ms):
    """STIR signal on the fine grid, every tissue's T1, T2 and PD moved a little from the simulator's."""
    params, yellow, red, oedema = sim.field_params(k)
    jitter = lambda p, a: (p[0] * np.exp(rng.normal(0, a)), p[1] * np.exp(rng.normal(0, a)), p[2] * np.exp(rng.normal(0, a / 2)), p[3])
    ti = params[sim.FAT][0] * (np.log(2) - np.log(1 + np.exp(-k.tr / params[sim.FAT][0]))) + ti_shift_ms
    fn = lambda p: sim.stir(p, k.tr, k.te, ti)
    ref = fn(params[sim.MUSCLE])
    loose = (sim.BRAIN, sim.BLOOD, sim.LIVER, sim.SPLEEN, sim.KIDNEY, sim.FLUID, sim.BOWEL, sim.GLAND, sim.NODE, sim.GONAD, sim.PHYSIS, sim.LUNG)
    lut = np.zeros(32, np.float32)
    wide = 1.0 if rng.random() < .4 else 3.0        # most studies: contrasts far from any one simulator's grey
    for c in range(1, 21):
        if c != sim.MARROW:
            lut[c] = fn(jitter(params[c], .12 * wide if c in loose else .04)) * np.exp(rng.normal(0, .03 * wide))
    lut[sim.FAT] = max(lut[sim.FAT], float(rng.uniform(0, .35)) * ref)
    s = lut[body.cls]
    mar = body.cls == sim.MARROW
    # Normal marrow stays under the faintest lesion: red marrow reaches 1.7 x muscle, water in normal rims half of a lesion's.
    r = np.clip(body.red[mar] + body.meta[mar], 0, 1)
    s_yellow, s_red = max(fn(yellow), float(rng.uniform(0, .5)) * ref), fn(jitter(red, .05 * wide))
    s_oedema = max(fn(jitter(oedema, .04 * wide)), 1.6 * s_red)
    s[mar] = s_yellow * (1 - r) + s_red * r + .35 * body.meta[mar] * lut[sim.PHYSIS]
    frac = np.maximum(frac, body.water)
    s = s * (1 - frac) + s_oedema * frac
    uneven = np.isin(body.cls, (sim.BOWEL, sim.BLOOD))
    third = tuple(-(-n // 3) for n in body.shape)
    var = sim.smooth_noise(rng, third, tuple(12 / d / 3 for d in (body.dz, body.dy, body.dx)))
    at = np.nonzero(uneven)
    s[at] *= np.clip(1 + .7 * var[at[0] // 3, at[1] // 3, at[2] // 3], .05, 2.2)
    if k.fatsat_failure:
        coarse = sim.smooth_noise(rng, third, (120 / body.dz / 3, 60 / body.dy / 3, 60 / body.dx / 3))
        at = np.nonzero((body.cls == sim.FAT) | (body.cls == sim.SKIN))
        edge = (np.abs(at[2] - body.shape[2] / 2) / (body.shape[2] / 2)) ** 4
        fail = np.clip(coarse[at[0] // 3, at[1] // 3, at[2] // 3] - .9, 0, 1.5)
        s[at] += (fail + .8 * edge) * k.fatsat_failure * params[sim.FAT][2] * .6
    return s, ref


def canonical(vol, y_mm, dz_mm, scale, order, out_shape):
    """Resample slices [n, rows, cols] linearly (or nearest) onto the canonical grid."""
    n, nz, nx = vol.shape
    step = (y_mm[-1] - y_mm[0]) / max(1, n - 1)
    ys = (np.arange(out_shape[0]) + .5) * SLICE_MM * scale / step - .5
    zs = (np.arange(out_shape[1]) + .5) * PIXEL_MM * scale / dz_mm - .5
    xs = (np.arange(out_shape[2]) + .5) * PIXEL_MM * scale / dz_mm - .5
    for axis, at in ((0, ys), (1, zs), (2, xs)):
        at = np.clip(at, 0, vol.shape[axis] - 1)
        if order == 0:
            vol = np.take(vol, np.rint(at).astype(int), axis)
        else:
            i = np.minimum(at.astype(int), max(0, vol.shape[axis] - 2))
            w = (at - i).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
            vol = np.take(vol, i, axis) * (1 - w) + np.take(vol, np.minimum(i + 1, vol.shape[axis] - 1), axis) * w
    return vol


EDGE = 40       # voxels; more than the simulator's largest lesion reaches


def part_of(body, box):
    """The body within a box and EDGE around it, with air beyond its own edge: the simulator cannot draw across the far edge of its grid."""
    part = copy.copy(body)
    inner = tuple(slice(max(0, s.start - EDGE), min(n, s.stop + EDGE)) for s, n in zip(box, body.shape))
    pads = [(0, max(0, s.stop + EDGE - n)) for s, n in zip(box, body.shape)]
    part.cls, part.site = (np.pad(v[inner], pads) for v in (body.cls, body.site))
    part.shape = part.cls.shape
    part.red = np.zeros(1, np.float32)
    return part, inner


def draw_lesions(sim, body, k, rng):
    """(share of oedema, lesions as 0 and 1, how many): the simulator's lesions, each drawn in the box of its bone, and its normal variants."""
    frac, lesions, count = np.zeros(body.shape, np.float32), np.zeros(body.shape, np.uint8), 0
    sites = [i for i, box in enumerate(body.boxes, 1) if box is not None]
    weights = np.array([sim.WEIGHT.get(sim.SITE_NAMES[i].rsplit("_", 1)[0] if sim.SITE_NAMES[i][-2:] in ("_R", "_L") else sim.SITE_NAMES[i], .3)
                        for i in sites]) / [2 if sim.SITE_NAMES[i][-2:] in ("_R", "_L") else 1 for i in sites]
    one = copy.copy(k)
    one.n_lesions = 1
    for n in rng.choice(len(sites), min(k.n_lesions, len(sites)), replace=False, p=weights / weights.sum()):
        part, inner = part_of(body, body.boxes[sites[n] - 1])
        part.site = np.where(part.site == sites[n], part.site, 0)
        own_frac, own, rows = sim.draw_lesions(part, one, rng)
        own_frac, own = (v[tuple(slice(s.stop - s.start) for s in inner)] for v in (own_frac, own))
        frac[inner] = np.maximum(frac[inner], own_frac)
        lesions[inner] |= own > 0
        count += len(rows)
    if k.variants:
        whole, inner = part_of(body, tuple(slice(0, n) for n in body.shape))
        variants, _ = sim.draw_variants(whole, k, rng, np.pad(lesions, [(0, EDGE)] * 3))
        frac = np.maximum(frac, variants[tuple(slice(n) for n in body.shape)])
    return frac, lesions, count


def make_study(sim, body, k, rng):
    """(image float16, label uint8, lesion percent uint8, info) on the canonical grid."""
    frac, lesions, count = draw_lesions(sim, body, k, rng)
    percent = lesions.astype(np.float32)
    ti_shift = float(rng.uniform(-12, 12)) if rng.random() < .5 else 0.0
    s, ref = signal_volume(sim, body, frac, k, rng, ti_shift)
    vol, ys = sim.to_slices(body, s, k)
    if rng.random() < .25:
        fat, _ = sim.to_slices(body, s * ((body.cls == sim.FAT) | (body.cls == sim.SKIN)), k)
        vol = faults.shift_fat(rng, fat, vol - fat, body.dz)
    blur = float(rng.uniform(.2, .7))
    vol = ndi.gaussian_filter(vol, (0, blur, blur))
    grain = 1 + .05 * sim.smooth_noise(rng, vol.shape, (4 / (k.slice_mm + k.gap_mm), 4 / body.dz, 4 / body.dx)) \
        + .05 * sim.smooth_noise(rng, vol.shape, (14 / (k.slice_mm + k.gap_mm), 14 / body.dz, 14 / body.dx))
    faults.add_motion(rng, vol, body.dz)
    faults.add_metal(rng, vol, body.dz, k.slice_mm + k.gap_mm)
    (_, img), = sim.acquire(vol * grain, body, k, rng, ref, "stir")
    les, _ = sim.to_slices(body, percent, k)
    classes = labels.class_map(sim, body)
    mid, _ = sim.to_slices(body, classes, k, thickness=.1)
    top, bottom = faults.missing_rows(rng, img.shape[1])
    img, les, mid = (v[:, top:bottom] for v in (img, les, mid))
    scale = (bottom - top) * body.dz / ADULT_MM
    n = max(1, int(round(img.shape[0] * (k.slice_mm + k.gap_mm) / (SLICE_MM * scale))))
    shape = (n, int(round(img.shape[1] * body.dz / (PIXEL_MM * scale))), int(round(img.shape[2] * body.dx / (PIXEL_MM * scale))))
    put = lambda v, order: canonical(v, ys, body.dz, scale, order, shape)
    img = put((img / ref).astype(np.float32), 1)
    return img.astype(np.float16), put(mid, 0).astype(np.uint8), (put(les.astype(np.float32), 1) * 200).astype(np.uint8), \
        dict(scale=scale, lesions=count, knobs={a: b for a, b in vars(k).items()})


def base_of(sim, anatomy, folder, rng):
    """Tissue maps of one of the variants in one of the poses, made once and kept."""
    variant = bodies.VARIANTS[int(rng.integers(len(bodies.VARIANTS)))]
    number = int(rng.integers(POSES + 1))
    names = [variant, f"{variant}_pose{number}"][:1 + (number > 0)]
    base = None
    for name in names:
        path = os.path.join(folder, name + ".npz")
        if os.path.exists(path):
            with np.load(path) as z:
                base = bodies.BaseMaps(z["cls"], z["site"], z["red"], 2.0)
            continue
        base = poses.pose(sim, base, np.random.default_rng(number)) if base else bodies.make_base(sim, anatomy, variant)
        temporary = f"{path}.{os.getpid()}.npz"
        np.savez(temporary, cls=base.cls, site=base.site, red=base.red)
        os.replace(temporary, path)
    return base


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--simulator", required=True)
    ap.add_argument("--anatomy", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--bodies", type=int, default=400)
    ap.add_argument("--draws", type=int, default=2)
    ap.add_argument("--first-seed", type=int, default=1_000_000)
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    sim = bodies.load_simulator(a.simulator)
    random_body = bodies.draw_random_body_class(sim)
    base_dir = os.path.join(a.out, "base")
    os.makedirs(base_dir, exist_ok=True)
    for i in range(a.bodies):
        if all(os.path.exists(os.path.join(a.out, f"s{a.first_seed + i}_{d}.json")) for d in range(a.draws)):
            continue
        rng = np.random.default_rng(a.first_seed + i)
        base = base_of(sim, a.anatomy, base_dir, rng)
        k = draw_knobs(sim, rng)
        body = random_body(base, k, rng)
        for d in range(a.draws):
            stem = os.path.join(a.out, f"s{a.first_seed + i}_{d}")
            if os.path.exists(stem + ".json"):
                continue
            img, lab, les, info = make_study(sim, body, draw_contrast(sim, rng, k), rng)
            np.savez(stem + ".tmp.npz", img=img, lab=lab, les=les)
            os.replace(stem + ".tmp.npz", stem + ".npz")
            with open(stem + ".json", "w") as f:
                json.dump(info, f, default=float)
            print(stem, img.shape, info["lesions"], flush=True)


if __name__ == "__main__":
    main()
