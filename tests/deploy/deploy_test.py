#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator installs: the systemd unit is tight, scripts parse, the package list is sound."""
import glob
import json
import os
import re
import signal
import subprocess
import tempfile
import unittest
import urllib.parse

import sandbox
from lab import BUILD, Lab, SOURCE, run, wait_until


def read(path):
    with open(f'{SOURCE}/{path}') as f:
        return f.read()


def metrics_of_states():
    """The names of the plugin's series that count the jobs of a state."""
    states = read('orthanc-plugin/ledger/states.cc').split('Name(JobState')[1].split('Name(JobEvent')[0]
    return {'osteon_jobs_' + state for state in re.findall(r'return "(\w+)"', states)}


def known_metrics():
    """The names of all series of plugin and worker."""
    known = set(re.findall(r'"(osteon_\w+)"', read('orthanc-plugin/web/metrics.cc') + read('orthanc-plugin/orthanc.cc')))
    known |= {'osteond_' + name for name in re.findall(r'(?:Gauge|Counter|Head)\("(\w+)', read('daemon/worker/worker_metrics.cc'))}
    priorities = read('orthanc-plugin/ledger/job_store.cc').split('Name(Priority')[1].split('Name(HoldKind')[0]
    return known | metrics_of_states() | {'osteon_waiting_' + priority for priority in re.findall(r'return "(\w+)"', priorities)}


def metrics_in(name):
    """Those that a file of deploy/monitoring uses."""
    return set(re.findall(r'\bosteond?_\w+', read(f'deploy/monitoring/{name}')))


class Deploy(unittest.TestCase):
    def test_the_service_is_exposed_by_2_at_most(self):
        done = subprocess.run(['systemd-analyze', 'security', '--offline=true', f'{SOURCE}/deploy/systemd/osteond.service'],
                              capture_output=True, text=True)
        exposure = float(re.search(r'Overall exposure level .*: ([\d.]+)', done.stdout + done.stderr).group(1))
        self.assertLessEqual(exposure, 2.0)

    def test_the_worker_starts_and_stops_under_the_filters_of_the_service(self):
        allowed = sandbox.allowed_calls()
        self.assertIn('setrlimit', allowed)
        self.assertNotIn('mount', allowed)
        with Lab() as lab:
            worker = lab.start_worker()
            wait_until('the worker looks for its plugin', lambda: 'plugin at' in lab.log_text('worker.log'), 30)
            worker.send_signal(signal.SIGTERM)
            self.assertEqual(worker.wait(30), 0, lab.log_text('worker.log'))

    def test_what_is_installed_is_where_the_manual_says_and_runs(self):
        with tempfile.TemporaryDirectory() as prefix:
            run('cmake', '--install', BUILD, '--prefix', prefix)
            docs = ['osteond.toml', 'orthanc-osteon.json', 'selection_rules.json', 'findings.schema.json', 'selection_rules.schema.json', 'osteond.schema.json', 'nginx-osteon.conf',
                    'bones_and_cutoffs.json', 'bones_and_cutoffs.schema.json', 'evidence.md', 'MANUAL.md', 'CONFORMANCE.md', 'LICENSE']
            for path in ('bin/osteond', 'share/orthanc/plugins/libOsteonPlugin.so', 'lib/systemd/system/osteond.service',
                         *(f'share/doc/osteon/{name}' for name in docs)):
                self.assertTrue(os.path.isfile(os.path.join(prefix, path)), path)
            self.assertTrue(glob.glob(f'{prefix}/share/osteon/models/*.onnx'))
            said = run(f'{prefix}/bin/osteon', '--version', env={'PATH': '/usr/bin'})
            self.assertRegex(said.stdout, r'\d+\.\d+\.\d+')

    def test_the_plugin_needs_only_what_each_debian_has_by_the_same_name(self):
        """So that one built on Debian 12 works on Debian 13; tests/packages.sh runs it there. orthanc-plugin/format_inside.cc."""
        both = {'libsqlite3.so.0', 'libpq.so.5', 'libzmq.so.5', 'libcurl.so.4', 'libcrypto.so.3', 'libstdc++.so.6', 'libm.so.6', 'libgcc_s.so.1', 'libc.so.6'}
        for file in ('libOsteonPlugin.so', 'osteon-move-ledger'):
            needed = re.findall(r'\(NEEDED\).*\[(.+)\]', run('readelf', '--dynamic', f'{BUILD}/bin/{file}').stdout)
            self.assertIn('libc.so.6', needed)
            self.assertEqual([n for n in needed if n not in both and not re.match(r'lib[atu]\w*san\.', n)], [], file)

    def test_alerts_fire_when_they_should(self):
        rules = f'{SOURCE}/deploy/monitoring'
        run('promtool', 'check', 'rules', f'{rules}/osteon-alerts.yml')
        run('promtool', 'test', 'rules', f'{rules}/osteon-alerts-test.yml')

    def test_alerts_and_dashboard_name_only_metrics_that_there_are(self):
        for name in ('osteon-alerts.yml', 'osteon-grafana.json'):
            used = metrics_in(name)
            self.assertGreater(len(used), 5)
            self.assertEqual(used - known_metrics(), set(), name)

    def test_alerts_and_digest_call_the_button_for_copies_as_the_page_does(self):
        def read(path):
            with open(f'{SOURCE}/{path}') as f:
                return f.read()
        button = re.search(r"do_resend: '(.*?)'", read('orthanc-plugin/web/app.words.en.js'))[1]
        alert = re.search(r'alert: OsteonCopiesFail\n.*?description: (.*)', read('deploy/monitoring/osteon-alerts.yml'), re.S)[1]
        self.assertIn(f"'{button}' on the web page", alert.splitlines()[0])
        self.assertIn(f"repair the node, then '{button}' in the job's story on the page", read('orthanc-plugin/digest/text.cc'))

    def test_the_dashboard_shows_each_state_of_a_job_and_what_the_alerts_look_at(self):
        states = metrics_of_states()
        self.assertIn('osteon_jobs_not_evaluable', states)
        self.assertEqual((states | metrics_in('osteon-alerts.yml') | {'osteond_connected'}) - metrics_in('osteon-grafana.json'), set())

    def test_the_manual_knows_each_cause_of_a_stuck_job(self):
        """The manual's table has the code of each error and the end of its reason, as the plugin writes them."""
        names = dict(re.findall(r'\{ErrorCode::(k\w+), "(\w+)"\}', read('pipelines/base/result.cc')))
        sources = ''.join(read(os.path.relpath(p, SOURCE)) for p in glob.glob(f'{SOURCE}/orthanc-plugin/dispatch/*.cc'))
        body = re.search(r' Hint\(ErrorCode code\) \{(.*?)\n\}', sources, re.S)[1]
        hints = {names[code]: hint for cases, hint in re.findall(r'((?:case ErrorCode::k\w+:\s*)+)return "([^"]+)"', body)
                 for code in re.findall(r'::(k\w+)', cases)}
        self.assertEqual(set(hints), set(names.values()))
        table = read('deploy/README.md').split('\n## Stuck\n')[1].split('\n## ')[0]
        self.assertEqual(dict(re.findall(r'^\| `(\w+)` \| ([^|]+) \|', table, re.M)), hints)

    def test_the_manuals_button_for_orthanc_explorer_2(self):
        """It has the members that a button has in Plugin/DefaultConfiguration.json of that plugin (1.8.0 of 2025 and later); its pages are /ui/app/
        and names below that, and {UUID} is Orthanc's id. What the address opens: page_test.py."""
        block = re.search(r'```json\n("OrthancExplorer2".*?)```', read('deploy/README.md'), re.S)[1]
        button, = json.loads('{' + block + '}')['OrthancExplorer2']['UiOptions']['CustomButtons']['study']
        self.assertEqual(sorted(button), ['HttpMethod', 'Icon', 'Id', 'Target', 'Tooltip', 'Url'])
        self.assertEqual(button['HttpMethod'], 'GET')
        self.assertRegex(button['Icon'], r'^bi bi-[a-z0-9-]+$')
        for root in ('http://pacs', 'https://pacs/orthanc'):
            for page in ('/ui/app/', '/ui/app/index.html', '/ui/app/filtered-studies?StudyDate=20260301'):
                self.assertEqual(urllib.parse.urljoin(root + page, button['Url'].replace('{UUID}', '0a-1b')), root + '/osteon/app/#study=0a-1b')

    def test_scripts_parse_and_can_be_run(self):
        scripts = glob.glob(f'{SOURCE}/deploy/*.sh') + glob.glob(f'{SOURCE}/tests/**/*.sh', recursive=True) + [f'{SOURCE}/.ci/run']
        for script in scripts:
            with self.subTest(script):
                self.assertEqual(subprocess.run(['bash', '-n', script]).returncode, 0)
                with open(script) as f:
                    self.assertEqual(os.access(script, os.X_OK), f.read(2) == '#!')  # Others are sourced.

    def test_each_package_has_a_known_group_and_is_named_once_in_it(self):
        with open(f'{SOURCE}/deploy/packages.txt') as f:
            rows = [line.split() for line in f if line.strip() and not line.startswith('#')]
        self.assertEqual([r for r in rows if len(r) != 2 or r[0] not in ('build', 'run', 'test', 'bench')], [])
        # Benchmarks are run alone, so their group is complete by itself and may name what the tests have.
        for groups in (('build', 'run', 'test'), ('bench',)):
            names = [r[1] for r in rows if r[0] in groups]
            self.assertEqual(len(names), len(set(names)), groups)


if __name__ == '__main__':
    unittest.main(verbosity=2)
