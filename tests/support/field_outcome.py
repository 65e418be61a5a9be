# SPDX-License-Identifier: GPL-3.0-or-later
"""What `osteon analyze` made of a field case (field_cases.py), and what is wrong with it."""
import os
import re
import unittest
from dataclasses import dataclass, field

import pydicom
from objects import check_object

NO_BODY = 'skeleton could not be located'
REFUSED = (2, 4)                # Exit codes of `analyze`: unreadable, not a whole body.
VOLUME_SHARE, SIGNAL_SHARE, CERTAINTY_PERCENT = 0.15, 0.05, 1.0


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


def sr_lesions(sr):
    """[(tracking identifier, volume)] of the lesions in an SR."""
    found = []

    def walk(content):
        for item in content:
            children = item.get('ContentSequence', [])
            words = {c.ConceptNameCodeSequence[0].CodeMeaning: c for c in children if 'ConceptNameCodeSequence' in c}
            if 'Tracking Identifier' in words and 'Referenced Segment' in words and 'Volume' in words:
                found.append((str(words['Tracking Identifier'].TextValue), float(words['Volume'].MeasuredValueSequence[0].FloatingPointValue)))
            walk(children)
    walk(sr.ContentSequence)
    return sorted(found)
