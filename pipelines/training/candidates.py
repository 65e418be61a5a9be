# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the judge of candidates on the features that the C++ detector measures, and choose it by leaving one body out.

  candidates.py --data BODY=DIR [--data BODY=DIR ...] [--simulated BODY=DIR ...] --detect-volume PROGRAM --models BODY=DIR ... --work DIR
                [--out DIR] [--version V]

Each DIR of --data holds studies of studies.py or phantom_studies.py of one body, at best such as the network of --models for that body
never saw (--models without BODY= is for all the others). Each DIR of --simulated holds whole DICOM studies (simulated.py), which count more
than the patches' studies: they differ less from what the judge will see. PROGRAM is tests/bench/detection/detect_volume. For each body the judge is fitted to
the candidates of all the others and measured on it; then the final one is fitted to all and written to OUT/lesion.json, its probabilities
calibrated on the left-out ones, with the reliability curve in OUT/lesion_card.json. With one body alone, a fifth of its people is left out at
a time: good enough to calibrate by, no evidence.

A judge cannot learn nonsense: few features, and each may speak in one direction only (FEATURES).
"""
import argparse
import concurrent.futures
import glob
import json
import os
import subprocess

import numpy as np
from scipy import ndimage as ndi
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier

from company import company_of
import simulated
import studies

# A candidate of a whole simulated study counts as this many. Chosen by leaving one body out (2026-11-29): 4 and 8 find as many lesions.
SIMULATED_TIMES = 6
SLACK_MM, NEAR_MM = 4.0, 6.0
# What one sure lesion elsewhere adds to the log-odds, at most. Chosen, less than fits: 0.8 to 2.2 fit simulated studies, which have no lesion or
# at least four, but 7 to 11 % of children with CNO have one.
MOST_BY_COMPANY = .5
ASKED_ML = .4           # lesions from here on are asked for
# What a larger value may do to the odds: 1 raise only, -1 lower only. More excess over this study's own marrow, farther from plates, joints
# and the bone's surface, deeper in bone, larger, less like the other side: never less likely. More fluid, organs or vessels: never more.
FEATURES = {
    "core_position": 1, "mean_position": 1, "over_upper": 1, "stir_over_muscle": 1, "contrast": 1, "asymmetry": 1, "asymmetry_any": 1,
    "in_bone": 1, "own_bone": 1, "near_bone": 1, "surface_mm": 1, "joint_mm": 1, "physis_far_mm": 1, "size_ml": 1, "thinness": 1, "fill": 1,
    "own_fluid": -1, "near_fluid": -1, "own_spinal_canal": -1, "near_spinal_canal": -1, "own_blood": -1, "near_blood": -1, "own_bowel": -1,
    "own_organ": -1, "hand_foot": -1, "patella": -1, "spill_share": -1, "spill_ml": -1, "net_mean": 1,
}


def load(stem):
    """(STIR-like image, lesion percent) of a study, as made or as patches.py left it."""
    if os.path.exists(stem + ".npz"):
        z = np.load(stem + ".npz")
        return z["img"].astype(np.float32), z["les"]
    x = np.load(stem + ".x.npy").astype(np.float32)
    return np.expm1(x + 1) / 2, np.load(stem + ".les.npy")


def run_detector(a, models, stems, out):
    os.makedirs(out, exist_ok=True)
    for stem in stems:
        name = os.path.basename(stem)
        if os.path.exists(os.path.join(out, name + ".json")):
            continue
        img = load(stem)[0] * 100
        path = os.path.join(out, "now.f32")
        img.tofile(path)
        with open(stem + ".json") as f:
            scale = json.load(f)["scale"]
        line = f"{name} {path} {img.shape[2]} {img.shape[1]} {img.shape[0]} {studies.PIXEL_MM * scale} {studies.SLICE_MM * scale}\n"
        subprocess.run([a.detect_volume, models, str(a.threads), out], input=line, text=True, check=True, stdout=subprocess.DEVNULL)


def hits_of(truth, inside, distance, owner):
    """(numbers of the lesions that a candidate hits, its kind) from the truth in its voxels, how far the next lesion is and which."""
    hits = []
    for lesion in np.unique(owner[distance <= NEAR_MM]):
        covered = (inside == lesion).sum() / (truth == lesion).sum()
        if covered >= .1 or ((owner == lesion) & (distance <= SLACK_MM)).mean() >= .25:
            hits.append(int(lesion))
    return hits, True if hits else (None if distance.size and distance.min() <= NEAR_MM else False)


def candidates_of(stem, out, body):
    """The candidates of one study, each with `kind`: lesion (True), false (False), or beside a lesion, which counts as neither (None)."""
    name = os.path.basename(stem)
    percent = load(stem)[1]
    with open(stem + ".json") as f:
        scale = json.load(f)["scale"]
    with open(os.path.join(out, name + ".json")) as f:
        found = json.load(f)
    labels = np.fromfile(os.path.join(out, name + ".labels.u16"), np.uint16).reshape(percent.shape)
    truth, n = ndi.label(percent > 90, np.ones((3, 3, 3)))
    spacing = np.array([studies.SLICE_MM, studies.PIXEL_MM, studies.PIXEL_MM]) * scale
    sizes_ml = ndi.sum(truth > 0, truth, range(1, n + 1)) * spacing.prod() / 1000 if n else []
    if n:
        dist, near = ndi.distance_transform_edt(truth == 0, sampling=spacing, return_indices=True)
    rows, boxes = [], ndi.find_objects(labels)
    for c in found.get("candidates") or []:
        box = boxes[c["label"] - 1] if c["label"] <= len(boxes) else None
        if box is None:
            continue
        at = tuple(i + s.start for i, s in zip(np.nonzero(labels[box] == c["label"]), box))
        hits, kind = hits_of(truth, truth[at], dist[at], truth[tuple(axis[at] for axis in near)]) if n else ([], False)
        rows.append(dict(features=c["features"], unit=c["unit"], kind=kind, hits=[(stem, h) for h in hits], study=stem, body=body, simulated=False,
                         ruled_out=bool(c["reasons"]) and c["reasons"][0].startswith(("normal:", "fluid:", "uncertain:"))))
    return rows, {(stem, i + 1): float(s) for i, s in enumerate(sizes_ml)}


def counted(rows):
    return rows + [r for r in rows if r["simulated"]] * (SIMULATED_TIMES - 1)


def matrix(rows, names):
    return np.array([[r["features"].get(n, 0.0) for n in names] for r in rows])


def fit(rows, names):
    """Trees on the candidates that no rule has called normal; each body counts the same."""
    rows = counted([r for r in rows if r["kind"] is not None and not r["ruled_out"]])
    y = np.array([r["kind"] for r in rows])
    bodies = np.array([r["body"] for r in rows])
    weight = np.array([len(rows) / (bodies == b).sum() for b in bodies])
    model = HistGradientBoostingClassifier(max_iter=120, learning_rate=.07, max_leaf_nodes=6, min_samples_leaf=12, l2_regularization=3.0,
                                           monotonic_cst=[FEATURES[n] for n in names], early_stopping=False, random_state=0)
    return model.fit(matrix(rows, names), y, sample_weight=weight / weight.mean())


def log_odds(model, rows, names):
    return model.decision_function(matrix(rows, names)) if rows else np.zeros(0)


def company_in(rows, odds):
    """company_of() of each study's candidates."""
    out, studies_of = np.zeros(len(rows)), np.array([r["study"] for r in rows])
    ruled_out = np.array([r["ruled_out"] for r in rows], bool)
    for study in np.unique(studies_of):
        at = studies_of == study
        out[at] = company_of(odds[at], ruled_out[at])
    return out


def curve(rows, p, lesions, studies_count):
    print("cut   sensitivity (>= 0.4 ml)   false per study   healthy")
    total = sum(v >= ASKED_ML for v in lesions.values())
    ill = {s for s, _ in lesions}
    healthy = {r["study"] for r in rows} - ill
    for cut in (.05, .1, .2, .3, .4, .5, .6, .7, .8, .9):
        taken = [r for r, q in zip(rows, p) if q >= cut and not r["ruled_out"]]
        got = {h for r in taken for h in r["hits"] if lesions[h] >= ASKED_ML}
        false = [r for r in taken if r["kind"] is False]
        print(f"{cut:.2f}  {len(got)}/{total} = {len(got) / max(1, total):.3f}   {len(false) / studies_count:.2f}   "
              f"{sum(r['study'] in healthy for r in false) / max(1, len(healthy)):.2f}")


def report(body, rows, p, lesions, count):
    unreachable = {h for h in lesions if lesions[h] >= ASKED_ML} - {h for r in rows for h in r["hits"]}
    ruled = [r for r in rows if r["ruled_out"]]
    print(f"\n{body} left out: {count} studies, {len(rows)} candidates, {sum(bool(r['kind']) for r in rows)} lesions; without a candidate: "
          f"{len(unreachable)}; called normal by rules: {sum(r['kind'] is False for r in ruled)} false, {sum(bool(r['kind']) for r in ruled)} lesions")
    curve(rows, p, lesions, count)
    false = [r["unit"] for r, q in zip(rows, p) if q >= .5 and r["kind"] is False and not r["ruled_out"]]
    print("false at 0.5:", {u: false.count(u) for u in sorted(set(false), key=lambda u: -false.count(u))})


def reliability(p, y, bins=10):
    """[[mean probability, share of lesions, count]] of each tenth of the probabilities."""
    out = []
    for low in np.arange(bins) / bins:
        at = (p >= low) & (p < low + 1 / bins + (low + 1 / bins > .999))
        if at.any():
            out.append([round(float(p[at].mean()), 3), round(float(y[at].mean()), 3), int(at.sum())])
    return out


def calibrate(odds, company, y, at):
    """(slope, change by company, offset) of the log-odds (Platt): on whole simulated studies, where there are any, since those are judged as real ones are."""
    odds, company, sign = odds[at], company[at], np.where(y[at], -1.0, 1.0)

    def log_loss(x):
        return np.logaddexp(0, sign * (x[0] * odds + x[1] * company + x[2])).mean()

    return *map(float, minimize(log_loss, (1, 0, 0), bounds=[(.1, 3), (0, MOST_BY_COMPANY), (-9, 9)]).x),


def tree_of(nodes):
    """One tree of scikit-learn's histogram boosting in the form of boosted_trees.h; inner nodes get the mean of what lies below."""
    value = [float(n["value"]) for n in nodes]
    for i in range(len(nodes) - 1, -1, -1):        # children come after their parent
        if not nodes[i]["is_leaf"]:
            l, r = int(nodes[i]["left"]), int(nodes[i]["right"])
            cl, cr = float(nodes[l]["count"]), float(nodes[r]["count"])
            value[i] = (value[l] * cl + value[r] * cr) / (cl + cr)
    leaf = [bool(n["is_leaf"]) for n in nodes]
    return dict(feature=[-1 if e else int(n["feature_idx"]) for e, n in zip(leaf, nodes)],
                threshold=[0.0 if e else round(float(n["num_threshold"]), 6) for e, n in zip(leaf, nodes)],
                left=[0 if e else int(n["left"]) for e, n in zip(leaf, nodes)], right=[0 if e else int(n["right"]) for e, n in zip(leaf, nodes)],
                value=[round(v, 6) for v in value])


def fold_of(row):
    """One of five groups of people; the examinations of one person stay together."""
    name = os.path.basename(row["study"])
    person = sum(name.encode()) if row["simulated"] else int(name[1:].split("_")[0])
    return f"fold {person % 5}"


def by_body(pairs):
    return dict(p.split("=", 1) if "=" in p else ("", p) for p in pairs)


def write(a, names, model, calibration):
    """OUT/lesion.json, as pipelines/inference/boosted_trees.h reads it."""
    slope, by_company, offset = (round(v, 6) for v in calibration)
    trees = [tree_of(t[0].nodes) for t in model._predictors]
    with open(os.path.join(a.out, "lesion.json"), "w") as f:
        json.dump(dict(version=a.version, features=names, bias=round(float(model._baseline_prediction.ravel()[0]), 6),
                       calibration=dict(slope=slope, offset=offset, company=by_company), trees=trees), f)
        f.write("\n")


def gather(a):
    """(candidates, lesions with their ml, studies of each kind) of all folders."""
    models = by_body(a.models)
    rows, lesions, count = [], {}, {}
    for body, folder in by_body(a.data).items():
        stems = [p[:-5] for p in sorted(glob.glob(os.path.join(folder, "s*_*.json")))][:a.limit]
        out = os.path.join(a.work, body)
        run_detector(a, models.get(body, models.get("", "")), stems, out)
        with concurrent.futures.ProcessPoolExecutor(a.threads) as pool:
            for found, truth in pool.map(candidates_of, stems, [out] * len(stems), [body] * len(stems)):
                rows += found
                lesions.update(truth)
        count[body] = len(stems)
    for body, folder in (pair.split("=", 1) for pair in a.simulated):
        cases = simulated.cases_of(folder)
        out = os.path.join(a.work, f"{body}-{os.path.basename(os.path.normpath(folder))}")
        simulated.run_detector(a.detect_volume, a.threads, models.get(body, models.get("", "")), cases, out)
        for case in cases:
            found, truth = simulated.candidates_of(case, out, body, hits_of, NEAR_MM)
            rows += found
            lesions.update(truth)
        count[f"{body} simulated"] = count.get(f"{body} simulated", 0) + len(cases)
    return rows, lesions, count


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", action="append", required=True)
    ap.add_argument("--simulated", action="append", default=[])
    ap.add_argument("--models", action="append", required=True)
    ap.add_argument("--detect-volume", required=True)
    ap.add_argument("--work", required=True)
    ap.add_argument("--out", default="")
    ap.add_argument("--version", default="3")
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--limit", type=int, default=10_000, help="studies of each body")
    ap.add_argument("--without", default="", help="features to leave out, with commas")
    a = ap.parse_args()
    rows, lesions, count = gather(a)
    names = [n for n in FEATURES if n not in a.without.split(",")]
    all_odds, all_rows = [], []
    group_of = (lambda r: r["body"]) if len({r["body"] for r in rows}) > 1 else fold_of
    for body in sorted({group_of(r) for r in rows}):
        others, own = [r for r in rows if group_of(r) != body], [r for r in rows if group_of(r) == body]
        all_odds.append(log_odds(fit(others, names), own, names))
        all_rows += own
    model = fit(rows, names)
    odds = np.concatenate(all_odds)
    company = company_in(all_rows, odds)
    known = np.array([r["kind"] is not None and not r["ruled_out"] for r in all_rows])
    whole = known & np.array([r["simulated"] for r in all_rows])
    y = np.array([bool(r["kind"]) for r in all_rows])
    slope, by_company, offset = calibrate(odds, company, y, whole if whole.any() else known)
    p = 1 / (1 + np.exp(-(slope * odds + by_company * company + offset)))
    for body in sorted({group_of(r) for r in rows}):
        at = np.array([group_of(r) == body for r in all_rows])
        own = [r for r, here in zip(all_rows, at) if here]
        stems = {r["study"] for r in own}
        report(body, own, p[at], {k: v for k, v in lesions.items() if k[0] in stems}, len(stems))
    print("\ncalibrated on the left-out bodies: slope", round(slope, 3), "company", round(by_company, 3), "offset", round(offset, 3),
          "reliability", reliability(p[known], y[known]))
    if a.out:
        write(a, names, model, (slope, by_company, offset))
        with open(os.path.join(a.out, "lesion_card.json"), "w") as f:
            json.dump(dict(version=a.version, studies=count, candidates=int(known.sum()), reliability=reliability(p[known], y[known]),
                           reliability_simulated=reliability(p[whole], y[whole])), f, indent=1)
            f.write("\n")


if __name__ == "__main__":
    main()
