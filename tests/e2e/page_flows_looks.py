# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows of page_flows.py for keyboard, screen reader, languages, dark rooms and narrow screens."""
import re

from page_flow import Flow, REFRESHES


class LooksFlows(Flow):
    """Each flow is a method."""

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

    def each_control_answers_the_keyboard(self):
        page = self.open()

        def reach(wanted):
            focused = 'document.activeElement.dataset.key || document.activeElement.id'
            for _ in range(120):
                if page.value(focused) == wanted:
                    return
                page.key('Tab')
            self.test.fail(f'Tab does not come to {wanted}')
        for action, told in (('pause', 'Paused since'), ('drain', 'Draining since')):
            reach('hold-' + action)
            page.accepts = False
            page.key('Enter')
            self.until_dialog('until it is resumed?')
            self.test.assertEqual(page.value(f"performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/{action}')).length"), 0, 'it was declined')
            page.accepts = True
            reach('hold-' + action)
            page.key('Enter')
            page.until_text('#needs-you', told)
            reach('hold-resume')
            page.key('Enter')
            page.until_text('#hold', 'Pause')
            self.test.assertIsNone(self.lab.get('/osteon/status')['hold'])
        reach('count-skipped')
        page.key('Enter')
        page.until("document.querySelectorAll('#jobs tr').length === 1 && document.activeElement.dataset.key === 'count-skipped'")
        page.accepts = False
        reach('selftest')
        page.key('Enter')
        self.until_dialog('Send a synthetic study')
        reach('ask-what')
        page.call('Input.insertText', text='A-CT')
        page.key('Tab')
        self.test.assertEqual(page.value('document.activeElement.innerText'), 'Ask')
        page.key('Enter')
        page.until_text('#answer', 'It is not taken.')
        reach('language')
        page.key('ArrowDown')
        page.until_text('#morning-title', 'Heute Morgen')
        self.test.assertEqual(page.value("document.querySelector('#language').value"), 'de')

    def a_narrow_screen_scrolls_in_one_direction_only(self):
        for languages, told in (('en', 'It is taken.'), ('de', 'Sie wird ausgewertet.')):
            page = self.open(f'#job={self.job("A-1")["id"]}', languages=languages, width=400)
            page.until("document.querySelector('#overview img')?.naturalWidth > 0", 60)
            self.ask('A-1', told)
            self.test.assertLessEqual(page.value('document.documentElement.scrollWidth'), 400)
            self.test.assertEqual(page.value("[...document.querySelectorAll('main > *')].filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > 400).map((e) => e.id)"), [])

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
