# SPDX-License-Identifier: GPL-3.0-or-later
"""Limbs in other positions: arms away from the trunk or up, elbows, hips and knees bent, feet pointed, each side on its own.

Every voxel of a limb goes with the bone that is nearest to it. A part is turned rigidly about the joint above it, with everything below;
the gap that opens at a joint is filled with muscle. Maps are [z head first, y front first, x right first].
"""
import dataclasses

import numpy as np
from scipy import ndimage as ndi

# part: the sites that move with it, where its joint is (the end of a site towards the trunk), most degrees: outwards, forwards
PARTS = (
    ("arm", ("humerus_proximal", "humerus_distal", "forearm", "hand"), "humerus_proximal", (0, 32), (-12, 25)),
    ("forearm", ("forearm", "hand"), "forearm", (-6, 12), (-5, 45)),
    ("hand", ("hand",), "hand", (-12, 12), (-30, 30)),
    ("thigh", ("femur_proximal", "femur_distal", "leg_proximal", "leg_distal", "foot"), "femur_proximal", (-3, 9), (-3, 14)),
    ("shank", ("leg_proximal", "leg_distal", "foot"), "leg_proximal", (-3, 3), (-24, 2)),
    ("foot", ("foot",), "foot", (-12, 12), (-25, 25)),
)
MARGIN = 60     # voxels that are added on each side for arms that reach out


def nearest_site(sim, base):
    """Site of the bone next to every voxel of the body."""
    step = 2
    coarse = base.site[::step, ::step, ::step]
    _, at = ndi.distance_transform_edt(coarse == 0, return_indices=True)
    near = coarse[tuple(at)]
    for axis, size in enumerate(base.site.shape):
        near = np.repeat(near, step, axis).take(np.arange(size), axis)
    return np.where(base.site > 0, base.site, near) * (base.cls != sim.AIR)


def rotation(outwards, forwards, side):
    """Of coordinates (z down, y back, x left): outwards in the coronal plane, forwards in the sagittal one. A limb points down."""
    a, b = np.radians(outwards) * (1 if side == "L" else -1), np.radians(forwards)
    coronal = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    sagittal = np.array([[np.cos(b), np.sin(b), 0], [-np.sin(b), np.cos(b), 0], [0, 0, 1]])
    return coronal @ sagittal


def joint_of(sim, base, site):
    """Middle of the upper 4 % of a site, [z, y, x]; nothing without it."""
    at = np.argwhere(base.site == sim.SITE_NAMES.index(site))
    if len(at) == 0:
        return None
    return at[at[:, 0] <= at[:, 0].min() + .04 * (np.ptp(at[:, 0]) + 1)].mean(0)


def motions(sim, base, rng):
    """{site: (matrix, offset)}: where each moving site goes, target = matrix @ source + offset."""
    out = {}
    for side in "RL":
        for _, sites, joint_site, outwards, forwards in PARTS:
            joint = joint_of(sim, base, f"{joint_site}_{side}")
            if joint is None:
                continue
            turn = rotation(rng.uniform(*outwards), rng.uniform(*forwards), side)
            for site in sites:      # the parts above have moved this joint already
                m, o = out.get(f"{joint_site}_{side}", (np.eye(3), np.zeros(3)))
                own_m, own_o = out.get(f"{site}_{side}", (np.eye(3), np.zeros(3)))
                moved = m @ joint + o
                out[f"{site}_{side}"] = (turn @ own_m, turn @ (own_o - moved) + moved)
    return out


def pose(sim, base, rng):
    """The maps of a body in another position, wider by MARGIN voxels on each side."""
    near = nearest_site(sim, base)
    wide = lambda v: np.pad(v, ((0, 0), (0, 0), (MARGIN, MARGIN)))
    near, cls, site, red = wide(near), wide(base.cls), wide(base.site), wide(base.red)
    shift = np.array([0, 0, MARGIN])
    moves = motions(sim, base, rng)
    moving = [sim.SITE_NAMES.index(s) for s in moves]
    still = ~np.isin(near, moving)
    out = [v * still for v in (cls, site, red)]
    for name, (matrix, offset) in moves.items():
        own = near == sim.SITE_NAMES.index(name)
        if not own.any():
            continue
        source = ndi.find_objects(own.astype(np.uint8))[0]
        corners = np.array([[s.start if bit else s.stop for s, bit in zip(source, bits)] for bits in np.ndindex(2, 2, 2)])
        moved = (matrix @ (corners - shift).T).T + offset + shift
        low, high = np.floor(moved.min(0)).astype(int).clip(0), np.minimum(np.ceil(moved.max(0)).astype(int) + 1, cls.shape)
        if np.any(low >= high):
            continue
        box = tuple(slice(l, h) for l, h in zip(low, high))
        inverse = matrix.T
        # source = inverse @ (target - offset), in voxels of the cut-out box
        start = inverse @ (low - shift - offset) + shift - [s.start for s in source]
        size = tuple(h - l for l, h in zip(low, high))
        put = lambda v: ndi.affine_transform(np.where(own[source], v[source], 0), inverse, start, size, order=0)
        new_cls = put(cls)
        here = (new_cls > 0) & (out[0][box] == sim.AIR)
        for target, values in zip(out, (new_cls, put(site), put(red))):
            target[box][here] = values[here]
    gap = ndi.binary_closing(out[0] > 0, iterations=3) & (out[0] == sim.AIR)
    inner = gap & (ndi.uniform_filter((cls > 0).astype(np.float32), 5) > .4)
    out[0][inner] = sim.MUSCLE
    return dataclasses.replace(base, cls=out[0], site=out[1], red=out[2])
