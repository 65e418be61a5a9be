#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A study is sent by C-STORE and gets one report in Orthanc; when it is sent again, it still has one."""
import glob
import json
import os
import shutil
import unittest

import mini
import pydicom
from lab import Lab, OSTEON, phantom, run, wait_until
from objects import check_object, kind
from pydicom.uid import generate_uid


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
        cls.study = cls.truth['study']
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
        def jobs_of_study():
            return [j['id'] for j in self.lab.jobs() if j['study_instance_uid'] == self.study]
        before = jobs_of_study()
        self.lab.send(self.study_folder)
        # Changes are handled in order and both studies wait for the same quiet time. So when a study that was sent later has been
        # judged, the second sending of the first one has been judged as well.
        marker = mini.image_series(self.lab.path('marker'), 'marker', modality='CT')
        self.lab.send(self.lab.path('marker'))
        wait_until('the marker is judged', lambda: (self.lab.job_of(marker) or {}).get('state') == 'skipped', 60)
        self.assertEqual(jobs_of_study(), before)
        self.assertEqual(len(self.objects()['SR']), 1)

    def test_4_explain_and_jobs_tell_what_happened(self):
        explained = run(OSTEON, 'explain', self.study, '--url', f'http://127.0.0.1:{self.lab.http}').stdout
        self.assertIn('done', explained)
        self.assertRegex(explained, 'stir|STIR')
        self.assertNotIn('still coming', explained)
        listed = run(OSTEON, 'jobs', '--url', f'http://127.0.0.1:{self.lab.http}').stdout
        self.assertIn('done', listed)

    def test_5_a_damaged_study_is_stuck_with_a_reason(self):
        damaged, study = self.lab.path('damaged'), generate_uid()
        shutil.copytree(self.study_folder, damaged)
        for n, path in enumerate(sorted(glob.glob(os.path.join(damaged, '**', '*.dcm'), recursive=True))):
            dataset = pydicom.dcmread(path)
            dataset.StudyInstanceUID, dataset.PatientName = study, 'Damaged^<b>Name'
            dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[study, str(n)])
            dataset.PixelData = dataset.PixelData[:-2]
            dataset.save_as(path)
        self.lab.send(damaged)
        job = self.lab.wait_for_state(study, 'stuck')
        self.assertIn('Pixel Data (7FE0,0010) has', job['reason'])
        self.assertNotIn('Damaged', json.dumps(self.lab.jobs()))

    def test_6_no_patient_data_in_any_log(self):
        dataset = pydicom.dcmread(next(os.path.join(d, f) for d, _, fs in os.walk(self.study_folder) for f in fs if f.endswith('.dcm')))
        for log in ('orthanc.log', 'worker.log'):
            text = self.lab.log_text(log)
            for secret in (str(dataset.PatientID), str(dataset.PatientName).split('^')[0], 'Damaged^', '<b>Name'):
                lines = [line for line in text.splitlines() if secret in line and 'osteon' in line.lower()]
                self.assertEqual(lines, [], log)


if __name__ == '__main__':
    unittest.main(verbosity=2)
