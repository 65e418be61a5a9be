#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One patient three times, through Orthanc and worker: each report compares with the previous one, its counts add up, and lesions keep their identity.

Read by pydicom from what stands in Orthanc, as another program would. The images of the second study are gone when the third comes.
"""
import io
import re
import unittest

import pydicom
from lab import Lab, phantom

# Of one year: the phantom's birth date follows the year of the study.
POINTS = [('20260110', 'baseline'), ('20260510', 'mixed'), ('20260920', 'grow')]
CHANGES = ('new', 'worse', 'stable', 'improved', 'resolved', 'not comparable')


def name(item):
    return item.ConceptNameCodeSequence[0].CodeValue


def under(item, code):
    return [child for child in item.get('ContentSequence', []) if name(child) == code]


class Mark:
    """A measurement group of a lesion, as any reader sees it."""

    def __init__(self, group):
        self.id, self.uid = under(group, '112039')[0].TextValue, str(under(group, '112040')[0].UID)
        self.gone = bool(under(group, '121069'))
        self.lesion = any(c.ConceptCodeSequence[0].CodeValue == '52988006' for c in under(group, '121071'))
        change = under(group, '111424')
        self.change = change[0].ConceptCodeSequence[0].CodeMeaning.lower() if change else None
        volume = under(group, '118565006')
        self.ml = float(volume[0].MeasuredValueSequence[0].FloatingPointValue) if volume else None
        values = dict(v.split('=') for v in under(group, 'values')[0].TextValue.split(';')) if under(group, 'values') else {}
        self.prior_ml = float(values['prior_volume_ml']) if 'prior_volume_ml' in values else None
        label = under(group, '121106')
        self.number, self.site = label[0].TextValue.split(' ', 1) if label else (None, self.id.rsplit(' ', 1)[0])


class Report:
    def __init__(self, bytes_of_sr):
        self.sr = pydicom.dcmread(io.BytesIO(bytes_of_sr))
        groups = [g for heading in ('126010', '126011') for c in under(self.sr, heading) for g in under(c, '125007')]
        self.marks = [Mark(g) for g in groups if under(g, '363698007')]
        self.lesions = [m for m in self.marks if m.lesion and not m.gone]
        self.gone = [m for m in self.marks if m.gone]
        texts = {code: [t.TextValue for h in under(self.sr, code) for t in h.ContentSequence] for code in ('121072', '121070', '111050')}
        self.impression, self.findings, self.quality = texts['121072'], texts['121070'], texts['111050']

    def counts(self):
        """{change: (count, sites in brackets)} as the impression says."""
        line = next((t for t in self.impression if t.startswith('Compared with')), '')
        return {change: (int(n), sites or '') for n, change, sites in
                re.findall(rf'(\d+) ({"|".join(CHANGES)})(?: \(([^)]*(?:\(both sides\)[^)]*)*)\))?', line)}

    def of(self, uid):
        return next((m for m in self.marks if m.uid == uid), None)


class Followup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.start_orthanc()
        cls.lab.start_worker()
        cls.reports, cls.pages = [], []
        for n, (date, course) in enumerate(POINTS):
            folder = cls.lab.path(f'study-{n + 1}')
            truth = phantom(folder, '--seed', '7', '--lesions', '6', '--child', '--course', course, '--study-date', date, '--patient-id', 'P7')
            if n == 2:
                for series in cls.lab.series_of(study, 'MR'):
                    cls.lab.request('DELETE', f'/series/{series["ID"]}')
            study = truth['study']
            cls.lab.send(folder)
            cls.lab.wait_for_state(study, 'done', seconds=600)
            cls.reports.append(Report(cls.lab.instances_of(study, 'SR')[0]))
            cls.pages.append([pydicom.dcmread(io.BytesIO(b)) for b in cls.lab.instances_of(study, 'OT')])

    def test_each_is_compared_with_the_one_before(self):
        first, second, third = (r.sr for r in self.reports)
        self.assertNotIn('PertinentOtherEvidenceSequence', first)
        for before, after in ((first, second), (second, third)):
            evidence = after.PertinentOtherEvidenceSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
            self.assertEqual(evidence.ReferencedSOPInstanceUID, before.SOPInstanceUID)

    def test_counts_agree_with_the_lesions_listed(self):
        for report in self.reports[1:]:
            counts = {change: n for change, (n, _) in report.counts().items()}
            listed = {}
            for mark in report.lesions + report.gone:
                listed[mark.change] = listed.get(mark.change, 0) + 1
            for mark in report.marks:  # Earlier lesions that are marks with normal signal now.
                if mark not in report.lesions + report.gone and mark.change in ('resolved', 'not comparable'):
                    listed[mark.change] = listed.get(mark.change, 0) + 1
            self.assertEqual(counts, listed)
            self.assertGreaterEqual(len(counts), 2)

    def test_sites_named_are_those_of_the_lesions(self):
        for report in self.reports[1:]:
            for change, (_, sites) in report.counts().items():
                if change not in ('new', 'worse', 'resolved'):
                    self.assertEqual(sites, '')
                    continue
                for mark in report.marks:
                    if mark.change == change:
                        bone = re.sub(r'^(left|right) ', '', mark.site)
                        self.assertIn(bone, sites)

    def test_volumes_and_percent_are_those_of_the_two_reports(self):
        followed = 0
        for before, after in zip(self.reports, self.reports[1:]):
            for mark in after.lesions:
                line = next(t for t in after.findings if t.startswith(mark.number + '. '))
                if mark.prior_ml is None:
                    self.assertIn(mark.change, ('new', 'not comparable'))
                    continue
                followed += 1
                then = before.of(mark.uid)
                if 'merged' not in line and 'part' not in line:
                    self.assertIsNotNone(then, 'a lesion that is followed keeps its UID')
                    self.assertAlmostEqual(then.ml, mark.prior_ml, delta=.01)
                    self.assertEqual(then.id, mark.id)
                    percent = re.search(r' ml \([\d.]+ before, ([+-]?\d+) %\)', line)
                    self.assertIsNotNone(percent, line)
                    self.assertEqual(int(percent[1]), round(100 * (mark.ml / mark.prior_ml - 1)))
                self.assertRegex(line, r' ml \([\d.]+ before')
            for mark in after.gone:
                self.assertAlmostEqual(before.of(mark.uid).ml, mark.prior_ml, delta=.01)
        self.assertGreaterEqual(followed, 4)

    def test_one_lesion_is_followed_through_all_three(self):
        for report in self.reports:
            uids = [m.uid for m in report.marks]
            self.assertEqual(len(set(uids)), len(uids))
            self.assertEqual(len({m.id for m in report.marks}), len(uids))
        through = set.intersection(*({(m.uid, m.id) for m in r.lesions} for r in self.reports))
        self.assertGreaterEqual(len(through), 2)

    def test_then_is_shown_beside_now_while_its_images_are_there(self):
        missing = 'The images of the prior study were not at hand'
        second, third = self.reports[1:]
        self.assertNotIn(missing, ' '.join(second.quality))
        self.assertIn(missing, ' '.join(third.quality))
        self.assertGreater(len(second.gone), 0)
        # A page for the body map, one for each lesion, and for each that is gone.
        self.assertEqual(len(self.pages[1]), 1 + len(second.lesions) + len(second.gone))
        self.assertEqual(len(self.pages[2]), 1 + len(third.lesions))


if __name__ == '__main__':
    unittest.main(verbosity=2)
