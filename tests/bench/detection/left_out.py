# SPDX-License-Identifier: GPL-3.0-or-later
"""Studies of a body that was left out of training: warps of one anatomy that pipelines/training/bodies.py does not draw.

The simulator's tissue maps of the anatomy are made once (a minute), and each body samples them through a fixed warp and the
simulator's own random deformation, so that a study takes a quarter of a minute. Everything else is the simulator's.
"""
import os
import sys

import numpy as np

BASE_MM = 2.0
BREAKS = [0, .12, .2, .42, .52, .74, 1]     # head to feet: head, neck, trunk, pelvis, thigh, shank
BODIES = {
    "plain": dict(height=1.0, parts=[1, 1, 1, 1, 1, 1], hips=1.0, shoulders=1.0, head=1.0, depth=1.0, mirror=False, seed=10),
    "wide_hips": dict(height=.93, parts=[.98, 1.1, 1.05, 1.12, .92, .96], hips=1.1, shoulders=.9, head=1.0, depth=.95, mirror=False, seed=11),
    "long_legs": dict(height=1.02, parts=[1.0, .95, .9, .95, 1.1, 1.1], hips=.93, shoulders=1.06, head=.97, depth=1.1, mirror=True, seed=12),
    # A child's head is 1/6 of the height at six years and nearly 1/7 at ten, against 1/7.5 in an adult, and the legs are shorter.
    "child_6": dict(height=.97, parts=[1.35, .85, 1.02, .95, .9, .88], hips=.95, shoulders=.94, head=1.27, depth=1.05, mirror=False, seed=14),
    "child_10": dict(height=.98, parts=[1.17, .93, 1.0, .97, .95, .96], hips=.97, shoulders=.96, head=1.12, depth=1.0, mirror=True, seed=15),
}


def base_maps(sim, anatomy, folder):
    """{cls, site, red} of the anatomy on a grid of 2 mm, head, front and right first."""
    path = os.path.join(folder, "base.npz")
    if not os.path.exists(path):
        body = sim.Body(anatomy, sim.Knobs(deform_mm=0.0, inplane_mm=BASE_MM), np.random.default_rng(1))
        np.savez(path + ".tmp.npz", cls=body.cls, site=body.site, red=body.red)
        os.replace(path + ".tmp.npz", path)
    with np.load(path) as z:
        return {name: z[name] for name in ("cls", "site", "red")}


def swapped_sides(sim):
    names = list(sim.SITE_NAMES)
    other = {n: n[:-1] + ("L" if n[-1] == "R" else "R") if n[-2:] in ("_R", "_L") else n for n in names}
    return np.array([names.index(other[n]) for n in names], np.uint8)


def body_class(sim, base, height, parts, hips, shoulders, head, depth, mirror, seed):
    """Replaces the simulator's Body: the same members, sampled from `base`."""
    class LeftOutBody(sim.Body):
        def __init__(self, path, k, rng):
            self.dx = self.dz = k.inplane_mm
            self.dy = BASE_MM
            extent = np.array(base["cls"].shape) * BASE_MM * k.scale * (height, depth, 1.05 * max(1.0, hips, shoulders))
            self.shape = tuple(int(np.ceil(e / d)) for e, d in zip(extent, (self.dz, self.dy, self.dx)))
            nz, ny, nx = self.shape
            self.origin = np.array((-(nx - 1) * self.dx / 2, -(ny - 1) * self.dy / 2, (nz - 1) * self.dz / 2))
            ends = np.concatenate([[0], np.cumsum(np.diff(BREAKS) * parts)])
            z = np.interp((np.arange(nz) + .5) / nz, ends / ends[-1], BREAKS) * base["cls"].shape[0] - .5
            # Width at a height of the source: of the head, the shoulders, the hips; the same in every row beyond.
            share = (z + .5) / base["cls"].shape[0]
            wide = np.interp(share, [0, .1, .15, .2, .3, .44, .5, .56, .7, 1], [head, head, 1, shoulders, 1, hips, hips, 1, 1, 1])
            from_middle = (np.arange(nx) - (nx - 1) / 2) * self.dx / BASE_MM / k.scale * (-1 if mirror else 1)
            y = ((np.arange(ny) - (ny - 1) / 2) * self.dy / BASE_MM / k.scale / depth) + (base["cls"].shape[1] - 1) / 2
            coarse = tuple(-(-n // 4) + 1 for n in self.shape)
            sigma = (80 / self.dz / 4, 60 / self.dy / 4, 60 / self.dx / 4)
            own = np.random.default_rng(seed)      # of this body, then of this patient
            moved = [a * mm / BASE_MM for a, mm in zip((sim.smooth_noise(own, coarse, sigma) for _ in range(3)), (6, 3, 4))]
            moved = [m + sim.smooth_noise(rng, coarse, sigma) * k.deform_mm * a / BASE_MM for m, a in zip(moved, (.8, .5, .7))]
            self.cls, self.site = np.zeros(self.shape, np.uint8), np.zeros(self.shape, np.uint8)
            self.red = np.zeros(self.shape, np.float32)
            size = base["cls"].shape
            for i in range(nz):
                d = [m[i // 4].repeat(4, 0)[:ny].repeat(4, 1)[:, :nx] for m in moved]
                at = (np.rint(z[i] + d[0]).astype(int), np.rint(y[:, None] + d[1]).astype(int),
                      np.rint((from_middle / wide[i] + (size[2] - 1) / 2)[None] + d[2]).astype(int))
                inside = np.all([(a >= 0) & (a < n) for a, n in zip(at, size)], 0)
                at = tuple(a.clip(0, n - 1) for a, n in zip(at, size))
                self.cls[i], self.site[i] = base["cls"][at] * inside, base["site"][at] * inside
                self.red[i] = base["red"][at] * inside
            if mirror:
                self.site = swapped_sides(sim)[self.site]
            self.red = np.clip(self.red + k.red_marrow * (self.cls == sim.MARROW), 0, 1)
            self.red *= np.clip(1 + .25 * sim.smooth_noise(rng, self.shape, (9 / self.dz, 9 / self.dy, 9 / self.dx)), 0, 2)
            np.clip(self.red, 0, 1, out=self.red)
            self.meta = np.zeros(self.shape, np.float32)
            if k.physis:
                self.add_physes(rng)
            if k.effusion:
                self.add_effusions(rng)

    return LeftOutBody


def make(sim, anatomy, folder, case, body, seed, knobs):
    """Write one study of a body: DICOM and truth, as the simulator does."""
    k = sim.Knobs()
    for name, value in knobs.items():
        setattr(k, name, type(getattr(k, name))(value))
    own = sim.Body
    try:
        sim.Body = body_class(sim, base_maps(sim, anatomy, folder), **BODIES[body])
        sim.simulate(anatomy, seed, case, k)
    finally:
        sim.Body = own


def main():
    """left_out.py SIMULATOR ANATOMY WORK CASE ...: make the missing studies of cases.LEFT_OUT."""
    import cases
    import importlib.util
    simulator, anatomy, work = sys.argv[1:4]
    spec = importlib.util.spec_from_file_location("wbmri_sim", simulator)
    sim = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sim)
    seeds = cases.LEFT_OUT_SEEDS[os.path.basename(anatomy).removesuffix(".npz")]
    os.makedirs(os.path.join(work, "studies"), exist_ok=True)
    for n, (name, body, knobs) in enumerate(cases.LEFT_OUT):
        case = os.path.join(work, "studies", name)
        if (sys.argv[4:] and name not in sys.argv[4:]) or os.path.exists(os.path.join(case, "truth.npz")):
            continue
        make(sim, anatomy, work, case, body, seeds + n, {"inplane_mm": 1.8, **knobs})
        print(name, flush=True)


if __name__ == "__main__":
    main()
