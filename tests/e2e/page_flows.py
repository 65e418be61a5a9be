# SPDX-License-Identifier: GPL-3.0-or-later
"""What administrators do on the page /osteon/app/, flow by flow, for page_test.py. FLOWS is the list; each begins on a freshly opened page
and leaves a screenshot. Only what a flow expects may stand on the console.
"""
import json
import signal

from lab import wait_until
from page_flow import Flow
from page_flows_doors import DoorFlows
from page_flows_end import EndFlows
from page_flows_hands import HandFlows
from page_flows_looks import LooksFlows
from page_flows_reports import ReportFlows
from page_flows_trouble import TroubleFlows


class WaitingFlows(Flow):
    """Each flow is a method. What waits, with no worker there until the last one starts it."""

    def morning_says_what_happened_and_what_waits(self):
        page = self.open()
        page.until_text('#trouble', 'Jobs are waiting and no worker is connected')
        page.until_text('#needs-you', 'Nothing.')
        page.until_text('#happened-list', f'job {self.job("A-CT")["id"]} (accession A-CT, 1 Mar 2026) skipped (1): not an MRI study')
        # The page asked Orthanc for that, as the person who looks at it.
        digest = json.dumps(self.lab.get('/osteon/digest'))
        for name, study in self.lab.uids.items():
            self.test.assertNotIn(name, digest)
            self.test.assertNotIn(study, digest)
        page.until_text('#queue', '2 ready, 0 with a worker')
        page.until_text('#queue', 'When it will be empty is unknown: no worker is connected')
        page.until_text('#state', '0 workers with 0 slots')

    def accession_number_and_date_stand_beside_the_uid(self):
        page = self.open()
        cell = page.until(f'document.querySelector(\'{self.row("A-1")}\').closest("tr").querySelector(".study").innerText')
        self.test.assertEqual(cell.split('\n')[0], 'accession A-1')
        self.test.assertIn('1 Mar 2026', cell)
        self.test.assertIn(self.lab.uids['A-1'], cell)
        self.test.assertNotIn('accession', json.dumps(self.lab.get('/osteon/jobs')).lower(), 'Orthanc said it, not the plugin')

    def the_rule_tester_says_why_not(self):
        page = self.open()
        studies = self.lab.studies()
        for asked, told in ((' A-CT ', 'It is not taken.'), (self.lab.uids['A-CT'], 'It is not taken.'), (studies[self.lab.uids['A-1']], 'It is taken.'),
                            ('A-9', 'Orthanc has no study with "A-9".'), ('9.9.9', 'Orthanc has no study with "9.9.9".'), ('A-*', 'A whole accession number, please')):
            page.type('#ask-what', asked)
            page.click('#ask button')
            page.until_text('#answer', told)
        self.ask('A-CT', 'Nothing is changed.')
        answer = page.text('#answer')
        self.test.assertIn(f'job {self.job("A-CT")["id"]} skipped', answer.replace('\n', ' '))
        self.test.assertRegex(answer, r'head\s+12\s+.*no\s', 'each series with its reason')
        self.allowed = ('404', )  # The browser's own line about /osteon/explain of a study that is not there.

    def jobs_are_filtered_by_state(self):
        page = self.open()
        page.click('#counts button', 'skipped 1')
        page.until("document.querySelectorAll('#jobs tr').length === 1")
        self.test.assertEqual(page.value("document.querySelector('#counts [aria-pressed=true]').innerText"), 'skipped 1')
        page.click('#counts button', 'stuck 0')
        page.until("document.querySelector('#empty').checkVisibility()")
        self.test.assertEqual(page.text('#empty'), 'No jobs in this state.')
        page.click('#counts button', 'all 3')
        page.until("document.querySelectorAll('#jobs tr').length === 3")

    def all_jobs_are_paused_drained_and_resumed(self):
        page = self.open()
        for button, kind, told in (('Pause', 'pause', 'Paused since'), ('Drain', 'drain', 'Draining since')):
            page.click('#hold button', button)
            page.until_text('#needs-you', told)
            self.test.assertEqual(self.lab.get('/osteon/status')['hold']['kind'], kind)
            page.click('#hold button', 'Resume')
            page.until_text('#needs-you', 'Nothing.')
            self.test.assertIsNone(self.lab.get('/osteon/status')['hold'])
        self.test.assertEqual(len(page.dialogs), 2, 'it asks before it holds up all jobs')

    def a_job_is_skipped_cancelled_and_tried_again(self):
        page = self.open()
        job = self.job('A-CT')['id']
        page.click(f'[data-key="row-retry{job}"]')
        self.until_announced(f'Job {job}: retry.')
        wait_until('it is judged again', lambda: len(self.lab.get(f'/osteon/jobs/{job}')['history']) > 3 and self.job('A-CT')['state'] == 'skipped', 30)
        waiting = self.job('A-2')['id']
        for action, state in (('skip', 'skipped'), ('retry', 'ready'), ('cancel', 'cancelled'), ('retry', 'ready')):
            page.click(f'[data-key="row-{action}{waiting}"]')
            wait_until(state, lambda: self.job('A-2')['state'] == state, 30)
        self.test.assertEqual(page.dialogs, [f'Skip job {waiting}? It gets no report.', f'Cancel job {waiting}?'])

    def the_job_that_is_wanted_now_comes_first(self):
        page = self.open()
        wanted = self.job('A-2')['id']
        page.click(f'[data-key="row-run-now{wanted}"]')
        self.until_announced(f'Job {wanted}: run now.')
        self.test.assertEqual(self.lab.get(f'/osteon/jobs/{wanted}')['priority'], 'stat')
        worker = self.lab.start_worker(threads=1)
        page.until(f'document.querySelector(\'{self.row("A-2")}\').closest("tr").querySelector("progress") !== null', 60)
        self.shot('progress')
        page.until_text('#workers', '1 of 1 busy')
        label = page.value("document.querySelector('#jobs progress').getAttribute('aria-label')")
        self.test.assertRegex(label, rf'^job {wanted}: [\w ]+, \d+ %$')
        self.test.assertEqual(self.job('A-1')['state'], 'ready')
        page.until_text('#state', '1 worker with 1 slot')
        self.lab.wait_for_state(self.lab.uids['A-2'], 'done')
        # One study was measured; the other must not be done before the estimate was looked at.
        worker.send_signal(signal.SIGSTOP)
        try:
            self.until_announced(f'Job {wanted} is done.')
            for languages, told in (('de-DE,de', r'Leer etwa \d\d\.\d\d\.\d{4}, [\d:]+ \(\d+ \w+.* je Studie, gemessen an 1 Studie\)\.$'),
                                    ('en-GB,en', r'Empty about \d+ \w+ \d+, [\d:]+ \(\d+ \w+.* a study, measured on 1 study\)\.$')):
                page = self.open(languages=languages)
                page.until("document.querySelector('#queue').innerText")
                self.test.assertRegex(page.text('#queue'), told)
        finally:
            worker.send_signal(signal.SIGCONT)
        self.lab.wait_for_state(self.lab.uids['A-1'], 'done')


class Flows(WaitingFlows, ReportFlows, DoorFlows, LooksFlows, TroubleFlows, HandFlows, EndFlows):
    """All of them."""


# In this order.
FLOWS = [name for part in Flows.__bases__ for name, made in vars(part).items() if callable(made) and not name.startswith('_')]
