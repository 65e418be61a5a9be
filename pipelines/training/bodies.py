# SPDX-License-Identifier: GPL-3.0-or-later
"""Random bodies from one segmented anatomy: what keeps a network from learning that one body by heart.

The simulator's own `Body` resamples the anatomy with a gentle deformation. Here the tissue map it makes is
computed once per tissue variant and pose (`BaseMaps`, poses.py), and each `RandomBody` looks it up through a strong, smooth,
region-wise warp: other leg, trunk, neck and head lengths, other shoulder and hip widths, other depth, a child's
proportions, mirrored left to right, thinner or thicker cortex, more or less fat. What is normal and bright is drawn
into it by normal.py. A body takes seconds, so thousands can be made.
"""
import dataclasses
import importlib.util

import numpy as np
from scipy import ndimage as ndi

import normal


def load_simulator(path):
    """The simulator module from its file (it is not installed as a package)."""
    spec = importlib.util.spec_from_file_location("wbmri_sim", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclasses.dataclass
class BaseMaps:
    """Tissue class, bone site and red-marrow share on a 2 mm grid [z head first, y front first, x right first]."""

    cls: np.ndarray
    site: np.ndarray
    red: np.ndarray
    spacing_mm: float


VARIANTS = ("plain", "thin_cortex", "thick_cortex", "more_fat", "less_fat")


def make_base(sim, anatomy, variant, spacing_mm=2.0):
    """The simulator's undeformed tissue map, with the bone shell or the fat layer changed by one voxel."""
    knobs = sim.Knobs(deform_mm=0.0, inplane_mm=spacing_mm)
    body = sim.Body(anatomy, knobs, np.random.default_rng(1))
    cls, site = body.cls.copy(), body.site.copy()
    cross = ndi.generate_binary_structure(3, 1)
    marrow, cortex = cls == sim.MARROW, cls == sim.CORTEX
    if variant == "thin_cortex":
        cls[cortex & ndi.binary_dilation(marrow, cross)] = sim.MARROW
    elif variant == "thick_cortex":
        deep = ndi.binary_erosion(marrow, cross)
        grow = marrow & ~deep
        # Thin bones would lose all their marrow: only bones with a thick medulla get a thicker shell.
        thick = ndi.binary_dilation(deep, cross, iterations=2)
        cls[grow & thick] = sim.CORTEX
    elif variant in ("more_fat", "less_fat"):
        fat, muscle = np.isin(cls, (sim.FAT, sim.SKIN)), cls == sim.MUSCLE
        if variant == "more_fat":
            cls[muscle & ndi.binary_dilation(fat, cross)] = sim.FAT
        else:
            cls[(cls == sim.FAT) & ndi.binary_dilation(muscle, cross, iterations=2)] = sim.MUSCLE
    red = np.zeros(cls.shape, np.float32)
    red[:] = body.red
    bone = np.isin(cls, (sim.MARROW, sim.CORTEX))
    lost = bone & (site == 0)
    if lost.any():
        site[lost] = ndi.maximum_filter(site, 3)[lost]
    site[~bone] = 0
    # Marrow that the variant made from cortex takes the red share of the marrow beside it.
    fresh = (cls == sim.MARROW) & (red <= 0)
    if fresh.any():
        red[fresh] = ndi.maximum_filter(red, 3)[fresh]
    return BaseMaps(cls, site, (red * 200).astype(np.uint8), spacing_mm)


def piecewise(knots, slopes):
    """A monotone map of [0, 1] onto [0, 1] with these slopes between the knots, and its length."""
    steps = np.diff(knots) * slopes
    out = np.concatenate([[0], np.cumsum(steps)])
    return lambda t: np.interp(t, out / out[-1], knots), out[-1]


REGIONS = [0, .08, .14, .3, .45, .55, .76, 1.0]     # cranium, face and neck, chest, abdomen, pelvis, thigh, shank; head first
# Slopes of a child of three years against an adult: the head is 1/5 of the height and not 1/7.5, the legs are 0.43 and not 0.5.
TODDLER = np.array([1.55, 1.1, 1.02, 1.05, .93, .88, .86])


def region_slopes(rng, scale):
    """Factor on the length of each region: proportions by size, and those of one person and another."""
    young = float(np.clip((1 - scale) / .45, 0, 1))
    return np.exp(rng.uniform(np.log(.84), np.log(1.19), len(TODDLER))) * TODDLER ** (young * rng.uniform(.3, 1.1))


def smooth_profile(rng, n, points, low, high):
    """A smooth random positive factor along an axis of n voxels."""
    coarse = np.exp(rng.uniform(np.log(low), np.log(high), points))
    return ndi.gaussian_filter1d(np.interp(np.linspace(0, points - 1, n), np.arange(points), coarse), n / points / 3)


def draw_random_body_class(sim):
    """A subclass of the simulator's Body, so that its lesion, physis and effusion drawing work unchanged."""

    class RandomBody(sim.Body):
        def __init__(self, base, knobs, rng, size_mm=2.2):
            self.dx = self.dz = size_mm * knobs.scale
            self.dy = 2.4 * knobs.scale
            self.knobs_scale = knobs.scale
            slopes = region_slopes(rng, knobs.scale)
            z_map, z_len = piecewise(REGIONS, slopes)
            self.head_gain = float(np.clip(slopes[0] * rng.uniform(.85, 1.05), .9, 1.35))
            x_gain, y_gain = np.exp(rng.uniform(-.13, .13)), np.exp(rng.uniform(-.15, .15))
            ext = np.array(base.cls.shape) * base.spacing_mm * knobs.scale * (z_len, y_gain, x_gain)
            self.shape = tuple(int(np.ceil(e / d)) for e, d in zip(ext, (self.dz, self.dy, self.dx)))
            nz, ny, nx = self.shape
            self.origin = np.array((-(nx - 1) * self.dx / 2, -(ny - 1) * self.dy / 2, (nz - 1) * self.dz / 2))
            self.mirrored = bool(rng.random() < .3)
            self._sample(sim, base, knobs, rng, z_map)
            marrow = self.cls == sim.MARROW
            gain = {int(i): rng.uniform(.6, 1.35) for i in range(len(sim.SITE_NAMES))}
            lut = np.array([gain[i] for i in range(len(sim.SITE_NAMES))], np.float32)
            red = self.red * lut[self.site] + knobs.red_marrow * marrow
            grain = sim.smooth_noise(rng, tuple(-(-s // 3) for s in self.shape), (9 / self.dz / 3, 9 / self.dy / 3, 9 / self.dx / 3))
            grain = grain.repeat(3, 0)[:nz].repeat(3, 1)[:, :ny].repeat(3, 2)[:, :, :nx]
            self.red = np.clip(red * np.clip(1 + .25 * grain, 0, 2), 0, 1).astype(np.float32)
            self.meta = np.zeros(self.shape, np.float32)
            self.water = np.zeros(self.shape, np.float32)      # share of water in normal marrow, as oedema would have it
            child = knobs.scale < .93
            self.boxes = ndi.find_objects(self.site)
            normal.add_red_marrow(sim, self, rng, child)
            normal.add_rims(sim, self, rng, child)
            if knobs.physis:
                normal.add_plates(sim, self, rng)
            if knobs.effusion:
                normal.add_joint_fluid(sim, self, rng, float(rng.uniform(.15, .8)))
            if rng.random() < .8:
                normal.add_soft_tissue(sim, self, rng)

        def _sample(self, sim, base, knobs, rng, z_map):
            nz, ny, nx = self.shape
            bz, by, bx = base.cls.shape
            amp = knobs.deform_mm / base.spacing_mm
            third = tuple(-(-s // 4) + 1 for s in self.shape)
            fields = []
            for sigma_mm, gain in ((85, 1.0), (35, .3)):
                sigma = tuple(sigma_mm * knobs.scale / d / 4 for d in (self.dz, self.dy, self.dx))
                fields.append([sim.smooth_noise(rng, third, sigma) * amp * gain * a for a in (.9, .6, .8)])
            disp = [a + b for a, b in zip(*fields)]
            # Width and depth relative to the mid-line, by height; arms move outward or inward on their own.
            wide = smooth_profile(rng, nz, 9, .88, 1.14)[:, None, None]
            at = z_map((np.arange(nz) + .5) / nz)
            wide = wide / np.interp(at, [0, .09, .15, 1], [self.head_gain, self.head_gain, 1, 1])[:, None, None]
            deep = smooth_profile(rng, nz, 7, .88, 1.14)[:, None, None]
            lateral = rng.uniform(-.12, .12)
            zz = (z_map((np.arange(nz) + .5) / nz) * bz - .5)[:, None, None]
            u = (np.arange(nx) + .5) / nx * 2 - 1
            if self.mirrored:
                u = -u
            u = u[None, None, :] * wide
            u = u + lateral * np.sign(u) * (np.abs(u) ** 2 - np.abs(u)) * 1.6
            self.cls = np.zeros(self.shape, np.uint8)
            self.site = np.zeros(self.shape, np.uint8)
            self.red = np.zeros(self.shape, np.float32)
            flat_cls, flat_site, flat_red = base.cls.ravel(), base.site.ravel(), base.red.ravel()
            iz4, ix4 = np.arange(nz) / 4, np.arange(nx) / 4
            for y in range(ny):
                d = [_plane(f, y / 4, iz4, ix4) for f in disp]
                v = ((y + .5) / ny * 2 - 1) * deep[:, 0]
                zi = np.rint(zz[:, 0] + d[0]).astype(np.int32)
                yi = np.rint((v + 1) / 2 * by - .5 + d[1]).astype(np.int32)
                xi = np.rint((u[:, 0] + 1) / 2 * bx - .5 + d[2]).astype(np.int32)
                ok = (zi >= 0) & (zi < bz) & (yi >= 0) & (yi < by) & (xi >= 0) & (xi < bx)
                idx = np.where(ok, (zi * by + yi) * bx + xi, 0)
                self.cls[:, y] = flat_cls[idx] * ok
                self.site[:, y] = flat_site[idx] * ok
                self.red[:, y] = flat_red[idx] * ok * np.float32(1 / 200)
            if self.mirrored:
                self.site = _swap_sides(sim)[self.site]

    return RandomBody


def _plane(field, y, iz, ix):
    """One plane [z, x] of a coarse field by trilinear interpolation."""
    y0 = min(int(y), field.shape[1] - 2)
    plane = field[:, y0] * (1 - (y - y0)) + field[:, y0 + 1] * (y - y0)
    z0 = np.minimum(iz.astype(int), field.shape[0] - 2)
    plane = plane[z0] * (1 - (iz - z0))[:, None] + plane[z0 + 1] * (iz - z0)[:, None]
    x0 = np.minimum(ix.astype(int), field.shape[2] - 2)
    return plane[:, x0] * (1 - (ix - x0))[None] + plane[:, x0 + 1] * (ix - x0)[None]


def _swap_sides(sim):
    names = list(sim.SITE_NAMES)
    other = {n: (n[:-1] + ("L" if n[-1] == "R" else "R")) if n[-2:] in ("_R", "_L") else n for n in names}
    return np.array([names.index(other[n]) for n in names], np.uint8)
