# SPDX-License-Identifier: GPL-3.0-or-later
"""Training patches, cut and changed at random from the studies of studies.py and phantom_studies.py. README.md says how they are changed."""
import glob
import os

import numpy as np
from scipy import ndimage
import torch
import torch.nn.functional as F

import canonical
import labels
import painted
import prepared

PATCH_ROWS, PATCH_COLS = 224, 144       # on the 4 mm grid
PAINTED_SHARE = .6                      # of the patches get painted lesions
FULL_AREA_PX = 120                      # a lesion's section of this many fine pixels (2 mm) weighs 1; smaller ones more, so that small lesions count
AREA_POWER, MOST_WEIGHT = .6, 6.0
MARGIN_ROWS = 40        # of the 4 mm grid, beyond a patch's half height: what turning and bending reach
BEND_PX = 4.0       # of the 4 mm grid, standard deviation at most; nodes are 28 rows and 29 columns apart


class Patches(torch.utils.data.IterableDataset):
    """Endless patches, the sources in turn; every worker cuts its own."""

    def __init__(self, folders, seed, first_studies):
        self.folders, self.seed, self.first_studies = folders, seed, first_studies

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng((*self.seed, worker.id if worker else 0))
        sources = [Studies(f) for f in self.folders]
        for s in sources:
            s.refresh(self.first_studies)
            if not s.items:
                raise ValueError(f"no study in {s.folder} can be read: studies.py and phantom_studies.py make them")
        n = 0
        while True:
            if n % 240 == 239:      # studies that were made in the meantime
                for s in sources:
                    s.refresh(6)
            yield draw(sources[n % len(sources)], rng)
            n += 1


class Studies:
    """The studies of a folder as memory-mapped arrays, prepared once; new ones are picked up as they appear."""

    def __init__(self, folder):
        self.folder, self.items, self.seen = folder, [], set()

    def refresh(self, limit=20):
        for path in sorted(glob.glob(os.path.join(self.folder, "s*_*.json"))):
            stem = path[:-5]
            if stem in self.seen or limit == 0:
                continue
            limit -= 1
            self.seen.add(stem)
            try:
                self.items.append(prepared.prepare(stem))
            except (OSError, ValueError) as e:
                print("left out", stem, e, flush=True)


def patch(study, rng):
    """One augmented training patch: input [10, H, W], class [H, W], lesion share [4, H, W]."""
    x, lab, les = study["x"], study["lab"], study["les"]
    n, h4, w4 = lab.shape
    if len(study["lesions"]) and rng.random() < .5:
        places = study["lesions"][rng.integers(len(study["lesions"]))]     # a small one as often as a large one
        y, zc = places[rng.integers(len(places))]
        zc = zc + rng.integers(-PATCH_ROWS // 3, PATCH_ROWS // 3)
    else:
        y, zc = rng.choice(n, p=study["weight"]), rng.uniform(-.05, 1.05) * h4
    zoom = float(np.exp(rng.uniform(np.log(.76), np.log(1.3))))
    zoom_x = zoom * float(np.exp(rng.uniform(-.08, .08)))
    angle = float(rng.normal(0, .05))
    flip = -1.0 if rng.random() < .5 else 1.0
    zc = float(np.clip(zc, .25 * PATCH_ROWS * zoom, h4 - .25 * PATCH_ROWS * zoom))
    xc = study["mid"][1] + float(rng.normal(0, 14))
    first = int(max(0, zc - .5 * PATCH_ROWS * zoom - MARGIN_ROWS))      # only these rows are read: the rest of the body costs time
    last = int(min(h4, zc + .5 * PATCH_ROWS * zoom + MARGIN_ROWS))
    zc, h4 = zc - first, last - first
    step = 1 if rng.random() < .8 else 2
    ys = np.clip([y, y - step, y + step, y - 2 * step, y + 2 * step], 0, n - 1)
    u = np.expm1(np.stack([x[i, 2 * first:2 * last] for i in ys]).astype(np.float32) + 1) / 2
    share = les[y, 2 * first:2 * last].astype(np.float32) / 200
    if rng.random() < PAINTED_SHARE:
        painted.paint(u, np.stack([lab[i, first:last] for i in ys]), share, 2 * zc, rng)
    theta = torch.tensor([[flip * np.cos(angle) * PATCH_COLS * zoom_x / w4, np.sin(angle) * PATCH_ROWS * zoom / w4, (2 * xc + 1) / w4 - 1],
                          [-flip * np.sin(angle) * PATCH_COLS * zoom_x / h4, np.cos(angle) * PATCH_ROWS * zoom / h4, (2 * zc + 1) / h4 - 1]],
                         dtype=torch.float32)[None]
    fine = F.affine_grid(theta, (1, 1, 2 * PATCH_ROWS, 2 * PATCH_COLS), align_corners=False)
    fine = fine + bend(rng, h4, w4)
    coarse = F.avg_pool2d(fine.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
    image = F.grid_sample(torch.from_numpy(u)[None], fine, mode="bilinear", align_corners=False)[0]     # 0 outside
    lesion = F.grid_sample(torch.from_numpy(share)[None, None], fine, mode="bilinear", align_corners=False)[0]
    target = torch.from_numpy(lab[y, first:last].astype(np.float32))[None, None]
    target = F.grid_sample(target, coarse, mode="nearest", align_corners=False)[0, 0]
    u = image * other_contrast(rng, target, lesion[0])
    bias = torch.from_numpy(rng.normal(0, .14, (1, 1, 5, 4)).astype(np.float32))
    u = u * torch.exp(F.interpolate(bias, size=u.shape[1:], mode="bicubic", align_corners=False)[0])
    u = u.clamp(min=0) ** float(np.exp(rng.normal(0, .1)))
    if rng.random() < .3:
        u = (u + float(rng.uniform(0, .15)) * torch.randn_like(u)).clamp(min=0)
    if rng.random() < .25:                       # a field of view that ends inside the body
        cut = int(rng.integers(0, PATCH_ROWS // 2))
        rows = slice(0, cut) if rng.random() < .5 else slice(PATCH_ROWS - cut, PATCH_ROWS)
        u[:, 2 * rows.start:2 * rows.stop] = 0
        target[rows] = 0
        lesion[:, 2 * rows.start:2 * rows.stop] = 0
    around = torch.log1p(2 * F.avg_pool2d(u[None, 1:], 2)[0]) - 1
    image = torch.log1p(2 * u[:1]) - 1
    columns = ((coarse[0, ..., 0] + 1) * w4 - 1) / 2
    x_off = (columns - study["mid"][1]) / canonical.X_UNIT_PX * (flip / zoom_x)
    y_off = torch.full_like(x_off, (y - study["mid"][0]) / canonical.Y_UNIT_PX)
    planes = torch.cat([F.pixel_unshuffle(image, 2), around, x_off[None], y_off[None]])
    return planes, target.long(), F.pixel_unshuffle(lesion, 2), F.pixel_unshuffle(weight_of(lesion), 2)


def weight_of(lesion):
    """1, and more on and beside the small sections of lesions."""
    inside = lesion[0].numpy() > .2
    parts, n = ndimage.label(inside)
    if n == 0:
        return torch.ones_like(lesion)
    area = np.bincount(parts.ravel(), minlength=n + 1).astype(np.float32)
    weight = np.clip((FULL_AREA_PX / np.maximum(area, 1)) ** AREA_POWER, 1, MOST_WEIGHT)
    weight[0] = 1
    return torch.from_numpy(ndimage.grey_dilation(weight[parts], 3).astype(np.float32))[None]


def bend(rng, h4, w4):
    """A smooth displacement of the fine sampling grid, in its units: bones and organs of other shapes, without limit to their number."""
    if rng.random() < .2:
        return 0.0
    coarse = torch.from_numpy(rng.normal(0, rng.uniform(.5, BEND_PX), (1, 2, 9, 6)).astype(np.float32))
    px = F.interpolate(coarse, size=(2 * PATCH_ROWS, 2 * PATCH_COLS), mode="bicubic", align_corners=True)[0].permute(1, 2, 0)[None]
    return px * torch.tensor([2 / w4, 2 / h4])


def other_contrast(rng, target, lesion):
    """A factor for every fine pixel: each tissue brighter or darker as a whole, bones less so and never less at a lesion than the bone around it."""
    spread = np.full(len(labels.CLASSES) + 1, .35, np.float32)
    spread[:1 + len(labels.BONES)] = .12
    spread[labels.NOT_BONE] = .12
    factor = torch.from_numpy(np.exp(rng.normal(0, 1, len(labels.CLASSES) + 1).astype(np.float32) * spread))
    gain = F.avg_pool2d(factor[target.long()][None, None], 3, 1, 1)
    gain = F.interpolate(gain, scale_factor=2, mode="nearest")[0]
    return gain + lesion.clamp(0, 1) * (gain.clamp(min=1) - gain)


def draw(studies, rng):
    return patch(studies.items[rng.integers(len(studies.items))], rng)
