#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The morning digest goes out once by mail and once to a webhook, to real servers, across restarts and failures; pause, drain
and a backfill's dry run are what they say.
"""
import email
import email.policy
import http.server
import json
import os
import sqlite3
import threading
import time
import unittest

import mini
from aiosmtpd.controller import Controller
from lab import Lab, OSTEON, free_port, run, wait_until


class Mailbox:
    """A mail server; its letters."""
    def __init__(self):
        self.letters, self.refuse = [], False

    async def handle_DATA(self, _, session, envelope):
        if self.refuse:
            return '451 the disk is full'
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return '250 OK'


class Hook:
    """A web server that keeps what is POSTed to it."""
    def __init__(self):
        self.posts, self.status, hook = [], 200, self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                hook.posts.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Digest(unittest.TestCase):
    def lab(self, **section):
        lab = Lab(**section)
        self.addCleanup(lab.__exit__, None, None, None)
        return lab

    def begun_yesterday(self, lab):
        """Starts Orthanc with a ledger that was there when the last digest was due."""
        digest = lab.section.pop('Digest')
        lab.start_orthanc()
        lab.stop('orthanc')
        with sqlite3.connect(lab.path('orthanc', 'osteon-ledger.sqlite')) as ledger:
            ledger.execute("UPDATE meta SET value = CAST(value AS INTEGER) - 2 * 86400000 WHERE key = 'born_ms'")
        lab.section['Digest'] = {'At': time.strftime('%H:%M'), **digest}
        lab.start_orthanc()

    def osteon(self, lab, *arguments, ok=(0,)):
        return run(OSTEON, *arguments, '--url', f'http://127.0.0.1:{lab.http}', ok=ok)

    def test_it_goes_out_once_a_day_by_each_way_across_restarts(self):
        box, hook = Mailbox(), Hook()
        self.addCleanup(hook.close)
        smtp = Controller(box, hostname='127.0.0.1', port=free_port())
        smtp.start()
        self.addCleanup(smtp.stop)
        lab = self.lab(Digest={'MailServer': f'smtp://127.0.0.1:{smtp.port}', 'MailFrom': 'osteon@pacs.example',
                               'MailTo': ['ann@pacs.example', 'bob@pacs.example'], 'Webhook': f'http://127.0.0.1:{hook.port}/secret'})
        self.begun_yesterday(lab)
        wait_until('both have it', lambda: box.letters and hook.posts, 30)
        sender, to, letter = box.letters[0]
        self.assertEqual((sender, to), ('osteon@pacs.example', ['ann@pacs.example', 'bob@pacs.example']))
        self.assertEqual(letter['Subject'], 'Osteon: nothing needs you; 0 done, 0 not evaluable, 0 stuck, 0 skipped')
        self.assertEqual(letter['To'], 'ann@pacs.example, bob@pacs.example')
        self.assertIsNotNone(letter['Date'].datetime)
        text = letter.get_body(('plain',)).get_content()
        self.assertIn('What needs you\n  nothing\n', text.replace('\r\n', '\n'))
        path, headers, post = hook.posts[0]
        self.assertEqual(path, '/secret')
        self.assertEqual(headers['Content-Type'], 'application/json')
        self.assertEqual(letter['Message-ID'], f'<{headers["Idempotency-Key"]}@osteon>')
        self.assertEqual(post['needs_you'], 0)
        self.assertIn('What needs you\n  nothing\n', post['text'])
        for how in (lab.stop, lab.kill):
            how('orthanc')
            lab.start_orthanc()
        marker = mini.image_series(lab.path('marker'), 'marker', modality='CT')
        lab.send(lab.path('marker'))
        wait_until('the marker is judged', lambda: (lab.job_of(marker) or {}).get('state') == 'skipped', 60)
        self.assertEqual((len(box.letters), len(hook.posts)), (1, 1))
        self.assertNotIn('/secret', lab.log_text('orthanc.log'))

    def test_a_failure_is_told_and_tried_again_and_holds_up_nothing(self):
        box, hook = Mailbox(), Hook()
        self.addCleanup(hook.close)
        box.refuse = True
        smtp = Controller(box, hostname='127.0.0.1', port=free_port())
        smtp.start()
        self.addCleanup(smtp.stop)
        lab = self.lab(Digest={'MailServer': f'smtp://127.0.0.1:{smtp.port}', 'MailFrom': 'osteon@pacs.example',
                               'MailTo': ['ann@pacs.example'], 'Webhook': f'http://127.0.0.1:{hook.port}/secret'})
        hook.status = 500
        self.begun_yesterday(lab)

        def trouble():
            told = ' '.join(lab.get('/osteon/status')['trouble'])
            return told if 'mail' in told and 'webhook' in told else None
        told = wait_until('both failures are told', trouble, 30)
        self.assertIn('could not be sent by mail (1 try): mail by smtp://', told)
        self.assertIn('451', told)
        self.assertIn('could not be sent by webhook (1 try): webhook: it answered 500', told)
        self.assertNotIn('secret', told)
        self.assertIn('could not be sent by mail', self.osteon(lab, 'doctor', '--wait', 0, ok=(0, 1)).stdout)
        marker = mini.image_series(lab.path('marker'), 'marker', modality='CT')
        lab.send(lab.path('marker'))
        wait_until('work goes on', lambda: (lab.job_of(marker) or {}).get('state') == 'skipped', 60)
        # The ledger holds the time of the next try over the restart; the test sets it to now.
        box.refuse, hook.status = False, 200
        lab.stop('orthanc')
        with sqlite3.connect(lab.path('orthanc', 'osteon-ledger.sqlite')) as ledger:
            self.assertEqual({row[0] for row in ledger.execute('SELECT state FROM digests')}, {'waiting'})
            ledger.execute('UPDATE digests SET not_before_ms = 0')
        lab.start_orthanc()
        wait_until('both have it', lambda: box.letters and len(hook.posts) > 1, 30)
        wait_until('the trouble is over', lambda: not lab.get('/osteon/status')['trouble'], 30)
        text = box.letters[0][2].get_body(('plain',)).get_content()
        self.assertNotIn('by mail', text, 'the mail was sent, so it is no trouble')
        self.assertIn('could not be sent by webhook', text)
        self.assertIn('1 skipped', box.letters[0][2]['Subject'])

    def test_pause_and_drain_hold_across_restarts_and_are_shown(self):
        lab = self.lab()
        lab.start_orthanc()
        told = self.osteon(lab, 'pause', '--reason', 'the network is moved').stdout
        self.assertIn('paused since', told)
        lab.kill('orthanc')
        lab.start_orthanc()
        hold = lab.get('/osteon/status')['hold']
        self.assertEqual((hold['kind'], hold['by'], hold['reason']), ('pause', 'operator', 'the network is moved'))
        digest = self.osteon(lab, 'digest').stdout
        self.assertIn('paused since', digest)
        self.assertNotIn('network', digest, 'what a person typed stays in the house')
        self.assertIn('osteon resume', self.osteon(lab, 'doctor', '--wait', 0, ok=(0, 1)).stdout)
        self.assertIn('draining since', self.osteon(lab, 'drain').stdout)
        self.assertIn('jobs are handed out', self.osteon(lab, 'resume').stdout)
        self.assertIsNone(json.loads(self.osteon(lab, 'resume', '--json').stdout)['hold'])

    def old_pacs(self, lab):
        """A storescp that takes what an old PACS takes; its port."""
        port = free_port()
        with open(lab.path('pacs.cfg'), 'w') as f:
            f.write('[[TransferSyntaxes]]\n[Plain]\nTransferSyntax1 = LittleEndianExplicit\nTransferSyntax2 = LittleEndianImplicit\n'
                    '[[PresentationContexts]]\n[Old]\nPresentationContext1 = VerificationSOPClass\\Plain\n'
                    'PresentationContext2 = ComprehensiveSRStorage\\Plain\nPresentationContext3 = SecondaryCaptureImageStorage\\Plain\n'
                    '[[Profiles]]\n[Default]\nPresentationContexts = Old\n')
        lab.start('pacs', ['storescp', '-aet', 'OLD', '-xf', lab.path('pacs.cfg'), 'Default', port])
        return port

    def doctor(self, lab, ok):
        """Its findings, and what was found joined by verdict."""
        findings = json.loads(self.osteon(lab, 'doctor', '--config', lab.path('worker', 'osteond.toml'), '--json', ok=(ok,)).stdout)
        return findings, {verdict: ' | '.join(f['what'] for f in findings if f['verdict'] == verdict) for verdict in ('ok', 'warning', 'wrong')}

    def test_doctor_looks_at_both_machines(self):
        lab = self.lab(SendTo=['HERE', 'GONE', 'OLD'])
        run(OSTEON, 'keygen', '--out', lab.keys(), '--part', 'worker', '--worker', 'ward-2')
        with open(os.path.join(lab.keys(), 'allowed_workers.txt'), 'a') as allowed, open(os.path.join(lab.keys(), 'ward-2.pub')) as away:
            allowed.write(away.read())
        ports = {'HERE': lab.dicom, 'GONE': free_port(), 'OLD': self.old_pacs(lab)}

        def start_orthanc():
            lab.start_orthanc()
            for name, port in ports.items():
                lab.request('PUT', f'/modalities/{name}', {'AET': 'OSTEONTEST', 'Host': '127.0.0.1', 'Port': port})
        start_orthanc()
        lab.start_worker()
        wait_until('the worker is here', lambda: lab.get('/osteon/status')['workers'], 60)
        findings, said = self.doctor(lab, ok=1)
        for words in ('HERE answers C-ECHO', "has the plugin's version", 'clocks of this machine and of Orthanc', "the plugin accepts this worker's key",
                      'clocks of worker worker and of Orthanc agree'):
            self.assertIn(words, said['ok'])
        self.assertRegex(said['ok'] + said['warning'], "disk of Orthanc's storage: [0-9]+ MiB free")
        self.assertIn('GONE does not answer C-ECHO', said['wrong'])
        for words in ('HERE accepts Comprehensive 3D SR', 'HERE accepts Segmentation', 'HERE accepts Encapsulated PDF', 'HERE accepts Storage Commitment',
                      'OLD answers C-ECHO', 'OLD accepts Secondary Capture', 'key of worker worker is allowed and in use'):
            self.assertIn(words, said['ok'])
        self.assertIn('OLD accepts no Comprehensive 3D SR, but Comprehensive SR', said['warning'])
        self.assertIn('key of worker ward-2 is allowed, but no worker here has it', said['warning'])
        for words in ('OLD does not accept Segmentation: a report that comes with one does not arrive there', 'OLD does not accept Encapsulated PDF'):
            self.assertIn(words, said['warning'])
        self.assertIn('OLD does not accept Storage Commitment', said['wrong'])

        def fix(words):
            return [f['fix'] for f in findings if words in f['what']][0]
        self.assertIn('sr_class = "comprehensive"', fix('OLD accepts no Comprehensive 3D SR'))
        self.assertIn('write_seg = false in [pipeline]', fix('OLD does not accept Segmentation'))
        self.assertIn('write_pdf = false in [pipeline]', fix('OLD does not accept Encapsulated PDF'))
        self.assertTrue(all(f['fix'] for f in findings if f['verdict'] != 'ok'), 'each says what to do')

        # As it says what to do: then nothing is wrong.
        self.assertIn('"StorageCommitment": false', fix('OLD does not accept Storage Commitment'))
        lab.stop('orthanc')
        lab.section.update(SendTo=['HERE', 'OLD'], StorageCommitment=False)
        start_orthanc()
        wait_until('the worker is here', lambda: lab.get('/osteon/status')['workers'], 60)
        _, said = self.doctor(lab, ok=0)
        self.assertEqual(said['wrong'], '')
        self.assertIn('OLD does not accept Segmentation', said['warning'])

    def test_rules_are_read_again_and_a_bad_file_is_told_and_changes_nothing(self):
        def write(text):
            with open(lab.path('rules.json'), 'w') as f:
                f.write(text)

        def rules_hash():
            return lab.get('/osteon/status')['rules_hash']
        lab = self.lab()
        lab.section['RulesFile'] = lab.path('rules.json')
        write('{}')
        lab.start_orthanc()
        first = rules_hash()
        write('{"Words": {"LeaveOut": ["research"]}}')
        second = wait_until('the new rules are in force', lambda: rules_hash() != first and rules_hash(), 10)
        write('{"Word": {}}')
        told = wait_until('the bad file is told', lambda: [t for t in lab.get('/osteon/status')['trouble'] if 'RulesFile' in t], 10)[0]
        self.assertIn("the last good selection rules stay in force", told)
        self.assertIn("'Word' is not known; did you mean 'Words'?", told)
        self.assertEqual(rules_hash(), second)
        findings = json.loads(self.osteon(lab, 'doctor', '--wait', 0, '--json', ok=(1,)).stdout)
        fix, = [f['fix'] for f in findings if 'RulesFile' in f['what']]
        self.assertIn('Orthanc needs no restart', fix)
        self.assertIn('RulesFile cannot be used', self.osteon(lab, 'digest').stdout)
        write('{}')
        wait_until('the first are back', lambda: rules_hash() == first, 10)
        self.assertEqual([t for t in lab.get('/osteon/status')['trouble'] if 'RulesFile' in t], [])

    def test_a_dry_run_of_a_backfill_says_what_and_why_not(self):
        lab = self.lab(Enabled=False)
        studies = {}
        lab.start_orthanc()
        for name in ('old', 'new'):
            studies[name] = mini.image_series(lab.path(name), name, modality='CT')
            lab.send(lab.path(name))
        lab.stop('orthanc')
        lab.section['Enabled'] = True
        lab.start_orthanc()
        dry = json.loads(self.osteon(lab, 'backfill', '--dry-run', '--json').stdout)
        self.assertEqual((dry['looked_at'], dry['would_queue'], dry['left_out']), (2, 2, 0))
        self.assertEqual({s['study_instance_uid'] for s in dry['studies'] if s['queued']}, set(studies.values()))
        self.assertEqual(lab.jobs(), [], 'nothing is queued')
        outside = json.loads(self.osteon(lab, 'backfill', '--dry-run', '--from', '29990101', '--json').stdout)
        self.assertEqual({s['reason'] for s in outside['studies']} <= {'its date is outside the range', 'it has no study date'}, True)
        self.osteon(lab, 'backfill')
        wait_until('both are skipped', lambda: [j['state'] for j in lab.jobs()] == ['skipped'] * 2, 60)
        again = self.osteon(lab, 'backfill', '--dry-run').stdout
        self.assertRegex(again, 'would queue: 0')
        self.assertRegex(again, r'job \d+ of it is skipped')
        self.assertIn('nothing was queued', again)


if __name__ == '__main__':
    unittest.main(verbosity=2)
