# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a study with many lesions: our report stage, and pydicom writing the same objects from values that it is given."""
import glob
import json
import os
import shutil
import subprocess
import sys

import studies
from measure import Row, Side, compare, median, memory_of, ratios, samples_of, timed


def osteon(bench, program, study, out):
    def run():
        shutil.rmtree(out, ignore_errors=True)
        done = timed([program, 'analyze', study, '--out', out], ok=(0, 3) if bench.size == 'smoke' else (0,))
        with open(os.path.join(out, 'findings.json')) as f:
            stages = {s['stage']: s['seconds'] for s in json.load(f)['stage_seconds']}
        return {'seconds': stages['report'], 'pages_s': stages['pages'], **memory_of(done)}
    return run


def pydicom(out):
    def run():
        done = timed([sys.executable, '-B', os.path.join(os.path.dirname(os.path.abspath(__file__)), 'write_pydicom.py'), out])
        return {'seconds': float(done['text']), **memory_of(done)}
    return run


def measure(bench):
    program = bench.program('osteon')
    study = studies.coarse(bench) if bench.size == 'smoke' else studies.kept(bench, 'forty-lesions', '--seed', '8', '--child', '--age', '9', '--lesions', '40')
    out = bench.path('written')
    row = Row('write', '')
    sides = [Side('osteon',
                  '`osteon analyze`, its stage `report` (`stage_seconds` of findings.json): builds, checks and encodes all objects; two threads copy the pixels of the pages, which are drawn before', osteon(bench, program, study, out))]
    sides[0].run()  # The objects that pydicom is to write.
    if subprocess.run([sys.executable, '-c', 'import pydicom'], capture_output=True, check=False).returncode:
        row.missing('pydicom', 'install python3-pydicom')
    else:
        sides.append(Side('pydicom', '`write_pydicom.py`: data sets built element by element from plain values, the masks packed by numpy, encoded by dcmwrite; '
                          'pages are given as pixels, nothing is drawn or checked', pydicom(out)))
    case = compare(row, 'all objects of the study', sides, bench.rounds(4), say=bench.say)
    with open(os.path.join(out, 'findings.json')) as f:
        lesions = len(json.load(f)['lesions'])
    written = glob.glob(os.path.join(out, '*.dcm'))
    megabytes = sum(map(os.path.getsize, written)) / 1e6
    row.work = f'SR, SEG and pages of a study with {lesions} lesions found: {len(written)} objects, {megabytes:.1f} MB'
    row.goal('times pydicom', median(ratios(case, 'pydicom')), at_least=10)
    seconds = median(samples_of(case, 'osteon'))
    row.arithmetic.append(f'{megabytes / seconds:.0f} MB/s of objects; drawing the pages took {median(samples_of(case, "osteon", "pages_s")):.2f} s more, for which pydicom has no counterpart')
    if bench.limits.get('memory_copy_gbps'):
        least = megabytes / 1000 / bench.limits['memory_copy_gbps']
        row.arithmetic.append(f'copying that many bytes once takes one core {least:.4f} s at the speed of memory: {100 * least / seconds:.0f} % of that is reached')
    if lesions < 30:
        row.notes.append(f'{lesions} lesions were found of those in the study, not 30')
    return row
