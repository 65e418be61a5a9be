# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows of page_flows.py in which a person does something to a job or asks about a study, beside what is done in the table of jobs."""
import contextlib
import signal

import mini
from copied_study import copy_of
from lab import OSTEOND, wait_until
from page_flow import Flow


class HandFlows(Flow):
    """Each flow is a method."""

    def a_story_has_the_actions_of_its_state(self):
        self.lab.post('/osteon/pause')

        def accession(d):
            d.AccessionNumber = 'A-5'
        self.lab.uids['A-5'] = copy_of(self.lab.path('phantom'), 'A-5', self.lab.path('A-5'), accession)
        self.lab.send(self.lab.path('A-5'))
        job = self.lab.wait_for_state(self.lab.uids['A-5'], 'ready')['id']
        page = self.open(f'#job={job}')
        self._press('run-now', job)
        self.until_announced(f'Job {job}: run now.')
        self.test.assertEqual(self.job('A-5')['priority'], 'stat')
        self._press('skip', job, 'skipped', f'Skip job {job}? It gets no report.')
        self._press('retry', job, 'ready')
        self._press('cancel', job, 'cancelled', f'Cancel job {job}?')
        self._press('retry', job, 'ready')
        self.lab.post('/osteon/resume')
        for action, state, told in (('skip', 'skipped', 'skipped by an operator'), ('cancel', 'cancelled', 'cancelled by an operator')):
            with self._while_it_is_analysed(job):
                self._press(action, job, state)
                page.until_text('#history', told)
            wait_until('the worker lets it go', lambda: [w['free_slots'] for w in self.lab.get('/osteon/status')['workers']] == [1], 60)
            if action == 'skip':
                self._press('retry', job)
        self.test.assertEqual(self.job('A-5')['state'], 'cancelled')
        self.test.assertEqual(self.lab.get(f'/osteon/jobs/{job}')['results'], [])

    def _press(self, action, job, state=None, question=None):
        self.page.click(f'[data-key="story-{action}{job}"]')
        if question:
            self.until_dialog(question)
        if state:
            wait_until(state, lambda: self.job('A-5')['state'] == state, 60)

    @contextlib.contextmanager
    def _while_it_is_analysed(self, job):
        """The worker is stopped in the middle."""
        wait_until('its analysis has begun', lambda: self.job('A-5').get('stage'), 60)
        self.lab.processes['worker'].send_signal(signal.SIGSTOP)
        try:
            self.page.until_text('#story-title', f'Job {job}: being analysed')
            yield
        finally:
            self.lab.processes['worker'].send_signal(signal.SIGCONT)

    def what_another_person_did_first_is_refused_with_a_reason(self):
        job = self.job('A-5')['id']
        self.lab.post('/osteon/pause')
        for languages, told in (('en', f'Not done: job {job} is ready; a retry does not change that'),
                                ('de', f'Nicht ausgeführt: job {job} is ready; a retry does not change that [en]')):
            page = self.open(languages=languages)
            page.until(f'document.querySelector(\'[data-key="row-retry{job}"]\') !== null')
            self.freeze()
            self._made_ready_again(job)
            page.click(f'[data-key="row-retry{job}"]')
            self.until_dialog(told)
            self.lab.post(f'/osteon/jobs/{job}/cancel')
        self._made_ready_again(job)
        self.allowed = ('409', )  # The browser tells of it.

    def _made_ready_again(self, job):
        self.lab.post(f'/osteon/jobs/{job}/retry')
        wait_until('it is ready', lambda: self.job('A-5')['state'] == 'ready', 60)

    def a_question_that_is_declined_does_nothing(self):
        page = self.open()
        page.accepts = False
        job = self.job('A-5')['id']
        for selector, question in ((f'[data-key="row-skip{job}"]', f'Skip job {job}?'), (f'[data-key="row-cancel{job}"]', f'Cancel job {job}?'),
                                   ('[data-key="selftest"]', 'Send a synthetic study')):
            page.click(selector)
            self.until_dialog(question)
        self.test.assertEqual(page.value("performance.getEntriesByType('resource').filter((e) => /skip|cancel|start$/.test(e.name))"), [], 'nothing is asked of Orthanc')
        self.test.assertEqual(self.job('A-5')['state'], 'ready')

    def each_state_has_its_filter(self):
        counts = self.lab.get('/osteon/status')['jobs']
        self.test.assertGreaterEqual(sum(1 for n in counts.values() if n), 4, counts)
        for languages in ('en', 'de'):
            page = self.open(languages=languages)
            labels = page.value(f"import('./app.words.{languages}.js').then((words) => Object.values(words)[0])")
            for state, n in counts.items():
                page.click('#counts button', f'{labels[state]} {n}')
                page.until(f"document.querySelector('#counts [aria-pressed=true]').innerText === '{labels[state]} {n}'")
                listed = [job['id'] for job in reversed(self.lab.get(f'/osteon/jobs?state={state}')['jobs'])]
                self.test.assertEqual(len(listed), n)
                page.until(f"JSON.stringify([...document.querySelectorAll('#jobs [data-key^=open-]')].map((b) => +b.dataset.key.slice(5))) === JSON.stringify({listed})")
                page.until(f"document.querySelector('#empty').checkVisibility() === {str(n == 0).lower()}")
        self.lab.post(f'/osteon/jobs/{self.job("A-5")["id"]}/cancel')
        self.lab.post('/osteon/resume')

    def studies_of_one_accession_number_are_all_told(self):
        def twin(d, _):
            d.AccessionNumber = 'A-CT'
        self.lab.uids['twin'] = mini.image_series(self.lab.path('twin'), 'twin', modality='CT', change=twin)
        self.lab.send(self.lab.path('twin'))
        self.lab.wait_for_state(self.lab.uids['twin'], 'skipped')
        for languages, many, covered in (('de', '2 Studien haben diese Accession Number.', r'Abgedeckt: \d+ mm des Körpers, nötig sind \d+ mm\.'),
                                         ('en', '2 studies have this accession number.', r'Covered: \d+ mm of the body, \d+ mm are needed\.')):
            page = self.open(languages=languages)
            self.ask('A-CT', many)
            for name in ('A-CT', 'twin'):
                page.until_text('#answer', self.lab.uids[name])
            self.ask('A-3', self.lab.uids['A-3'])
            self.test.assertRegex(page.text('#answer'), covered)
        explained = self.lab.get(f'/osteon/explain/{self.lab.uids["A-3"]}')
        self.test.assertIn(f'Covered: {explained["extent_mm"]:.0f} mm of the body, {explained["needed_mm"]:.0f} mm', page.text('#answer'))
        # Its job is one press away.
        self.ask('A-CT', many)
        job = self.job('twin')['id']
        page.click(f'#answer [data-key="asked-{job}"]')
        page.until_text('#story-title', f'Job {job}: skipped')
        page.until_text('#story-study', self.lab.uids['twin'])

    def all_jobs_of_a_study_are_one_press_away(self):
        first, last = (job['id'] for job in self.lab.jobs() if job['study_instance_uid'] == self.lab.uids['A-1'])
        page = self.open(f'#job={last}')
        page.until_text('#story-title', f'Job {last}: done')
        page.click(f'#earlier [data-key="other-{first}"]')
        page.until_text('#story-title', f'Job {first}: done')
        self.test.assertEqual(page.value('location.hash'), f'#job={first}')

    def a_job_that_is_not_there_is_told(self):
        for languages, told in (('en', 'There is no such job.'), ('de', 'Diesen Auftrag gibt es nicht.')):
            page = self.open('#job=99999', languages=languages)
            page.until_text('#story-title', told)
            self.test.assertEqual(page.text('#story-title'), told, 'nothing of it is in another language')
            self.test.assertFalse(page.value("document.querySelector('#told').checkVisibility()"))
            page.click('#close')
            page.until("document.querySelector('#story').hidden")
        self.allowed = ('404', )

    def workers_of_one_name_are_told(self):
        self.lab.start_worker('other')
        self.lab.stop('other')
        file = self.lab.path('other', 'osteond.toml')
        with open(file) as f:
            text = f.read()
        with open(file, 'w') as f:
            f.write(text.replace('name = "other"', 'name = "worker"'))
        self.lab.start('other', [OSTEOND, '--config', file])
        for languages, line, trouble in (('en', 'Another worker has the same name: give each its own.', "more than one worker is called 'worker'"),
                                         ('de', 'Ein anderer Rechner heißt auch so: jedem einen eigenen Namen geben.', "more than one worker is called 'worker'")):
            page = self.open(languages=languages)
            page.until_text('#workers', line, 60)
            self.test.assertEqual(page.text('#workers').count(line), 2)
            page.until_text('#trouble', trouble)
        self.lab.stop('other')
        page = self.open()
        page.until(f"!document.querySelector('#workers').innerText.includes('Another worker')", 90)
