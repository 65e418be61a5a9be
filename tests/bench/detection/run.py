#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure detection: make the studies of cases.py, analyse them, compare with the truth, print the tables.

  run.py --osteon BUILD/bin/osteon --work DIR [--only PREFIX] [--no-phantom] [--model-dir DIR] [--prepare]

Needs python3-numpy, python3-scipy, python3-pydicom, and for the simulated studies OSTEON_SHARED with wbmri-sim/ in it
(without it only the product's phantom is measured, and this is said). Studies are kept in DIR, results are made anew.
Writes DIR/table.md and DIR/table.json.
"""
import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time

import numpy as np
from scipy import ndimage as ndi

import cases
import causes
import froc
import other_bodies

SIZES_ML = [(0, .4, "< 0.4"), (.4, 1, "0.4-1"), (1, 3, "1-3"), (3, 1e9, "> 3")]
STRENGTHS = [(0, .6, "< 0.6"), (.6, .8, "0.6-0.8"), (.8, 9, "> 0.8")]


def load_score(shared):
    spec = importlib.util.spec_from_file_location("score", os.path.join(shared, "wbmri-sim", "score.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_study(a, shared, bodies, name, body, seed, knobs):
    case = os.path.join(a.work, "studies", name)
    if os.path.exists(os.path.join(case, "truth.npz")):
        return case
    command = ["/usr/bin/python3", os.path.join(shared, "wbmri-sim", "wbmri_sim.py"), "--anatomy", bodies[body], "--seed", str(seed), "--out", case]
    for key, value in knobs.items():
        command += ["--set", f"{key}={value}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return case


def make_phantom(a, name, arguments):
    case = os.path.join(a.work, "studies", name)
    if not os.path.exists(os.path.join(case, "truth.json")):
        subprocess.run([a.osteon, "phantom", "--out", case] + arguments, check=True, stdout=subprocess.DEVNULL)
    return case


def analyse(a, case, name):
    out = os.path.join(a.work, "results", name)
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    start = time.monotonic()
    command = [a.osteon, "analyze", os.path.join(case, "dicom"), "--out", out, "--explain"]
    if a.model_dir:
        command += ["--model-dir", a.model_dir]
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        print(f"{name}: exit {done.returncode}: {done.stderr.strip()}", file=sys.stderr)
    return out, seconds, done.returncode


def match(score, case, out):
    """One row for each lesion of the truth, and the false segments."""
    with open(os.path.join(case, "truth.json")) as f:
        truth = json.load(f)
    with np.load(os.path.join(case, "truth.npz")) as z:
        labels, sites = z["lesions"], z["sites" if "sites" in z else "units"]
    spacing, origin = truth["grid"]["spacing_zyx"], np.array(truth["grid"]["origin_lps"])
    rows = {r["id"]: dict(id=r["id"], site=r["site"], ml=r["volume_ml"], strength=r["strength"], required=r["required"], found=False, named=False, dice=0.0)
            for r in truth["lesions"] if r["id"]}
    if labels.any():
        distance, near = ndi.distance_transform_edt(labels == 0, sampling=spacing, return_indices=True)
    false = []
    for points, ml, site, side, text in score.read_segments(out):
        at = np.stack([(origin[2] - points[:, 2]) / spacing[0], (points[:, 1] - origin[1]) / spacing[1], (points[:, 0] - origin[0]) / spacing[2]]).round().astype(int)
        at = np.unique(at[:, np.all((at >= 0) & (at < np.array(labels.shape)[:, None]), 0)], axis=1)
        d = distance[tuple(at)] if labels.any() and at.shape[1] else np.array([1e3])
        if d.min() > 6:
            false.append(dict(ml=round(ml, 2), where=text, cause=causes.cause_of(truth, sites, points, at)))
            continue
        owner = labels[tuple(axis[tuple(at)] for axis in near)]
        for lesion in np.unique(owner[d <= 6]):
            inside = int((labels[tuple(at)] == lesion).sum())
            size = int((labels == lesion).sum())
            if inside < .1 * size and ((owner == lesion) & (d <= 4)).mean() < .25:
                continue
            row = rows[int(lesion)]
            want = score.coarse(row["site"])
            row["found"] = True
            row["named"] |= site == want[0] and (not want[1] or side == want[1])
            row["dice"] = max(row["dice"], 2 * inside / (size + at.shape[1]))
    marks = froc.marks_of(out, labels, distance if labels.any() else None, near if labels.any() else None, spacing, origin)
    return list(rows.values()), false, marks


def share(rows):
    hit = sum(r["found"] for r in rows)
    return f"{hit}/{len(rows)}" + (f" = {hit / len(rows):.2f}" if rows else "")


def tables(studies):
    lesions = [r for s in studies for r in s["lesions"]]
    required = [r for r in lesions if r["required"]]
    found = [r for r in lesions if r["found"]]
    healthy = [s for s in studies if s["healthy"]]
    large = [r["dice"] for r in found if r["ml"] > 1]
    out = ["| measure | value |", "|---|---|",
           f"| studies | {len(studies)}, {len(healthy)} of them healthy |",
           f"| sensitivity, required lesions | {share(required)} |",
           f"| false positives per study | {np.mean([len(s['false']) for s in studies]):.2f} |",
           f"| false positives per healthy study | {np.mean([len(s['false']) for s in healthy]) if healthy else float('nan'):.2f} |",
           f"| bone and side right | {sum(r['named'] for r in found)}/{len(found)} |",
           f"| median Dice over 1 ml | {np.median(large) if large else float('nan'):.2f} |",
           f"| seconds per study | median {np.median([s['seconds'] for s in studies]):.1f}, longest {max(s['seconds'] for s in studies):.1f} |", ""]
    for title, groups in (("size, ml", [(label, [r for r in lesions if low <= r["ml"] < high]) for low, high, label in SIZES_ML]),
                          ("strength", [(label, [r for r in required if low <= r["strength"] < high]) for low, high, label in STRENGTHS]),
                          ("site", [(s, [r for r in required if r["site"].rsplit("_", 1)[0] == s or r["site"] == s])
                                    for s in sorted({r["site"][:-2] if r["site"][-2:] in ("_R", "_L") else r["site"] for r in required})])):
        out += [f"| {title} | sensitivity | named right |", "|---|---|---|"]
        out += [f"| {label} | {share(rows)} | {sum(r['named'] for r in rows)}/{sum(r['found'] for r in rows)} |" for label, rows in groups if rows]
        out.append("")
    every = [f["cause"] for s in studies for f in s["false"]]
    out += ["| false positives by cause | per study |", "|---|---|"]
    out += [f"| {c} | {every.count(c) / len(studies):.2f} |" for c in sorted(set(every), key=lambda c: -every.count(c))]
    out += ["", "| probability cut | sensitivity | false positives per study |", "|---|---|---|"]
    out += [f"| {cut:.2f} | {found:.2f} | {wrong:.2f} |" for cut, found, wrong in froc.curve(studies)]
    out += ["", "| study | required found | false | seconds |", "|---|---|---|---|"]
    for s in studies:
        false = "; ".join(f"{f['where']} {f['ml']} ml" for f in s["false"])
        out.append(f"| {s['name']} | {share([r for r in s['lesions'] if r['required']])} | {len(s['false'])}{': ' + false if false else ''} | {s['seconds']:.1f} |")
    return "\n".join(out) + "\n"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--osteon", required=True)
    ap.add_argument("--work", required=True)
    ap.add_argument("--only", default="")
    ap.add_argument("--no-phantom", action="store_true")
    ap.add_argument("--model-dir", default="", help="networks other than the product's own")
    ap.add_argument("--prepare", action="store_true", help="only make the studies")
    a = ap.parse_args()
    os.makedirs(os.path.join(a.work, "studies"), exist_ok=True)
    shared = os.environ.get("OSTEON_SHARED", "")
    if not os.path.isdir(os.path.join(shared, "wbmri-sim")):
        sys.exit("OSTEON_SHARED does not name a folder with wbmri-sim: its score.py is what the results are compared with")
    score = load_score(shared)
    bodies = other_bodies.write_bodies(os.path.join(shared, "wbmri-sim", "anatomy", "AM.npz"), a.work)
    todo = [(name, lambda c=(name, body, seed, knobs): make_study(a, shared, bodies, *c)) for name, body, seed, knobs in cases.SIMULATED]
    if not a.no_phantom:
        todo += [(name, lambda c=(name, arguments): make_phantom(a, *c)) for name, arguments in cases.PHANTOMS]
    studies = []
    for name, make in todo:
        if not name.startswith(a.only):
            continue
        case = make()
        if a.prepare:
            print(f"{name}: made", flush=True)
            continue
        out, seconds, code = analyse(a, case, name)
        lesions, false, marks = match(score, case, out)
        studies.append(dict(name=name, seconds=seconds, exit=code, lesions=lesions, false=false, marks=marks, healthy=not lesions))
        required = [r for r in lesions if r["required"]]
        print(f"{name}: {share(required)}, {len(false)} false, {seconds:.0f} s", flush=True)
        text = tables(studies)
        with open(os.path.join(a.work, "table.md"), "w") as f:
            f.write(text)
        with open(os.path.join(a.work, "table.json"), "w") as f:
            json.dump(studies, f, indent=1)
    if studies:
        print("\n" + text)


if __name__ == "__main__":
    main()
