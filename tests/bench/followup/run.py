#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the comparison with a prior: make the pairs of cases.py, analyse both studies, score the classes of change.

  run.py --osteon BUILD/bin/osteon --work DIR [--only NAME ...] [--score-only]

Needs python3-numpy, python3-scipy, python3-pydicom and OSTEON_SHARED with wbmri-sim/ in it. Studies are kept in DIR, results
are made anew unless --score-only. Writes DIR/table.md and DIR/table.json.
"""
import argparse
import collections
import importlib.util
import json
import os
import shutil
import subprocess
import sys

import numpy as np
from scipy import ndimage as ndi

HERE = os.path.dirname(os.path.abspath(__file__))
WANT = {"grow": "worse", "shrink": "improved", "same": "stable", "resolve": "resolved", "new": "new"}
NEAR_MM = 6     # A mark further away from a lesion does not belong to it; as in wbmri-sim's score.py.


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_json(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return json.load(f)


class Truth:
    """Lesions of a simulated study, and which of them a set of points belongs to."""

    def __init__(self, case):
        self.json = read_json(case, "truth.json")
        self.rows = {r["id"]: r for r in self.json["lesions"] if r["id"]}
        labels = np.load(os.path.join(case, "truth.npz"))["lesions"]
        self.spacing, self.origin = self.json["grid"]["spacing_zyx"], np.array(self.json["grid"]["origin_lps"])
        self.shape = labels.shape
        if labels.any():
            distance, near = ndi.distance_transform_edt(labels == 0, sampling=self.spacing, return_indices=True)
            self.owner = np.where(distance <= NEAR_MM, labels[tuple(near)], 0)
        else:
            self.owner = labels

    def owners(self, points):
        """Lesions that own at least a tenth of the points, most first."""
        at = np.stack([(self.origin[2] - points[:, 2]) / self.spacing[0], (points[:, 1] - self.origin[1]) / self.spacing[1],
                       (points[:, 0] - self.origin[0]) / self.spacing[2]]).round().astype(int)
        at = at[:, np.all((at >= 0) & (at < np.array(self.shape)[:, None]), 0)]
        counts = collections.Counter(self.owner[tuple(at)].tolist())
        return [n for n, c in counts.most_common() if n and 10 * c >= len(points)]


class Result:
    """Osteon's report of one study: assigns its lesions and marks to true lesions."""

    def __init__(self, score, folder, truth):
        self.json = read_json(folder, "findings.json")
        segments = score.read_segments(folder) if self.json["lesions"] else []
        if len(segments) != len(self.json["lesions"]):
            raise RuntimeError(f"{folder}: {len(segments)} segments for {len(self.json['lesions'])} lesions")
        self.of = collections.defaultdict(list)
        for lesion, segment in zip(self.json["lesions"], segments):
            for owner in truth.owners(segment[0]):
                self.of[owner].append(lesion)
        for mark in self.json["other_marks"]:
            for owner in truth.owners(np.array([mark["centroid_mm"]])):
                self.of[owner].append(mark)
        self.resolved = {r["tracking_uid"]: r for r in (self.json["prior"] or {}).get("resolved", [])}


def lesions_of(marks):
    return [m for m in marks if m["class"] == "lesion"]


def answer(row, then, now):
    """The result for this true lesion in the second report: a class of change, or that it was missed."""
    before = lesions_of(then.of.get(row.get("prior") or 0, []))
    after = now.of.get(row["id"], []) if row["id"] else []
    if lesions_of(after):   # When it is in several parts, the class of the largest counts.
        return max(lesions_of(after), key=lambda m: m["volume_ml"])["change"]
    followed = [m for m in now.json["lesions"] + now.json["other_marks"] if m["tracking_uid"] in {b["tracking_uid"] for b in before}]
    if followed:
        return followed[0]["change"]
    if before:
        return "resolved" if any(b["tracking_uid"] in now.resolved for b in before) else "not said"
    return "missed"


def score_pair(score, name, work):
    first, second = Truth(os.path.join(work, "studies", name + "-1")), Truth(os.path.join(work, "studies", name + "-2"))
    then = Result(score, os.path.join(work, "results", name + "-1"), first)
    now = Result(score, os.path.join(work, "results", name + "-2"), second)
    rows = []
    for row in second.json["lesions"]:
        prior = first.rows.get(row.get("prior") or 0)
        ml = (prior["volume_ml"] if prior else 0, row.get("volume_ml", 0))
        if not (row.get("required") or (prior and prior["required"])):
            continue
        rows.append(dict(site=row["site"], change=row["change"], want=WANT[row["change"]], then_ml=ml[0], now_ml=ml[1],
                         got=answer(row, then, now), found_then=bool(prior and lesions_of(then.of.get(prior["id"], []))),
                         found_now=bool(row["id"] and lesions_of(now.of.get(row["id"], []))),
                         measured=measured(row, then, now)))
    true_marks = {id(m) for marks in now.of.values() for m in marks}
    false_new = sum(l["change"] == "new" for l in now.json["lesions"] if id(l) not in true_marks)
    return dict(name=name, rows=rows, counts=now.json["prior"]["counts"], false_new=false_new)


def measured(row, then, now):
    """Volumes that the two reports gave, ml."""
    total = lambda marks: round(sum(m["volume_ml"] for m in marks), 2) if marks else None
    return [total(then.of.get(row.get("prior") or 0)), total(now.of.get(row["id"])) if row["id"] else None]


def in_both(row):
    """Whether it was found in each study that has it, so that an error is one of the comparison."""
    there_then, there_now = row["change"] != "new", row["change"] != "resolve"
    return (row["found_then"] or not there_then) and (row["found_now"] or not there_now)


def share(rows):
    right = sum(r["got"] == r["want"] for r in rows)
    return f"{right}/{len(rows)}" + (f" = {right / len(rows):.2f}" if rows else "")


def tables(pairs):
    rows = [r for p in pairs for r in p["rows"]]
    reported = [r for r in rows if r["got"] != "missed"]
    seen = [r for r in rows if in_both(r)]
    out = ["| true change | lesions | reported | right of reported | seen in all studies they are in | right of these |", "|---|---|---|---|---|---|"]
    for title, wanted in [(c, [c]) for c in WANT] + [("all changed", [c for c in WANT if c != "same"]), ("all", list(WANT))]:
        pick = lambda some: [r for r in some if r["change"] in wanted]
        out.append(f"| {title} | {len(pick(rows))} | {len(pick(reported))} | {share(pick(reported))} | {len(pick(seen))} | {share(pick(seen))} |")
    out += ["", "| pair | right of reported: changed | right of reported: unchanged | missed in both | false marks called new |", "|---|---|---|---|---|"]
    for p in pairs:
        there = [r for r in p["rows"] if r["got"] != "missed"]
        out.append(f"| {p['name']} | {share([r for r in there if r['change'] != 'same'])} | {share([r for r in there if r['change'] == 'same'])} "
                   f"| {len(p['rows']) - len(there)} | {p['false_new']} |")
    steady = [r["measured"][1] / r["measured"][0] - 1 for r in rows if r["change"] == "same" and in_both(r)]
    if steady:
        out += ["", f"Volume of {len(steady)} unchanged lesions seen twice: median change {100 * np.median(steady):+.0f} %, "
                f"median of the absolute change {100 * np.median(np.abs(steady)):.0f} %, largest {100 * np.max(np.abs(steady)):.0f} %."]
    out += ["", "| pair | site | true change | ml then | now | measured then | now | class |", "|---|---|---|---|---|---|---|---|"]
    for p in pairs:
        for r in p["rows"]:
            cells = [p["name"], r["site"], r["change"], r["then_ml"], r["now_ml"], *r["measured"], r["got"] + ("" if r["got"] == r["want"] else " (wrong)")]
            out.append("| " + " | ".join("-" if c is None else str(c) for c in cells) + " |")
    return "\n".join(out) + "\n"


def simulate(shared, anatomy, seed, out, knobs):
    if os.path.exists(os.path.join(out, "truth.npz")):
        return
    command = ["/usr/bin/python3", os.path.join(shared, "wbmri-sim", "wbmri_sim.py"), "--anatomy", anatomy, "--seed", str(seed), "--out", out]
    for key, value in knobs.items():
        command += ["--set", f"{key}={value}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def analyse(osteon, case, out, prior):
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    command = [osteon, "analyze", os.path.join(case, "dicom"), "--out", out] + (["--prior", prior] if prior else [])
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{case}: exit {done.returncode}: {done.stderr.strip()}")


def run_pair(a, shared, bodies, pair):
    name, body, seed, knobs, change, more = pair
    cases = [os.path.join(a.work, "studies", f"{name}-{n}") for n in (1, 2)]
    results = [os.path.join(a.work, "results", f"{name}-{n}") for n in (1, 2)]
    if not a.score_only:
        simulate(shared, bodies[body], seed, cases[0], knobs)
        again = dict(knobs, **more, patient=f"SIM{seed:05d}", date="20260905", followup_of=os.path.join(cases[0], "truth.json"), change=change)
        simulate(shared, bodies[body], seed + 1, cases[1], again)
        analyse(a.osteon, cases[0], results[0], None)
        analyse(a.osteon, cases[1], results[1], results[0])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--osteon", required=True)
    ap.add_argument("--work", required=True)
    ap.add_argument("--only", nargs="*", default=[], metavar="NAME")
    ap.add_argument("--score-only", action="store_true")
    a = ap.parse_args()
    shared = os.environ.get("OSTEON_SHARED", "")
    if not os.path.isdir(os.path.join(shared, "wbmri-sim")):
        sys.exit("OSTEON_SHARED does not name a folder with wbmri-sim, which makes the studies")
    os.makedirs(os.path.join(a.work, "studies"), exist_ok=True)
    score = load("score", os.path.join(shared, "wbmri-sim", "score.py"))
    cases = load("followup_cases", os.path.join(HERE, "cases.py"))
    bodies = load("other_bodies", os.path.join(HERE, "..", "detection", "other_bodies.py")).write_bodies(
        os.path.join(shared, "wbmri-sim", "anatomy", "AM.npz"), a.work)
    pairs = []
    for pair in cases.PAIRS:
        if a.only and pair[0] not in a.only:
            continue
        run_pair(a, shared, bodies, pair)
        pairs.append(score_pair(score, pair[0], a.work))
        with open(os.path.join(a.work, "table.md"), "w", encoding="utf-8") as f:
            f.write(tables(pairs))
        with open(os.path.join(a.work, "table.json"), "w", encoding="utf-8") as f:
            json.dump(pairs, f, indent=1)
    print(tables(pairs))


if __name__ == "__main__":
    main()
