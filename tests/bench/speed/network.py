# SPDX-License-Identifier: GPL-3.0-or-later
"""The skeleton network, processor time of a slice: oneDNN (what is used, and bfloat16), OpenCV, torch."""
import os
import subprocess
import sys

from bench import NotRun
from measure import Row, Side, compare, median, memory_of, ratios, samples_of, timed

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS, COLUMNS = 448, 160         # A slice of a whole body at 4 mm, as the skeleton stage makes it.
GFLOP_A_SLICE = 8.73             # 60.9 k multiply-adds a pixel (pipelines/inference/README.md).
NETWORK_NAMES = {'onednn-float32': 'osteon', 'opencv': 'OpenCV', 'onednn-bfloat16': 'osteon bfloat16'}


def ours(program, method, slices):
    def run():
        name, ms, first, mib = timed([program, method, ROWS, COLUMNS, slices], env={'OMP_NUM_THREADS': '1'})['text'].split('\t')
        return {'ms': float(ms), 'first_ms': float(first), 'mib': float(mib), 'ran': name}
    return run


def with_torch(precision, slices):
    def run():
        done = timed([sys.executable, '-B', os.path.join(HERE, 'torch_network.py'), precision, ROWS, COLUMNS, slices])
        return {'ms': float(done['text'].split()[-1]), **memory_of(done)}
    return run


def measure(bench):
    program, slices = bench.program('network_speed'), bench.pick(1, 50, 50)
    row = Row('network', f'The skeleton network (its two parts) on slices of {ROWS} x {COLUMNS} pixels, {slices} of them, one core; a study has 50')
    sides = [Side(NETWORK_NAMES[m], f'`network_speed {m} {ROWS} {COLUMNS} {slices}`', ours(program, m, slices))
             for m in ('onednn-float32', 'opencv')]
    with open('/proc/cpuinfo') as f:
        if any(flag in f.read() for flag in ('avx512_bf16', 'amx_bf16')):
            sides.append(Side('osteon bfloat16', f'`network_speed onednn-bfloat16 {ROWS} {COLUMNS} {slices}`, on demand only',
                              ours(program, 'onednn-bfloat16', slices)))
        else:
            row.missing('osteon bfloat16', 'this processor has neither AVX512_BF16 nor AMX')
    try:
        # In a process of its own, since importing it takes 2 s and 200 MB.
        if subprocess.run([sys.executable, '-c', 'import torch'], capture_output=True, check=False).returncode:
            raise NotRun('install python3-torch')
        for precision in ('float32', 'bfloat16'):
            sides.append(Side(f'torch {precision}', f'`torch_network.py {precision}`: the same layers with random weights, traced and frozen, one thread',
                              with_torch(precision, slices)))
    except NotRun as missing:
        row.missing('torch float32, torch bfloat16', str(missing))
    case = compare(row, 'one slice, processor time', sides, bench.rounds(5), metric='ms', unit='ms', say=bench.say)
    row.goal('times OpenCV, float32', median(ratios(case, 'OpenCV')), at_least=4)
    if samples_of(case, 'osteon bfloat16'):
        by_bf16 = [o / b for o, b in zip(samples_of(case, 'OpenCV'), samples_of(case, 'osteon bfloat16'))]
        row.goal('times OpenCV, bfloat16 (not the default: pipelines/inference/README.md)', median(by_bf16), at_least=4)
    for side, peak in (('osteon', 'float32_gflops'), ('osteon bfloat16', 'bfloat16_gflops'), ('OpenCV', 'float32_gflops')):
        if samples_of(case, side) and bench.limits.get(peak):
            rate = GFLOP_A_SLICE / median(samples_of(case, side)) * 1000
            row.arithmetic.append(f'{side}: {GFLOP_A_SLICE} GFLOP a slice, {rate:.0f} GFLOP/s, {100 * rate / bench.limits[peak]:.0f} % of the '
                                  f'{bench.limits[peak]:.0f} GFLOP/s that a loop of only multiply-adds reaches on a core')
    return row
