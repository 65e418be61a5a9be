# SPDX-License-Identifier: GPL-3.0-or-later
"""What administrators do on the page /osteon/app/, flow by flow, for page_test.py. FLOWS is the list; each begins on a freshly opened page
and leaves a screenshot. Only what a flow expects may stand on the console.
"""
import json
import os
import re

from lab import wait_until
from page_flow import Flow


class Flows(Flow):
    """Each flow is a method."""
    # ---- what waits, with no worker there

    def morning_says_what_happened_and_what_waits(self):
        page = self.open()
        page.until_text('#trouble', 'Jobs are waiting and no worker is connected')
        page.until_text('#needs-you', 'Nothing.')
        page.until_text('#happened-list', 'skipped (1): not an MRI study')
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
        page.type('#ask-what', 'A-CT')
        page.key('Enter')
        page.until_text('#answer', 'Nothing is changed.')
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
        page.until_text('#empty', 'No jobs in this state.')
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
        self.lab.start_worker(threads=1)
        page.until(f'document.querySelector(\'{self.row("A-2")}\').closest("tr").querySelector("progress") !== null', 60)
        self.shot('progress')
        label = page.value("document.querySelector('#jobs progress').getAttribute('aria-label')")
        self.test.assertRegex(label, rf'^job {wanted}: \w+, \d+ %$')
        self.test.assertEqual(self.job('A-1')['state'], 'ready')
        page.until_text('#state', '1 worker with 1 slot')
        self.until_announced(f'Job {wanted} is done.', 120)
        self.lab.wait_for_state(self.lab.uids['A-1'], 'done')

    # ---- reports are there

    def a_study_tells_its_story(self):
        page = self.open()
        page.click(self.row('A-2'))
        page.until_text('#story-title', 'done')
        page.until_text('#impression', 'lesion', 60)
        self.test.assertRegex(page.text('#impression'), r'\d')
        page.until("document.querySelector('#overview img')?.naturalWidth > 1000", 60)
        history = page.text('#history')
        for words in ('handed out', 'wanted before all others', 'the result is here', 'stored in Orthanc and read back', 'operator'):
            self.test.assertIn(words, history)
        self.test.assertRegex(page.text('#stages'), r'detect \d+\.\d s.*at most \d+ MiB of memory')
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

    def the_last_self_test_is_told(self):
        page = self.open()
        page.until_text('#selftest', 'None yet: osteon selftest')
        # As osteon selftest says it: selftest_test.py.
        for said, told in (({'Passed': True, 'Found': 3, 'Of': 4, 'Seconds': 95}, '3 of 4 lesions found, in 1 min 35 s.'),
                           ({'Passed': True, 'Seconds': 40, 'Silent': True}, 'silent mode stores no report to compare'),
                           ({'Passed': False, 'Reason': 'the study is stuck'}, 'the study is stuck')):
            self.lab.post('/osteon/selftest', said)
            page.until_text('#selftest', told)
        page.until_text('#selftest', 'Failed')

    def a_copy_that_failed_is_sent_again(self):
        page = self.open()
        page.until_text('#needs-you', '2 reports did not reach another node')
        job = self.job('A-1')['id']
        page.click(self.row('A-1'))
        page.until_text('#copies', 'PACS: failed, C-STORE failed')
        self.lab.start_pacs()
        page.click('#story-links button', 'send again')
        self.until_announced(f'Job {job}: send again.')
        page.until_text('#copies', 'PACS: sent', 60)
        self.test.assertEqual(len(os.listdir(self.lab.path('pacs'))), len(self.lab.get(f'/osteon/jobs/{job}')['results']))
        page.until("![...document.querySelectorAll('#story-links button')].some((b) => b.innerText === 'send again')")
        page.until_text('#needs-you', '1 report did not reach another node')
        self.lab.stop('pacs')

    def a_series_opens_in_the_web_viewer(self):
        page = self.open(f'#job={self.job("A-1")["id"]}')
        page.until_text('#series', 'taken as STIR')
        viewer = page.value("[...document.querySelectorAll('#series tr')].find((r) => r.innerText.includes('taken as STIR')).querySelector('a').href")
        self.test.assertIn('/web-viewer/app/viewer.html?series=', viewer)
        page.goto(viewer)
        page.until("document.querySelector('canvas')?.width > 0", 60)
        self.shot('viewer')
        self.allowed = ('web-viewer', 'favicon')  # What that viewer itself complains of.

    def other_viewers_are_linked_where_they_are_installed(self):
        page = self.open()
        # Debian has none of these: Orthanc's list of plugins is made up here.
        self.test.assertEqual(page.value('''import('./app.orthanc.js').then(async (o) => {
            const fetched = window.fetch;
            window.fetch = (path, ...rest) => path.endsWith('/plugins') ? Promise.resolve(new Response('["ohif", "stone-webviewer", "dicom-web"]')) : fetched(path, ...rest);
            const links = await o.viewersOf('1.2.3', 'id');
            window.fetch = fetched;
            return links.map((l) => l.href);
        })'''), ['/ohif/viewer?StudyInstanceUIDs=1.2.3', '/stone-webviewer/index.html?study=1.2.3'])

    def orthanc_explorer_leads_to_the_story(self):
        page = self.browser.page()
        self.page = page
        page.goto(f'http://127.0.0.1:{self.lab.http}/app/explorer.html#study?uuid={self.lab.studies()[self.lab.uids["A-1"]]}')
        page.until("[...document.querySelectorAll('a')].some((a) => a.innerText.includes('what happened to this study') && a.checkVisibility())", 60)
        self.shot('explorer')
        page.value("$('a:contains(what happened to this study)').first().click()")
        page.until("location.pathname.includes('/osteon/app') && document.querySelector('#story-title')?.innerText.includes('done')", 60)
        self.allowed = ('favicon', )

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
        refreshes = "performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/osteon/status')).length"
        page.until(f'{refreshes} >= {page.value(refreshes) + 2}')
        self.test.assertEqual(focused(), key)
        page.key('Escape')
        page.until("document.querySelector('#story').hidden")
        self.test.assertEqual(focused(), f'open-{job}', 'back where one came from')

    def a_screen_reader_can_name_everything(self):
        page = self.open(f'#job={self.job("A-1")["id"]}')
        page.until("document.querySelector('#overview img')?.naturalWidth > 0", 60)
        self.test.assertEqual(page.nameless(), [])
        self.test.assertEqual(page.value("[...document.querySelectorAll('[role=status], [role=alert]')].map((e) => e.id)"), ['state', 'said', 'trouble', 'answer'])
        self.test.assertEqual(page.value("[...document.querySelectorAll('th')].every((e) => e.scope === 'col' && e.innerText)"), True)
        levels = page.value("[...document.querySelectorAll('h1, h2, h3')].map((e) => +e.tagName[1])")
        self.test.assertTrue(all(b - a <= 1 for a, b in zip(levels, levels[1:])), levels)

    def it_speaks_german(self):
        page = self.open(f'#job={self.job("A-1")["id"]}', languages='de-DE,de,en')
        page.until("document.querySelector('#overview img')?.naturalWidth > 0", 60)
        self.test.assertEqual(page.value('document.documentElement.lang'), 'de')
        page.until_text('#state', '1 Rechner mit 1 Platz')
        self.test.assertRegex(page.text('#period'), r'Von \d\d\.\d\d\.\d{4}, \d\d:\d\d:\d\d bis')
        self.test.assertIn('01.03.2026', page.text('#story-study'))
        self.test.assertEqual(page.value("document.querySelector('#history span[lang=en]') !== null"), True, 'details are English, and marked')
        for where, told in (('#history', 'an einen Rechner vergeben'), ('#history', 'gespeichert und zurückgelesen'), ('#verdict', 'decken'),
                            ('#series', 'genommen als STIR'), ('#happened-list', 'keine MRT-Studie, sie enthält nur CT')):
            page.until_text(where, told)
        self.test.assertIn('keine MRT-Studie, sie enthält nur CT', page.value(f'document.querySelector(\'{self.row("A-CT")}\').closest("tr").innerText'))
        self.test.assertEqual(page.value("[...document.querySelectorAll('#series span[lang=en], #verdict span[lang=en]')].map((e) => e.innerText)"), [],
                              'each reason of these has its code')
        page.type('#ask-what', 'A-CT')
        page.key('Enter')
        page.until_text('#answer', 'kein MR-Bild: SOP Class')
        self.test.assertEqual(page.value("""import('./app.words.js').then((words) => [words.coded('causes', 'unavailable', 'no route to ward-2'),
            words.hint('unavailable', 'fix it')].map((made) => made.textContent))"""),
            ['Rechner, Platte, Orthanc oder PACS antworteten nicht: no route to ward-2', 'die Ursache beheben, dann den Auftrag erneut starten'])
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

    def settings_in_disorder_are_told_and_changed_ones_are_taken(self):
        page = self.open()
        file = self.lab.path('worker', 'osteond.toml')
        with open(file) as f:
            good = f.read()

        def write(text):
            with open(file + '.new', 'w') as f:
                f.write(text)
            os.replace(file + '.new', file)

        def pipeline():
            return self.lab.get('/osteon/status')['workers'][0]['pipeline_hash']
        before = pipeline()
        write(good + '[pipeline]\nlesion_probabilty = 0.3\n')
        page.until_text('#trouble', "worker 'worker': its settings cannot be used, the last good ones stay in force: ")
        self.test.assertIn("unknown key 'lesion_probabilty' in [pipeline], the nearest known one is 'lesion_probability'", page.text('#trouble'))
        page.until_text('#needs-you', 'its settings cannot be used', 60)
        self.shot('trouble')
        self.test.assertEqual(pipeline(), before)
        write(good + '[pipeline]\nlanguage = "de"\n')
        wait_until('the plugin hears of the new settings', lambda: pipeline() != before, 20)
        page.until("document.querySelector('#trouble').hidden")
        # The same images by other settings: another report, in the words that were asked for.
        self.lab.post('/osteon/backfill', {'Reanalyse': True})
        wait_until('both are analysed again', lambda: [j['state'] for j in self.lab.jobs()].count('done') == 4, 180)
        page.click(self.row('A-1'))
        page.until_text('#impression', 'Knochenherde', 60)
        self.test.assertEqual(page.value("document.querySelector('#impression p').lang"), 'de')
        self.test.assertEqual(len(page.value("[...document.querySelectorAll('#earlier li')].map((e) => e.innerText)")), 2)

    def an_orthanc_that_stops_is_told(self):
        page = self.open()
        self.lab.stop('orthanc')
        page.until_text('#trouble', 'Orthanc does not answer')
        self.allowed = ('ERR_CONNECTION_REFUSED', 'ERR_CONNECTION_RESET', 'ERR_EMPTY_RESPONSE')


# In this order: the first ones have no worker, the last one has no Orthanc.
FLOWS = [name for name, made in vars(Flows).items() if callable(made) and not name.startswith('_')]
