# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows of page_flows.py that begin when reports are there and a worker is connected."""
import contextlib
import json
import os
import re
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

    def a_series_opens_in_the_web_viewer(self):
        page = self.open(f'#job={self.job("A-1")["id"]}')
        page.until_text('#series', 'taken as STIR')
        viewer = page.value("[...document.querySelectorAll('#series tr')].find((r) => r.innerText.includes('taken as STIR')).querySelector('a').href")
        self.test.assertIn('/web-viewer/app/viewer.html?series=', viewer)
        page.goto(viewer)
        page.until("document.querySelector('canvas')?.width > 0", 60)
        self.shot('viewer')
        self.allowed = ('web-viewer', 'favicon')  # What that viewer itself complains of.

    def other_viewers_are_linked_only_where_they_are_installed(self):
        page = self.open(f'#job={self.job("A-1")["id"]}')
        page.until_text('#series', 'taken as STIR')
        others = {'stone-webviewer', 'ohif', 'osimis-web-viewer'}
        self.test.assertEqual(others & set(self.lab.get('/plugins')), set())
        self.test.assertEqual(page.value("[...document.querySelectorAll('#story-links a')].map((a) => a.innerText)"), ['In Orthanc'])
        # Debian has none of these: Orthanc's list of plugins is made up from here on.
        stone, ohif = '/stone-webviewer/index.html?study=1.2.3', '/ohif/viewer?StudyInstanceUIDs=1.2.3&url=../studies/id/ohif-dicom-json'
        for n, (plugins, links) in enumerate((([], []), (['dicom-web', 'web-viewer'], []), (['ohif', 'dicom-web'], [ohif]), (['ohif', 'stone-webviewer'], [ohif, stone]),
                                              (['osimis-web-viewer'], ['/osimis-viewer/app/index.html?study=id']))):
            self.test.assertEqual(page.value(f'''import('./app.orthanc.js?{n}').then(async (o) => {{
                const fetched = window.fetch;
                window.fetch = (path, ...rest) => path.endsWith('/plugins') ? Promise.resolve(new Response({json.dumps(json.dumps(plugins))})) : fetched(path, ...rest);
                const links = await o.viewersOf('1.2.3', 'id');
                window.fetch = fetched;
                return links.map((l) => l.href);
            }})'''), links, plugins)

    def orthanc_explorer_leads_to_the_story(self):
        page = self.browser.page()
        self.page = page
        page.goto(f'http://127.0.0.1:{self.lab.http}/app/explorer.html#study?uuid={self.lab.studies()[self.lab.uids["A-1"]]}')
        page.until("[...document.querySelectorAll('a')].some((a) => a.innerText.includes('what happened to this study') && a.checkVisibility())", 60)
        self.shot('explorer')
        page.value("$('a:contains(what happened to this study)').first().click()")
        page.until("location.pathname.includes('/osteon/app') && document.querySelector('#story-title')?.innerText.includes('done')", 60)
        self.allowed = ('favicon', )

    def the_address_of_a_study_opens_its_story(self):
        # As the button for Orthanc Explorer 2 makes it (deploy_test.py).
        page = self.open('#study=' + self.lab.studies()[self.lab.uids['A-1']])
        page.until_text('#story-title', 'done')
        page.until_text('#story-study', 'accession A-1')

    def everything_is_done_by_keyboard(self):
        page = self.open()
        job = self.job('A-1')['id']

        def focused():
            return page.value('document.activeElement.dataset.key || document.activeElement.id')
        for _ in range(60):
            page.key('Tab')
            if focused() == f'open-{job}':
                break
        self.test.assertEqual(focused(), f'open-{job}')
        self.test.assertNotEqual(page.value("getComputedStyle(document.activeElement).outlineStyle"), 'none', 'the eye finds it')
        page.key('Enter')
        page.until("document.activeElement.id === 'story-title'")
        page.until_text('#impression', 'lesion')
        page.key('Tab')
        # The page refreshes every 3 s; whoever is on a button must stay there.
        key = focused()
        page.until(f'{REFRESHES} >= {page.value(REFRESHES) + 2}')
        self.test.assertEqual(focused(), key)
        page.key('Escape')
        page.until("document.querySelector('#story').hidden")
        self.test.assertEqual(focused(), f'open-{job}', 'back where one came from')

    def a_screen_reader_can_name_everything(self):
        page = self.open(f'#job={self.job("A-1")["id"]}')
        page.until("document.querySelector('#overview img')?.naturalWidth > 0", 60)
        self.test.assertEqual(page.nameless(), [])
        self.test.assertEqual(page.value("[...document.querySelectorAll('[role=status], [role=alert]')].map((e) => e.id)"), ['state', 'said', 'trouble', 'answer'])
        self.test.assertEqual(page.value("[...document.querySelectorAll('th')].every((e) => e.scope === (e.closest('tbody') ? 'row' : 'col') && e.innerText)"), True)
        self.test.assertEqual(page.text('caption'), 'Connected to this Orthanc, or last heard of less than a day ago')
        levels = page.value("[...document.querySelectorAll('h1, h2, h3')].map((e) => +e.tagName[1])")
        self.test.assertTrue(all(b - a <= 1 for a, b in zip(levels, levels[1:])), levels)

    def it_speaks_german(self):
        page = self.open(f'#job={self.job("A-1")["id"]}', languages='de-DE,de,en')
        page.until("document.querySelector('#overview img')?.naturalWidth > 0", 60)
        self.test.assertEqual(page.value('document.documentElement.lang'), 'de')
        page.until_text('#state', '1 Rechner mit 1 Platz')
        self.test.assertRegex(page.text('#period'), r'Von \d\d\.\d\d\.\d{4}, \d\d:\d\d:\d\d bis')
        self.test.assertIn('01.03.2026', page.text('#story-study'))
        self.test.assertEqual(page.value("[...document.querySelectorAll('#history span[lang=en]')].map((e) => e.innerText)"), [], 'each step of an uneventful night has its code')
        for where, told in (('#history', 'an einen Rechner vergeben'), ('#history', 'gespeichert und zurückgelesen'), ('#verdict', 'decken'),
                            ('#series', 'genommen als STIR'), ('#happened-list', 'keine MRT-Studie, sie enthält nur CT'),
                            ('#happened-list', '(Accession A-1, 01.03.2026) brauchte '), ('#happened-list', 'Rechner worker: 2 Befunde; verbunden mit 1 Platz')):
            page.until_text(where, told)
        self.test.assertRegex(page.text('#stages'), r'Herde suchen \d+,\d s.*höchstens \d+ MiB Speicher')
        page.until_text('#history', 'Rechner worker')
        self._no_name_of_the_programs(page)
        # What came with codes is in German in each step; the rest is marked where one reads it.
        page.until_text('#history', 'vollständig, bereit zur Auswertung: ')
        page.until_text('#history', 'decken')
        marks = page.value("[...document.querySelectorAll('main [lang=en]')].map((e) => getComputedStyle(e, '::after').content)")
        self.test.assertEqual(set(marks), {'" [en]"'})
        page.until_text('footer', '[en]: im englischen Wortlaut')
        page.until_text('#report', 'In der Sprache des Befunds')
        self.test.assertIn('keine MRT-Studie, sie enthält nur CT', page.value(f'document.querySelector(\'{self.row("A-CT")}\').closest("tr").innerText'))
        self.test.assertEqual(page.value("[...document.querySelectorAll('#series span[lang=en], #verdict span[lang=en]')].map((e) => e.innerText)"), [],
                              'each reason of these has its code')
        self.ask('A-CT', 'kein MR-Bild: SOP Class')
        english = set(re.findall(r"[\w']+", ' '.join(page.value(
            "import('./app.words.en.js').then(async ({EN}) => { const {DE} = await import('./app.words.de.js'); return Object.keys(EN).filter((k) => !(k in DE))"
            ".concat(Object.keys(DE).filter((k) => !(k in EN))); })"))))
        self.test.assertEqual(english, set(), 'every word is in both tables')
        self.shot('german')
        page.value("(() => { const s = document.querySelector('#language'); s.value = 'en'; s.dispatchEvent(new Event('change')); })()")
        page.until_text('#morning-title', 'This morning')
        page.until_text('#story-title', 'done')
        page.goto(f'http://127.0.0.1:{self.lab.http}/osteon/app/?again')
        page.until_text('#morning-title', 'This morning')

    def _no_name_of_the_programs(self, page):
        """In what is not marked as English."""
        text = page.value("""(() => {
            const main = document.querySelector('main').cloneNode(true);
            for (const one of main.querySelectorAll('[lang=en], #series')) one.remove();  // Descriptions of series are the scanner's.
            const words = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
            const texts = [document.querySelector('#state').innerText];
            while (words.nextNode()) texts.push(words.currentNode.data);
            return texts.join(' ');
        })()""")
        names = r"""intake|dispatch|operator|assist|silent|collecting|ready|leased|storing|retry_wait|done|not_evaluable|stuck|skipped|cancelled|opened|\w+_\w+|
            receive|read|compose|skeleton|detect|characterise|compare|pages|report"""
        self.test.assertEqual(re.findall(rf'\b(?:{names})\b', text, re.X), [])

    def it_is_dark_where_the_desk_is_dark(self):
        luminance = '''((colour) => { const [r, g, b] = colour.match(/[0-9.]+/g).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b; })'''
        for dark in (False, True):
            page = self.open(f'#job={self.job("A-1")["id"]}', dark=dark)
            page.until("document.querySelector('#overview img')?.naturalWidth > 0", 60)
            # WCAG 2.1, 1.4.3: text against its background 4.5 to 1.
            contrasts = page.value(f'''(() => {{
                const probe = document.createElement('p'); probe.style.background = 'Canvas'; document.body.append(probe);
                const back = {luminance}(getComputedStyle(probe).backgroundColor);
                const stuck = document.createElement('span'); stuck.className = 'badge state-stuck'; probe.append(stuck);
                const odd = document.createElement('span'); odd.className = 'badge state-not_evaluable'; probe.append(odd);
                const of = (e) => {{ const c = {luminance}(getComputedStyle(e).color); return (Math.max(c, back) + 0.05) / (Math.min(c, back) + 0.05); }};
                const all = [document.body, document.querySelector('a'), document.querySelector('button'), document.querySelector('input'), stuck, odd].map(of);
                probe.remove();
                return [back, ...all];
            }})()''')
            self.test.assertEqual(contrasts[0] < 0.1, dark, contrasts)
            self.test.assertGreater(min(contrasts[1:]), 4.5, contrasts)
            self.shot('dark' if dark else 'light')
