#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reported study in a real Orthanc when its patient is corrected, when it is merged, split, anonymised, sent elsewhere,
deleted, refused by a filter. No object of Osteon may stand under a patient it was not made for."""
import copy
import glob
import io
import os
import sys
import unittest
import urllib.error

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import pydicom

import lab
import studies
from plugin_lab import PluginLab, osteon_instances, result_documents

KEPT = ['StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID']
CORRECTED = {'PatientID': 'CORRECTED', 'PatientName': 'Corrected^Name'}


class LifeLab(PluginLab):
    """A lab with a reported study; `act` changes that study."""

    def report(self, study, tag='1'):
        """A worker stores a report of the waiting study."""
        self.start_scripted('finish', result_documents(study, self.path(f'out{tag}'), tag=tag))
        self.wait_for_state(study.uid, 'done', seconds=60)
        self.stop('worker')

    def reported(self, patient='PLUGIN01'):
        study = studies.Study(patient)
        study.whole_body(self.folder_for(f'in-{patient}'))
        self.send(self.path(f'in-{patient}'))
        self.report(study, patient)
        return study

    def order(self, uri, **body):
        """Starts a job of Orthanc and waits for its end."""
        job = self.post(uri, {'Asynchronous': True, **body})
        done = lab.wait_until('Orthanc\'s job ended', lambda: (lambda j: j if j['State'] in ('Success', 'Failure') else None)(
            self.get('/jobs/' + job['ID'])), 60)
        if done['State'] != 'Success':
            raise AssertionError(done)

    def own(self):
        """[(StudyInstanceUID, data set)] of all objects of Osteon in all studies."""
        found = []
        for uid, study in self.studies_in_all():
            try:
                listed = self.get(f'/studies/{study}/series')
            except urllib.error.HTTPError:
                continue  # A study of copies alone is gone with them.
            for series in listed:
                if series['MainDicomTags'].get('Manufacturer') != 'Osteon project':
                    continue
                for instance in series['Instances']:
                    try:
                        found.append((uid, pydicom.dcmread(io.BytesIO(self.get(f'/instances/{instance}/file')))))
                    except urllib.error.HTTPError:
                        pass  # Removed while we read.
        return found

    def studies_in_all(self):
        return [(s['MainDicomTags']['StudyInstanceUID'], s['ID']) for s in self.get('/studies?expand')]

    def history(self, study_uid):
        job = self.job_of(study_uid)
        return ' | '.join(f'{h["event"]}: {h["reason"]}' for h in self.get(f'/osteon/jobs/{job["id"]}')['history'])

    def only_study(self):
        return self.studies_in_all()[0]


class LivesOn(unittest.TestCase):
    def check_made_anew(self, l, uid, patient, name):
        """The study under its new patient holds no earlier object, and gets a report of its own."""
        lab.wait_until('it is to be analysed anew', lambda: (l.job_of(uid) or {}).get('state') == 'ready', 60)
        self.assertEqual(l.own(), [], 'nothing that names the other patient')
        self.assertRegex(l.history(uid), 'withdrawn: 2 objects of Osteon were removed')
        now = studies.Study(patient, name)
        now.uid = uid
        l.report(now, 'anew')
        self.assertEqual({(u, str(d.PatientID), str(d.PatientName)) for u, d in l.own()}, {(uid, patient, name)})
        self.assertEqual(len(l.own()), 2)

    def test_patient_corrected_with_the_uids_kept(self):
        with LifeLab() as l:
            l.start_orthanc()
            study = l.reported()
            patient = l.get('/patients')[0]
            l.order(f'/patients/{patient}/modify', Replace=CORRECTED, Keep=KEPT, Force=True, KeepSource=False)
            self.check_made_anew(l, study.uid, 'CORRECTED', 'Corrected^Name')

    def test_patient_corrected_with_the_uids_and_the_source_kept(self):
        with LifeLab() as l:
            l.start_orthanc()
            study = l.reported()
            patient = l.get('/patients')[0]
            l.order(f'/patients/{patient}/modify', Replace=CORRECTED, Keep=KEPT, Force=True, KeepSource=True)
            lab.wait_until('the copies are gone', lambda: len(l.own()) == 2, 60)
            self.assertEqual({str(d.PatientID) for _, d in l.own()}, {study.patient}, 'those of the source')
            lab.wait_until('the copy is to be analysed', lambda: sorted(j['state'] for j in l.jobs()) == ['done', 'ready'], 60)

    def test_study_corrected(self):
        with LifeLab() as l:
            l.start_orthanc()
            l.reported()
            l.order(f'/studies/{l.only_study()[1]}/modify', Replace={'PatientName': 'Corrected^Name'}, KeepSource=False)
            self.check_made_anew(l, l.only_study()[0], 'PLUGIN01', 'Corrected^Name')

    def test_split_under_another_patient(self):
        with LifeLab() as l:
            l.start_orthanc()
            study = l.reported()
            series = [s['ID'] for s in l.series_of(study.uid)]
            l.order(f'/studies/{l.only_study()[1]}/split', Series=series, Replace=CORRECTED, KeepSource=False)
            self.check_made_anew(l, l.only_study()[0], 'CORRECTED', 'Corrected^Name')

    def test_merged_into_a_study_that_has_a_report(self):
        with LifeLab() as l:
            l.start_orthanc()
            wrong, right = l.reported('WRONG'), l.reported('RIGHT')
            ids = l.studies()
            l.order(f'/studies/{ids[right.uid]}/merge', Resources=[ids[wrong.uid]], KeepSource=False)
            lab.wait_until('the copies are gone', lambda: len(l.own()) == 2, 60)
            self.assertEqual({(u, str(d.PatientID)) for u, d in l.own()}, {(right.uid, 'RIGHT')}, 'its own report stays')
            lab.wait_until('the study is to be analysed with what came', lambda: l.job_of(right.uid)['state'] == 'ready', 60)
            self.assertTrue(l.job_of(right.uid)['supersedes'])

    def test_anonymised(self):
        with LifeLab() as l:
            l.start_orthanc()
            study = l.reported()
            l.order(f'/studies/{l.only_study()[1]}/anonymize')
            copy_uid = next(u for u, _ in l.studies_in_all() if u != study.uid)
            lab.wait_until('the copies are gone', lambda: len(l.own()) == 2, 60)
            self.assertEqual({u for u, _ in l.own()}, {study.uid}, 'the report of the original stays')
            l.wait_for_state(copy_uid, 'ready', seconds=60)
            self.assertRegex(l.history(copy_uid), 'withdrawn: .*anonymised')

    def test_anonymised_series_of_ours_alone(self):
        """A study that holds only our pages is removed, too, and its job is skipped or cancelled, not stuck."""
        with LifeLab() as l:
            l.start_orthanc()
            study = l.reported()
            page = next(s['ID'] for s in l.series_of(study.uid, 'OT'))
            l.post(f'/series/{page}/anonymize')
            lab.wait_until('the copies are gone', lambda: len(l.own()) == 2, 60)
            self.assertEqual({u for u, _ in l.own()}, {study.uid})

    def test_corrected_in_place(self):
        """The scanner sends the images again, with the same UIDs and another name."""
        with LifeLab() as l:
            plain = l.orthanc_config
            l.orthanc_config = lambda: {**plain(), 'OverwriteInstances': True}
            l.start_orthanc()
            study = l.reported()
            for path in glob.glob(l.path('in-PLUGIN01', '**', '*.dcm'), recursive=True):
                ds = pydicom.dcmread(path)
                ds.PatientName = 'Corrected^Name'
                ds.save_as(path)
            l.send(l.path('in-PLUGIN01'))
            lab.wait_until('its report is withdrawn', lambda: l.own() == [], 60)
            self.check_made_anew(l, study.uid, study.patient, 'Corrected^Name')

    def test_sent_to_another_osteon_with_its_report(self):
        with LifeLab() as here, LifeLab() as there:
            here.start_orthanc()
            there.start_orthanc()
            study = here.reported()
            for series in here.series_of(study.uid):
                for instance in series['Instances']:
                    there.post('/instances', here.get(f'/instances/{instance}/file'))
            there.wait_for_state(study.uid, 'ready', seconds=60)
            self.assertEqual(len(there.own()), 2, 'a report of another Osteon is no copy')
            there.report(copy.copy(study), 'there')
            self.assertEqual(len(there.own()), 4)

    def test_what_a_person_deletes_stays_deleted(self):
        with LifeLab() as l:
            l.start_orthanc()
            study = l.reported()
            page = next(s['ID'] for s in l.series_of(study.uid, 'OT'))
            l.request('DELETE', f'/series/{page}')
            late = l.folder_for('late')
            study.text_report(late)
            l.send(late)
            lab.wait_until('the study was looked at', lambda: not l.ledger_rows('SELECT 1 FROM studies WHERE due_ms IS NOT NULL'), 60)
            self.assertEqual(osteon_instances(l, study), 1)
            self.assertEqual([j['state'] for j in l.jobs()], ['done'])
            l.request('DELETE', '/patients/' + l.get('/patients')[0])
            lab.wait_until('the job ended with its study', lambda: [j['state'] for j in l.jobs()] == ['cancelled'], 60)


class Refused(unittest.TestCase):
    def test_a_filter_is_named_and_leaves_no_half_report(self):
        with LifeLab(MaxAttempts=2) as l:
            plain = l.orthanc_config
            with open(l.path('filter.lua'), 'w') as f:
                f.write('function ReceivedInstanceFilter(dicom, origin)\n  return dicom["Modality"] ~= "OT"\nend\n')
            l.orthanc_config = lambda: {**plain(), 'LuaScripts': [l.path('filter.lua')]}
            l.start_orthanc()
            study = l.send_whole_body()
            l.start_scripted('finish', result_documents(study, l.path('out')))
            job = l.wait_for_state(study.uid, 'stuck', seconds=60)
            self.assertRegex(job['reason'], r'sc\.dcm .*ReceivedInstanceFilter.*tried 2 times')
            self.assertEqual(osteon_instances(l, study), 0, 'no report without its pictures')


class Retries(unittest.TestCase):
    def test_a_retry_comes_when_its_time_has_come(self):
        """Nothing else happens in this Orthanc, and the next comparison of all studies is an hour away."""
        with LifeLab(MaxAttempts=3, ReconcileSeconds=3600) as l:
            l.start_orthanc()
            study = l.send_whole_body()
            l.start_scripted('fail:unavailable')
            self.assertIn('tried 3 times', l.wait_for_state(study.uid, 'stuck', seconds=120)['reason'])


if __name__ == '__main__':
    unittest.main(verbosity=2)
