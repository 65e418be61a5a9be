#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command of osteon against the real Orthanc, plugin and worker: 0 when it did what was asked, 1 when it could not or found
something wrong, 2 when it was asked wrongly; and with --json it prints JSON and nothing else.
"""
import base64
import glob
import json
import os
import re
import shutil
import subprocess
import unittest

import mini
import pydicom
from field_study import COARSE
from lab import Lab, OSTEON, TIME_SCALE, free_port, phantom, run, wait_until

NOWHERE = '/proc/nowhere'  # Nobody can write there.


def steps_of(text):
    """The rows of the table of steps that `osteon logs` prints, as lists of cells."""
    steps = text.split('\n\n')[1].splitlines()
    return [re.split('  +', line) for line in steps[1:]]


def not_plain(text):
    """What of it is no plain words: names of the sources, hashes. What is quoted is a command to type; lines of a log are not ours."""
    return re.findall(r"\w*[a-z]_[a-z]\w*|(?<![\w.])[0-9a-f]{32,}", re.sub(r"'osteon [^']*'", '', text.split('\n---- ')[0]))


def call(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=600 * TIME_SCALE)


class LockedLab(Lab):
    """An Orthanc that wants a password, as a hospital's does."""
    def orthanc_config(self):
        return {**super().orthanc_config(), 'AuthenticationEnabled': True, 'RegisteredUsers': {'ann': 'pass word'}}

    def request(self, method, path, body=None, headers=None):
        return super().request(method, path, body, {'Authorization': 'Basic ' + base64.b64encode(b'ann:pass word').decode(), **(headers or {})})


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
            'digest': server['digest'] + [(('--since', '2026-01-01', *url), 0), (('--since', 'soon'), 2)],
            'jobs': server['jobs'] + [((job, *url), 0), (('4711', *url), 1), (('--limit', '0'), 2), (('--state', 'not_evaluable', *url), 0),
                                      (('--state', 'stuk', *url), 2), (('x', *url), 2)],
            'pause': server['pause'] + [(('now',), 2)], 'drain': server['drain'] + [(('now',), 2)],
            'resume': server['resume'] + [(('--reason', 'it is over', *url), 0), (('now',), 2)],
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
            'evaluate': [(('--truth', at('out'), '--results', at('out')), 0), (('--truth', at('out'), '--results', at('out'), '--resamples', 100, '--seed', 3), 0),
                         (('--truth', at('out'), '--results', at('out'), '--out', NOWHERE), 1),
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
                self.assertNotRegex(done.stdout, r'(?m)\b(intake|dispatch|leased|storing)\b|^ *(why|text|values|verdict):')

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
        retried = self.osteon('retry', stuck, '--reason', 'the scanner sent it again')
        self.assertEqual((retried['state'], retried['reason']), ('ready', 'the scanner sent it again'))
        ready = self.lab.wait_for_state(self.whole_body('waiting'), 'ready')['id']
        for job in (stuck, ready):
            self.assertEqual(self.osteon('skip', job, '--reason', 'not wanted')['state'], 'skipped')
            steps = steps_of(run(OSTEON, 'logs', job, '--log', self.lab.path('worker.log'), *self.url).stdout)
            self.assertEqual(steps[-1][1:3] + steps[-1][-1:], ['skipped by a person', 'skipped', 'not wanted'])
            if job == stuck:
                self.assertIn('retried by a person', [what for _, what, *_ in steps])

    def test_jobs_are_listed_up_to_a_limit_the_newest_first(self):
        every, newest = (self.osteon('jobs', *words)['jobs'] for words in ((), ('--limit', 1)))
        self.assertGreater(len(every), 1)
        self.assertEqual([job['id'] for job in newest], [max(job['id'] for job in every)])

    def test_a_drain_has_its_reason_until_it_is_resumed(self):
        self.addCleanup(self.osteon, 'resume')
        self.assertEqual(self.osteon('drain', '--reason', 'a new disk')['hold']['reason'], 'a new disk')
        self.assertIsNone(self.osteon('resume', '--reason', 'it is in')['hold'])

    def test_backfill_takes_a_range_of_days_and_makes_reports_anew(self):
        def would(*words):
            listed = self.osteon('backfill', '--dry-run', *words)['studies']
            return next(one for one in listed if one['study_instance_uid'] == self.study)
        day = ('--from', '20260301', '--to', '20260301')  # Of all studies of mini.py.
        self.assertIn('it has its report', would(*day)['reason'])
        self.assertTrue(would('--reanalyse', *day)['queued'])
        self.assertEqual(would('--reanalyse', '--to', '20260228')['reason'], 'its date is outside the range')
        self.assertGreater(self.osteon('backfill', '--reanalyse', *day)['queued'], 0)

        def anew():
            job = self.lab.job_of(self.study)
            return job if job['id'] != self.job and job['state'] == 'cancelled' else None
        job = wait_until('it was asked for again', anew)
        self.assertEqual((job['supersedes'], job['priority']), (self.job, 'backfill'))
        self.assertIn(f'the same instances were analysed by the same pipeline in job {self.job}', job['reason'])  # So that the report stays.

    def test_an_orthanc_with_users_wants_a_password(self):
        with LockedLab() as lab:
            lab.start_orthanc()
            url = ('--url', f'http://127.0.0.1:{lab.http}')
            for name, password in (('right', 'pass word'), ('wrong', 'guess')):
                with open(lab.path(name), 'w') as f:
                    f.write(password + '\n')
            for words in ((), ('--user', 'ann', '--password-file', lab.path('wrong'))):
                for command in (('status',), ('pause',), ('selftest',)):
                    refused = call(OSTEON, *command, *words, *url)
                    self.assertEqual((refused.returncode, refused.stdout), (1, ''))
                    self.assertRegex(refused.stderr, r'the server refuses \(401\).*see --user and --password-file')
                    self.assertNotIn('waiting', refused.stderr)
            ann = ('--user', 'ann', '--password-file', lab.path('right'), *url)
            self.assertIn('mode: assist', run(OSTEON, 'status', *ann).stdout)
            self.assertRegex(run(OSTEON, 'pause', *ann).stdout, r'^paused since .* by ann; ')
            self.assertIn('paused since', run(OSTEON, 'doctor', '--wait', 0, *ann, ok=(0, 1)).stdout)

    def test_phantom_draws_what_it_is_asked_for(self):
        def first(folder, *options):
            truth = phantom(self.lab.path(folder), '--seed', '6', '--lesions', '0', '--age', '40', *COARSE, *options)
            files = sorted(glob.glob(self.lab.path(folder, 'dicom', '**', '*.dcm'), recursive=True))
            return truth, pydicom.dcmread(files[len(files) // 2])
        _, plain = first('plain')
        truth, asked = first('asked', '--vendor', 'ge', '--tesla', '3', '--snr', '90', '--fat-failure', '0.9', '--variants', '--height', '1650',
                             '--patient-name', 'Doe^Jo')
        self.assertEqual((asked.Manufacturer, float(asked.MagneticFieldStrength), str(asked.PatientName)), ('GE MEDICAL SYSTEMS', 3, 'Doe^Jo'))
        self.assertEqual((asked.PatientBirthDate, float(asked.PatientSize)), ('19860101', 1.65))
        self.assertGreater(truth['normal_variants'], 0)
        corner = [d.pixel_array[:20, :20].mean() / d.pixel_array.max() for d in (plain, asked)]
        self.assertLess(3 * corner[1], corner[0], 'less noise in the air')
        fat = [d.pixel_array.mean() / d.pixel_array.max() for d in (plain, asked)]
        self.assertGreater(fat[1], 1.1 * fat[0], 'fat that is not suppressed')

    def test_analyze_compares_with_an_earlier_report_and_takes_a_sites_rules(self):
        at = self.lab.path
        body = ('--seed', '5', '--lesions', '3', '--patient-id', 'P5', *COARSE)
        for name, day, course in (('first', '20260110', 'baseline'), ('second', '20260510', 'grow')):
            phantom(at(name), '--study-date', day, '--course', course, *body)
        alone = json.loads(run(OSTEON, 'analyze', at('first'), '--out', at('first-report'), '--json').stdout)
        self.assertNotIn('Compared with', alone['impression'])
        shutil.copytree(at('first-report'), at('prior', 'report'))
        shutil.copytree(at('first', 'dicom'), at('prior', 'dicom'))
        followed = json.loads(run(OSTEON, 'analyze', at('second'), '--prior', at('prior'), '--out', at('second-report'), '--json').stdout)
        self.assertIn('Compared with', followed['impression'])
        with open(at('osteond.toml'), 'w') as f:
            f.write('[pipeline]\nlesion_probability = 0.45\nlanguage = "de"\n')
        run(OSTEON, 'analyze', at('second'), '--prior', at('prior'), '--config', at('osteond.toml'), '--out', at('other-settings'))
        told = {}
        for name in ('second-report', 'other-settings'):
            with open(at(name, 'findings.json')) as f:
                told[name] = [c['text'] for c in json.load(f)['caveats'] if c['code'] == 'prior_other_pipeline']
        self.assertEqual(told['second-report'], [])
        self.assertRegex(told['other-settings'][0], r'^Osteon version .* \([0-9a-f]{12}\) before, .* \([0-9a-f]{12}\) now: volumes')
        with open(at('other-settings', 'sr.dcm'), 'rb') as f:
            self.assertIn('Einstellungen und Netze', f.read().decode(errors='replace'))
        with open(at('rules.json'), 'w') as f:
            json.dump({'Words': {'LeaveOut': ['t2*']}}, f)  # As the series of the phantom is called.
        refused = call(OSTEON, 'analyze', at('first'), '--rules', at('rules.json'), '--out', at('refused'))
        self.assertEqual(refused.returncode, 4, refused.stdout + refused.stderr)

    def test_run_now_takes_a_collecting_study_as_it_is(self):
        with Lab(StableQuietSeconds=600) as lab:
            lab.start_orthanc()
            study = mini.blank_body(lab.path('blank'))
            lab.send(lab.path('blank'))
            job = wait_until('it is collecting', lambda: lab.job_of(study))
            self.assertEqual(job['state'], 'collecting')
            told = json.loads(run(OSTEON, 'run-now', job['id'], '--reason', 'in pain', '--json', '--url', f'http://127.0.0.1:{lab.http}').stdout)
            self.assertEqual((told['state'], told['priority'], told['history'][-1]['reason']), ('collecting', 'stat', 'in pain'))
            lab.wait_for_state(study, 'ready')


if __name__ == '__main__':
    unittest.main(verbosity=2)
