#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure detection: make the studies of cases.py, analyse them, compare with the truth, print the tables.

  run.py --osteon BUILD/bin/osteon --work DIR [--leave-out AF|AM] [--only PREFIX] [--no-phantom] [--model-dir DIR] [--prepare]

With --leave-out the studies are the 24 of cases.LEFT_OUT of that anatomy, and the weights those of left-out/AF or AM beside this file, which never saw it (or of --model-dir): the
only figures that say something about people who were not trained on. Without, the warps of cases.SIMULATED and the phantom's.

Needs python3-numpy, python3-scipy, python3-pydicom, and for the simulated studies OSTEON_SHARED with wbmri-sim/ in it
(without it only the product's phantom is measured, and this is said). Studies are kept in DIR; results are made anew unless --keep is given.
Writes DIR/RESULTS/table.md and table.json.
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

import cases
import causes
import froc
import judged
import left_out
import other_bodies
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "..", "pipelines", "training"))
from simulated import near_lesions      # noqa: E402

SIZES_ML = [(0, .4, "< 0.4"), (.4, 1, "0.4-1"), (1, 3, "1-3"), (3, 1e9, "> 3")]
STRENGTHS = [(0, .6, "< 0.6"), (.6, .8, "0.6-0.8"), (.8, 9, "> 0.8")]
BOOTSTRAPS = 1000
REACH_MM = 12        # twice what a segment may be off
OTHER_SEED = 50     # to the next seed of a study that cannot be made: beyond those of the other studies, before those of the next body


def load_tool(shared, name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(shared, "wbmri-sim", name + ".py"))
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


def make_left_out(a, shared, name, body, seed, knobs):
    case = os.path.join(a.work, "studies", name)
    if not os.path.exists(os.path.join(case, "truth.npz")):
        anatomy = os.path.join(shared, "wbmri-sim", "anatomy", a.leave_out + ".npz")
        sim = load_tool(shared, "wbmri_sim")
        try:
            left_out.make(sim, anatomy, a.work, case, body, seed, knobs)
        except ValueError as e:     # The simulator cannot draw a lesion that reaches the edge of its volume.
            print(f"{name}: seed {seed + OTHER_SEED} instead of {seed}, with which the simulator fails ({e})", flush=True)
            left_out.make(sim, anatomy, a.work, case, body, seed + OTHER_SEED, knobs)
    return case


def make_phantom(a, name, arguments):
    case = os.path.join(a.work, "studies", name)
    if not os.path.exists(os.path.join(case, "truth.json")):
        subprocess.run([a.osteon, "phantom", "--out", case] + arguments, check=True, stdout=subprocess.DEVNULL)
    return case


def analyse(a, case, name):
    out = os.path.join(a.work, a.results, name)
    kept = os.path.join(out, "run.json")
    if a.keep and os.path.exists(kept):
        with open(kept) as f:
            done = json.load(f)
        return out, done["seconds"], done["exit"]
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
    with open(kept, "w") as f:
        json.dump(dict(seconds=seconds, exit=done.returncode), f)
    return out, seconds, done.returncode


def detect_only(a, case, name):
    """As analyse(), by detect_volume: skeleton and detection, without the report."""
    out = os.path.join(a.work, a.results)
    path = os.path.join(out, name + ".json")
    seconds = 0.0
    if not (a.keep and os.path.exists(path)):
        start = time.monotonic()
        done = subprocess.run([a.detect_volume, a.model_dir, "2", out], input=f"{name} {os.path.join(case, 'dicom')}\n", text=True, capture_output=True)
        seconds = time.monotonic() - start
        if done.returncode != 0:
            print(f"{name}: {done.stderr.strip()}", file=sys.stderr)
    return path, seconds


def judge_from(a):
    if not a.judge:
        return {}
    with open(a.judge) as f:
        return dict(judge=json.load(f), cut=a.cut, hand_foot_cut=a.hand_foot_cut, rules=not a.no_rules)


def match(score, case, segments, out):
    """One row per true lesion, the false segments, and every candidate of `out` in the form of froc.py."""
    with open(os.path.join(case, "truth.json")) as f:
        truth = json.load(f)
    with np.load(os.path.join(case, "truth.npz")) as z:
        labels, sites = z["lesions"], z["sites" if "sites" in z else "units"]
    spacing, origin = truth["grid"]["spacing_zyx"], np.array(truth["grid"]["origin_lps"])
    rows = {r["id"]: dict(id=r["id"], site=r["site"], ml=r["volume_ml"], strength=r["strength"], required=r["required"], found=False, named=False, dice=0.0)
            for r in truth["lesions"] if r["id"]}
    distance, owners = near_lesions(labels, spacing, REACH_MM)
    sizes = np.bincount(labels.ravel())
    false = []
    for points, ml, site, side, text in segments:
        at = np.stack([(origin[2] - points[:, 2]) / spacing[0], (points[:, 1] - origin[1]) / spacing[1], (points[:, 0] - origin[0]) / spacing[2]]).round().astype(int)
        at = np.unique(at[:, np.all((at >= 0) & (at < np.array(labels.shape)[:, None]), 0)], axis=1)
        d = distance[tuple(at)] if at.shape[1] else np.array([1e3])
        if d.min() > 6:
            false.append(dict(ml=round(ml, 2), where=text, cause=causes.cause_of(truth, sites, points, at)))
            continue
        owner = owners[tuple(at)]
        for lesion in np.unique(owner[d <= 6]):
            inside = int((labels[tuple(at)] == lesion).sum())
            size = int(sizes[lesion])
            if inside < .1 * size and ((owner == lesion) & (d <= 4)).mean() < .25:
                continue
            row = rows[int(lesion)]
            want = score.coarse(row["site"])
            row["found"] = True
            row["named"] |= site == want[0] and (not want[1] or side == want[1])
            row["dice"] = max(row["dice"], 2 * inside / (size + at.shape[1]))
    marks = [] if out is None else froc.marks_of(out, owners, distance, spacing, origin)
    return list(rows.values()), false, marks


def grade_zero(out):
    """Number of lesions with signal grade 0 in findings.json; it must be 0."""
    path = os.path.join(out, "findings.json")
    if not os.path.exists(path):
        return 0
    with open(path) as f:
        return sum(l.get("signal_grade") == 0 for l in json.load(f).get("lesions", []))


def interval(studies, measure):
    """"low to high": 95 % of resamples of whole studies, drawn with replacement from a fixed seed."""
    rng = np.random.default_rng(1)
    values = [measure([studies[i] for i in rng.integers(len(studies), size=len(studies))]) for _ in range(BOOTSTRAPS)]
    values = [v for v in values if v == v]
    return f"{np.quantile(values, .025):.2f} to {np.quantile(values, .975):.2f}" if values else "none"


def sensitivity(studies):
    required = [r for s in studies for r in s["lesions"] if r["required"]]
    return sum(r["found"] for r in required) / len(required) if required else float("nan")


def false_marks(studies):
    return np.mean([len(s["false"]) for s in studies]) if studies else float("nan")


def named_right(studies):
    found = [r for s in studies for r in s["lesions"] if r["found"]]
    return sum(r["named"] for r in found) / len(found) if found else float("nan")


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
           f"| sensitivity, required lesions | {share(required)} (95 %: {interval(studies, sensitivity)}) |",
           f"| false positives per study | {false_marks(studies):.2f} (95 %: {interval(studies, false_marks)}) |",
           f"| false positives per healthy study | {false_marks(healthy):.2f} (95 %: {interval(healthy, false_marks) if healthy else 'none'}) |",
           f"| lesions of signal grade 0 | {sum(s['grade_zero'] for s in studies)} |",
           f"| bone and side right | {sum(r['named'] for r in found)}/{len(found)} (95 %: {interval(studies, named_right)}) |",
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
    if any(s["marks"] for s in studies):
        out += ["", "| probability cut | sensitivity | false positives per study |", "|---|---|---|"]
        out += [f"| {cut:.2f} | {found:.2f} | {wrong:.2f} |" for cut, found, wrong in froc.curve(studies)]
    out += ["", "| study | required found | false | seconds |", "|---|---|---|---|"]
    for s in studies:
        false = "; ".join(f"{f['where']} {f['ml']} ml" for f in s["false"])
        out.append(f"| {s['name']} | {share([r for r in s['lesions'] if r['required']])} | {len(s['false'])}{': ' + false if false else ''} | {s['seconds']:.1f} |")
    return "\n".join(out) + "\n"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--osteon", default="", help="the program; not needed with --detect-volume")
    ap.add_argument("--detect-volume", default="", help="measure skeleton and detection alone with this program, and --model-dir")
    ap.add_argument("--judge", default="", help="with --detect-volume: another lesion.json, with --cut, --hand-foot-cut and --no-rules")
    ap.add_argument("--cut", type=float, default=.5)
    ap.add_argument("--hand-foot-cut", type=float, default=.5)
    ap.add_argument("--no-rules", action="store_true", help="measure without the rules that call candidates normal")
    ap.add_argument("--work", required=True)
    ap.add_argument("--leave-out", default="", choices=["", *cases.LEFT_OUT_SEEDS], help="anatomy whose bodies are measured")
    ap.add_argument("--seed-offset", type=int, default=0, help="other people and lesions of --leave-out: added to each study's seed")
    ap.add_argument("--results", default="results", help="folder under --work for results and tables, to compare builds on the same studies")
    ap.add_argument("--keep", action="store_true", help="reuse existing results")
    ap.add_argument("--only", default="", help="only studies whose name starts with this")
    ap.add_argument("--no-phantom", action="store_true")
    ap.add_argument("--model-dir", default="", help="other networks than left-out/BODY, and without --leave-out than the product's own")
    ap.add_argument("--prepare", action="store_true", help="only make the studies")
    a = ap.parse_args()
    if a.leave_out and not a.model_dir:     # the product's own have seen every anatomy
        a.model_dir = os.path.join(HERE, "left-out", a.leave_out)
    os.makedirs(os.path.join(a.work, "studies"), exist_ok=True)
    shared = os.environ.get("OSTEON_SHARED", "")
    if not os.path.isdir(os.path.join(shared, "wbmri-sim")):
        sys.exit("OSTEON_SHARED does not name a folder with wbmri-sim: its score.py is what the results are compared with")
    score = load_tool(shared, "score")
    os.makedirs(os.path.join(a.work, a.results), exist_ok=True)
    studies = []
    for name, make in list_studies(a, shared):
        if not name.startswith(a.only):
            continue
        case = make()
        if a.prepare:
            print(f"{name}: made", flush=True)
            continue
        if a.detect_volume:
            path, seconds = detect_only(a, case, name)
            if not os.path.exists(path):
                continue
            segments, zero, _ = judged.segments(path, score.KEYS, **judge_from(a))
            lesions, false, marks = match(score, case, segments, None)
        else:
            out, seconds, _ = analyse(a, case, name)
            zero = grade_zero(out)
            lesions, false, marks = match(score, case, score.read_segments(out), out)
        studies.append(dict(name=name, seconds=seconds, lesions=lesions, false=false, marks=marks, healthy=not lesions, grade_zero=zero))
        required = [r for r in lesions if r["required"]]
        print(f"{name}: {share(required)}, {len(false)} false, {seconds:.0f} s", flush=True)
        text = tables(studies)
        with open(os.path.join(a.work, a.results, "table.md"), "w") as f:
            f.write(text)
        with open(os.path.join(a.work, a.results, "table.json"), "w") as f:
            json.dump(studies, f, indent=1)
    if studies:
        print("\n" + text)


def list_studies(a, shared):
    """[(name, function that makes it and gives its folder)]"""
    if a.leave_out:
        first = cases.LEFT_OUT_SEEDS[a.leave_out] + a.seed_offset
        return [(name, lambda c=(name, body, first + n, {"inplane_mm": 1.8, **knobs}): make_left_out(a, shared, *c))
                for n, (name, body, knobs) in enumerate(cases.LEFT_OUT)]
    bodies = other_bodies.write_bodies(os.path.join(shared, "wbmri-sim", "anatomy", "AM.npz"), a.work)
    todo = [(name, lambda c=(name, body, seed, knobs): make_study(a, shared, bodies, *c)) for name, body, seed, knobs in cases.SIMULATED]
    if not a.no_phantom:
        todo += [(name, lambda c=(name, arguments): make_phantom(a, *c)) for name, arguments in cases.PHANTOMS]
    return todo


if __name__ == "__main__":
    main()
