# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixed set of studies: body, seed, settings of the simulator. None was used for training or for choosing a threshold."""

HEALTHY = dict(n_lesions=0, variants=1)
CHILD = dict(physis=1, variants=1)

SIMULATED = [   # name, body, seed, knobs
    ("adult", "wide_hips", 7001, {}),
    ("adult-thin-slices", "long_legs", 7002, dict(slice_mm=3.5, inplane_mm=1.2)),
    ("adult-stations", "wide_hips", 7003, dict(stations=1, vendor="GE")),
    ("adult-stations-steps", "plain", 7004, dict(stations=1, station_step=.2, vendor="Philips", scale=1.05)),
    ("adult-3t", "long_legs", 7005, dict(tesla=3, te=60)),
    ("adult-thick", "wide_hips", 7006, dict(slice_mm=8, gap_mm=1, inplane_mm=1.8)),
    ("adult-noisy", "plain", 7007, dict(snr=9, bias=.4, scale=.97)),
    ("adult-fat", "wide_hips", 7008, dict(fatsat_failure=.5, ghost=.05)),
    ("adult-mild", "long_legs", 7009, dict(lesion_contrast=.8)),
    ("child-5", "large_head", 7010, dict(scale=.62, red_marrow=.35, **CHILD)),
    ("child-8", "wide_hips", 7011, dict(scale=.75, red_marrow=.25, effusion=1, **CHILD)),
    ("child-11-stations", "large_head", 7012, dict(scale=.85, red_marrow=.2, stations=1, **CHILD)),
    ("child-11-3t", "long_legs", 7013, dict(scale=.82, red_marrow=.2, tesla=3, slice_mm=4, **CHILD)),
    ("child-14", "wide_hips", 7014, dict(scale=.95, red_marrow=.15, effusion=1, **CHILD)),
    ("child-8-stations-thick", "long_legs", 7015, dict(scale=.74, red_marrow=.3, stations=1, slice_mm=7, vendor="GE", **CHILD)),
    ("healthy-child-6", "large_head", 7016, dict(scale=.66, red_marrow=.3, physis=1, **HEALTHY)),
    ("healthy-child-9", "wide_hips", 7017, dict(scale=.78, red_marrow=.25, physis=1, effusion=1, **HEALTHY)),
    ("healthy-child-12-stations", "long_legs", 7018, dict(scale=.88, red_marrow=.2, physis=1, stations=1, **HEALTHY)),
    ("healthy-child-12-3t", "wide_hips", 7019, dict(scale=.86, red_marrow=.2, physis=1, tesla=3, snr=12, **HEALTHY)),
    ("healthy-adult", "long_legs", 7020, dict(n_lesions=0)),
]

PHANTOMS = [    # name, arguments of `osteon phantom`
    ("phantom-adult", ["--seed", "7101"]),
    ("phantom-child-stations", ["--seed", "7102", "--child", "--stations"]),
    ("phantom-healthy-child", ["--seed", "7103", "--child", "--lesions", "0"]),
]

# Leave one body out: the same 24 studies of each anatomy, half of them children, a quarter healthy. Seeds differ by anatomy.
LEFT_OUT_SEEDS = {"AF": 8100, "AM": 8200}
ALL_SERIES = "stir,t1,dwi"
LEFT_OUT = [    # name, body, knobs
    ("child-5", "child_6", dict(scale=.64, red_marrow=.35, **CHILD)),
    ("healthy-child-6", "child_6", dict(scale=.7, red_marrow=.3, effusion=1, physis=1, **HEALTHY)),
    ("adult", "plain", {}),
    ("child-8-all-series", "child_10", dict(scale=.78, red_marrow=.25, sequences=ALL_SERIES, **CHILD)),
    ("healthy-child-9-3t", "child_10", dict(scale=.82, red_marrow=.25, physis=1, tesla=3, snr=13, **HEALTHY)),
    ("adult-3t", "wide_hips", dict(tesla=3, te=60)),
    ("child-11-stations", "plain", dict(scale=.86, red_marrow=.2, stations=1, effusion=1, **CHILD)),
    ("healthy-adult", "long_legs", dict(n_lesions=0)),
    ("adult-stations", "long_legs", dict(stations=1, vendor="GE", station_step=.2)),
    ("child-7-thick", "child_6", dict(scale=.76, red_marrow=.3, slice_mm=7.5, **CHILD)),
    ("healthy-child-12-stations", "wide_hips", dict(scale=.88, red_marrow=.2, stations=1, effusion=1, physis=1, vendor="Philips", **HEALTHY)),
    ("adult-all-series", "plain", dict(sequences=ALL_SERIES)),
    ("child-14-fat", "long_legs", dict(scale=.95, red_marrow=.15, effusion=1, fatsat_failure=.5, **CHILD)),
    ("adult-thick", "wide_hips", dict(slice_mm=8, gap_mm=1, inplane_mm=1.9)),
    ("child-10-3t", "child_10", dict(scale=.83, red_marrow=.2, tesla=3, slice_mm=4, **CHILD)),
    ("adult-noisy", "plain", dict(snr=9, bias=.4, scale=.97)),
    ("healthy-child-13-all-series", "plain", dict(scale=.92, red_marrow=.2, physis=1, sequences=ALL_SERIES, **HEALTHY)),
    ("adult-ghosts", "wide_hips", dict(ghost=.07, fatsat_failure=.4)),
    ("child-12-noisy", "long_legs", dict(scale=.89, red_marrow=.2, snr=10, bias=.35, ghost=.05, **CHILD)),
    ("adult-mild", "long_legs", dict(lesion_contrast=.8)),
    ("child-6-stations-all-series", "child_6", dict(scale=.72, red_marrow=.3, stations=1, sequences=ALL_SERIES, vendor="GE", **CHILD)),
    ("adult-thin", "plain", dict(slice_mm=3.5, inplane_mm=1.4, scale=1.04)),
    ("child-15-large", "wide_hips", dict(scale=.98, red_marrow=.12, effusion=1, **CHILD)),
    ("healthy-adult-3t-steps", "wide_hips", dict(n_lesions=0, tesla=3, stations=1, station_step=.25)),
]
