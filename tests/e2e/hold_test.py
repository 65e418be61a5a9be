#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pause and drain with a real worker that would take every job: Orthanc is killed meanwhile, and only what may be handed out is."""
import unittest

import mini
from copied_study import copy_of
from field_study import COARSE
from lab import Lab, OSTEON, phantom, run, wait_until


class Hold(unittest.TestCase):
    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.lab.__exit__, None, None, None)
        phantom(self.lab.path('phantom'), '--seed', '5', '--lesions', '3', *COARSE)
        self.lab.start_orthanc()
        self.lab.start_worker()

    def osteon(self, *arguments):
        return run(OSTEON, *arguments, '--url', f'http://127.0.0.1:{self.lab.http}').stdout

    def ready(self, name):
        study = copy_of(self.lab.path('phantom'), name, self.lab.path(name))
        self.lab.send(self.lab.path(name))
        self.lab.wait_for_state(study, 'ready')
        return study

    def events(self, study):
        return [step['event'] for step in self.lab.get(f'/osteon/jobs/{self.lab.job_of(study)["id"]}')['history']]

    def restart_orthanc(self):
        self.lab.kill('orthanc')
        self.lab.start_orthanc()

    def nothing_more_is_handed_out(self, name):
        """The worker is here and free while a study is sent and judged: it is offered to the plugin many times meanwhile."""
        wait_until('the worker is free', lambda: [w['free_slots'] for w in self.lab.get('/osteon/status')['workers']] == [1])
        given = self.lab.get('/osteon/status')['leases_given']
        marker = mini.image_series(self.lab.path(name), name, modality='CT')
        self.lab.send(self.lab.path(name))
        self.lab.wait_for_state(marker, 'skipped')
        status = self.lab.get('/osteon/status')
        self.assertEqual((status['leases_given'], status['jobs']['leased'], status['jobs']['storing']), (given, 0, 0))

    def test_a_pause_keeps_a_ready_job_over_a_killed_orthanc(self):
        self.osteon('pause')
        study = self.ready('paused')
        self.restart_orthanc()
        self.nothing_more_is_handed_out('marker')
        self.assertEqual(self.lab.job_of(study)['state'], 'ready')
        self.assertNotIn('lease', self.events(study))
        self.osteon('resume')
        self.lab.wait_for_state(study, 'done')

    def test_a_drain_finishes_what_came_before_it_and_keeps_what_came_after(self):
        self.osteon('pause')
        before = self.ready('before')
        self.lab.stop('worker')  # So that `before` still waits when Orthanc is killed.
        self.osteon('drain')
        after = self.ready('after')
        self.restart_orthanc()
        self.assertEqual(self.lab.get('/osteon/status')['hold']['kind'], 'drain')
        self.assertEqual([self.lab.job_of(study)['state'] for study in (before, after)], ['ready', 'ready'])
        self.lab.start_worker()
        self.lab.wait_for_state(before, 'done')
        self.nothing_more_is_handed_out('marker')
        self.assertEqual(self.lab.job_of(after)['state'], 'ready')
        self.assertNotIn('lease', self.events(after))
        self.osteon('resume')
        self.lab.wait_for_state(after, 'done')


if __name__ == '__main__':
    unittest.main(verbosity=2)
