#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A night: 50 phantom studies, of which one is damaged and one cannot be evaluated, a CT, and a worker that is killed in the middle.
In the morning the digest is right to the line, and its numbers are the ledger's.

OSTEON_NIGHT_STUDIES says how many of them are whole (48; about 4 s of two cores each); the two bad ones and the CT come on top.
"""
import json
import os
import shutil
import sqlite3
import unittest

import mini
from copied_study import copy_of
from field_study import COARSE
from lab import Lab, OSTEON, phantom, run, wait_until

STUDIES = int(os.environ.get('OSTEON_NIGHT_STUDIES') or 48)


def cut_short(d):
    d.PixelData = d.PixelData[:-2]


def blank(d):
    d.PixelData = b'\0' * len(d.PixelData)


class Night(unittest.TestCase):
    def test_the_digest_of_a_night_is_right_to_the_line(self):
        lab = Lab(LeaseSeconds=30, RetryBaseSeconds=1)
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
        self.estimate_while_it_works(lab)
        for study in whole:
            lab.wait_for_state(study, 'done', seconds=300 + 60 * STUDIES)
        jobs = {name: lab.wait_for_state(study, state)['id'] for name, study, state in (
            ('damaged', damaged, 'stuck'), ('empty', empty, 'not_evaluable'), ('ct', ct, 'skipped'))}
        digest = json.loads(self.osteon(lab, 'digest', '--json').stdout)
        self.numbers(lab, digest)
        self.lines(lab, digest, jobs)

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
        def both():
            digest = lab.get('/osteon/digest')
            return digest if digest['jobs']['done'] and digest['queue']['ready'] else None
        queue = wait_until('one is done and others wait', both, 120 + 120 * STUDIES)['queue']
        self.assertEqual(queue['empty_unknown'], '')
        self.assertGreater(queue['empty_at'], '2026')
        self.assertGreaterEqual(queue['measured'], 1)

    def numbers(self, lab, digest):
        with sqlite3.connect(f'file:{lab.path("orthanc", "osteon-ledger.sqlite")}?mode=ro', uri=True) as ledger:
            counted = dict(ledger.execute('SELECT state, COUNT(*) FROM jobs GROUP BY state'))
        self.assertEqual({state: n for state, n in digest['jobs'].items() if n}, counted)
        self.assertEqual(counted, {'done': STUDIES, 'not_evaluable': 1, 'stuck': 1, 'skipped': 1})
        workers = {w['name']: w for w in digest['workers']}
        self.assertEqual(sorted(workers), ['w1', 'w2'])
        self.assertEqual(workers['w1']['reports'] + workers['w2']['reports'], STUDIES + 1)
        self.assertEqual((workers['w1']['failed'], workers['w2']['failed']), (1, 1), 'the killed analysis, and the damaged study')
        self.assertEqual((workers['w1']['here'], workers['w2']['here']), (False, True))
        self.assertEqual(len(digest['slowest']), min(3, STUDIES + 1))

    def lines(self, lab, digest, jobs):
        text = self.osteon(lab, 'digest').stdout
        told = {job['id']: job for job in lab.jobs()}
        lines = text.splitlines()

        def below(heading):
            at = lines.index(heading)
            return lines[at + 1:lines.index('', at)]
        needs = below('What needs you')
        self.assertEqual(needs[0], '  1 stuck')
        self.assertRegex(needs[1], rf'^    job {jobs["damaged"]}, since \w+ [\d-]+ [\d:]+: .*Pixel Data \(7FE0,0010\) has ')
        self.assertEqual(needs[2], '      -> check the images; send them again when they are damaged, or skip the job')
        self.assertEqual(needs[3], '  1 not evaluable')
        self.assertRegex(needs[4], rf'^    job {jobs["empty"]}, \w+ [\d-]+ [\d:]+: ')
        self.assertTrue(needs[4].endswith(': ' + told[jobs['empty']]['reason']), needs[4])
        self.assertEqual(needs[5:], ['      -> this is not a negative result: a radiologist must read these images'])
        happened = below('What happened')
        self.assertEqual(happened[:6], [f'  {STUDIES} done', '  1 not evaluable', '  1 stuck', '  1 skipped',
                                        f'    1  not an MRI study: it has only CT (job {jobs["ct"]})', '  0 cancelled'])
        self.assertTrue(happened[6].startswith(f'  slowest: job {digest["slowest"][0]["job"]} '), happened[6])
        self.assertEqual(happened[7], '  workers:')
        w1, w2 = digest['workers']
        def reports(worker):
            return f'{worker["reports"]} report' + ('' if worker['reports'] == 1 else 's')
        self.assertRegex(happened[8], rf'^    w1: {reports(w1)}, 1 failed; not here now, last heard of ')
        self.assertEqual(happened[9:], [f'    w2: {reports(w2)}, 1 failed; here with 1 slot'])
        self.assertEqual(below('The queue now'), ['  0 ready, 0 with a worker, 0 to be tried again; 0 still collecting', '  it is empty'])
        for name in ('NIGHT-', *(job['study_instance_uid'] for job in told.values())):
            self.assertNotIn(name, text)
            self.assertNotIn(name, json.dumps(digest))


if __name__ == '__main__':
    unittest.main(verbosity=2)
