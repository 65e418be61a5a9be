# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows of page_flows.py that begin when reports are there and a worker is connected."""
import contextlib
import json
import os
import sqlite3

from lab import wait_until
from page_flow import Flow, REFRESHES


class ReportFlows(Flow):
    """Each flow is a method."""

    def the_morning_says_what_was_done(self):
        page = self.open()
        page.until_text('#state', 'assist mode')
        self.test.assertFalse(page.value("document.querySelector('#mode').checkVisibility()"))
        page.until_text('#needs-you', '4 copies did not reach their nodes:')
        for name in ('A-1', 'A-2'):
            page.until_text('#needs-you', f'job {self.job(name)["id"]} (accession {name}, 1 Mar 2026) is not at ARCHIVE, PACS')
        newest, oldest = sorted((self.job(name)['id'] for name in ('A-1', 'A-2')), reverse=True)
        self.test.assertIn(f'  4 copies have not reached their nodes\n    job {newest}: ARCHIVE, PACS\n    job {oldest}: ARCHIVE, PACS\n', self.lab.get('/osteon/digest')['text'])
        page.until_text('#happened', '2 done, 0 not evaluable, 0 stuck, 1 skipped, 0 cancelled')
        for name in ('A-1', 'A-2'):
            page.until_text('#happened-list', f'job {self.job(name)["id"]} (accession {name}, 1 Mar 2026) took ')
        self.test.assertRegex(page.text('#happened-list'), r'took \d+ (s|min).* on worker\n')
        page.until_text('#happened-list', 'Worker worker: 2 reports; here with 1 slot')
        page.until_text('#queue', '0 ready, 0 with a worker, 0 to be tried again; 0 still collecting. It is empty.')
        page.click(f'#happened-list [data-key="line-{self.job("A-1")["id"]}"]')
        page.until_text('#story-study', 'accession A-1')

    def another_study_in_the_same_tab_is_not_mixed_with_the_first(self):
        # Orthanc Explorer 2 opens all studies in one tab, where only the end of the address changes.
        first, second = (self.lab.studies()[self.lab.uids[name]] for name in ('A-1', 'A-2'))
        picture = "document.querySelector('#overview img')?.src"
        shown = {}
        for study in (second, first):
            page = self.open('#study=' + study)
            page.until(picture)
            shown[study] = page.value(picture)
        unknown = '-'.join(['01234567'] * 5)
        page.value(f"location.hash = '#study={unknown}'")
        page.until("document.querySelector('#story').hidden")
        page.until_text('#answer', unknown)
        self.allowed = (unknown, )  # The browser tells of the answer 404.
        page.value(f"location.hash = '#study={second}'")
        page.until(f"{picture} === '{shown[second]}'")
        # Orthanc's answer about the first study comes late, when the second is shown again.
        page.value('''(() => {
            const fetched = window.fetch;
            window.late = [];
            window.isSlow = true;
            window.fetch = async (path, ...rest) => {
                if (window.isSlow && path.includes('simplified-tags')) await new Promise((come) => window.late.push(come));
                return fetched(path, ...rest);
            };
        })()''')
        page.value(f"location.hash = '#study={first}'")
        page.until('window.late.length > 0')
        page.until_text('#story-study', 'accession A-1')
        self.test.assertTrue(page.value("document.querySelector('#report').hidden"))
        page.value(f"window.isSlow = false; location.hash = '#study={second}'")
        page.until("!document.querySelector('#report').hidden")
        self.test.assertEqual(page.value(picture), shown[second])
        page.value('window.late.forEach((come) => come())')
        seen = page.value(REFRESHES)
        page.until(f'{REFRESHES} > {seen + 2}')
        self.test.assertEqual(page.value(picture), shown[second])
        self.test.assertIn('accession A-2', page.value("document.querySelector('#story-study').innerText"))

    def a_study_tells_its_story(self):
        page = self.open()
        page.click(self.row('A-2'))
        page.until_text('#story-title', 'done')
        page.until_text('#impression', 'lesion', 60)
        self.test.assertRegex(page.text('#impression'), r'\d')
        page.until("document.querySelector('#overview img')?.naturalWidth > 1000", 60)
        for note in ('#impression-note', '#series-note'):
            self.test.assertFalse(page.value(f"document.querySelector('{note}').checkVisibility()"), note)
        history = page.text('#history')
        for words in ('handed out', 'wanted before all others', 'the result is here', 'stored in Orthanc and read back', 'operator'):
            self.test.assertIn(words, history)
        self.test.assertRegex(page.text('#stages'), r'finding lesions \d+\.\d s.*at most \d+ MiB of memory')
        self.test.assertRegex(page.text('#series'), r'yes\s+taken as STIR')
        stored = page.value("[...document.querySelectorAll('#stored a')].map((a) => a.innerText)")
        self.test.assertEqual(stored[:3], ['structured report', 'segmentation', 'page 1'])
        self.test.assertEqual(len(stored), len(self.lab.get(f'/osteon/jobs/{self.job("A-2")["id"]}')['results']))
        report = page.value("[...document.querySelectorAll('#stored a')].find((a) => a.innerText === 'structured report').href")
        self.test.assertIn('/app/explorer.html#instance?uuid=', report)
        self.test.assertEqual(self.lab.get('/instances/' + report.split('=')[1])['MainDicomTags']['InstanceNumber'], '1')
        self.test.assertIn('#study?uuid=' + self.lab.studies()[self.lab.uids['A-2']], page.value("document.querySelector('#story-links a').href"))
        page.click('#close')
        page.until("document.querySelector('#story').hidden")

    def a_job_keeps_how_its_series_were_judged(self):
        page = self.open(f'#job={self.job("A-1")["id"]}')
        before = self.lab.get('/osteon/status')['rules_hash']
        self.lab.write_rules({'Words': {'LeaveOut': ['t2']}})
        wait_until('other rules are in force', lambda: self.lab.get('/osteon/status')['rules_hash'] != before, 20)
        self.ask('A-1', 'its description has a word that the selection rules leave out')
        page.until_text('#series-title', 'Its series, as they were judged')
        page.until_text('#verdict', 'It is taken.')
        page.until_text('#series', 'taken as STIR')
        # The job of an older version, which did not keep it.
        with contextlib.closing(sqlite3.connect(self.lab.path('orthanc', 'osteon-ledger.sqlite'))) as ledger, ledger:
            ledger.execute('DROP TRIGGER history_no_update')
            ledger.execute("UPDATE history SET series = '' WHERE job = ?", (self.job('A-2')['id'],))
        for languages, title, note, verdict in (('de', 'wie sie jetzt beurteilt würden', 'keine Beurteilung festgehalten', 'Sie wird nicht ausgewertet.'),
                                                ('en', 'as they would be judged now', 'no judgement was kept', 'It is not taken.')):
            page = self.open(f'#job={self.job("A-2")["id"]}', languages=languages)
            for where, told in (('#series-title', title), ('#series-note', note), ('#verdict', verdict)):
                page.until_text(where, told)
        self.lab.write_rules({})
        wait_until('the first are back', lambda: self.lab.get('/osteon/status')['rules_hash'] == before, 20)

    def the_last_self_test_is_told(self):
        page = self.open()
        page.until_text('#selftest', 'None yet. It sends a synthetic study')
        # As osteon selftest says it: selftest_test.py.
        for said, told in (({'Passed': True, 'Found': 3, 'Of': 4, 'Seconds': 95}, '3 of 4 lesions found, in 1 min 35 s.'),
                           ({'Passed': True, 'Seconds': 40, 'Silent': True}, 'silent mode stores no report to compare'),
                           ({'Passed': False, 'Reason': 'the study is stuck'}, 'the study is stuck')):
            self.lab.post('/osteon/selftest', said)
            page.until_text('#selftest', told)
        page.until_text('#selftest', 'Failed')

    def a_copy_that_failed_is_sent_again(self):
        page = self.open()
        job = self.job('A-1')['id']
        for node, left, missing in (('PACS', '3 copies did not reach their nodes:', 'ARCHIVE'), ('ARCHIVE', '2 copies did not reach their nodes:', None)):
            page.click(f'#needs-you [data-key="line-{job}"]')
            page.until_text('#copies', f'{node}: failed, C-STORE failed')
            self.lab.start_node(node)
            page.click('#story-links button', 'send again')
            self.until_announced(f'Job {job}: send again.')
            page.until_text('#copies', f'{node}: sent', 60)
            self.test.assertEqual(len(os.listdir(self.lab.path(node))), len(self.lab.get(f'/osteon/jobs/{job}')['results']))
            wait_until('the others have failed again', lambda: not self.lab.get('/osteon/status')['copies_waiting'], 60)
            page = self.open(f'#job={job}')
            page.until_text('#needs-you', left)
            if missing:
                page.until(f'document.querySelector(\'#needs-you [data-key="line-{job}"]\').closest("li").innerText === "job {job} (accession A-1, 1 Mar 2026) is not at {missing}"')
        self.test.assertNotIn('A-1', page.text('#needs-you'))
        page.until_text('#copies', 'ARCHIVE: sent')
        self.test.assertFalse(page.value("[...document.querySelectorAll('#story-links button')].some((b) => b.innerText === 'send again')"))
        page = self.open(languages='de')
        for words in ('2 Kopien kamen an ihren Knoten nicht an:', f'Auftrag {self.job("A-2")["id"]} (Accession A-2, 01.03.2026) fehlt bei ARCHIVE, PACS'):
            page.until_text('#needs-you', words)
        for node in ('PACS', 'ARCHIVE'):
            self.lab.stop(node)
