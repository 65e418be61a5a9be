#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole-body study that cannot be assessed is shown as such everywhere: page, doctor, digest, metrics, viewer."""
import io
import unittest

import mini
import pydicom
from browser import Browser
from lab import Lab, OSTEON, run, wait_until


class NotEvaluable(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.start_orthanc()
        cls.lab.start_worker()
        cls.url = f'http://127.0.0.1:{cls.lab.http}'
        cls.study = mini.blank_body(cls.lab.path('blank'))
        cls.other = mini.image_series(cls.lab.path('knee'), 'knee', stir=True)  # Is skipped, which is another thing.
        cls.lab.send(cls.lab.path('blank'))
        cls.lab.send(cls.lab.path('knee'))
        cls.job = cls.lab.wait_for_state(cls.study, 'not_evaluable')
        wait_until('the other is skipped', lambda: (cls.lab.job_of(cls.other) or {}).get('state') == 'skipped')

    def sr(self):
        reports = self.lab.instances_of(self.study, 'SR')
        self.assertEqual(len(reports), 1)
        return pydicom.dcmread(io.BytesIO(reports[0]))

    def test_the_job_has_the_state_and_says_why(self):
        self.assertIn('STIR volume', self.job['reason'])
        self.assertIn('not evaluable', run(OSTEON, 'explain', self.study, '--url', self.url).stdout)

    def test_page_counts_it_by_itself_and_its_filter_finds_it(self):
        with Browser(self.lab.folder) as browser:
            for languages, words, others in (('en', 'not evaluable', 'skipped'), ('de', 'nicht auswertbar', 'übersprungen')):
                page = browser.page(languages=languages)
                page.goto(f'{self.url}/osteon/app/')
                page.until("document.querySelectorAll('#jobs tr').length === 2")
                page.click('#counts button', f'{words} 1')
                page.until("document.querySelectorAll('#jobs tr').length === 1")
                row = page.text('#jobs tr')
                self.assertIn(self.study, row)
                self.assertIn(words, row)
                colours = page.value("['#jobs .badge', '#jobs td'].map((e) => getComputedStyle(document.querySelector(e)).color)")
                self.assertNotEqual(*colours, 'it has a colour of its own')
                page.click('#counts button', f'{others} 1')
                page.until(f"document.querySelector('#jobs').innerText.includes('{self.other}')")
                self.assertEqual([e for e in page.errors if 'favicon' not in e], [])
                page.close()

    def test_rest_counts_it_by_itself_and_its_filter_finds_it(self):
        counts = self.lab.get('/osteon/status')['jobs']
        self.assertEqual({s: n for s, n in counts.items() if n}, {'not_evaluable': 1, 'skipped': 1})
        self.assertEqual([j['study_instance_uid'] for j in self.lab.get('/osteon/jobs?state=not_evaluable')['jobs']], [self.study])
        self.assertEqual(self.lab.get('/osteon/jobs?state=done')['jobs'], [])

    def test_metric_counts_it_by_itself(self):
        metrics = self.lab.get('/tools/metrics-prometheus').decode()
        self.assertRegex(metrics, r'(?m)^osteon_jobs_not_evaluable 1(\.0*)?( |$)')
        self.assertRegex(metrics, r'(?m)^osteon_jobs_done 0(\.0*)?( |$)')

    def test_command_line_lists_counts_and_warns(self):
        listed = run(OSTEON, 'jobs', '--state', 'not_evaluable', '--url', self.url).stdout
        self.assertIn(self.job['reason'][:30], listed)
        self.assertRegex(run(OSTEON, 'status', '--url', self.url).stdout, r'(?m)^  not evaluable: 1$')
        doctor = run(OSTEON, 'doctor', '--url', self.url, ok=None)
        self.assertIn("1 report(s) say that their study was not evaluable", doctor.stdout)
        self.assertIn("osteon jobs --state not_evaluable", doctor.stdout)

    def test_report_is_no_negative_one(self):
        text = ' '.join(str(e.value) for e in self.sr().iterall() if e.keyword == 'TextValue')
        self.assertIn('Not evaluable', text)
        self.assertIn('not a negative result', text)
        self.assertNotIn('No STIR-hyperintense bone lesion', text)
        self.assertEqual(self.lab.instances_of(self.study, 'SEG'), [])
        self.assertEqual(len(self.lab.instances_of(self.study, 'OT')), 1, 'one page that says so')


if __name__ == '__main__':
    unittest.main(verbosity=2)
