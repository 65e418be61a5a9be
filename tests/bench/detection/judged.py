# SPDX-License-Identifier: GPL-3.0-or-later
"""Applies a classifier (judge) to the candidates that detect_volume has written, so that another one is measured without running the network again."""
import json
import os
import re
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "pipelines", "training"))
from company import company_of      # noqa: E402

HAND_FOOT = re.compile("hand|foot")


def log_odds(judge, features):
    """As pipelines/inference/boosted_trees.cc, before calibration."""
    odds = judge["bias"]
    for tree in judge["trees"]:
        node = 0
        while tree["feature"][node] >= 0:
            value = features.get(judge["features"][tree["feature"][node]], 0.0)
            node = (tree["left"] if value <= tree["threshold"][node] else tree["right"])[node]
        odds += tree["value"][node]
    return odds


def is_ruled_out(candidate):
    return any(r.startswith(("normal:", "fluid:", "uncertain:")) for r in candidate["reasons"])


def probabilities(judge, candidates):
    """Of all candidates of a study, without other series: as pipelines/stages/detect/detect.cc."""
    odds = np.array([log_odds(judge, c["features"]) for c in candidates])
    ruled_out = np.array([is_ruled_out(c) for c in candidates], bool)
    calibration = judge["calibration"]
    company = company_of(odds, ruled_out)
    return 1 / (1 + np.exp(-(calibration["slope"] * odds + calibration["offset"] + calibration.get("company", 0) * company)))


def judge_all(candidates, judge, cut, hand_foot_cut, rules):
    """[(candidate, probability, is lesion)]; `rules`: whether what the rules call normal stays normal."""
    if judge is None:
        return [(c, c["probability"], c["judgement"] == "lesion") for c in candidates]
    return [(c, p, bool(p >= (hand_foot_cut if HAND_FOOT.search(c["unit"]) else cut) and not (rules and is_ruled_out(c))))
            for c, p in zip(candidates, probabilities(judge, candidates))]


def read(path):
    """(candidates, labels [slice, row, column], grid) of detect_volume's NAME.json."""
    with open(path) as f:
        found = json.load(f)
    labels = np.fromfile(path.removesuffix(".json") + ".labels.u16", np.uint16).reshape(found["grid"]["shape"])
    return found.get("candidates") or [], labels, found["grid"]


def points_of(labels, label, grid):
    """([n, 3] LPS mm of a candidate, its slices filled to their thickness as score.py does, and its ml)."""
    k, j, i = np.nonzero(labels == label)
    column, row, slice_ = (np.array(grid[n]) for n in ("column", "row", "slice"))
    centre = np.array(grid["origin"]) + np.outer(i, column) + np.outer(j, row) + np.outer(k, slice_)
    ml = len(k) * abs(np.linalg.det([column, row, slice_])) / 1000
    return np.concatenate([centre + slice_ * o for o in np.linspace(-.45, .45, 4)]), ml


def site_of(unit, keys):
    """(coarse site, side, words) of a unit key such as "tibia_proximal_left", by the words of score.py."""
    words = unit.replace("_", " ")
    side = "R" if words.endswith(" right") else "L" if words.endswith(" left") else ""
    for pattern, site in keys:
        if re.search(pattern, words):
            return site, side, words
    return "", side, words


def segments(path, keys, judge=None, cut=.5, hand_foot_cut=.5, rules=True):
    """(as score.read_segments, number of lesions of grade 0, probability and points of every candidate)."""
    candidates, labels, grid = read(path)
    taken, zero, every = [], 0, []
    for c, p, is_lesion in judge_all(candidates, judge, cut, hand_foot_cut, rules):
        points, ml = points_of(labels, c["label"], grid)
        if len(points) == 0:
            continue
        every.append((p, points))
        if is_lesion and ml >= .1:
            taken.append((points, ml, *site_of(c["unit"], keys)))
            zero += c["features"].get("stir_position", 1) < .15
    return taken, int(zero), every
