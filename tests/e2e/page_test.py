#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows of page_flows.py in a real browser, with the real Orthanc, plugin and worker.

Look at the screenshots: OSTEON_SCREENSHOTS=FOLDER keeps them, as OSTEON_KEEP_LAB=1 keeps everything.
"""
import json
import os
import subprocess
import unittest

import mini
from browser import Browser
from copied_study import copy_of
from field_study import COARSE
from lab import Lab, free_port, phantom, wait_until
from page_flows import FLOWS, Flows

WEB_VIEWER = '/usr/share/orthanc/plugins/libOrthancWebViewer.so'


def with_accession(number):
    def change(d, _=None):
        d.AccessionNumber = number
    return change


class Hospital(Lab):
    """With a web viewer, and two nodes that are not there until they are started."""
    def orthanc_config(self):
        self.nodes = {name: free_port() for name in ('PACS', 'ARCHIVE')}
        config = super().orthanc_config()
        config['Plugins'] += [WEB_VIEWER]
        config['Osteon']['RulesFile'] = self.path('rules.json')
        config['DicomModalities'] = {name: [name, '127.0.0.1', port] for name, port in self.nodes.items()}
        return config

    def write_rules(self, rules):
        with open(self.path('rules.json.new'), 'w') as f:
            json.dump(rules, f)
        os.replace(f.name, self.path('rules.json'))

    def start_node(self, name):
        os.makedirs(self.path(name))
        self.start(name, ['storescp', '-aet', name, '-od', self.path(name), self.nodes[name]])
        echo = ['echoscu', '-aec', name, '127.0.0.1', str(self.nodes[name])]
        wait_until(f'{name} answers', lambda: subprocess.run(echo, capture_output=True).returncode == 0)


class Page(unittest.TestCase):
    def test_each_flow(self):
        # One attempt: a copy that fails waits for a person.
        with Hospital(StableQuietSeconds=1, SendTo=['PACS', 'ARCHIVE'], StorageCommitment=False, MaxAttempts=1) as lab, Browser(lab.folder) as browser:
            lab.shots = os.environ.get('OSTEON_SCREENSHOTS') or lab.path('screenshots')
            os.makedirs(lab.shots, exist_ok=True)
            lab.write_rules({})
            lab.start_orthanc()
            phantom(lab.path('phantom'), '--seed', '5', '--lesions', '3', *COARSE)
            lab.uids = {'A-CT': mini.image_series(lab.path('A-CT'), 'ct', modality='CT', change=with_accession('A-CT'))}
            lab.send(lab.path('A-CT'))
            lab.wait_for_state(lab.uids['A-CT'], 'skipped')
            for name in ('A-1', 'A-2'):
                lab.uids[name] = copy_of(lab.path('phantom'), name, lab.path(name), with_accession(name))
                lab.send(lab.path(name))
                lab.wait_for_state(lab.uids[name], 'ready')
            flows = Flows(lab, browser)
            for name in FLOWS:
                with self.subTest(name):
                    flows.run(name)


if __name__ == '__main__':
    unittest.main(verbosity=2)
