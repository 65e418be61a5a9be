#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command of osteon against the real Orthanc, plugin and worker: 0 when it did what was asked, 1 when it could not or found
something wrong, 2 when it was asked wrongly; and with --json it prints JSON and nothing else.
"""
import json
import os
import re
import subprocess
import unittest

import mini
from field_study import COARSE
from lab import Lab, OSTEON, TIME_SCALE, free_port, phantom, run, wait_until

NOWHERE = '/proc/nowhere'  # Nobody can write there.


def steps_of(text):
    """The rows of the table of steps that `osteon logs` prints, as lists of cells."""
    steps = text.split('\n\n')[1].splitlines()
    return [re.split('  +', line) for line in steps[1:]]


def not_plain(text):
    """What of it is no plain words: names of the sources, hashes. What is quoted is a command to type; lines of a log are not ours."""
    return re.findall(r"\w*[a-z]_[a-z]\w*|[0-9a-f]{32,}", re.sub(r"'osteon [^']*'", '', text.split('\n---- ')[0]))


def call(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=600 * TIME_SCALE)


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(Mode='silent')
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.start_orthanc()
        cls.lab.start_worker()
        cls.url = ('--url', f'http://127.0.0.1:{cls.lab.http}')
        cls.nobody = ('--url', f'http://127.0.0.1:{free_port()}')
        cls.ct = mini.image_series(cls.lab.path('ct'), 'ct', modality='CT')
        cls.lab.send(cls.lab.path('ct'))
        cls.study = mini.blank_body(cls.lab.path('blank'))
        cls.lab.send(cls.lab.path('blank'))
        cls.job = cls.lab.wait_for_state(cls.study, 'not_evaluable', seconds=600)['id']
        cls.skipped = wait_until('the CT is skipped', lambda: cls.lab.job_of(cls.ct))['id']

    def table(self):
        """Command -> (arguments, exit code) of each case."""
        at, url, nobody, ct, job = self.lab.path, self.url, self.nobody, self.lab.path('ct'), self.job
        phantom(at('phantom'), '--seed', '5', '--lesions', '3', *COARSE)
        broken = at('broken.toml')
        with open(broken, 'w') as f:
            f.write('[worker]\nslot = 2\n')
        worker = at('worker', 'osteond.toml')
        server = {name: [((*words, *url), 0), ((*words, *nobody), 1)] for name, words in (
            ('status', ()), ('digest', ()), ('jobs', ()), ('pause', ()), ('drain', ()), ('resume', ()), ('backfill', ('--dry-run',)))}
        return {
            **server,
            'status': server['status'] + [(('--user', 'ann'), 2), (('--url', 'ftp://pacs'), 2)],
            'digest': server['digest'] + [(('--since', 'soon'), 2)],
            'jobs': server['jobs'] + [((job, *url), 0), (('4711', *url), 1), (('--limit', '0'), 2), (('--state', 'not_evaluable', *url), 0),
                                      (('--state', 'stuk', *url), 2), (('x', *url), 2)],
            'pause': server['pause'] + [(('now',), 2)], 'drain': server['drain'] + [(('now',), 2)], 'resume': server['resume'] + [(('now',), 2)],
            'backfill': server['backfill'] + [((*url,), 0), (('--from', 'yesterday'), 2), (('--from', '20261399', *url), 2),
                                              (('--from', '20260302', '--to', '20260301', *url), 2)],
            'logs': [((job, '--log', at('orthanc.log'), '--log', at('worker.log'), *url), 0), (('4711', *url), 1), (('x',), 2)],
            'explain': [((self.ct, *url), 0), (('1.2.3', *url), 1), ((), 2)],
            'run-now': [((job, *url), 1), (('4711', *url), 1), ((), 2), (('x', *url), 2)],  # 0 is below.
            'retry': [((self.skipped, *url), 0), (('4711', *url), 1), ((), 2), (('x', *url), 2)],
            'skip': [((job, *url), 1), (('4711', *url), 1), ((), 2), (('x', *url), 2)],  # 0 is below.
            'doctor': [(('--config', worker, *url), 0), (('--config', worker, '--wait', 0, *nobody), 1), (('--config', at('none')), 2)],
            'config': [(('check', '--worker', worker), 0), (('check', '--worker', broken), 1), (('check', '--worker', at('none')), 2), ((), 2)],
            'keygen': [(('--out', at('new-keys')), 0), (('--out', NOWHERE), 1), (('--out', at('new-keys')), 2)],
            'phantom': [(('--out', at('p'), *COARSE), 0), (('--out', NOWHERE, *COARSE), 1), (('--out', at('p'), '--series', 't9'), 2)],
            'analyze': [((at('phantom', 'dicom'), '--out', at('out')), 0), ((ct, '--explain', '--out', NOWHERE), 1), ((at('none'), '--out', at('o')), 2),
                        ((ct, '--out', at('o')), 4)],
            'evaluate': [(('--truth', at('out'), '--results', at('out')), 0), (('--truth', at('out'), '--results', at('out'), '--out', NOWHERE), 1),
                         (('--truth', at('out'), '--results', ct), 2)],
            'selftest': [(('--wait', 0, *nobody), 1), (('--deadline', '0'), 2)],  # 0 is in selftest_test.py.
        }

    def test_each_command_ends_with_its_code_and_prints_json(self):
        table = self.table()
        told = run(OSTEON, '--help').stdout
        commands = re.findall(r'^  (\S+) ', told[told.index('Subcommands:'):], re.M)
        self.assertEqual(sorted(table), sorted(commands), 'each command has its cases here')
        for command, cases in table.items():
            for arguments, code in cases:
                with self.subTest(command=command, arguments=arguments):
                    done = call(OSTEON, command, *arguments, '--json')
                    self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                    if done.returncode == 2:
                        self.assertEqual(done.stdout, '')
                    if done.returncode in (1, 2) and command not in ('doctor', 'config'):
                        self.assertRegex(done.stderr, r'\Aosteon: ')
                    if done.stdout or done.returncode in (0, 4):
                        self.assertIsInstance(json.loads(done.stdout), (dict, list))

    def test_text_is_plain_words(self):
        self.addCleanup(self.osteon, 'resume')
        worker = self.lab.path('worker', 'osteond.toml')
        for arguments, code in ((('status',), 0), (('digest',), 0), (('jobs',), 0), (('jobs', self.job), 0), (('jobs', '--state', 'not_evaluable'), 0),
                                (('logs', self.job, '--log', self.lab.path('worker.log')), 0), (('explain', self.study), 0), (('explain', self.ct), 0),
                                (('run-now', self.job), 1), (('retry', self.job), 1), (('skip', self.job), 1), (('retry', self.skipped), 0),
                                (('pause', '--reason', 'moving'), 0), (('status',), 0), (('drain',), 0), (('doctor', '--config', worker), 0), (('resume',), 0),
                                (('backfill', '--dry-run'), 0), (('backfill',), 0)):
            with self.subTest(arguments):
                done = call(OSTEON, *arguments, *self.url)
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                self.assertEqual(not_plain((done.stdout + done.stderr).replace(self.lab.folder, '')), [], done.stdout + done.stderr)
                self.assertNotRegex(done.stdout, r'(?m)\b(intake|dispatch|operator|leased|storing)\b|^ *(why|text|values|verdict):')

    def test_logs_tells_the_steps_and_what_the_logs_here_say(self):
        logs = ('--log', self.lab.path('orthanc.log'), '--log', self.lab.path('worker.log'))
        text = run(OSTEON, 'logs', self.job, *logs, *self.url).stdout
        lines = text.splitlines()
        self.assertTrue(lines[0].startswith(f'job {self.job} of study {self.study}: not evaluable; '), lines[0])
        self.assertRegex(lines[lines.index('') + 1], r'^TIME \(UTC\) +WHAT +STATE +TRY +BY +REASON')
        known = ['collecting', 'ready', 'being analysed', 'being stored', 'not evaluable']
        self.assertEqual([step[2] for step in steps_of(text) if step[2] in known], known)
        # Without --verbose Orthanc logs only warnings.
        self.assertIn(f'---- {self.lab.path("orthanc.log")}: no line about it', lines)
        said = lines[lines.index(f'---- {self.lab.path("worker.log")}') + 1:]
        said = said[:said.index('')]
        for line in said:
            self.assertRegex(line, rf' job {self.job}-\w+ attempt 1: ')
        self.assertTrue(said[0].endswith(' MiB') and said[-1].endswith(': committed'), said)
        told = json.loads(run(OSTEON, 'logs', self.job, *logs, '--json', *self.url).stdout)
        self.assertEqual([log['source'] for log in told['logs']], [self.lab.path('orthanc.log'), self.lab.path('worker.log')])
        self.assertEqual(told['history'][-1]['to'], 'not_evaluable')
        # Without a log that can be read it still has the ledger's steps.
        empty = self.lab.path('empty.log')
        open(empty, 'w').close()
        self.assertIn('no line about it', run(OSTEON, 'logs', self.skipped, '--log', empty, *self.url).stdout)

    def test_logs_of_a_folder_are_those_since_the_job_was_opened(self):
        """As Orthanc leaves them in /var/log/orthanc, which begins a file at each start and links the newest."""
        line = f'W1130 07:00:00.000000 PluginsManager.cpp:163] Osteon: job {self.job}, attempt 1: given back'
        for n in range(3):
            path = self.lab.path('logs', f'Orthanc.log.20261130-07000{n}.{n}')
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as f:
                f.write(f'{line}, file {n}\n')
        os.symlink(path, self.lab.path('logs', 'Orthanc.log'))
        os.utime(self.lab.path('logs', 'Orthanc.log.20261130-070000.0'), (0, 0))  # Of another ledger's job of this number.
        told = json.loads(run(OSTEON, 'logs', self.job, '--log', self.lab.path('logs'), '--json', *self.url).stdout)
        self.assertEqual([log['lines'] for log in told['logs']], [[f'{line}, file 1'], [f'{line}, file 2']])

    def whole_body(self, name, change=None):
        """Sends a coarse whole-body STIR; its Study Instance UID."""
        study = mini.image_series(self.lab.path(name), name, stir=True, slices=180, slice_step=6, size=64, spacing=6.0, change=change)
        self.lab.send(self.lab.path(name))
        return study

    def osteon(self, *words):
        return json.loads(run(OSTEON, *words, '--json', *self.url).stdout)

    def test_a_person_retries_a_stuck_job_and_skips_a_ready_one(self):
        def cut_short(d, _):
            d.PixelData = d.PixelData[:-2]
        stuck = self.lab.wait_for_state(self.whole_body('damaged', cut_short), 'stuck')['id']
        self.addCleanup(self.osteon, 'resume')
        self.osteon('pause')
        text = run(OSTEON, 'jobs', stuck, *self.url).stdout
        self.assertIn('; error code invalid input\n', text)
        self.assertEqual(not_plain(text), [])
        self.assertEqual(self.osteon('retry', stuck)['state'], 'ready')
        ready = self.lab.wait_for_state(self.whole_body('waiting'), 'ready')['id']
        for job in (stuck, ready):
            self.assertEqual(self.osteon('skip', job, '--reason', 'not wanted')['state'], 'skipped')
            steps = steps_of(run(OSTEON, 'logs', job, '--log', self.lab.path('worker.log'), *self.url).stdout)
            self.assertEqual(steps[-1][1:3] + steps[-1][-1:], ['skipped by a person', 'skipped', 'not wanted'])
            if job == stuck:
                self.assertIn('retried by a person', [what for _, what, *_ in steps])

    def test_run_now_takes_a_collecting_study_as_it_is(self):
        with Lab(StableQuietSeconds=600) as lab:
            lab.start_orthanc()
            study = mini.blank_body(lab.path('blank'))
            lab.send(lab.path('blank'))
            job = wait_until('it is collecting', lambda: lab.job_of(study))
            self.assertEqual(job['state'], 'collecting')
            told = json.loads(run(OSTEON, 'run-now', job['id'], '--json', '--url', f'http://127.0.0.1:{lab.http}').stdout)
            self.assertEqual((told['state'], told['priority']), ('collecting', 'stat'))
            lab.wait_for_state(study, 'ready')


if __name__ == '__main__':
    unittest.main(verbosity=2)
