#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares each field case and its siblings (support/field_cases.py) with the right result, by `osteon analyze` and through one
real Orthanc.

    PYTHONPATH=tests/support tests/e2e/field_cases_test.py                 # the cases, as CI runs them
    PYTHONPATH=tests/support tests/e2e/field_cases_test.py --siblings      # also the siblings; prints the table of tests/README.md
    ...  --only 'pixel|uid'                                                # those whose name matches
    ...  --table                                                           # also prints the table

The network takes most of the time of an analysis. So siblings are run by hand (an hour), and under a sanitizer all cases run with a
network that finds no body (support/empty_network.py): series, images used, caveats and objects are real, but there are no lesions.
"""
import os
import re
import shutil
import sys
import tempfile
import unittest

import pydicom
from all_field_cases import CASES
from field_analyses import Analyses, MODELS
from field_cases import Right
from field_outcome import NO_BODY, close, problems, sr_lesions
from lab import Lab, OSTEON, TIME_SCALE, run, wait_until

ALL_WHOLE = '--siblings' in sys.argv
ONLY = sys.argv[sys.argv.index('--only') + 1] if '--only' in sys.argv else ''
CHOSEN = {name: c for name, c in CASES.items() if re.search(ONLY, name) and (ALL_WHOLE or ONLY or not c.of)}


def whole(case):
    return (ALL_WHOLE or not case.of) and TIME_SCALE == 1


ANALYSES = None


def setUpModule():
    global ANALYSES
    folder = tempfile.mkdtemp(prefix='osteon-field-cases-')
    unittest.addModuleCleanup(shutil.rmtree, folder, True)
    ANALYSES = Analyses(folder)


TABLE = {}                      # Case -> [outcome of analyze, outcome in Orthanc] as texts.


def note(case, column, wrong, summary):
    TABLE.setdefault(case.name, ['', ''])[column] = 'right: ' + summary if not wrong else '**wrong**: ' + '; '.join(wrong)[:250]


class ByAnalyze(unittest.TestCase):
    """One test per case, added below."""

    def check(self, case):
        outcome = ANALYSES.of(case.name, whole(case))
        wrong = problems(case, outcome, ANALYSES.bases(case, whole(case)))
        if not wrong and not outcome.findings:
            wrong = self.late(case)
        note(case, 0, wrong, outcome.summary())
        self.assertEqual(wrong, [], f'{case.name}: {case.met}')

    def late(self, case):
        """A refusal comes before the network is read: also with a damaged network file."""
        damaged = ANALYSES.path('damaged')
        if not os.path.isdir(damaged):
            shutil.copytree(MODELS, damaged)
            with open(os.path.join(damaged, 'skeleton.onnx'), 'wb') as f:
                f.write(b'damaged')
        folder, _ = ANALYSES.study(case.name, False)
        done = run(OSTEON, 'analyze', folder, '--out', ANALYSES.path('out', 'late'), '--model-dir', damaged, ok=None)
        shutil.rmtree(folder)
        return [] if re.search(case.right.or_refused, done.stderr + done.stdout, re.I) else ['refused only after the network has run']


for a_case in CHOSEN.values():
    setattr(ByAnalyze, 'test_' + a_case.name.replace('-', '_'), lambda self, c=a_case: self.check(c))


class ThroughOrthanc(unittest.TestCase):
    """All studies in one Orthanc: cases are analysed to their report; siblings and other planes must reach the queue."""

    @classmethod
    def setUpClass(cls):
        # So that nothing waits for missing stations.
        cls.lab = Lab(ForceAfterSeconds=20)
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.start_orthanc()
        cls.start_worker()
        cls.studies = {}
        for name, case in CHOSEN.items():
            if whole(case) or not case.of:
                cls.send(name)

    @classmethod
    def start_worker(cls):
        cls.lab.start_worker(**({} if TIME_SCALE == 1 else {'model_dir': ANALYSES.empty}))

    @classmethod
    def send(cls, name):
        folder, cls.studies[name] = ANALYSES.study(name, name in CASES and whole(CASES[name]))
        try:
            # Cases are sent by C-STORE, as from a scanner; siblings are not, since storescu takes 50 ms per image.
            if name not in CASES or CASES[name].of:
                raise AssertionError
            cls.lab.send(folder)
        except AssertionError:  # storescu refuses some of these UIDs; scanners do not.
            for below, _, files in os.walk(folder):
                for file in files:
                    with open(os.path.join(below, file), 'rb') as f:
                        cls.lab.request('POST', '/instances', f.read())
        shutil.rmtree(folder)

    def job(self, name, *states, seconds):
        study = self.studies[name].rstrip()

        def there():
            job = self.lab.job_of(study)
            return job if job and job['state'] in (*states, 'not_evaluable', 'stuck', 'skipped', 'cancelled') else None
        return wait_until(f'{name} is {" or ".join(states)}', there, seconds)

    def report_problems(self, case, job):
        analysed = ANALYSES.of(case.name, whole(case))
        if job['state'] not in ('done', 'not_evaluable'):
            named = case.right.or_refused and re.search(case.right.or_refused, job['reason'], re.I)
            return [] if named else [f'{job["state"]}: {job["reason"]}']
        if not analysed.findings:
            return ['done, but `analyze` refuses it'] if 'UID' not in case.right.or_refused else []
        if analysed.findings['evaluable'] != (job['state'] == 'done'):
            return [f'{job["state"]}, but `analyze` says the opposite']
        stored = self.lab.instances_of(self.studies[case.name].rstrip(), 'SR')
        if len(stored) != 1:
            return [f'{len(stored)} reports']
        path = self.lab.path('stored.dcm')
        with open(path, 'wb') as f:
            f.write(stored[0])
        got, want = sr_lesions(pydicom.dcmread(path)), sr_lesions(analysed.sr())
        same = [g[0] for g in got] == [w[0] for w in want] and all(close(g[1], w[1], 0.01) for g, w in zip(got, want))
        return [] if same else [f'lesions {got}, `analyze` found {want}']

    def queue_problems(self, name, job):
        """The study is queued, with as much of the body as the base."""
        right = CASES[name].right if name in CASES else Right()
        if job['state'] != 'ready':
            return [] if right.or_refused and re.search(right.or_refused, job['reason'], re.I) else [f'{job["state"]}: {job["reason"]}']
        base = right.like or (CASES[name].base if name in CASES else 'composed')
        if base == 'nothing' or right.or_says:
            return []
        covered = self.lab.get(f'/osteon/explain/{job["study_instance_uid"]}')['extent_mm']
        whole_mm = ANALYSES.of(base, False).findings['patient']['coverage_mm']
        return [] if close(covered, whole_mm, 0.02) else [f'queued for {covered:.0f} of {whole_mm:.0f} mm']

    def test_1_each_case_ends_with_the_right_result(self):
        for name in list(self.studies):
            case = CASES[name]
            with self.subTest(name):
                job = self.job(name, 'done', seconds=900)
                wrong = self.report_problems(case, job)
                note(case, 1, wrong, job['state'])
                self.assertEqual(wrong, [], case.met)

    def test_2_siblings_and_other_planes_reach_the_queue(self):
        self.lab.stop('worker')
        planes = [plane for plane in ('sagittal', 'axial') if re.search(ONLY, plane)]
        rest = [name for name in CHOSEN if name not in self.studies] + planes
        for name in rest:
            self.send(name)
        for name in rest:
            with self.subTest(name):
                job = self.job(name, 'ready', seconds=120)
                wrong = self.queue_problems(name, job)
                if name in CASES:
                    note(CASES[name], 1, wrong, 'queued')
                self.assertEqual(wrong, [])

    def test_3_other_planes_are_analysed(self):
        for plane in ('sagittal', 'axial'):
            if not re.search(ONLY, plane):
                continue
            with self.subTest(plane):
                outcome = ANALYSES.of(plane, False)
                self.assertEqual(outcome.exit, 3, outcome.text)
                self.assertIn(NO_BODY, outcome.said)


def in_words(case):
    """The right result as a text."""
    right = case.right
    if right.like == 'nothing':
        words = ['refused, or said']
    else:
        words = ['as ' + (right.like or case.base)]
    words += [f'{name} {value}' for name, value in (('T1', right.t1), ('ADC', right.adc)) if value]
    words += ['certainty at the legs as without'] * bool(right.apart) + ['a caveat says so'] * bool(right.says)
    if right.like != 'nothing':
        words += ['or a caveat that names it'] * bool(right.or_says) + ['or refused by name'] * bool(right.or_refused)
    return ', '.join(words + ['valid objects'] * right.pages + ['no date'] * right.undated)


def print_table():
    """The rows of tests/README.md."""
    print('\n| case | sibling | what is sent | right | `analyze` | Orthanc |\n|---|---|---|---|---|---|')
    for name, case in CASES.items():
        analyze, orthanc = TABLE.get(name, ('', ''))
        cells = ('' if case.of else f'**{name}**', name if case.of else '', case.met, in_words(case), analyze, orthanc)
        print('| ' + ' | '.join(c.replace('\n', ' ').replace('|', '/') for c in cells) + ' |')


if __name__ == '__main__':
    mine = {'--siblings', '--table', '--only', ONLY}
    arguments = [a for n, a in enumerate(sys.argv) if n == 0 or a not in mine]
    # Many files are invalid on purpose, and pydicom would warn about them.
    program = unittest.main(argv=arguments, verbosity=2, exit=False, warnings='ignore')
    if '--table' in sys.argv or ALL_WHOLE:
        print_table()
    sys.exit(not program.result.wasSuccessful())
