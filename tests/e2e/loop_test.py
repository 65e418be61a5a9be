#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A study goes in by C-STORE, one report stands under it in Orthanc; sent again, it is still one."""
import os
import unittest

import pydicom
from lab import Lab, OSTEON, phantom, run, wait_until
from objects import check_object, kind


class Loop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.study_folder = cls.lab.path('phantom')
        cls.truth = phantom(cls.study_folder, '--seed', '7', '--lesions', '6')
        cls.lab.start_orthanc()
        cls.lab.start_worker()
        cls.lab.send(cls.study_folder)
        cls.study = cls.truth['study_instance_uid']
        cls.job = cls.lab.wait_for_state(cls.study, 'done')

    def objects(self):
        """{kind: [dataset]} of what Osteon stored in the study."""
        found = {}
        for modality in ('SR', 'SEG', 'OT', 'MR', 'DOC'):
            for n, content in enumerate(self.lab.instances_of(self.study, modality)):
                path = self.lab.path(f'{modality}-{n}.dcm')
                with open(path, 'wb') as f:
                    f.write(content)
                dataset = pydicom.dcmread(path)
                if kind(dataset) in ('SR', 'SEG', 'SC', 'PDF'):
                    found.setdefault(kind(dataset), []).append((path, dataset))
        return found

    def test_1_one_report_with_its_segmentation_and_picture_stands_in_the_study(self):
        found = self.objects()
        self.assertEqual(len(found.get('SR', [])), 1, found.keys())
        self.assertEqual(len(found.get('SEG', [])), 1, found.keys())
        self.assertGreaterEqual(len(found.get('SC', [])), 1)
        self.assertEqual(len({str(d.SeriesInstanceUID) for _, d in found['SC']}), 1, 'the pictures are one series')
        for objects in found.values():
            for path, dataset in objects:
                with self.subTest(path):
                    self.assertEqual(str(dataset.StudyInstanceUID), self.study)
                    check_object(self, path, dataset)

    def test_2_the_segments_are_those_of_the_report(self):
        found = self.objects()
        (_, sr), (_, seg) = found['SR'][0], found['SEG'][0]
        segments = {str(s.TrackingUID) for s in seg.SegmentSequence}
        groups = set()

        def walk(items):
            for item in items:
                if item.ValueType == 'UIDREF' and item.ConceptNameCodeSequence[0].CodeValue == '112040':
                    groups.add(str(item.UID))
                walk(item.get('ContentSequence', []))
        walk(sr.ContentSequence)
        self.assertTrue(segments)
        self.assertLessEqual(segments, groups)

    def test_3_the_same_study_again_makes_no_second_report(self):
        jobs_before = [j['id'] for j in self.lab.jobs()]
        changes_before = self.lab.get('/changes?last')['Last']
        self.lab.send(self.study_folder)
        status = self.lab.get('/osteon/status')
        # The plugin has looked at the study again when its cursor has passed what the second sending changed, and a
        # reconcile has begun and ended since.
        wait_until('the plugin has seen the second sending',
                   lambda: self.lab.get('/osteon/status')['reconciles'] >= status['reconciles'] + 2
                   and self.lab.get('/osteon/status')['cursor'] >= changes_before, 60)
        self.assertEqual([j['id'] for j in self.lab.jobs()], jobs_before)
        self.assertEqual(len(self.objects()['SR']), 1)

    def test_4_explain_and_jobs_tell_what_happened(self):
        explained = run(OSTEON, 'explain', self.study, '--url', f'http://127.0.0.1:{self.lab.http}').stdout
        self.assertIn('done', explained)
        self.assertIn('STIR', explained)
        listed = run(OSTEON, 'jobs', '--url', f'http://127.0.0.1:{self.lab.http}').stdout
        self.assertIn('done', listed)

    def test_5_no_patient_data_in_any_log(self):
        dataset = pydicom.dcmread(next(os.path.join(d, f) for d, _, fs in os.walk(self.study_folder) for f in fs if f.endswith('.dcm')))
        for log in ('orthanc.log', 'worker.log'):
            text = self.lab.log_text(log)
            for secret in (str(dataset.PatientID), str(dataset.PatientName).split('^')[0]):
                lines = [line for line in text.splitlines() if secret in line and 'osteon' in line.lower()]
                self.assertEqual(lines, [], log)


if __name__ == '__main__':
    unittest.main(verbosity=2)
