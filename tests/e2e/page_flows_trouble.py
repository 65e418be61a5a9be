# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows of page_flows.py in which something is wrong."""
import os

import mini
from copied_study import copy_of
from lab import wait_until
from page_flow import Flow


class TroubleFlows(Flow):
    """Each flow is a method."""
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
        page.until_text('#workers', 'its settings cannot be used')
        self.shot('trouble')
        self.test.assertEqual(pipeline(), before)
        write(good + '[pipeline]\nlanguage = "de"\nwrite_pdf = true\n')
        wait_until('the plugin hears of the new settings', lambda: pipeline() != before, 20)
        page.until("document.querySelector('#trouble').hidden")
        # The same images by other settings: another report, in the words that were asked for.
        self.lab.post('/osteon/backfill', {'Reanalyse': True})
        wait_until('both are analysed again', lambda: [j['state'] for j in self.lab.jobs()].count('done') == 4, 180)
        page.click(self.row('A-1'))
        page.until_text('#impression', 'Knochenherde', 60)
        self.test.assertEqual(page.value("document.querySelector('#impression p').lang"), 'de')
        self.opens_an_object('PDF', '1.2.840.10008.5.1.4.1.1.104.1')
        self.test.assertEqual(len(page.value("[...document.querySelectorAll('#earlier li')].map((e) => e.innerText)")), 2)

    def a_stuck_job_says_why_and_what_to_do(self):
        def cut_short(d):
            d.AccessionNumber, d.PixelData = 'A-4', d.PixelData[:-2]
        study = self.lab.uids['A-4'] = copy_of(self.lab.path('phantom'), 'A-4', self.lab.path('A-4'), cut_short)
        self.lab.send(self.lab.path('A-4'))
        job = self.lab.wait_for_state(study, 'stuck')['id']
        damage = r'.*Pixel Data \(7FE0,0010\) has .*'
        for languages, mark, line, cause, hint in (
                ('de-DE,de', ' [en]', rf'Auftrag {job} \(Accession A-4, 01\.03\.2026\) hängt fest seit \d\d\.\d\d\.\d{{4}}, [\d:]+: ',
                 'Bilder sind beschädigt oder widersprechen sich: ', 'Bilder prüfen; erneut senden, wenn sie beschädigt sind, oder den Auftrag überspringen'),
                ('en-GB,en', '', rf'job {job} \(accession A-4, 1 Mar 2026\) is stuck since \d+ \w+ \d+, [\d:]+: ',
                 '', 'check the images; send them again when they are damaged, or skip the job')):
            page = self.open(languages=languages)
            page.until_text('#needs-you', 'A-4')
            told = page.value(f'document.querySelector(\'#needs-you [data-key="line-{job}"]\').closest("li").innerText')
            self.test.assertRegex(told, rf'^{line}{cause}{damage}\n{hint}$')
            self.test.assertRegex(page.value(f'document.querySelector(\'{self.row("A-4")}\').closest("tr").innerText'), cause + damage)
            marks = page.value("[...document.querySelectorAll('#needs-you .hint, #needs-you .hint [lang=en]')].filter((e) => e.lang).length")
            self.test.assertEqual(marks, 0, 'what to do is never left in English')
            self.shot('stuck-' + languages[:2])
        page.click(f'[data-key="row-retry{job}"]')
        self.until_announced(f'Job {job}: retry.')
        wait_until('it is stuck again', lambda: (self.job('A-4')['attempt'], self.job('A-4')['state']) == (2, 'stuck'), 60)
        page.click(f'#needs-you [data-key="line-{job}"]')
        page.until_text('#story-title', f'Job {job}: stuck')
        page.click(f'[data-key="row-skip{job}"]')
        self.test.assertEqual(self.lab.wait_for_state(study, 'skipped')['actor'], 'operator')
        page.until("!document.querySelector('#needs-you').innerText.includes('is stuck')")
        page.until_text('#happened-list', f'job {job} (accession A-4, 1 Mar 2026) skipped (1): set aside by an operator')

    def a_job_that_collects_is_taken_as_it_is(self):
        def blank(d, _):
            d.AccessionNumber, d.PixelData = 'A-3', bytes(len(d.PixelData))
        # 600 mm: a child of 11 years has 1,430.
        study = self.lab.uids['A-3'] = mini.image_series(self.lab.path('A-3'), 'half', stir=True, slices=100, slice_step=6, size=64, spacing=6.0, change=blank)
        self.lab.send(self.lab.path('A-3'))
        wait_until('it waits for the rest', lambda: 'waits for more stations' in (self.job('A-3') or {'reason': ''})['reason'], 60)
        page = self.open()
        job = self.job('A-3')['id']
        page.until(f'document.querySelector(\'{self.row("A-3")}\').closest("tr").innerText.includes("collecting")')
        page.click(self.row('A-3'))
        page.until_text('#series-title', 'Its series, as they would be judged now')
        page.until_text('#verdict', 'Not yet.')
        self.test.assertTrue(page.value("document.querySelector('#series-note').hidden"))
        page.click(f'[data-key="row-run-now{job}"]')
        self.until_announced(f'Job {job}: run now.')
        self.lab.wait_for_state(study, 'not_evaluable')
        page.until_text('#story-title', 'not evaluable', 60)
        page.until_text('#series-title', 'Its series, as they were judged')
        for words in ('wanted before all others', 'no more stations are waited for: ', 'operator'):
            page.until_text('#history', words)
        self.test.assertIn('incomplete: only', self.job('A-3')['caveat'])
        page = self.open()
        page.until_text('#needs-you', f'job {job} (accession A-3, 1 Mar 2026) was not evaluable: {self.job("A-3")["reason"]}\n'
                        'this is not a negative result: a radiologist must read these images')
        page = self.open(f'#job={job}', languages='de-DE,de,en')
        page.until_text('#needs-you', f'Auftrag {job} (Accession A-3, 01.03.2026) war nicht auswertbar: ')
        page.until_text('#needs-you', 'das ist kein negativer Befund: diese Bilder müssen radiologisch befundet werden')
        page.until_text('#history', 'vollständig, bereit zur Auswertung: auf weitere Stationen wird nicht mehr gewartet: ')
        self.test.assertEqual(page.value("[...document.querySelectorAll('#history tr')].filter((r) => r.innerText.includes('vollständig'))[0].querySelector('[lang=en]')"), None)
