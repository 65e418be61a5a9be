#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alerts on what plugin and worker really answer to Prometheus: while all is well, and after each trouble that can be caused in a minute.
Not caused are a queue of twelve hours and a full disk of a spool: deploy/monitoring/osteon-alerts-test.yml has these in typed series.
"""
import os
import re
import socket
import subprocess
import unittest
import urllib.request

from copied_study import copy_of
from field_study import COARSE
from lab import Lab, OSTEON, SOURCE, free_port, phantom, run, wait_until
from scrapes import Recording, samples

MONITORING = os.path.join(SOURCE, 'deploy', 'monitoring')
HELD = 20         # Minutes that each situation lasts.
LOOKS = (12, 18)  # Minutes of it at which the firing alerts are looked at: "for" is at most 10 minutes, of bad settings 15.


def blank(d):
    d.PixelData = bytes(len(d.PixelData))


def cut_short(d):
    d.PixelData = d.PixelData[:-2]


class Alerts(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(SendTo=['PACS'], StorageCommitment=False, MaxAttempts=2, RetryBaseSeconds=1, LeaseSeconds=20)
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.lab.section['RulesFile'] = self.lab.path('rules.json')
        self.write_rules('{}')
        self.phantom = self.lab.path('phantom')
        phantom(self.phantom, '--seed', '5', '--lesions', '3', *COARSE)
        self.port, self.pacs = free_port(), free_port()
        plain = self.lab.orthanc_config
        self.lab.orthanc_config = lambda: {**plain(), 'DicomModalities': {'PACS': ['PACS', '127.0.0.1', self.pacs]}}
        self.recording, self.expected = Recording(), {}

    def write_rules(self, text):
        with open(self.lab.path('rules.json'), 'w') as f:
            f.write(text)

    def send(self, name, change=None):
        study = copy_of(self.phantom, name, self.lab.path(name), change)
        self.lab.send(self.lab.path(name))
        return study

    def osteon(self, *arguments):
        return run(OSTEON, *arguments, '--url', f'http://127.0.0.1:{self.lab.http}')

    def plugin(self):
        return self.lab.get('/tools/metrics-prometheus').decode()

    def worker(self):
        with urllib.request.urlopen(f'http://127.0.0.1:{self.port}/metrics', timeout=30) as reply:
            return reply.read().decode()

    def figure(self, name):
        return next((value for known, _, value in samples(self.plugin()) if known == name), -1)

    def wait_for(self, name, least=1, seconds=60):
        wait_until(f'{name} is {least} or more', lambda: self.figure(name) >= least, seconds)

    def held(self, answers, *alerts):
        """The situation is held; `alerts` are those that fire at each of LOOKS."""
        for look, firing in zip(LOOKS, alerts):
            self.expected[self.recording.minutes + look] = firing
        self.recording.hold(answers, HELD)

    def answers(self):
        return {'orthanc': self.plugin(), 'osteond': self.worker()}

    def test_they_fire_on_real_answers_and_are_silent_while_all_is_well(self):
        self.all_is_well()
        self.a_stranger_knocks()
        self.settings_are_bad()
        self.images_are_bad_and_the_pacs_is_down()
        self.a_worker_is_lost()
        self.the_port_is_taken()
        self.lab.stop('orthanc')
        self.held({}, *[{'OsteonIsNotSeen', 'OsteonStudiesAreNotEvaluable', 'OsteonWorkersAreLost'}] * 2)
        self.recording.check_alerts(os.path.join(MONITORING, 'osteon-alerts.yml'), self.lab.folder, self.expected)
        for name in ('osteon-alerts.yml', 'osteon-grafana.json'):
            with open(os.path.join(MONITORING, name)) as f:
                self.assertEqual(set(re.findall(r'\bosteond?_\w+', f.read())) - self.recording.names(), set(), name)

    def all_is_well(self):
        self.lab.start('pacs', ['storescp', '--ignore', '-aet', 'PACS', self.pacs])
        self.lab.start_orthanc()
        self.lab.start_worker(metrics=f'tcp://127.0.0.1:{self.port}', slots=4)
        self.lab.wait_for_state(self.send('well'), 'done')
        wait_until('the copy is sent', lambda: self.figure('osteon_copies_waiting') == 0)
        answers = self.answers()
        self.assertEqual(self.promtool_says(answers['osteond']), [])
        said = [line for line in self.promtool_says(answers['orthanc']) if line.startswith('osteon')]
        self.assertEqual([line for line in said if not line.endswith(' no help text')], [], 'Orthanc writes no help')
        self.held(answers, set(), set())

    def promtool_says(self, text):
        done = subprocess.run(['promtool', 'check', 'metrics'], input=text, capture_output=True, text=True)
        self.assertIn(done.returncode, (0, 3), done.stderr)  # 3: it has said something about names and texts.
        return (done.stdout + done.stderr).splitlines()

    def a_stranger_knocks(self):
        run(OSTEON, 'keygen', '--out', self.lab.path('stranger-keys'), '--part', 'worker')
        self.lab.start_worker('stranger', key_file=self.lab.path('stranger-keys', 'worker.key'))
        self.wait_for('osteon_refused_handshakes_total')
        self.lab.stop('stranger')
        self.held(self.answers(), {'OsteonRefusesAWorker'}, set())

    def settings_are_bad(self):
        self.write_rules('{"Word": {}}')
        self.wait_for('osteon_troubles')
        self.held(self.answers(), set(), {'OsteonSettingsAreBad'})
        self.write_rules('{}')
        wait_until('the trouble is over', lambda: self.figure('osteon_troubles') == 0)

    def images_are_bad_and_the_pacs_is_down(self):
        self.lab.stop('pacs')
        self.send('damaged', cut_short)
        for name in ('blank1', 'blank2', 'blank3'):
            self.send(name, blank)
        self.wait_for('osteon_jobs_stuck')
        self.wait_for('osteon_jobs_not_evaluable', 3, 180)
        self.wait_for('osteon_copies_failed', 3)
        self.held(self.answers(), *[{'OsteonJobsAreStuck', 'OsteonStudiesAreNotEvaluable', 'OsteonCopiesFail'}] * 2)

    def a_worker_is_lost(self):
        self.osteon('pause')
        studies = [self.send(f'lost{n}') for n in range(4)]
        self.wait_for('osteon_jobs_ready', 4)
        self.osteon('resume')
        wait_until('all are begun', lambda: all(self.lab.job_of(study).get('stage') for study in studies))
        self.lab.kill('worker')
        self.wait_for('osteon_leases_expired_total', 4)
        self.wait_for('osteon_retries_total', 4)
        wait_until('the worker is gone', lambda: self.figure('osteon_workers') == 0)
        self.held({'orthanc': self.plugin()}, *[{'OsteonJobsAreStuck', 'OsteonStudiesAreNotEvaluable', 'OsteonCopiesFail',
                                                 'OsteonWorkersAreLost', 'OsteonHasNoWorker'}] * 2)

    def the_port_is_taken(self):
        self.lab.stop('orthanc')
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # Its last connections may be there yet.
            other.bind(('127.0.0.1', self.lab.zmq))
            other.listen()
            self.lab.start_orthanc()
            wait_until('it cannot listen', lambda: self.figure('osteon_healthy') == 0)
            firing = {'OsteonJobsAreStuck', 'OsteonStudiesAreNotEvaluable', 'OsteonCopiesFail', 'OsteonWorkersAreLost', 'OsteonHasNoWorker',
                      'OsteonIsUnhealthy'}
            self.held({'orthanc': self.plugin()}, firing, firing | {'OsteonSettingsAreBad'})


if __name__ == '__main__':
    unittest.main(verbosity=2)
