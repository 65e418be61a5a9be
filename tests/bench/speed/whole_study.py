# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole studies by `osteon analyze`: wall time and peak memory on two cores; beside it an ordinary Python pipeline, and an earlier commit."""
import json
import os
import shutil
import subprocess
import sys

import lab
import studies
from bench import NotRun
from measure import Row, Side, compare, median, numbers, percentile, samples_of, timed

EARLIER = '53ddff6'
# Measured at that commit on two cores of this kind of machine when it was quiet, before this table: seconds, GB.
EARLIER_FIGURES = {'STIR of a child': (11.8, 0.50), 'STIR of a wide adult': (17.7, 0.76), 'STIR, T1 and diffusion': (19.0, 0.91)}


def analyze(bench, program, study, model_dir=None):
    def run():
        out = bench.path('out')
        shutil.rmtree(out, ignore_errors=True)
        # 3: not evaluable, which a coarse study of a smoke may be.
        sample = numbers(timed([program, 'analyze', study, '--out', out, '--threads', '2', *(['--model-dir', model_dir] if model_dir else [])],
                               ok=(0, 3) if bench.size == 'smoke' else (0,)))
        with open(os.path.join(out, 'findings.json')) as f:
            return {**sample, 'stages': json.load(f).get('stage_seconds', [])}
    return run


def stages_in_words(case):
    """Of the last run: seconds, and the peak of memory until the stage ended."""
    stages = next(s for s in case['sides'] if s['side'] == 'osteon')['samples'][-1]['stages']
    return ', '.join(f'{s["stage"]} {s["seconds"]:.2f} s ({s["peak_memory_mib"]} MiB)' for s in stages)


def python_pipeline(bench, study):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'python_pipeline.py')

    def run():
        out = bench.path('python')
        shutil.rmtree(out, ignore_errors=True)
        return numbers(timed([sys.executable, '-B', script, study, out, *(['1'] if bench.size == 'smoke' else [])]))
    return run


def build_earlier(bench):
    """`osteon` of the earlier commit, built once in a worktree beside our build."""
    tree = os.path.join(lab.SOURCE, 'build', 'earlier-' + EARLIER)
    program = os.path.join(tree, 'build', 'dev', 'bin', 'osteon')
    if not os.path.exists(program):
        bench.say(f'builds {EARLIER} (once, about ten minutes)')
        if not os.path.isdir(tree):
            lab.run('git', '-C', lab.SOURCE, 'worktree', 'add', '--detach', tree, EARLIER)
        done = subprocess.run(['deploy/build.sh', 'dev', 'osteon'], cwd=tree, stdout=sys.stderr, check=False)
        if done.returncode:
            raise NotRun(f'{EARLIER} does not build here')
    return program


def measure(bench):
    row = Row('whole study', '`osteon analyze` of synthetic studies, from files in the page cache to all objects on disk, two cores')
    osteon = bench.program('osteon')
    cases = {'STIR of a child': studies.child_stir(bench)}
    if bench.size != 'smoke':
        cases |= {'STIR, T1 and diffusion': studies.all_contrasts(bench), 'STIR of a wide adult': studies.adult_stir(bench)}
    earlier = None
    if bench.earlier:
        try:
            earlier = build_earlier(bench)
        except NotRun as missing:
            row.missing(f'commit {EARLIER}', str(missing))
    else:
        row.notes.append(f'commit {EARLIER} is built and measured with `--earlier` only. Figures of it from before this table, quiet machine of this kind, other '
                         'synthetic studies: ' + '; '.join(f'{what} {s} s, {gb:.2f} GB' for what, (s, gb) in EARLIER_FIGURES.items()))
    try:
        for name, package in (('torch', 'python3-torch'), ('pydicom', 'python3-pydicom'), ('scipy', 'python3-scipy')):
            if subprocess.run([sys.executable, '-c', f'import {name}'], capture_output=True, check=False).returncode:
                raise NotRun(f'install {package}')
        python = True
    except NotRun as missing:
        row.missing('Python pipeline', str(missing))
        python = False
    for name, study in cases.items():
        sides = [Side('osteon', '`osteon analyze STUDY --out OUT --threads 2`', analyze(bench, osteon, study))]
        if earlier:
            models = os.path.join(lab.SOURCE, 'build', 'earlier-' + EARLIER, 'config', 'models')
            sides.append(Side(EARLIER, 'the same, at that commit', analyze(bench, earlier, study, models)))
        if python and name != 'STIR of a wide adult':
            sides.append(Side('Python pipeline', '`python_pipeline.py`: pydicom, scipy, torch with two threads; only the main steps, a Gaussian in place of N4 since Debian has no ITK for Python (see there)'
                              + (', the network on one slice only' if bench.size == 'smoke' else ''),
                              python_pipeline(bench, study)))
        case = compare(row, name, sides, bench.rounds(3), warm=bench.size != 'smoke', say=bench.say)
        if earlier is None and bench.size != 'smoke':
            seconds = median(samples_of(case, 'osteon'))
            row.notes.append(f'{name}: {EARLIER_FIGURES[name][0] / seconds:.1f} times the earlier figure of {EARLIER}')
        limit = {'STIR of a child': 5, 'STIR, T1 and diffusion': 8}.get(name)
        if limit:
            row.goal(f'{name}, seconds', median(samples_of(case, 'osteon')), at_most=limit, unit='s')
        peak = percentile(samples_of(case, 'osteon', 'mib'), 1)
        row.goal(f'{name}, peak memory', peak and peak * 2 ** 20 / 1e6, at_most=700, unit='MB')
        row.notes.append(f'{name}, stages of one run and the peak of memory until their end: {stages_in_words(case)}')
        spent = median(samples_of(case, 'osteon', 'cpu_seconds'))
        row.arithmetic.append(f'{name}: {spent:.1f} s of processor time, so two cores could not take less than {spent / 2:.1f} s; '
                              f'{100 * spent / 2 / median(samples_of(case, "osteon")):.0f} % of both cores were used; {studies.megabytes(study):.0f} MB of files')
    return row
