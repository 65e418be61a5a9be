#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin in a real Orthanc, with a worker whose behaviour the test chooses (scripted_worker.cc)."""
import base64
import json
import os
import re
import signal
import sys
import unittest
import urllib.error

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from pydicom.uid import generate_uid

import lab
import studies
from plugin_lab import PluginLab, UsersLab, osteon_instances, result_documents


class Selection(unittest.TestCase):
    def test_what_is_no_whole_body_mri_is_skipped_with_the_reason(self):
        cases = [
            ('a brain MR', lambda s, out: (s.images(out, 't2_flair', studies.FLAIR, spacing_mm=3.0),
                                           s.images(out, 't1', studies.T1, spacing_mm=3.0)), 'not a whole-body MRI'),
            ('a coronal STIR of the knee', lambda s, out: s.images(out, 'stir', studies.STIR, spacing_mm=2.5), 'not a whole-body MRI'),
            ('a CT', lambda s, out: s.images(out, 'CT', {}, sop_class=studies.CT, modality='CT', plane=studies.AXIAL), 'only CT'),
            ('an SR', lambda s, out: s.text_report(out), 'only SR'),
        ]
        with PluginLab() as l:
            l.start_orthanc()
            made = []
            for i, (what, make, reason) in enumerate(cases):
                study = studies.Study(f'P{i}')
                make(study, l.folder_for(f'case{i}'))
                l.send(l.path(f'case{i}'))
                made.append((what, study, reason))
            for what, study, reason in made:
                with self.subTest(what):
                    job = l.wait_for_state(study.uid, 'skipped', seconds=20)
                    self.assertIn(reason, job['reason'])
                    explained = l.get('/osteon/explain/' + study.uid)
                    self.assertEqual(explained['verdict'], 'skip')
                    self.assertTrue(all(s['reason'] for s in explained['series']))
                    self.assertFalse(any(s['covers_body'] for s in explained['series']))

    def test_stations_are_waited_for_and_an_incomplete_study_is_taken_after_the_force_time(self):
        with PluginLab(ForceAfterSeconds=8) as l:
            l.start_orthanc()
            two, three = studies.Study('TWO'), studies.Study('THREE')
            for station in range(2):  # 384 mm each, 50 mm overlap: 718 mm of 800.
                two.whole_body(l.folder_for(f'two{station}'), spacing_mm=6.0, top_mm=-334 * station)
                l.send(l.path(f'two{station}'))
            for station in range(3):
                three.whole_body(l.folder_for(f'three{station}'), spacing_mm=6.0, top_mm=-334 * station)
                l.send(l.path(f'three{station}'))
            self.assertEqual(l.wait_for_state(three.uid, 'ready', seconds=10)['caveat'], '')
            waiting = lab.wait_until('the study waits', lambda: (l.job_of(two.uid) or {}).get('reason', '').startswith('waits for'), 10)
            self.assertTrue(waiting)
            self.assertEqual(l.job_of(two.uid)['state'], 'collecting')
            self.assertIn('incomplete', l.wait_for_state(two.uid, 'ready', seconds=20)['caveat'])


class Results(unittest.TestCase):
    def test_a_study_gets_one_report_and_neither_that_nor_a_second_sending_makes_another(self):
        with PluginLab() as l:
            l.start_orthanc()
            study = l.send_whole_body(slices=12)
            l.start_scripted('finish', result_documents(study, l.path('out')))
            l.wait_for_state(study.uid, 'done', seconds=30)
            self.assertEqual(osteon_instances(l, study), 2)
            l.send(l.path('in'))
            lab.wait_until('all studies were compared again', lambda: not l.ledger_rows('SELECT 1 FROM studies WHERE due_ms IS NOT NULL'), 20)
            stamp = l.get('/studies/' + l.studies()[study.uid])['LastUpdate']
            lab.wait_until('the stored report was looked at',
                           lambda: l.ledger_rows('SELECT last_update FROM studies') == [(stamp,)], 20)
            self.assertEqual([j['state'] for j in l.jobs()], ['done'])
            self.assertEqual(osteon_instances(l, study), 2)

    def test_a_late_series_makes_a_new_job_that_supersedes_the_old_and_is_given_its_report(self):
        with PluginLab() as l:
            l.start_orthanc()
            study = l.send_whole_body()
            l.start_scripted('finish', result_documents(study, l.path('out')))
            first = l.wait_for_state(study.uid, 'done', seconds=30)
            l.stop('worker')
            study.images(l.folder_for('late'), 't1_cor', studies.T1)
            l.send(l.path('late'))
            lab.wait_until('a second job', lambda: len(l.jobs()) == 2, 20)
            l.start_scripted('finish', result_documents(study, l.path('out2'), tag='2'))
            second = lab.wait_until('the second is done', lambda: [j for j in l.jobs() if j['id'] != first['id'] and j['state'] == 'done'], 30)[0]
            self.assertEqual(second['supersedes'], first['id'])
            self.assertNotEqual(second['fingerprint'], first['fingerprint'])
            self.assertIn('instances 9 priors 1', l.log_text('worker.log'))

    def test_a_result_of_another_patient_or_study_is_not_stored(self):
        for what, other in (('patient', {'patient': 'SOMEONE'}), ('study', {'study_uid': generate_uid()})):
            with self.subTest(what), PluginLab() as l:
                l.start_orthanc()
                study = l.send_whole_body()
                l.start_scripted('finish', result_documents(study, l.path('out'), **other))
                job = l.wait_for_state(study.uid, 'stuck', seconds=30)
                self.assertIn(f'another {what}', job['reason'])
                self.assertEqual(osteon_instances(l, study), 0)
                self.assertEqual(len(l.studies()), 1)

    def test_silent_mode_stores_nothing(self):
        with PluginLab(Mode='silent') as l:
            l.start_orthanc()
            study = l.send_whole_body()
            l.start_scripted('finish', result_documents(study, l.path('out')))
            self.assertIn('not stored', l.wait_for_state(study.uid, 'done', seconds=30)['reason'])
            self.assertEqual(osteon_instances(l, study), 0)

    def test_what_the_worker_answers_decides_the_state(self):
        for behaviour, state, reason in (('skip', 'skipped', 'no body'), ('fail:invalid_input', 'stuck', 'detect: as told'),
                                         ('fail:unavailable', 'stuck', 'tried 2 times')):
            with self.subTest(behaviour), PluginLab(MaxAttempts=2) as l:
                l.start_orthanc()
                study = l.send_whole_body()
                l.start_scripted(behaviour)
                self.assertIn(reason, l.wait_for_state(study.uid, state, seconds=30)['reason'])


class Copies(unittest.TestCase):
    """Orthanc is its own PACS here: it answers C-STORE and storage commitment to itself."""

    def lab(self, port=None):
        l = PluginLab(SendTo=['PACS'], MaxAttempts=2)
        plain = l.orthanc_config
        l.orthanc_config = lambda: {**plain(), 'DicomModalities': {'PACS': ['OSTEONTEST', '127.0.0.1', port or l.dicom]},
                                    'OverwriteInstances': False}
        return l

    def copy_of(self, l, job, *states):
        return lab.wait_until(f'the copy is {states}', lambda: [c for c in l.get(f'/osteon/jobs/{job["id"]}')['copies'] if c['state'] in states], 40)[0]

    def test_a_report_is_sent_on_and_committed(self):
        with self.lab() as l:
            l.start_orthanc()
            study = l.send_whole_body()
            l.start_scripted('finish', result_documents(study, l.path('out')))
            job = l.wait_for_state(study.uid, 'done', seconds=30)
            self.assertEqual(self.copy_of(l, job, 'sent', 'failed'),
                             {'destination': 'PACS', 'state': 'sent', 'attempts': 1, 'reason': 'stored and committed'})

    def test_a_pacs_that_is_down_is_shown_and_can_be_sent_to_again(self):
        with self.lab(port=lab.free_port()) as l:
            l.start_orthanc()
            study = l.send_whole_body()
            l.start_scripted('finish', result_documents(study, l.path('out')))
            job = l.wait_for_state(study.uid, 'done', seconds=30)
            self.assertEqual(self.copy_of(l, job, 'failed')['attempts'], 2)
            self.assertEqual(l.get('/osteon/status')['copies_failed'], 1)
            self.assertEqual(l.post(f'/osteon/jobs/{job["id"]}/resend'), {'resent': 1})


class Deaths(unittest.TestCase):
    def test_orthanc_killed_before_the_study_is_quiet_still_ends_with_one_report(self):
        for how in (signal.SIGKILL, signal.SIGTERM):
            with self.subTest(how.name), PluginLab(StableQuietSeconds=3) as l:
                l.start_orthanc()
                study = l.send_whole_body()
                l.stop('orthanc', how)
                l.start_orthanc()
                l.start_scripted('finish', result_documents(study, l.path('out')))
                l.wait_for_state(study.uid, 'done', seconds=30)
                self.assertEqual(osteon_instances(l, study), 2)

    def test_orthanc_killed_while_a_worker_has_the_job_keeps_the_lease(self):
        with PluginLab(LeaseSeconds=20) as l:
            l.start_orthanc()
            study = l.send_whole_body()
            l.start_scripted('hang')
            l.wait_for_state(study.uid, 'leased', seconds=30)
            l.kill('orthanc')
            l.start_orthanc()
            self.assertEqual(l.job_of(study.uid)['state'], 'leased')
            self.assertEqual(l.job_of(study.uid)['attempt'], 1)

    def test_two_dead_workers_make_the_job_stuck(self):
        with PluginLab() as l:
            l.start_orthanc()
            study = l.send_whole_body()
            for name in ('first', 'second'):
                l.start_scripted('die', name=name)
                lab.wait_until(f'{name} has died', lambda name=name: l.processes[name].poll() is not None, 40)
            job = l.wait_for_state(study.uid, 'stuck', seconds=40)
            self.assertIn('2 analyses or workers were lost', job['reason'])
            retried = l.post(f'/osteon/jobs/{job["id"]}/retry')
            self.assertEqual(retried['state'], 'ready')
            l.start_scripted('finish', result_documents(study, l.path('out')), name='third')
            l.wait_for_state(study.uid, 'done', seconds=30)

    def test_sigterm_with_a_worker_connected_stops_within_seconds(self):
        with PluginLab() as l:
            l.start_orthanc()
            study = l.send_whole_body()
            l.start_scripted('hang')
            l.wait_for_state(study.uid, 'leased', seconds=30)
            self.assertEqual(l.stop('orthanc', seconds=15), 0)

    def test_a_deleted_study_is_cancelled(self):
        with PluginLab() as l:
            l.start_orthanc()
            study = l.send_whole_body()
            l.start_scripted('hang')
            lab.wait_until('the worker has the job', lambda: 'job ' in l.log_text('worker.log'), 30)  # "leased" comes earlier.
            l.request('DELETE', '/studies/' + l.studies()[study.uid])
            job = l.wait_for_state(study.uid, 'cancelled', seconds=20)
            self.assertIn('deleted', job['reason'])
            lab.wait_until('the worker was told', lambda: 'cancel ' in l.log_text('worker.log'), 10)


class Routes(unittest.TestCase):
    def status_of(self, l, method, path, body=None, headers=None):
        try:
            l.request(method, path, body, headers)
            return 200
        except urllib.error.HTTPError as error:
            return error.code

    def test_methods_forgery_and_patient_data(self):
        with PluginLab() as l:
            l.start_orthanc()
            study = studies.Study(patient='SECRETID', name='SECRET^<b>NAME')
            study.whole_body(l.folder_for('in'))
            l.send(l.path('in'))
            l.start_scripted('finish', result_documents(study, l.path('out')))
            l.wait_for_state(study.uid, 'done', seconds=30)
            self.assertEqual(self.status_of(l, 'POST', '/osteon/status', {}), 405)
            self.assertEqual(self.status_of(l, 'PUT', '/osteon/jobs', {}), 405)
            self.assertEqual(self.status_of(l, 'DELETE', '/osteon/jobs/1'), 405)
            self.assertEqual(self.status_of(l, 'GET', '/osteon/jobs/1/retry'), 405)
            self.assertEqual(self.status_of(l, 'GET', '/osteon/jobs/99'), 404)
            self.assertEqual(self.status_of(l, 'GET', '/osteon/jobs?state=nonsense'), 400)
            self.assertEqual(self.status_of(l, 'POST', '/osteon/jobs/1/retry', {}), 409)
            self.assertEqual(self.status_of(l, 'POST', '/osteon/jobs/1/retry', {}, {'Origin': 'http://evil.example'}), 403)
            self.assertEqual(self.status_of(l, 'POST', '/osteon/jobs/1/retry', {}, {'Sec-Fetch-Site': 'cross-site'}), 403)
            for path in ('/osteon/app/', '/osteon/app/app.js', '/osteon/app/app.css'):
                self.assertEqual(self.status_of(l, 'GET', path), 200)
            shown = json.dumps([l.get(p) for p in ('/osteon/status', '/osteon/jobs', '/osteon/jobs/1', '/osteon/explain/' + study.uid)])
            metrics = l.get('/tools/metrics-prometheus').decode()
            self.assertIn('osteon_jobs_done 1 ', metrics)
            l.stop('orthanc')
            own_log = '\n'.join(line for line in l.log_text('orthanc.log').splitlines() if 'Osteon' in line)
            for text in (shown, metrics, own_log):
                self.assertNotIn('SECRET', text)

    def test_only_orthancs_own_users_get_in(self):
        stranger = {'Authorization': 'Basic ' + base64.b64encode(b'admin:guess').decode()}
        with UsersLab() as l:
            l.start_orthanc()
            for method, path in (('GET', '/osteon/app/'), ('GET', '/osteon/status'), ('GET', '/osteon/jobs'), ('POST', '/osteon/backfill')):
                body = {} if method == 'POST' else None
                self.assertEqual(self.status_of(l, method, path, body, stranger), 401, path)
            self.assertEqual(self.status_of(l, 'GET', '/osteon/jobs'), 200)

    def test_the_page_makes_no_markup_of_what_a_study_says(self):
        with PluginLab() as l:
            l.start_orthanc()
            scripts, todo = {}, ['app.js']
            while todo:     # all that one of them imports
                name = todo.pop()
                scripts[name] = l.get('/osteon/app/' + name).decode()
                todo += [n for n in re.findall(r"from '\./([\w.]+)'", scripts[name]) if n not in scripts and n not in todo]
            self.assertIn('textContent', scripts['app.dom.js'])
            for name, script in scripts.items():
                self.assertNotRegex(script, r'(inner|outer)HTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|Function\(', name)

    def test_without_its_section_the_plugin_stays_off(self):
        with PluginLab() as l:
            without = {key: value for key, value in l.orthanc_config().items() if key != 'Osteon'}
            l.orthanc_config = lambda: without
            l.start_orthanc()
            self.assertIn('osteon', l.get('/plugins'), 'it is loaded')
            self.assertIn('not enabled: there is no section "Osteon"', l.log_text('orthanc.log'))
            study = l.send_whole_body()
            self.assertIn(study.uid, l.studies())
            for path in ('/osteon/status', '/osteon/jobs', '/osteon/app/'):
                self.assertEqual(self.status_of(l, 'GET', path), 404)
            self.assertNotIn('osteon_', l.get('/tools/metrics-prometheus').decode())
            self.assertEqual([name for name in os.listdir(l.path('orthanc')) if 'osteon' in name], [], 'no ledger')
            self.assertEqual(l.stop('orthanc'), 0)

    def test_a_wrong_configuration_stops_orthanc_and_names_the_key(self):
        for section, words in (({'StableQuietSecond': 5}, "did you mean 'StableQuietSeconds'"),
                               ({'LeaseSeconds': 1}, "'LeaseSeconds' is 1 and must be between 5 and 3600"),
                               ({'Endpoint': 'tcp://0.0.0.0:5742'}, 'leaves this machine')):
            with self.subTest(words), PluginLab(**section) as l:
                with self.assertRaisesRegex(AssertionError, 'Orthanc stopped'):
                    l.start_orthanc()
                self.assertIn(words, l.log_text('orthanc.log'))


if __name__ == '__main__':
    unittest.main()
