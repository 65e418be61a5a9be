#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `osteon doctor` finds in the answers of Orthanc and plugin: a server that answers as told, one thing wrong at a time."""
import contextlib
import datetime
import http.server
import json
import os
import re
import threading
import unittest

from lab import OSTEON, SOURCE, free_port
from terminal import Terminal, call


def worker(name, **changes):
    return {'name': name, 'version': '0.1.0', 'pipeline_hash': 'aa', 'slots': 1, 'free_slots': 1, 'trouble': '', 'clock_ahead_ms': 300, **changes}


def now(**ahead):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**ahead)).strftime('%Y-%m-%dT%H:%M:%SZ')


def status(**changes):
    """What the plugin tells when all is well, but for the changes."""
    return {'version': '0.1.0', 'mode': 'assist', 'now': now(), 'hold': None, 'listening': True, 'trouble': [],
            'jobs': {'ready': 1, 'stuck': 0, 'not_evaluable': 0}, 'workers': [worker('ward-1')], 'refused_handshakes': 0,
            'worker_keys': [{'name': 'ward-1', 'in_use': True}], 'send_to': [], 'storage_commitment': True,
            'disks': [{'what': "Orthanc's storage", 'free_mib': 50000}], **changes}


# Changes of the status -> verdict, what is found, what to do. Troubles are as the plugin words them.
STATUSES = (
    ({'now': now(hours=1)}, 'warning', r'clocks of this machine and of Orthanc\'s are 3[56]\d\d s apart', 'set-ntp'),
    ({'now': now(minutes=-5)}, 'warning', r'clocks of this machine and of Orthanc\'s are [34]\d\d s apart', 'set-ntp'),
    ({'workers': [worker('ward-1', clock_ahead_ms=90_000)]}, 'warning', "clock of worker ward-1 is 90 s ahead of Orthanc's", 'set-ntp'),
    ({'workers': [worker('ward-1', clock_ahead_ms=-7_200_000)]}, 'warning', "clock of worker ward-1 is 7200 s behind Orthanc's", 'set-ntp'),
    ({'workers': [worker('ward-1', version='0.0.9')]}, 'warning', 'worker ward-1 is version 0.0.9, the plugin 0.1.0', 'install the same version'),
    ({'workers': [worker('ward-1'), worker('ward-2', pipeline_hash='bb')]}, 'warning', '2 different pipelines', r'same \[pipeline\] in osteond.toml'),
    ({'workers': []}, 'wrong', 'no worker is connected', 'start osteond'),
    ({'disks': [{'what': "Orthanc's storage", 'free_mib': 12}]}, 'warning', "disk of Orthanc's storage: 12 MiB free", 'make room'),
    ({'refused_handshakes': 3}, 'warning', '3 handshakes were refused', 'AllowedWorkersFile'),
    ({'worker_keys': [{'name': 'ward-9', 'in_use': False}]}, 'warning', 'key of worker ward-9 is allowed, but no worker here has it', 'start osteond there'),
    ({'listening': False}, 'wrong', 'does not listen for workers', 'tries again by itself'),
    ({'hold': {'kind': 'pause', 'since': now(), 'by': 'ann', 'reason': 'the network is moved'}}, 'warning', 'paused since .* by ann: the network', 'osteon resume'),
    ({'hold': {'kind': 'drain', 'since': now(), 'by': 'ann', 'reason': ''}}, 'warning', 'draining since .* by ann$', 'osteon resume'),
    ({'jobs': {'stuck': 2}}, 'warning', r'2 job\(s\) are stuck', "osteon jobs --state stuck.*'osteon retry JOB' or 'osteon skip JOB'"),
    ({'jobs': {'not_evaluable': 1}}, 'warning', 'not evaluable', 'a radiologist must read'),
    ({'trouble': ["still comparing Orthanc's studies with the ledger"]}, 'warning', 'still comparing', 'ask again'),
    ({'trouble': ['the digest of 2026-11-30 could not be sent by mail (1 try): mail by smtp://mail: 451']}, 'wrong', 'reports: the digest of', 'check "Digest"'),
    ({'trouble': ["RulesFile cannot be used, the last good selection rules stay in force: 'Word' is not known"]}, 'wrong', 'reports: RulesFile', 'config check'),
    ({'trouble': ['AllowedWorkersFile cannot be used, the last good one stays in force: line 2']}, 'wrong', 'reports: AllowedWorkersFile', 'a line for each worker'),
    ({'trouble': ["worker 'ward-1': its settings cannot be used, the last good ones stay in force: line 2"]}, 'wrong', 'its settings', "worker's machine"),
    ({'trouble': ["more than one worker is called 'ward-1': give each its own name, so that people can tell them apart"]}, 'wrong',
     'more than one worker', r'another name in \[worker\]'),
    ({'trouble': ['"SendTo" names \'PACKS\', which Orthanc does not know: add it']}, 'wrong', 'names \'PACKS\'', 'correct the name in "SendTo"'),
    ({'trouble': ['listen on tcp://127.0.0.1:5742: Address already in use']}, 'wrong', 'listen on tcp', 'end the other program'),
    ({'trouble': ['the ledger is damaged (database disk image is malformed); restore it']}, 'wrong', 'is damaged', 'from a backup'),
    ({'trouble': ['the ledger does not answer: database or disk is full']}, 'wrong', 'ledger does not answer', 'its disk has room'),
    ({'trouble': ['the connection to the ledger was lost']}, 'wrong', 'was lost', 'PostgreSQL runs'),
    ({'trouble': ['Orthanc: /changes: timeout']}, 'wrong', 'timeout', "search Orthanc's log .*/var/log/orthanc"),
)

TLS = {'AET': 'PACS', 'Host': '127.0.0.1', 'Port': 104, 'UseDicomTls': True}
# Answers of Orthanc beside a good status with one node, by path -> the same.
NODES = (
    ({'/modalities/PACS/echo': 500}, 'wrong', 'PACS does not answer C-ECHO', 'DicomModalities'),
    ({'/modalities/PACS/configuration': TLS}, 'warning', 'PACS takes was not asked: it is reached by DICOM TLS', 'conformance statement'),
    ({'/modalities/PACS/configuration': {'AET': 'PACS', 'Host': '127.0.0.1', 'Port': 'x'}}, 'warning', 'its port is no number', 'conformance statement'),
    ({'/modalities/PACS/configuration': {'AET': 'PACS', 'Host': '127.0.0.1', 'Port': free_port()}}, 'warning', 'PACS does not tell this machine', 'run .osteon doctor. there'),
)


@contextlib.contextmanager
def orthanc(answers):
    """A server on a free port that gives each path its answer, or a number as its status; its address. Of a list the first, and the last for ever."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            answer = answers.get(self.path, 404)
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
            body = json.dumps(answer).encode()
            self.send_response(answer if isinstance(answer, int) else 200)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            self.rfile.read(int(self.headers['Content-Length']))
            self.do_GET()

        def log_message(self, *_):
            pass
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f'http://127.0.0.1:{server.server_address[1]}'
        finally:
            server.shutdown()
            thread.join()


class Doctor(Terminal):
    def setUp(self):
        super().setUp()
        # Without a worker of this machine, even if it has one.
        self.config = self.write('osteond.toml', '[worker]\nslot = 2\n')

    def ask(self, answers, *options, host='127.0.0.1'):
        """Its findings, and what it said while it waited."""
        with orthanc({'/system': {'Version': '1.12.7', 'DicomAet': 'ORTHANC'}, **answers}) as url:
            url = url.replace('127.0.0.1', host)
            done = call(OSTEON, 'doctor', '--url', url, '--config', self.config, '--json', *options)
        return json.loads(done.stdout), done.stderr.replace(url, 'URL').splitlines()

    def doctor(self, answers, host='127.0.0.1'):
        """What is not well with Orthanc and plugin, and all findings."""
        everything, _ = self.ask(answers, '--wait', 0, host=host)
        return [f for f in everything if f['verdict'] != 'ok' and "unknown key 'slot'" not in f['what']], everything

    def finds_one(self, answers, verdict, what, fix):
        findings, _ = self.doctor(answers)
        self.assertEqual([f['verdict'] for f in findings], [verdict], findings)
        self.assertRegex(findings[0]['what'], what)
        self.assertRegex(findings[0]['fix'], fix)

    def test_nothing_is_wrong_where_all_is_well(self):
        findings, everything = self.doctor({'/osteon/status': status()})
        self.assertEqual(findings, [])
        said = ' | '.join(f['what'] for f in everything)
        for words in ('Orthanc 1.12.7 answers', 'plugin 0.1.0, mode assist', 'clocks of this machine and of Orthanc\'s agree',
                      "worker ward-1 has the plugin's version", 'clocks of worker ward-1 and of Orthanc agree', 'key of worker ward-1 is allowed and in use'):
            self.assertIn(words, said)

    def test_it_waits_for_an_orthanc_that_starts_and_for_a_worker_and_says_so_once(self):
        for starting in (502, 503, 504):
            with self.subTest(starting):
                told = [starting, starting, status(workers=[]), status(workers=[]), status()]
                findings, said = self.ask({'/osteon/status': told})
                self.assertEqual([f['what'] for f in findings if 'worker is connected' in f['what']], [])
                self.assertEqual(said, ['osteon: waiting up to 60 s for Orthanc to answer at URL', 'osteon: waiting up to 60 s for a worker to connect'])

    def test_it_does_not_wait_longer_than_it_is_told(self):
        for answer, missing, what in ((503, 'Orthanc to answer at URL', 'the plugin does not answer'),
                                      (status(workers=[]), 'a worker to connect', 'no worker is connected')):
            with self.subTest(what):
                findings, said = self.ask({'/osteon/status': answer}, '--wait', 1)
                self.assertEqual(said, ['osteon: waiting up to 1 s for ' + missing])
                self.assertIn(what, ' '.join(f['what'] for f in findings if f['verdict'] == 'wrong'))
                self.assertEqual(self.ask({'/osteon/status': answer}, '--wait', 0)[1], [])

    def test_it_does_not_wait_where_waiting_cannot_help(self):
        for answer in (401, 403, 404, 500):
            with self.subTest(answer):
                findings, said = self.ask({'/osteon/status': answer})
                self.assertEqual(said, [])
                self.assertIn('the plugin does not answer', ' '.join(f['what'] for f in findings if f['verdict'] == 'wrong'))
        elsewhere = call(OSTEON, 'doctor', '--url', 'http://0.0.0.0:1', '--config', self.config)  # No loopback address by its name, and nobody listens.
        self.assertEqual((elsewhere.returncode, elsewhere.stderr), (1, ''))
        self.assertIn('http://0.0.0.0:1 does not answer', elsewhere.stdout)

    def test_each_thing_that_is_wrong_is_found_alone_and_says_what_to_do(self):
        for changes, verdict, what, fix in STATUSES:
            with self.subTest(what):
                self.finds_one({'/osteon/status': status(**changes)}, verdict, what, fix)

    def test_each_thing_that_is_wrong_with_a_node_is_found_alone_and_says_what_to_do(self):
        for answers, verdict, what, fix in NODES:
            with self.subTest(what):
                good = {'/osteon/status': status(send_to=['PACS']), '/modalities/PACS/echo': {}}
                self.finds_one({**good, **answers}, verdict, what, fix)

    def test_a_plugin_that_is_not_there_and_a_worker_that_does_not_tell_its_clock(self):
        self.finds_one({}, 'wrong', 'the plugin does not answer', 'libOsteonPlugin.so')
        self.finds_one({'/system': 500}, 'wrong', '500', 'start Orthanc')
        findings, everything = self.doctor({'/osteon/status': status(workers=[worker('ward-1', clock_ahead_ms=None)])})
        self.assertEqual(findings, [])
        self.assertNotIn('clocks of worker', str(everything))

    def test_an_address_that_others_may_reach_asks_for_a_password(self):
        for host, open_to_others in (('localhost', False), ('0.0.0.0', True)):
            with self.subTest(host):
                findings, _ = self.doctor({'/osteon/status': status()}, host)
                self.assertEqual(['without a password' in f['what'] and 'RegisteredUsers' in f['fix'] for f in findings], [True] * open_to_others)

    def test_the_words_by_which_a_trouble_is_known_are_the_plugins(self):
        def text(path):
            with open(os.path.join(SOURCE, path)) as f:
                return f.read()
        table = re.search(r'kRemedies\[\] = \{(.*?)\};', text('daemon/cli/checks/doctor_plugin.cc'), re.S)[1]
        words = re.findall(r'\{"((?:\\.|[^"\\])+)",', table)
        self.assertGreater(len(words), 5)
        sources = ''.join(text(path) for path in (
            'daemon/worker/live_settings.cc', 'orthanc-plugin/web/views.cc', 'orthanc-plugin/digest/sender.cc', 'orthanc-plugin/intake/live_rules.cc',
            'orthanc-plugin/dispatch/copies.cc', 'orthanc-plugin/dispatch/router.cc', 'orthanc-plugin/ledger/sqlite.cc'))
        self.assertEqual([one for one in words if one.removeprefix(': ') not in sources], [])
        self.assertEqual([one for one in words if not any(one.replace('\\"', '"') in trouble for changes, *_ in STATUSES for trouble in changes.get('trouble', []))], [])


if __name__ == '__main__':
    unittest.main(verbosity=2)
