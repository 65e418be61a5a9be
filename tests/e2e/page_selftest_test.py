#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The self-test of the page: its button is pressed in a real browser, with the real Orthanc, plugin and worker.

A press that passes, in both languages; and each end that an administrator may see: no worker, a pause, a wrong network, Orthanc that is stopped
or killed in the middle. After each, nothing of the study is left.
"""
import contextlib
import os
import re
import subprocess
import unittest
import urllib.error

import empty_network
from browser import Browser
from lab import Lab, SOURCE, free_port, wait_until

BUTTON = '[data-key="selftest"]'
GERMAN = 'de-DE,de,en'


class Hospital(Lab):
    """With a PACS for the copies of reports."""
    def orthanc_config(self):
        self.pacs_port = free_port()
        config = super().orthanc_config()
        config['DicomModalities'] = {'PACS': ['PACS', '127.0.0.1', self.pacs_port]}
        return config

    def start_pacs(self):
        os.makedirs(self.path('pacs'))
        self.start('pacs', ['storescp', '-aet', 'PACS', '-od', self.path('pacs'), self.pacs_port])
        echo = ['echoscu', '-aec', 'PACS', '127.0.0.1', str(self.pacs_port)]
        wait_until('the PACS answers', lambda: subprocess.run(echo, capture_output=True).returncode == 0)


class PageSelftest(unittest.TestCase):
    @contextlib.contextmanager
    def hospital(self, **section):
        """Orthanc is started, no worker is."""
        with Hospital(StableQuietSeconds=600, **section) as lab, Browser(lab.folder) as self.browser:
            self.shots = os.environ.get('OSTEON_SCREENSHOTS') or lab.path('screenshots')
            os.makedirs(self.shots, exist_ok=True)
            lab.start_orthanc()
            yield lab

    def open(self, lab, **kwargs):
        page = self.browser.page(**kwargs)
        page.goto(f'http://127.0.0.1:{lab.http}/osteon/app/')
        page.until(f'document.querySelector({BUTTON!r}) !== null || document.querySelector("#selftest").innerText.includes("Running")')
        return page

    def ended(self, lab):
        """How it ended, once nothing of it is left."""
        status = wait_until('it has ended', lambda: (lambda s: s if s['selftest'] and not s['selftest_running'] else None)(lab.get('/osteon/status')), 120)
        self.assertEqual(lab.studies(), {}, 'the study is removed')
        return status['selftest']

    def said_in_both_languages(self, lab, english, german):
        for languages, words in (('en', english), (GERMAN, german)):
            page = self.open(lab, languages=languages)
            page.until_text('#selftest', words)
            page.screenshot(os.path.join(self.shots, f'selftest.{self.id().split(".")[-1]}.{languages[:2]}.png'))
            self.assertEqual([e for e in page.errors if 'favicon' not in e], [])
            page.close()

    def test_a_press_of_the_button_passes_in_both_languages_and_leaves_nothing(self):
        with self.hospital(SendTo=['PACS'], StorageCommitment=False) as lab:
            lab.start_pacs()
            lab.start_worker()
            page = self.open(lab)
            page.until_text('#selftest', 'None yet.')
            with self.assertRaises(urllib.error.HTTPError) as forged:
                lab.request('POST', '/osteon/selftest/start', {}, {'Origin': 'http://elsewhere.example'})
            self.assertEqual(forged.exception.code, 403)
            late = [(self.open(lab, languages=languages), told) for languages, told in (('en', 'A self-test runs already.'), (GERMAN, 'Es läuft schon ein Selbsttest.'))]
            for other, _ in late:
                other.value("window.fetch = ((fetched) => (path, ...rest) => path.endsWith('/status') ? new Promise(() => {}) : fetched(path, ...rest))(window.fetch)")
            page.click(BUTTON)
            page.until_text('#selftest', 'Running since')
            self.assertEqual(len(page.dialogs), 1)
            # Who has not seen that yet is told.
            for other, told in late:
                other.click(BUTTON)
                wait_until(told, lambda: other.value('true') and told in other.dialogs, 30)
                other.close()
            with self.assertRaises(urllib.error.HTTPError) as second:
                lab.post('/osteon/selftest/start')
            self.assertEqual(second.exception.code, 409)
            page.until("document.querySelector('#selftest progress') !== null", 120)
            page.screenshot(os.path.join(self.shots, 'selftest.running.png'))
            self.assertRegex(page.text('#selftest'), r'being analysed\s+[\w ]+, \d+ %')
            page.until_text('#selftest', 'Passed', 300)
            found, of = map(int, re.search(r'(\d) of (\d) lesions found', page.text('#selftest')).groups())
            self.assertEqual((found, of), (5, 5), 'of this study all lesions are found')
            kept = self.ended(lab)
            self.assertEqual((kept['passed'], kept['code'], kept['by'], kept['silent']), (True, '', 'operator', False))
            page.close()
            # Again: a study that was not there before.
            page = self.open(lab, languages=GERMAN)
            page.until_text('#selftest', 'Bestanden')
            page.click(BUTTON, 'Selbsttest starten')
            page.until_text('#selftest', 'Läuft seit')
            page.until_text('#selftest', 'Bestanden', 300)
            page.until_text('#selftest', '5 von 5 Herden gefunden')
            self.assertEqual([e for e in page.errors if 'favicon' not in e], [])
            self.ended(lab)
            jobs = lab.jobs()
            self.assertEqual(len(jobs), 2)
            self.assertEqual([lab.get(f'/osteon/jobs/{job["id"]}')['copies'] for job in jobs], [[], []])
            self.assertEqual(os.listdir(lab.path('pacs')), [], 'a synthetic report stays here')
            wait_until('no job is open', lambda: [job['state'] for job in lab.jobs()] == ['cancelled'] * 2, 60)

    def test_silent_mode_stores_nothing_and_passes(self):
        with self.hospital(Mode='silent') as lab:
            lab.start_worker()
            page = self.open(lab)
            page.until_text('#mode', 'Silent mode: studies are analysed, nothing is stored.')
            page.until_text('#state', 'silent mode')
            page.click(BUTTON)
            page.until_text('#selftest', 'silent mode stores no report to compare', 300)
            self.assertTrue(self.ended(lab)['passed'])
            self.said_in_both_languages(lab, 'Passed', 'der stille Modus speichert keinen Befund zum Vergleichen')
            page = self.open(lab, languages=GERMAN)
            page.until_text('#mode', 'Stiller Modus: Studien werden ausgewertet, nichts wird gespeichert.')
            page.until_text('#state', 'stiller Modus')

    def test_switched_off_it_says_so(self):
        with self.hospital(Mode='off') as lab:
            page = self.open(lab)
            page.until_text('#mode', 'Switched off: nothing is analysed.')
            page.click(BUTTON)
            page.until_text('#selftest', 'Failed', 60)
            page.until_text('#selftest', 'the mode is "off", in which nothing is analysed.')
            page = self.open(lab, languages=GERMAN)
            page.until_text('#mode', 'Abgeschaltet: nichts wird ausgewertet.')
            page.until_text('#selftest', 'im Modus „off“ wird nichts ausgewertet')

    def test_without_a_worker_it_says_what_to_do(self):
        with self.hospital() as lab:
            lab.start_worker()
            wait_until('the worker is connected', lambda: lab.get('/osteon/status')['workers'], 60)
            lab.stop('worker')
            page = self.open(lab)
            page.click(BUTTON)
            page.until_text('#selftest', 'Failed', 180)
            self.ended(lab)
            self.said_in_both_languages(lab, 'no worker is connected. Start one (systemctl start osteond', 'kein Rechner ist verbunden. Einen starten (dort systemctl start osteond')
            # A pause is told at once.
            lab.post('/osteon/pause')
            page.click(BUTTON)
            page.until_text('#selftest', 'all jobs are held up. Press Resume', 60)
            self.ended(lab)
            self.said_in_both_languages(lab, 'all jobs are held up', 'alle Aufträge sind angehalten. Auf Fortsetzen drücken')

    def test_a_network_that_sees_no_body_is_told(self):
        with self.hospital() as lab:
            lab.start_worker(model_dir=empty_network.write(lab.path('no-body'), os.path.join(SOURCE, 'config', 'models')))
            page = self.open(lab)
            page.click(BUTTON)
            page.until_text('#selftest', 'Failed', 180)
            self.assertIn('the skeleton could not be located', self.ended(lab)['detail'])
            self.said_in_both_languages(lab, 'its study was not evaluable. Are the networks', 'die Studie war nicht auswertbar. Sind die Netze')

    def test_nothing_stays_when_orthanc_stops_or_dies_in_the_middle(self):
        with self.hospital() as lab:
            for how in ('stop', 'kill'):
                with self.subTest(how):
                    lab.post('/osteon/selftest/start')
                    wait_until('its study is there', lambda: lab.job_of(next(iter(lab.studies()), '')), 60)
                    getattr(lab, how)('orthanc')
                    lab.start_orthanc()
                    if how == 'stop':
                        self.assertEqual(lab.studies(), {}, 'it went before Orthanc did')
                    self.assertEqual(self.ended(lab)['code'], 'stopped')
                    self.said_in_both_languages(lab, 'Orthanc was stopped while it ran', 'Orthanc wurde währenddessen beendet')


if __name__ == '__main__':
    unittest.main(verbosity=2)
