# SPDX-License-Identifier: GPL-3.0-or-later
"""What is normal and bright in a body, drawn at random: red marrow by place, growth plates, rims, joint fluid, vessels and nodes.

None of it is a lesion in the truth. Sources of what is drawn: red marrow in metaphyses, crest, sacrum and vertebrae recedes with
age and is bright to 1.7 x muscle on STIR; the metaphyseal stripe beside an open plate of the knee is there in every child (all of
110 femora and 102 tibiae with open plates); the sacro-iliac rim in 72 % of sacra and 16 % of ilia, peak 7 to 12 years (Herregods 2021);
high signal of 15 to 20 % of hands, feet and knees in healthy children (Zadig 2022, Shabshin 2006).
"""
import numpy as np
from scipy import ndimage as ndi

# bone, end of the site that carries the plate ("low": feet), distance of the plate from that end in an adult's mm, epiphysis dome mm
PLATES = (("femur_distal", "low", 20, 3), ("leg_proximal", "high", 17, 2), ("leg_distal", "low", 13, 2), ("humerus_proximal", "high", 17, 5),
          ("forearm", "low", 9, 1), ("femur_proximal", "high", 26, 5), ("foot", "low", 12, 1))
METAPHYSES = (("femur_distal", "low"), ("leg_proximal", "high"), ("leg_distal", "low"), ("humerus_proximal", "high"), ("forearm", "low"),
              ("femur_proximal", "high"), ("humerus_distal", "low"))
JOINTS = (("femur_distal", "leg_proximal"), ("leg_distal", "foot"), ("pelvis", "femur_proximal"), ("scapula", "humerus_proximal"),
          ("humerus_distal", "forearm"), ("forearm", "hand"))


def _box(body, sim, name, margin=0):
    """The site's mask within its box, and the box; Nones where the body has no such site."""
    index = sim.SITE_NAMES.index(name)
    found = body.boxes[index - 1] if index <= len(body.boxes) else None
    if found is None:
        return None, None
    box = tuple(slice(max(0, s.start - margin), min(n, s.stop + margin)) for s, n in zip(found, body.shape))
    return body.site[box] == index, box


def _noise(sim, body, rng, box, mm):
    shape = tuple(s.stop - s.start for s in box)
    return sim.smooth_noise(rng, shape, (mm / body.dz, mm / body.dy, mm / body.dx))


def add_red_marrow(sim, body, rng, child):
    """Red marrow at the ends of long bones with a border that undulates, islands of it, and more or less of it in each flat bone."""
    amount = float(rng.uniform(.1, .75) if child else rng.uniform(0, .35))
    reach = float(rng.uniform(12, 60) if child else rng.uniform(8, 30)) * body.knobs_scale
    for base, end in METAPHYSES:
        own = amount * float(rng.uniform(.5, 1.4))
        for side in "RL":       # the two sides are alike, not the same
            mask, box = _box(body, sim, f"{base}_{side}")
            if mask is None:
                continue
            z = np.arange(mask.shape[0])[:, None, None] * body.dz
            depth = z if end == "high" else (mask.shape[0] - 1) * body.dz - z
            depth = depth + 6 * _noise(sim, body, rng, box, 9)
            plate = 15 * body.knobs_scale
            soft = float(rng.uniform(1.5, 8))
            flame = 1 / (1 + np.exp(np.clip((depth - plate - reach * rng.uniform(.85, 1.15)) / soft, -30, 30)))
            flame *= np.where(depth < plate, rng.uniform(.1, .8), 1.0)
            flame *= np.clip(1 + .4 * _noise(sim, body, rng, box, 6), 0, 2)
            body.red[box] = np.where(mask & (body.cls[box] == sim.MARROW), np.clip(body.red[box] + own * flame, 0, 1), body.red[box])


def add_rims(sim, body, rng, child):
    """Bright rims of the sacro-iliac joint and of the crest, on both sides, as a share of water in the marrow."""
    joint, crest = float(rng.uniform(.08, .35)), float(rng.uniform(.05, .3))
    has_joint, has_crest = rng.random() < (.75 if child else .15), child and rng.random() < .8
    sacrum, sacrum_box = _box(body, sim, "sacrum", 12)
    for side in "RL":
        pelvis, box = _box(body, sim, f"pelvis_{side}", 6)
        if pelvis is None:
            continue
        if has_joint and sacrum is not None:
            steps = max(1, int(round(float(rng.uniform(3, 8)) * body.knobs_scale / body.dx)))
            own = np.zeros(body.shape, bool)
            own[box] = ndi.binary_dilation(pelvis, iterations=steps)
            near = own[sacrum_box] & sacrum & (body.cls[sacrum_box] == sim.MARROW)
            body.water[sacrum_box][near] = np.maximum(body.water[sacrum_box][near], joint * float(rng.uniform(.8, 1.2)))
            if rng.random() < .3:
                other = np.zeros(body.shape, bool)
                other[sacrum_box] = ndi.binary_dilation(sacrum, iterations=max(1, steps // 2))
                near = other[box] & pelvis & (body.cls[box] == sim.MARROW)
                body.water[box][near] = np.maximum(body.water[box][near], .6 * joint)
        if has_crest:
            edge = pelvis & ~ndi.binary_erosion(pelvis, iterations=max(1, int(round(rng.uniform(3, 7) * body.knobs_scale / body.dx))))
            upper = np.arange(pelvis.shape[0])[:, None, None] < rng.uniform(.25, .5) * pelvis.shape[0]
            at = edge & upper & (body.cls[box] == sim.MARROW)
            body.water[box][at] = np.maximum(body.water[box][at], crest * float(rng.uniform(.8, 1.2)))


def add_plates(sim, body, rng):
    """Growth plates: curved, undulating, of a thickness and at a place that vary with the child, with the bright zone beside them."""
    thick, zone_mm, zone = float(rng.uniform(.9, 2.4)), float(rng.uniform(2, 9)), float(rng.uniform(.05, .45))
    far = float(rng.uniform(.8, 1.25)) * body.knobs_scale
    for base, end, off_mm, dome_mm in PLATES:
        for side in "RL":
            mask, box = _box(body, sim, f"{base}_{side}")
            if mask is None:
                continue
            wave = sim.smooth_noise(rng, (1,) + mask.shape[1:], (1, 8 / body.dy, 8 / body.dx))[0] * rng.uniform(.4, 1.8)
            across = np.linspace(-1, 1, mask.shape[2])[None, :] ** 2
            from_end = off_mm * far + wave - dome_mm * across + float(rng.normal(0, .8))
            z = np.arange(mask.shape[0])[:, None, None] * body.dz
            depth = z if end == "high" else (mask.shape[0] - 1) * body.dz - z
            into = depth - from_end[None]      # positive: in the metaphysis
            marrow = mask & (body.cls[box] == sim.MARROW)
            body.cls[box][marrow & (np.abs(into) < thick)] = sim.PHYSIS
            at = marrow & (into > 0) & (into < 3 * zone_mm)
            body.meta[box][at] = zone * np.exp(-into[at] / zone_mm)


def add_joint_fluid(sim, body, rng, chance):
    """Fluid between the bones of a joint, and in front of the knee, of any size from a film to a large effusion."""
    for a, b in JOINTS:
        for side in "RL":
            if rng.random() > chance:
                continue
            _, box_a = _box(body, sim, f"{a}_{side}", 8)
            _, box_b = _box(body, sim, f"{b}_{side}", 8)
            if box_a is None or box_b is None:
                continue
            box = tuple(slice(max(p.start, q.start), min(p.stop, q.stop)) for p, q in zip(box_a, box_b))
            if any(s.stop - s.start < 2 for s in box):
                continue
            reach = float(rng.uniform(2, 7)) * body.knobs_scale
            d = [ndi.distance_transform_edt(body.site[box] != sim.SITE_NAMES.index(f"{n}_{side}"), sampling=(body.dz, body.dy, body.dx)) for n in (a, b)]
            at = (d[0] < reach) & (d[1] < reach) & np.isin(body.cls[box], (sim.MUSCLE, sim.FAT, sim.CARTIL, sim.GLAND))
            body.cls[box][at] = sim.FLUID
    for side in "RL":
        if rng.random() < chance:
            _add_knee_pouch(sim, body, rng, side)


def _add_knee_pouch(sim, body, rng, side):
    mask, box = _box(body, sim, f"femur_distal_{side}")
    if mask is None:
        return
    s = body.knobs_scale
    centre = (box[0].stop - float(rng.uniform(5, 40)) * s / body.dz, box[1].start + float(rng.uniform(-3, 1)),
              (box[2].start + box[2].stop) / 2 + float(rng.uniform(-10, 10)) * s / body.dx)
    half = np.array([rng.uniform(8, 40), rng.uniform(3, 11), rng.uniform(8, 28)]) * s
    at = tuple(slice(max(0, int(c - h / d)), min(n, int(c + h / d) + 2)) for c, h, d, n in zip(centre, half, (body.dz, body.dy, body.dx), body.shape))
    z, y, x = np.ogrid[at]
    inside = ((z - centre[0]) * body.dz / half[0]) ** 2 + ((y - centre[1]) * body.dy / half[1]) ** 2 + ((x - centre[2]) * body.dx / half[2]) ** 2 < 1
    soft = np.isin(body.cls[at], (sim.MUSCLE, sim.FAT, sim.GLAND, sim.CARTIL))
    body.cls[at][inside & soft] = sim.FLUID


SOFT_COUNT = (15, 70)       # drawn in each body; chosen: enough that every coronal slice of a groin shows some


def add_soft_tissue(sim, body, rng):
    """Vessels, nerves, nodes, bursae and cysts at places of their own in muscle and fat, most of them close to bone: where they lie differs from person to person, so a
    network must not learn one anatomy's."""
    bone = np.argwhere(body.site[::3, ::3, ::3] > 0) * 3
    if not len(bone):
        return
    for _ in range(int(rng.integers(*SOFT_COUNT))):
        away = rng.normal(0, 1, 3)
        away *= float(rng.uniform(3, 30)) / np.linalg.norm(away)
        centre = bone[rng.integers(len(bone))] * (body.dz, body.dy, body.dx) + away * body.knobs_scale
        if rng.random() < .5:
            _add_tube(sim, body, rng, centre)
        else:
            half = np.exp(rng.uniform(np.log(2), np.log(11), 3)) * body.knobs_scale
            _fill_soft(body, sim, centre, half, int(rng.choice([sim.NODE, sim.FLUID, sim.BLOOD, sim.GLAND])))


def _add_tube(sim, body, rng, centre):
    """A vessel or nerve: a chain of balls that mostly runs along the limb."""
    radius = float(np.exp(rng.uniform(np.log(1.5), np.log(6)))) * body.knobs_scale
    tissue = int(rng.choice([sim.BLOOD, sim.BLOOD, sim.NODE]))
    way = np.array([1.0, rng.normal(0, .3), rng.normal(0, .4)])
    for _ in range(int(rng.integers(8, 60))):
        _fill_soft(body, sim, centre, np.full(3, radius), tissue)
        way = way + rng.normal(0, .12, 3)
        way /= np.linalg.norm(way)
        centre = centre + way * radius


def _fill_soft(body, sim, centre_mm, half_mm, tissue):
    step = np.array((body.dz, body.dy, body.dx))
    at = tuple(slice(max(0, int((c - h) / d)), min(n, int((c + h) / d) + 2)) for c, h, d, n in zip(centre_mm, half_mm, step, body.shape))
    if any(s.stop <= s.start for s in at):
        return
    z, y, x = np.ogrid[at]
    inside = sum(((i * d - c) / h) ** 2 for i, d, c, h in zip((z, y, x), step, centre_mm, half_mm)) < 1
    part = body.cls[at]
    part[inside & ((part == sim.MUSCLE) | (part == sim.FAT))] = tissue
