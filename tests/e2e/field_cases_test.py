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
import json
import os
import re
import shutil
import sys
import tempfile
import unittest
from dataclasses import dataclass, field

import empty_network
import field_study
import pydicom
from all_field_cases import CASES
from field_cases import Right
from field_study import BASES
from lab import Lab, OSTEON, SOURCE, TIME_SCALE, run, wait_until
from objects import check_object

ALL_WHOLE = '--siblings' in sys.argv
ONLY = sys.argv[sys.argv.index('--only') + 1] if '--only' in sys.argv else ''
MODELS = os.path.join(SOURCE, 'config', 'models')
NO_BODY = 'skeleton could not be located'
REFUSED = (2, 4)                # Exit codes of `analyze`: unreadable, not a whole body.
VOLUME_SHARE, SIGNAL_SHARE, CERTAINTY_PERCENT = 0.15, 0.05, 1.0
CHOSEN = {name: c for name, c in CASES.items() if re.search(ONLY, name) and (ALL_WHOLE or ONLY or not c.of)}


@dataclass
class Outcome:
    exit: int
    text: str = ''              # What `analyze` printed.
    findings: dict = field(default_factory=dict)
    folder: str = ''

    @property
    def said(self):
        """All that the report says besides its lesions."""
        f = self.findings
        if not f:
            return self.text
        caveats = [' '.join([c['code'], c['text'], *c['values']]) for c in f['caveats']]
        missing = [r for lesion in f['lesions'] + f['other_marks'] for r in lesion['not_assessed'].values()]
        return '\n'.join([f['not_evaluable_reason'], *caveats, *f['report']['limitations'], *f['report']['impression'], *missing])

    def sr(self):
        return pydicom.dcmread(os.path.join(self.folder, 'sr.dcm'))

    def summary(self):
        if not self.findings:
            return f'refused ({self.exit}): {self.text.strip()[:110]}'
        if not self.findings['evaluable']:
            return 'not evaluable' if NO_BODY not in self.said else 'used as the base (no network)'
        return f'{len(self.findings["lesions"])} lesions'


def evidence(sr):
    """Number of MR images that the SR names as sources."""
    return sum(str(r.ReferencedSOPClassUID).startswith('1.2.840.10008.5.1.4.1.1.4')
               for study in sr.get('CurrentRequestedProcedureEvidenceSequence', [])
               for series in study.ReferencedSeriesSequence for r in series.ReferencedSOPSequence)


def close(a, b, share):
    return a is not None and b is not None and abs(a - b) <= share * max(abs(a), abs(b))


def pairs(lesions, expected):
    """[(lesion, expected)] by bone, the largest first; or a text that says what differs."""
    def listed(those):
        return sorted(those, key=lambda l: (l['site']['unit'], -l['volume_ml']))
    got, want = listed(lesions), listed(expected)
    if [l['site']['unit'] for l in got] != [l['site']['unit'] for l in want]:
        return [], [f'{len(got)} lesions instead of {len(want)}: ' + ', '.join(l['site']['unit'] for l in got)]
    return list(zip(got, want)), []


def signal_problems(matched, measure, wanted, said):
    wrong = [f'{measure} of {a["site"]["unit"]} is {a[measure]}, not {b[measure]}' for a, b in matched if not close(a[measure], b[measure], SIGNAL_SHARE)]
    if wanted == 'same or said' and wrong and all(a[measure] is None for a, _ in matched) and re.search(measure.split('_')[0], said, re.I):
        return []
    return wrong


def lesion_problems(right, outcome, like, bases):
    """Compares lesions, parts that were not imaged, red flags and signals with those of the base."""
    f = outcome.findings
    matched, wrong = pairs(f['lesions'], like.findings['lesions'])
    apart = re.compile(right.apart[1]) if right.apart else None
    for a, b in matched:
        if not close(a['volume_ml'], b['volume_ml'], VOLUME_SHARE):
            wrong.append(f'{a["site"]["unit"]} has {a["volume_ml"]:.2f} ml, not {b["volume_ml"]:.2f}')
    for key in ('not_imaged', 'partly_imaged'):
        more = set(f[key]) - set(like.findings[key])
        if more:
            wrong.append(f'{key}: {sorted(more)}')
    flags = {r['code'] for r in f['patient']['red_flags']} - {r['code'] for r in like.findings['patient']['red_flags']}
    if flags:
        wrong.append(f'red flags: {sorted(flags)}')
    if right.t1:
        wrong += signal_problems(matched, 't1_to_muscle', right.t1, outcome.said)
    if right.adc:
        wrong += signal_problems(matched, 'adc_mean_um2_per_s', right.adc, outcome.said)
    if apart and matched:
        without = {l['site']['unit']: l['certainty_percent'] for l in bases[right.apart[0]].findings['lesions']}
        wrong += [f'{a["site"]["unit"]} is {a["certainty_percent"]:.1f} % certain, {without.get(a["site"]["unit"])} % without'
                  for a, _ in matched if apart.search(a['site']['unit'])
                  and abs(a['certainty_percent'] - without.get(a['site']['unit'], 0)) > CERTAINTY_PERCENT]
    return wrong


def object_problems(case, outcome):
    """Checks that the name is readable, and SR and SEG are valid, except for invalid UIDs of the images."""
    right, wrong = case.right, []
    # References keep the UIDs of the images, so dciodvfy reports these UIDs, and a summary of its errors.
    foreign = re.compile(r'\bUI\b|UID|contains invalid data values') if case.name.startswith('uid') else None
    for name in ('sr.dcm', 'seg.dcm'):
        path = os.path.join(outcome.folder, name)
        if not os.path.exists(path):
            continue
        d = pydicom.dcmread(path)
        if '\ufffd' in str(d.PatientName):
            wrong.append(f'{name}: Patient\'s Name is garbled')
        if right.undated and d.get('StudyDate'):
            wrong.append(f'{name}: Study Date {d.StudyDate} is invented')
        if right.pages:
            try:
                check_object(unittest.TestCase(), path, d, foreign)
            except UnicodeDecodeError:
                wrong.append(f'{name}: text that is not of its character set')
            except AssertionError as e:
                wrong.append(f'{name}: {str(e)[:150]}')
    return wrong


def problems(case, outcome, bases):
    """Texts that say why the result is wrong; empty when it is right."""
    right = case.right
    if not outcome.findings or (not outcome.findings['evaluable'] and NO_BODY not in outcome.said):
        if right.or_refused and outcome.exit in (*REFUSED, 3) and re.search(right.or_refused, outcome.text + outcome.said, re.I):
            return []
        return [f'exit {outcome.exit}: {(outcome.said or outcome.text).strip()[:300]}']
    if right.like == 'nothing':
        return [] if right.or_says and re.search(right.or_says, outcome.said, re.I) else ['analysed without a word']
    like = bases[right.like or case.base]
    wrong = []
    if outcome.findings['evaluable']:
        wrong += lesion_problems(right, outcome, like, bases)
    if right.evidence:
        used, expected = evidence(outcome.sr()), evidence(like.sr())
        if used != expected:
            wrong.append(f'{used} images used instead of {expected}')
    if wrong and right.or_says and re.search(right.or_says, outcome.said, re.I):
        wrong = []
    if right.says and not re.search(right.says, outcome.said, re.I):
        wrong.append(f'no caveat on "{right.says}"')
    return wrong + object_problems(case, outcome)


class Analyses:
    """Runs `osteon analyze` once on each study; the phantoms and studies are in one folder.

    Whole: with the real network on fine phantoms; otherwise with the empty network on coarse ones.
    """

    def __init__(self, folder):
        self.folder, self.done, self.phantoms = folder, {}, set()
        self.empty = empty_network.write(self.path('no-body'), MODELS)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def phantoms_for(self, base, fine):
        """The folder of the phantoms; makes that of the base when it is missing."""
        folder, name = self.path('fine' if fine else 'coarse'), BASES[base][0]
        if (name, fine) not in self.phantoms:
            run(OSTEON, 'phantom', '--out', os.path.join(folder, name), *field_study.PHANTOMS[name],
                *(field_study.FINE if fine else field_study.COARSE), timeout=900)
            self.phantoms.add((name, fine))
        return folder

    def study(self, name, fine):
        """Writes the case, the base, or a plane; (folder, Study Instance UID)."""
        folder = self.path('studies', name)
        base = CASES[name].base if name in CASES else name if name in BASES else 'composed'
        study = field_study.base_study(self.phantoms_for(base, fine), base, name)
        if name in CASES:
            CASES[name].change(study)
        elif name not in BASES:
            study = field_study.reformatted(study, name)
        return folder, field_study.write(study, folder)

    def of(self, name, whole):
        key = (name, whole)
        if key not in self.done:
            folder, _ = self.study(name, whole)
            self.done[key] = self.analyze(folder, self.path('out', f'{name}-{"whole" if whole else "empty"}'), whole)
            shutil.rmtree(folder)
        return self.done[key]

    def analyze(self, folder, out, whole):
        done = run(OSTEON, 'analyze', folder, '--out', out, *(() if whole else ('--model-dir', self.empty)), ok=None, timeout=900)
        outcome = Outcome(done.returncode, done.stderr + done.stdout, folder=out)
        if os.path.isfile(os.path.join(out, 'findings.json')):
            with open(os.path.join(out, 'findings.json')) as f:
                outcome.findings = json.load(f)
        return outcome

    def bases(self, case, whole):
        names = {case.base, case.right.like or case.base, *case.right.apart[:1]} - {'nothing'}
        return {name: self.of(name, whole) for name in names}


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


def sr_lesions(sr):
    """[(tracking identifier, volume)] of the lesions in an SR."""
    found = []

    def walk(content):
        for item in content:
            children = item.get('ContentSequence', [])
            words = {c.ConceptNameCodeSequence[0].CodeMeaning: c for c in children if 'ConceptNameCodeSequence' in c}
            if 'Tracking Identifier' in words and 'Referenced Segment' in words and 'Volume' in words:
                found.append((str(words['Tracking Identifier'].TextValue), float(words['Volume'].MeasuredValueSequence[0].NumericValue)))
            walk(children)
    walk(sr.ContentSequence)
    return sorted(found)


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
