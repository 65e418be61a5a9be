#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page behind Orthanc's login, with more jobs than its table shows at once, and with a ledger that cannot tell of the morning."""
import base64
import contextlib
import os
import sqlite3
import unittest
import urllib.error
import urllib.request

import mini
from browser import Browser
from lab import Lab, wait_until
from page_flow import Flow

USER = ('ann', 'secret of ann')
STUDIES = 205


class LockedHospital(Lab):
    """Orthanc asks for a name and a password."""
    def orthanc_config(self):
        return {**super().orthanc_config(), 'AuthenticationEnabled': True, 'RegisteredUsers': dict([USER])}

    def request(self, method, path, body=None, headers=None):
        known = {'Authorization': 'Basic ' + base64.b64encode(':'.join(USER).encode()).decode()}
        return super().request(method, path, body, {**known, **(headers or {})})


class LoginFlows(Flow):
    """Each flow is a method."""

    def open(self, where='', **kwargs):
        return super().open(where, user=USER, **kwargs)

    def without_a_password_nothing_is_shown(self):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for path in ('', 'app/', 'app/app.js', 'status', 'jobs', 'digest'):
            with self.test.assertRaises(urllib.error.HTTPError) as refused:
                opener.open(f'http://127.0.0.1:{self.lab.http}/osteon/{path}')
            self.test.assertEqual(refused.exception.code, 401, path)
        page = self.page = self.browser.page()
        page.goto(f'http://127.0.0.1:{self.lab.http}/osteon/app/')
        self.test.assertIsNone(page.value("document.querySelector('#state')"))
        self.allowed = ('401', 'favicon')

    def who_has_logged_in_does_everything_by_name(self):
        page = self.open()
        page.until_text('#jobs', '1 Mar 2026')  # Orthanc, too, is asked as this user.
        page.click('#hold button', 'Pause')
        page.until_text('#needs-you', 'by operator ann: nothing is handed out')
        self.test.assertEqual(self.lab.get('/osteon/status')['hold']['by'], 'operator ann')
        job = self.lab.jobs()[-1]['id']
        page.click(f'[data-key="row-retry{job}"]')
        self.until_announced(f'Job {job}: retry.')
        page.click(f'[data-key="open-{job}"]')
        page.until_text('#history', 'operator ann')
        page = self.open(f'#job={job}', languages='de')
        page.until_text('#needs-you', ', von Hand (ann): nichts wird vergeben')
        page.until_text('#history', 'von Hand (ann)')
        page.click('#hold button', 'Fortsetzen')
        page.until_text('#needs-you', 'Nichts.')
        wait_until('it is judged again', lambda: self.lab.get('/osteon/status')['jobs']['skipped'] == STUDIES, 60)

    def more_than_a_hundred_jobs_are_shown_when_asked_for(self):
        page = self.open()
        newest = [job['id'] for job in reversed(self.lab.get('/osteon/jobs?limit=1000')['jobs'])]
        for shown in (100, 200):
            page.until_text('#more', f'The newest {shown} of {STUDIES}.')
            self._are_listed(newest[:shown])
            page.click('#more button', 'more')
            self.until_announced(f'The newest {min(shown + 100, STUDIES)} of {STUDIES}.')
        self._are_listed(newest)
        self.test.assertEqual(page.text('#more'), '')
        page.click('#counts button', f'skipped {STUDIES}')
        page.until_text('#more', f'The newest 100 of {STUDIES}.')
        self._are_listed(newest[:100])
        page.click('#counts button', 'done 0')
        page.until("document.querySelector('#empty').checkVisibility() && document.querySelector('#more').innerText === ''")
        page = self.open(languages='de')
        page.until_text('#more', f'Die neuesten 100 von {STUDIES}.')
        page.click('#more button', 'mehr')
        page.until_text('#more', f'Die neuesten 200 von {STUDIES}.')

    def _are_listed(self, ids):
        self.page.until(f"JSON.stringify([...document.querySelectorAll('#jobs [data-key^=open-]')].map((b) => +b.dataset.key.slice(5))) === JSON.stringify({ids})")

    def a_digest_that_cannot_be_made_is_told(self):
        with contextlib.closing(sqlite3.connect(self.lab.path('orthanc', 'osteon-ledger.sqlite'))) as ledger, ledger:
            ledger.execute('ALTER TABLE history RENAME TO history_away')
        for languages, told in (('en', 'The digest cannot be made:'), ('de', 'Der Überblick ist nicht möglich:')):
            page = self.open(languages=languages)
            page.until_text('#needs-you', told)
            self.test.assertRegex(page.text('#needs-you'), told + r'.* no such table')
            self.test.assertEqual(page.value("document.querySelector('#needs-you span').lang"), 'en' if languages == 'de' else '')
            page.until("document.querySelectorAll('#jobs tr').length === 100")  # The rest is told all the same.
        with contextlib.closing(sqlite3.connect(self.lab.path('orthanc', 'osteon-ledger.sqlite'))) as ledger, ledger:
            ledger.execute('ALTER TABLE history_away RENAME TO history')
        page = self.open()
        page.until_text('#needs-you', 'Nothing.')
        self.allowed = ('500', '503')


FLOWS = [name for name, made in vars(LoginFlows).items() if callable(made) and not name.startswith('_') and name != 'open']


class PageLogin(unittest.TestCase):
    def test_each_flow(self):
        with LockedHospital(StableQuietSeconds=1) as lab, Browser(lab.folder) as browser:
            lab.shots = os.environ.get('OSTEON_SCREENSHOTS') or lab.path('screenshots')
            os.makedirs(lab.shots, exist_ok=True)
            lab.start_orthanc()
            for n in range(STUDIES):
                mini.image_series(lab.path('ct', str(n)), f'ct{n}', modality='CT', slices=1)
            lab.send(lab.path('ct'))
            wait_until('all are skipped', lambda: lab.get('/osteon/status')['jobs']['skipped'] == STUDIES, 120)
            flows = LoginFlows(lab, browser)
            for name in FLOWS:
                with self.subTest(name):
                    flows.run(name)


if __name__ == '__main__':
    unittest.main(verbosity=2)
