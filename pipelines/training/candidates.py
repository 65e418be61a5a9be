# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the judge of candidates on the features that the C++ detector measures.

  candidates.py --data DIR --detect-volume PROGRAM --models DIR --work DIR [--version V]

DIR holds studies of studies.py, at best such as the network was not trained on. PROGRAM is tests/bench/detection/detect_volume. The
classifier goes to MODELS/lesion.json; figures from cross-validation by body are printed.
"""
import argparse
import glob
import json
import os
import subprocess

import numpy as np
from scipy import ndimage as ndi
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

import studies

SLACK_MM, NEAR_MM = 4.0, 6.0
LEFT_OUT = {"t1_to_marrow", "adc"}        # not simulated here; the rules of the detector use them


def load(stem):
    """(STIR-like image, lesion percent) of a study, as made or as train.py left it."""
    if os.path.exists(stem + ".npz"):
        z = np.load(stem + ".npz")
        return z["img"].astype(np.float32), z["les"]
    x = np.load(stem + ".x.npy").astype(np.float32)
    return np.expm1(x + 1) / 2, np.load(stem + ".les.npy")


def run_detector(a, stems):
    lines, out = [], os.path.join(a.work, "out")
    os.makedirs(out, exist_ok=True)
    for stem in stems:
        name = os.path.basename(stem)
        if os.path.exists(os.path.join(out, name + ".json")):
            continue
        img = load(stem)[0] * 100
        path = os.path.join(a.work, "now.f32")
        img.tofile(path)
        with open(stem + ".json") as f:
            scale = json.load(f)["scale"]
        line = f"{name} {path} {img.shape[2]} {img.shape[1]} {img.shape[0]} {studies.PIXEL_MM * scale} {studies.SLICE_MM * scale}\n"
        subprocess.run([a.detect_volume, a.models, str(a.threads), out], input=line, text=True, check=True, stdout=subprocess.DEVNULL)
    return out


def judge(stem, out):
    """Rows of (features, is lesion, lesion ids) for one study, None for what neither counts as found nor as false; and the lesions."""
    name = os.path.basename(stem)
    percent = load(stem)[1]
    with open(stem + ".json") as f:
        scale = json.load(f)["scale"]
    with open(os.path.join(out, name + ".json")) as f:
        found = json.load(f)
    shape = percent.shape
    labels = np.fromfile(os.path.join(out, name + ".labels.u16"), np.uint16).reshape(shape)
    truth, n = ndi.label(percent > 90, np.ones((3, 3, 3)))
    spacing = np.array([studies.SLICE_MM, studies.PIXEL_MM, studies.PIXEL_MM]) * scale
    if n:
        dist, near = ndi.distance_transform_edt(truth == 0, sampling=spacing, return_indices=True)
    sizes_ml = ndi.sum(truth > 0, truth, range(1, n + 1)) * spacing.prod() / 1000 if n else []
    rows = []
    boxes = ndi.find_objects(labels)
    for c in found.get("candidates") or []:
        box = boxes[c["label"] - 1] if c["label"] <= len(boxes) else None
        if box is None:
            continue
        at = tuple(i + s.start for i, s in zip(np.nonzero(labels[box] == c["label"]), box))
        hits = []
        if n:
            d = dist[at]
            owner = truth[tuple(axis[at] for axis in near)]
            for lesion in np.unique(owner[d <= NEAR_MM]):
                mine = owner == lesion
                covered = (truth[at] == lesion).sum() / (truth == lesion).sum()
                if covered >= .1 or (mine & (d <= SLACK_MM)).mean() >= .25:
                    hits.append(int(lesion))
            kind = True if hits else (None if d.min() <= NEAR_MM else False)
        else:
            kind = False
        rows.append((c["features"], kind, hits, c["unit"]))
    return rows, {i + 1: float(s) for i, s in enumerate(sizes_ml)}


def fit(x, y, seed=0):
    return GradientBoostingClassifier(n_estimators=160, learning_rate=.06, max_depth=3, subsample=.6, max_features=.3,
                                      min_samples_leaf=8, random_state=seed).fit(x, y)


def tree_of(estimator, rate):
    t = estimator.tree_
    value = t.value[:, 0, 0] * rate
    for node in range(t.node_count - 1, -1, -1):        # children come after their parent
        l, r = t.children_left[node], t.children_right[node]
        if l >= 0:
            nl, nr = t.n_node_samples[l], t.n_node_samples[r]
            value[node] = (value[l] * nl + value[r] * nr) / (nl + nr)
    leaf = t.children_left < 0
    return dict(feature=[int(-1 if e else f) for e, f in zip(leaf, t.feature)], threshold=[round(float(v), 6) for v in t.threshold],
                left=[int(max(0, v)) for v in t.children_left], right=[int(max(0, v)) for v in t.children_right],
                value=[round(float(v), 6) for v in value])


def report(p, kinds, hits, study, lesions, min_ml=.4):
    print("cut   sensitivity (>= 0.4 ml)   false per study")
    total = sum(1 for s in lesions for v in lesions[s].values() if v >= min_ml)
    for cut in (.05, .1, .2, .3, .4, .5, .6, .7, .8, .9):
        got = {(study[i], h) for i in range(len(p)) if p[i] >= cut for h in hits[i]}
        n = sum(1 for s, h in got if lesions[s][h] >= min_ml)
        false = sum(1 for i in range(len(p)) if p[i] >= cut and kinds[i] is False)
        print(f"{cut:.2f}  {n}/{total} = {n / max(1, total):.3f}   {false / len(lesions):.2f}")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True)
    ap.add_argument("--detect-volume", required=True)
    ap.add_argument("--models", required=True)
    ap.add_argument("--work", required=True)
    ap.add_argument("--version", default="1")
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--first", type=int, default=0)
    ap.add_argument("--step", type=int, default=1)
    ap.add_argument("--limit", type=int, default=10_000)
    a = ap.parse_args()
    stems = [p[:-5] for p in sorted(glob.glob(os.path.join(a.data, "s*_*.json")))][a.first::a.step][:a.limit]
    out = run_detector(a, stems)
    features, kinds, hits, study, lesions, units = [], [], [], [], {}, []
    for stem in stems:
        rows, lesions[stem] = judge(stem, out)
        for f, kind, h, unit in rows:
            features.append(f); kinds.append(kind); hits.append(h); study.append(stem); units.append(unit)
    names = sorted(set(features[0]) - LEFT_OUT)
    x = np.array([[f.get(n, 0.0) for n in names] for f in features])
    sure = np.array([k is not None for k in kinds])
    y = np.array([bool(k) for k in kinds])
    body = np.array([os.path.basename(s).rsplit("_", 1)[0] for s in study])
    fold = {b: i % 5 for i, b in enumerate(sorted(set(body)))}
    folds = np.array([fold[b] for b in body])
    print(f"{len(stems)} studies, {len(y)} candidates: {y.sum()} lesions, {(sure & ~y).sum()} false, {(~sure).sum()} beside a lesion")
    log_odds = np.zeros(len(y))
    for k in range(5):
        train = sure & (folds != k)
        log_odds[folds == k] = fit(x[train], y[train]).decision_function(x[folds == k])
    platt = LogisticRegression(C=1e3).fit(log_odds[sure, None], y[sure])
    slope, offset = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    p = 1 / (1 + np.exp(-(slope * log_odds + offset)))
    report(p, kinds, hits, study, lesions)
    false = [units[i] for i in range(len(p)) if p[i] >= .5 and kinds[i] is False]
    print("false at 0.5 by unit:", {u: false.count(u) for u in sorted(set(false), key=lambda u: -false.count(u))})
    model = fit(x[sure], y[sure])
    order = np.argsort(-model.feature_importances_)[:16]
    print("weights:", ", ".join(f"{names[i]} {model.feature_importances_[i]:.2f}" for i in order))
    bias = float(np.log(y[sure].mean() / (1 - y[sure].mean())))
    with open(os.path.join(a.models, "lesion.json"), "w") as f:
        json.dump(dict(version=a.version, features=names, bias=round(bias, 6), calibration=dict(slope=round(slope, 6), offset=round(offset, 6)),
                       trees=[tree_of(e[0], model.learning_rate) for e in model.estimators_]), f)
        f.write("\n")


if __name__ == "__main__":
    main()
