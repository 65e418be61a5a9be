# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixed pairs of studies, two of the same patient. No threshold of the comparison was chosen on them."""

CHILD = dict(physis=1, variants=1)

# name, anatomy (see ../detection/other_bodies.py), seed of the first study, knobs of both, what changes, extra knobs of the second
PAIRS = [
    ("adult-mixed", "plain", 7201, dict(n_lesions=10), "mixed", {}),
    ("child-mixed", "wide_hips", 7203, dict(n_lesions=9, scale=.8, red_marrow=.25, **CHILD), "mixed", {}),
    ("child-stations-grow", "long_legs", 7205, dict(n_lesions=8, scale=.85, red_marrow=.2, stations=1, **CHILD), "grow", {}),
    ("adult-stations-shrink", "wide_hips", 7207, dict(n_lesions=8, stations=1, vendor="GE"), "shrink", {}),
    ("adult-mixed-2", "long_legs", 7209, dict(n_lesions=10), "mixed", {}),
    ("child-resolve", "plain", 7211, dict(n_lesions=8, scale=.75, red_marrow=.25, **CHILD), "resolve", {}),
    ("child-grown-mixed", "large_head", 7213, dict(n_lesions=9, scale=.75, red_marrow=.25, **CHILD), "mixed", dict(scale=.77)),
]
