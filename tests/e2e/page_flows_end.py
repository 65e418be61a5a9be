# SPDX-License-Identifier: GPL-3.0-or-later
"""The last flows of page_flows.py: the worker is killed, then Orthanc stops."""
from lab import wait_until
from page_flow import Flow, REFRESHES


class EndFlows(Flow):
    """Each flow is a method."""

    def a_worker_that_is_killed_is_told(self):
        page = self.open()
        version = self.lab.get('/osteon/status')['version']
        page.until_text('#workers', 'within 15 s')
        self.test.assertEqual(page.text('#workers').split('\t'), ['worker', version, '0 of 1 busy', 'within 15 s', ''])
        # Started again at once it is one worker, though the plugin still knows the old connection.
        self.lab.kill('worker')
        self.lab.start_worker(threads=1)
        wait_until('both connections are known', lambda: [w['name'] for w in self.lab.get('/osteon/status')['workers']] == ['worker', 'worker'], 30)
        page.until(f'{REFRESHES} >= {page.value(REFRESHES) + 2}')
        self.test.assertEqual(page.value("document.querySelectorAll('#workers tr').length"), 1)
        page.until_text('#state', '1 worker with 1 slot')
        self.lab.kill('worker')
        page.until_text('#workers', 'silent', 60)
        self.test.assertRegex(page.text('#workers'), r'^worker\t.*\t0 of 1 busy\t\d\d s ago\tsilent')
        self.until_announced('Worker worker is silent.')
        self.shot('silent')
        page.until_text('#workers', 'not connected', 60)
        self.until_announced('Worker worker is not connected.')
        self.test.assertRegex(page.text('#workers'), rf'^worker\t{version}\t\t\d+ \w+ \d+, [\d:]+\tnot connected')
        page.until_text('#state', '0 workers with 0 slots')
        # Who opens the page only now is told by the digest.
        page = self.open(languages='de-DE,de')
        page.until_text('#workers', 'nicht verbunden')
        page.until_text('#happened-list', 'Rechner worker: ')
        self.test.assertRegex(page.text('#happened-list'), r'nicht verbunden, zuletzt gehört \d\d\.\d\d\.\d{4}')

    def an_orthanc_that_stops_is_told(self):
        pages = [(self.open(languages=languages), told) for languages, told in (('de', 'Orthanc antwortet nicht:'), ('en', 'Orthanc does not answer:'))]
        self.lab.stop('orthanc')
        for self.page, told in pages:
            self.page.call('Page.bringToFront')
            self.page.until_text('#trouble', told + ' Failed to fetch')
            self.ask('A-1', 'Failed to fetch')
            languages = self.page.value("['#trouble span span', '#answer span'].map((e) => document.querySelector(e).lang)")
            self.test.assertEqual(languages, ['en', 'en'] if told.startswith('Orthanc antwortet') else ['', ''], 'what stays English is marked')
        self.allowed = ('ERR_CONNECTION_REFUSED', 'ERR_CONNECTION_RESET', 'ERR_EMPTY_RESPONSE')
