#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""osteon selftest with the real Orthanc, plugin and worker, in silent mode (after installation) and in assist mode."""
import json
import os
import re
import unittest
import urllib.request

import empty_network
from lab import Lab, OSTEON, SOURCE, TIME_SCALE, free_port, run, wait_until

MODELS = os.path.join(SOURCE, 'config', 'models')


class Selftest(unittest.TestCase):
    def selftest(self, mode, nothing_or_report, *as_json):
        with Lab(Mode=mode, SendTo=['NOWHERE'], StableQuietSeconds=600) as lab:
            lab.start_orthanc()
            port = free_port()
            lab.start_worker(metrics=f'tcp://127.0.0.1:{port}')
            done = run(OSTEON, 'selftest', *as_json, '--url', f'http://127.0.0.1:{lab.http}', ok=None)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            if as_json:
                told = json.loads(done.stdout)
                self.assertEqual((told['ok'], told['reason'], told['silent'], told['kept']), (True, '', True, False))
                self.assertGreater(told['instances'], 50)
                self.assertIsNone(told['truth'], 'silent mode stores nothing to compare')
            else:
                self.assertIn(nothing_or_report, done.stdout)
                found, of = re.search(r'^(\d) of (\d) lesions that should be found are in the report$', done.stdout, re.MULTILINE).groups()
                self.assertGreaterEqual(2 * int(found), int(of), done.stdout)
                self.assertGreater(int(of), 0)
            self.assertIn('need not wait for 600 s without an image (StableQuietSeconds)', done.stderr)
            self.assertEqual(lab.studies(), {}, 'the study is removed')
            kept = lab.get('/osteon/status')['selftest']
            self.assertEqual((kept['passed'], kept['silent'], kept['of'] > 0), (True, mode == 'silent', mode == 'assist'))
            with open('/proc/cpuinfo') as f:
                library = 'oneDNN' if ' avx2 ' in f.read() else 'OpenCV'
            self.assertIn(f'the network runs on {library}', lab.log_text('worker.log'), 'under the filters of the service')
            with urllib.request.urlopen(f'http://127.0.0.1:{port}/metrics', timeout=30) as reply:
                figures = dict(line.rsplit(' ', 1) for line in reply.read().decode().splitlines())
            self.assertEqual((figures['osteond_analyses_total'], figures['osteond_failures_total'], figures['osteond_connected']), ('1', '0', '1'))
            self.assertGreater(float(figures['osteond_stage_seconds_total{stage="detect"}']), 0)
            self.assertGreater(int(figures['osteond_received_bytes_total']), 1_000_000)
            plugin = lab.get('/tools/metrics-prometheus').decode()
            for name in ('osteon_stage_detect_seconds_total', 'osteon_callbacks_total', 'osteon_sent_bytes_total', 'osteon_waiting_stat'):
                self.assertRegex(plugin, rf'(?m)^{name} ')
            # An unknown destination is only a warning.
            self.assertIn("names 'NOWHERE', which Orthanc does not know", lab.log_text('orthanc.log'))
            self.assertTrue(any('NOWHERE' in trouble for trouble in lab.get('/osteon/status')['trouble']))

    def test_silent_mode_stores_nothing_and_passes(self):
        self.selftest('silent', '', '--json')

    def test_assist_mode_stores_a_report(self):
        self.selftest('assist', 'report stored')

    def test_it_and_doctor_wait_for_an_orthanc_that_starts_and_for_its_first_worker(self):
        """As README.md asks them, right after 'apt install' and 'systemctl restart orthanc'."""
        with Lab(Mode='silent') as lab:
            lab.start_worker()  # Writes its configuration.
            lab.stop('worker')
            server = ('--url', f'http://127.0.0.1:{lab.http}', '--wait', 600)
            asked = {'doctor': lab.start('doctor', [OSTEON, 'doctor', '--config', lab.path('worker', 'osteond.toml'), *server]),
                     'selftest': lab.start('selftest', [OSTEON, 'selftest', *server])}

            def both_wait(what):
                wait_until(what, lambda: all(f'waiting up to 600 s for {what}' in lab.log_text(f'{name}.log') for name in asked))
            both_wait('Orthanc to answer')
            lab.start_orthanc()
            both_wait('a worker to connect')
            lab.start_worker()
            for name, process in asked.items():
                self.assertEqual(process.wait(300 * TIME_SCALE), 0, lab.log_text(f'{name}.log'))
                self.assertEqual(lab.log_text(f'{name}.log').count('waiting up to'), 2, 'each said once')
            lab.stop('worker')
            late = run(OSTEON, 'selftest', '--wait', 0, '--deadline', 1, '--url', f'http://127.0.0.1:{lab.http}', ok=(1,))
            self.assertRegex(late.stderr, r'no report within 1 s; the job is \w+')

    def test_a_network_that_sees_no_body_is_told(self):
        with Lab(Mode='silent') as lab:
            lab.start_orthanc()
            lab.start_worker(model_dir=empty_network.write(lab.path('no-body'), MODELS))
            done = run(OSTEON, 'selftest', '--url', f'http://127.0.0.1:{lab.http}', ok=None)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn('not evaluable: the skeleton could not be located', done.stderr)
            kept = lab.get('/osteon/status')['selftest']
            self.assertEqual((kept['passed'], 'the skeleton could not be located' in kept['reason']), (False, True))


if __name__ == '__main__':
    unittest.main(verbosity=2)
