# SPDX-License-Identifier: GPL-3.0-or-later
"""What the objects refer to: segments, evidence, the prior."""
import unittest

import pydicom
from objects_cases import CASES, cases_with_seg, documents, listed_marks, load_json, path, sources
from objects_sr import children, groups_of, point_of, template_of, tracking_uid, walk


class References(unittest.TestCase):

    def test_segments_and_groups_reach_each_other(self):
        for case in cases_with_seg():
            seg, sr = pydicom.dcmread(path(case, 'seg.dcm')), pydicom.dcmread(path(case, 'sr.dcm'))
            by_uid = {s.TrackingUID: s for s in seg.SegmentSequence}
            reached = set()
            for group in groups_of(sr):
                references = [r for volume in children(group, '118565006') for r in children(volume, '121191')]
                self.assertEqual(template_of(group), '1501' if point_of(group) is None else '1411' if references else '1410', case)
                if not references:
                    self.assertNotIn(tracking_uid(group), by_uid)
                    continue
                self.assertEqual([r.RelationshipType for r in references], ['INFERRED FROM'], case)
                reference = references[0].ReferencedSOPSequence[0]
                segment = by_uid[tracking_uid(group)]
                self.assertEqual(reference.ReferencedSOPInstanceUID, seg.SOPInstanceUID)
                self.assertEqual(reference.ReferencedSegmentNumber, segment.SegmentNumber)
                self.assertEqual(children(group, '112039')[0].TextValue, segment.TrackingID)
                site, region = children(group, '363698007')[0], segment.AnatomicRegionSequence[0]
                self.assertEqual(site.ConceptCodeSequence[0].CodeValue, region.CodeValue)
                side = [c.ConceptCodeSequence[0].CodeValue for c in children(site, '272741003')]
                modifiers = [m.CodeValue for m in region.get('AnatomicRegionModifierSequence', [])]
                self.assertEqual(side, modifiers)
                reached.add(segment.SegmentNumber)
            self.assertEqual(reached, {s.SegmentNumber for s in seg.SegmentSequence}, case)

    def test_evidence_is_complete(self):
        for case in CASES:
            sr = pydicom.dcmread(path(case, 'sr.dcm'))
            evidence = set()
            for keyword in ('CurrentRequestedProcedureEvidenceSequence', 'PertinentOtherEvidenceSequence'):
                for study in sr.get(keyword, []):
                    for series in study.ReferencedSeriesSequence:
                        evidence |= {r.ReferencedSOPInstanceUID for r in series.ReferencedSOPSequence}
            referred = {r.ReferencedSOPInstanceUID for item in walk(sr) for r in item.get('ReferencedSOPSequence', [])}
            self.assertEqual(referred - evidence, set(), case)
            ours = {pydicom.dcmread(path(case, n)).SOPInstanceUID for n in documents(case)}
            ours -= {sr.SOPInstanceUID}
            if 'report-pdf.dcm' in documents(case):
                ours -= {pydicom.dcmread(path(case, 'report-pdf.dcm')).SOPInstanceUID}
            self.assertEqual(ours - evidence, set(), f'{case}: an object of ours is not in the evidence')
            images = {u for s in sources(case) for u in s['uids']}
            self.assertLessEqual(images, evidence, case)
            # The Image Library lists the images that a reader should look at.
            listed = [r.ReferencedSOPInstanceUID for library in children(sr, '111028') for group in children(library, '126200')
                      for image in children(group, value_type='IMAGE') for r in image.ReferencedSOPSequence]
            self.assertEqual(len(listed), len(set(listed)), case)
            self.assertLessEqual(set(listed), images, case)
            marks = len(listed_marks(load_json(case, 'findings.json')))
            self.assertEqual(bool(listed), marks > 0, case)
            self.assertLessEqual(len(listed), marks, case)
        sr = pydicom.dcmread(path('prior', 'sr.dcm'))
        predecessor = sr.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
        self.assertEqual(predecessor.ReferencedSOPInstanceUID, '2.25.13')
