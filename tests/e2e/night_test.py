#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A night: 50 phantom studies, of which one is damaged and one cannot be evaluated, a CT, and a worker that is killed in the middle.
In the morning the digest is right to the letter, made again from the ledger: by the command line, by mail, by webhook and on the page.

OSTEON_NIGHT_STUDIES says how many of them are whole (48; about 4 s of two cores each); the two bad ones and the CT come on top.
"""
import datetime
import json
import os
import shutil
import sqlite3
import time
import unittest

import mini
from aiosmtpd.controller import Controller
from browser import Browser
from copied_study import copy_of
from digest_test import Hook, Mailbox
from field_study import COARSE
from lab import Lab, OSTEON, free_port, phantom, run, wait_until

LEASE_SECONDS = 30
STUDIES = int(os.environ.get('OSTEON_NIGHT_STUDIES') or 48)


def cut_short(d):
    d.PixelData = d.PixelData[:-2]


def blank(d):
    d.PixelData = b'\0' * len(d.PixelData)


def stamp(at_ms):
    return time.strftime('%a %Y-%m-%d %H:%M', time.localtime(at_ms // 1000))


def lasting(ms):
    seconds = (ms + 500) // 1000
    big, small, words = (seconds // 3600, seconds % 3600 // 60, (' h', ' min')) if seconds >= 3600 else (seconds // 60, seconds % 60, (' min', ' s'))
    return f'{seconds} s' if seconds < 60 else f'{big}{words[0]}' + (f' {small}{words[1]}' if small else '')


class Ledger:
    """What the ledger says, read without the plugin: jobs by id, and attempts as (job, worker, milliseconds, end, state after it)."""
    def __init__(self, path):
        with sqlite3.connect(f'file:{path}?mode=ro', uri=True) as ledger:
            ledger.row_factory = sqlite3.Row
            self.jobs = {row['id']: row for row in ledger.execute('SELECT * FROM jobs')}
            self.born_ms = int(ledger.execute("SELECT value FROM meta WHERE key = 'born_ms'").fetchone()[0])
            steps = ledger.execute('SELECT * FROM history ORDER BY sequence').fetchall()
        leases, self.attempts = {}, []
        for step in steps:
            if step['event'] == 'lease':
                leases[step['job']] = step
            elif step['from_state'] in ('leased', 'storing') and step['to_state'] not in ('leased', 'storing'):
                begun = leases[step['job']]
                self.attempts.append((step['job'], begun['actor'].removeprefix('worker '), step['at_ms'] - begun['at_ms'], step['at_ms'], step['to_state']))

    def count(self):
        states = [job['state'] for job in self.jobs.values()]
        return {state: states.count(state) for state in set(states)}

    def worker(self, name):
        own = [attempt for attempt in self.attempts if attempt[1] == name]
        reports = sum(state in ('done', 'not_evaluable') for *_, state in own)
        failed = sum(state in ('retry_wait', 'stuck') for *_, state in own)
        where = 'here with 1 slot' if name == 'w2' else f'not here now, last heard of {stamp(max(end for *_, end, _ in own))}'
        return f'    {name}: {reports} report{"" if reports == 1 else "s"}, {failed} failed; {where}\n'

    def digest(self, stuck, empty, skipped, until_ms):
        """The whole text of the night."""
        stuck, empty, skipped = self.jobs[stuck], self.jobs[empty], self.jobs[skipped]
        hint = 'check the images; send them again when they are damaged, or skip the job'
        slow = sorted((a for a in self.attempts if a[4] in ('done', 'not_evaluable')), key=lambda a: -a[2])[:3]
        slowest = ', '.join(f'job {job} {lasting(took)} ({worker})' for job, worker, took, *_ in slow)
        return (f'Osteon from {stamp(self.born_ms)} to {stamp(until_ms)} (UTC{time.strftime("%z")})\n\n'
                'What needs you\n'
                '  1 stuck\n'
                f'    job {stuck["id"]}, since {stamp(stuck["updated_ms"])}: {stuck["reason"].removesuffix("; " + hint)}\n'
                f'      -> {hint}\n'
                '  1 not evaluable\n'
                f'    job {empty["id"]}, {stamp(empty["updated_ms"])}: {empty["reason"]}\n'
                '      -> this is not a negative result: a radiologist must read these images\n\n'
                'What happened\n'
                f'  {self.count()["done"]} done\n  1 not evaluable\n  1 stuck\n  1 skipped\n'
                f'    1  {skipped["reason"]} (job {skipped["id"]})\n'
                '  0 cancelled\n'
                f'  slowest: {slowest}\n'
                f'  workers:\n{self.worker("w1")}{self.worker("w2")}\n'
                'The queue now\n  0 ready, 0 with a worker, 0 to be tried again; 0 still collecting\n  it is empty\n\n'
                'For research and assistance. Every report is unverified until a radiologist has confirmed it.\n')


class Night(unittest.TestCase):
    maxDiff = None

    def test_the_digest_of_a_night_is_right_to_the_letter(self):
        lab = Lab(LeaseSeconds=LEASE_SECONDS, RetryBaseSeconds=1)
        self.addCleanup(lab.__exit__, None, None, None)
        phantom(lab.path('phantom'), '--seed', '5', '--lesions', '3', *COARSE)
        lab.start_orthanc()
        lab.start_worker('w1')
        whole = [self.send(lab, f'whole{n}') for n in range(STUDIES)]
        self.killed_in_the_middle(lab, whole)
        lab.start_worker('w2')
        damaged, empty = self.send(lab, 'damaged', cut_short), self.send(lab, 'empty', blank)
        ct = mini.image_series(lab.path('ct'), 'ct', modality='CT')
        lab.send(lab.path('ct'))
        estimate = self.estimate_while_it_works(lab)
        for study in whole:
            lab.wait_for_state(study, 'done', seconds=300 + 60 * STUDIES)
        jobs = [lab.wait_for_state(study, state)['id'] for study, state in ((damaged, 'stuck'), (empty, 'not_evaluable'), (ct, 'skipped'))]
        self.ledger = Ledger(lab.path('orthanc', 'osteon-ledger.sqlite'))
        self.came_true(*estimate)
        digest = json.loads(self.osteon(lab, 'digest', '--json').stdout)
        self.numbers(digest, jobs)
        began_ms = time.time() * 1000
        self.is_the_night(self.osteon(lab, 'digest').stdout, jobs, began_ms)
        self.no_patient(lab, json.dumps(digest))
        self.on_the_page(lab, jobs)
        self.in_the_morning(lab, jobs, digest)

    def send(self, lab, name, spoil=None):
        study = copy_of(lab.path('phantom'), 'NIGHT-' + name, lab.path(name), spoil)
        lab.send(lab.path(name))
        shutil.rmtree(lab.path(name))  # 50 of them are much on a small disk.
        return study

    def osteon(self, lab, *arguments):
        return run(OSTEON, *arguments, '--url', f'http://127.0.0.1:{lab.http}')

    def killed_in_the_middle(self, lab, studies):
        def under_way():
            return any(lab.job_of(s) and lab.job_of(s)['state'] == 'leased' and lab.job_of(s).get('stage') for s in studies)
        wait_until('an analysis has begun', under_way, 300)
        lab.kill('w1')

    def estimate_while_it_works(self, lab):
        """When it was made, and for when."""
        def all_wait_or_run():
            digest = lab.get('/osteon/digest')
            queue = digest['queue']
            return digest if digest['jobs']['done'] and queue['ready'] and not queue['collecting'] else None
        digest = wait_until('one is done and others wait', all_wait_or_run, 120 + 120 * STUDIES)
        self.assertEqual(digest['queue']['empty_unknown'], '')
        self.assertGreaterEqual(digest['queue']['measured'], 1)
        return [datetime.datetime.fromisoformat(text).timestamp() for text in (digest['until'], digest['queue']['empty_at'])]

    def came_true(self, made, promised):
        """Within a factor of three (the mean of a few analyses beside others), and the lease of the worker that was killed."""
        took, promise = max(end for *_, end, _ in self.ledger.attempts) / 1000 - made, promised - made
        self.assertGreater(promise, 0)
        self.assertLess(took, 3 * promise + LEASE_SECONDS)
        self.assertLess(promise, 3 * took + LEASE_SECONDS)

    def numbers(self, digest, jobs):
        counted = self.ledger.count()
        self.assertEqual(counted, {'done': STUDIES, 'not_evaluable': 1, 'stuck': 1, 'skipped': 1})
        self.assertEqual({state: n for state, n in digest['jobs'].items() if n}, counted)
        self.assertIn('Pixel Data (7FE0,0010) has ', self.ledger.jobs[jobs[0]]['reason'])
        self.assertEqual(self.ledger.jobs[jobs[2]]['reason'], 'not an MRI study: it has only CT')
        workers = {w['name']: w for w in digest['workers']}
        self.assertEqual(sorted(workers), ['w1', 'w2'])
        self.assertEqual(workers['w1']['reports'] + workers['w2']['reports'], STUDIES + 1)
        self.assertEqual((workers['w1']['failed'], workers['w2']['failed']), (1, 1), 'the killed analysis, and the damaged study')

    def is_the_night(self, text, jobs, began_ms):
        """All of the text, which was made since then."""
        now_ms = int(time.time() * 1000)
        made = [self.ledger.digest(*jobs, at_ms) for at_ms in (*range(int(began_ms), now_ms, 60_000), now_ms)]
        self.assertEqual(text, text if text in made else made[0])

    def no_patient(self, lab, text):
        for name in ('NIGHT-', *(job['study_instance_uid'] for job in lab.jobs())):
            self.assertNotIn(name, text)

    def on_the_page(self, lab, jobs):
        with Browser(lab.folder) as browser:
            page = browser.page()
            page.goto(f'http://127.0.0.1:{lab.http}/osteon/app/')
            page.until_text('#happened', f'{STUDIES} done, 1 not evaluable, 1 stuck, 1 skipped, 0 cancelled')
            needs = page.value("[...document.querySelectorAll('#needs-you li')].map((line) => line.innerText)")
            self.assertEqual(len(needs), 2, needs)
            for line, job in zip(needs, jobs):
                self.assertIn(str(job), line)
            self.assertEqual(page.errors, [])

    def in_the_morning(self, lab, jobs, digest):
        """By mail and webhook, at the first whole minute that leaves Orthanc and the worker the time to start."""
        box, hook = Mailbox(), Hook()
        self.addCleanup(hook.close)
        smtp = Controller(box, hostname='127.0.0.1', port=free_port())
        smtp.start()
        self.addCleanup(smtp.stop)
        due = (int(time.time()) + 30) // 60 * 60 + 60
        lab.section['Digest'] = {'At': time.strftime('%H:%M', time.localtime(due)), 'MailServer': f'smtp://127.0.0.1:{smtp.port}',
                                 'MailFrom': 'osteon@pacs.example', 'MailTo': ['ann@pacs.example'], 'Webhook': f'http://127.0.0.1:{hook.port}/digest'}
        lab.stop('orthanc')
        lab.start_orthanc()
        wait_until('the worker is back', lambda: lab.get('/osteon/status')['workers'], 30)
        self.assertEqual((box.letters, hook.posts), ([], []), 'not before it is due')
        wait_until('both have it', lambda: box.letters and hook.posts, 150)
        letter, (_, _, post) = box.letters[0][2], hook.posts[0]
        self.assertEqual(letter['Subject'], f'Osteon: 2 need you; {STUDIES} done, 1 not evaluable, 1 stuck, 1 skipped')
        mail = letter.get_body(('plain',)).get_content().replace('\r\n', '\n')
        self.is_the_night(mail, jobs, due * 1000)
        self.is_the_night(post['text'], jobs, due * 1000)
        self.no_patient(lab, mail + json.dumps(post))
        own = ('since', 'until', 'queue', 'text')
        self.assertEqual({k: v for k, v in post.items() if k not in own}, {k: v for k, v in digest.items() if k not in own})


if __name__ == '__main__':
    unittest.main(verbosity=2)
