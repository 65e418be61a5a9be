# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the PACS to which copies of the reports are sent: it is down, refuses, or loses objects."""
import contextlib
import json
import os
import time

from fault_kind import Kind
from fault_lab import Down, call, port


class Pacs(Kind):
    section = {'SendTo': ['PACS'], 'StorageCommitment': False}

    def configure(self, run):
        run.pacs_port = port()
        run.lab.modalities = {'PACS': ['PACS', '127.0.0.1', run.pacs_port]}
        os.makedirs(run.lab.path('pacs'))

    def start_pacs(self, run, *options):
        run.lab.start('pacs', ['storescp', '-aet', 'PACS', '-od', run.lab.path('pacs'), *options, run.pacs_port])

    def repair(self, run):
        run.lab.stop('pacs')
        self.start_pacs(run)

    def verify(self, run, findings):
        lab = run.lab
        # A copy that was given up has a reason; after the repair, a person sends it again.
        for row in lab.rows("SELECT * FROM deliveries WHERE state = 'failed'"):
            if not row['reason']:
                findings.unexplained.append(f'the copy of job {row["job"]} failed without a reason')
            lab.call('POST', f'/osteon/jobs/{row["job"]}/resend')
        lab.wait_for(lambda: not lab.rows("SELECT * FROM deliveries WHERE state != 'sent'"), 60, 0.1)
        there = self.there(run)
        for job in lab.rows("SELECT * FROM jobs WHERE state = 'done'"):
            for row in lab.rows('SELECT * FROM results WHERE job = ?', job['id']):
                if row['sop_instance_uid'] not in there:
                    findings.lost.append(f'the PACS does not have {row["sop_instance_uid"]} of job {job["id"]}')


    def there(self, run):
        """The SOP Instance UIDs that it has; storescp names files MODALITY.UID."""
        return {name.split('.', 1)[1] for name in os.listdir(run.lab.path('pacs'))}


class PacsDown(Pacs):
    def act(self, run):
        run.send()
        run.lab.wait_state('done')
        run.pause(0, 6)


class PacsRefuses(Pacs):
    """Accepts pictures, but no SR."""
    def act(self, run):
        profile = run.lab.path('storescp.cfg')
        with open(profile, 'w') as f:
            f.write('[[TransferSyntaxes]]\n[Plain]\nTransferSyntax1 = LittleEndianExplicit\nTransferSyntax2 = LittleEndianImplicit\n'
                    '[[PresentationContexts]]\n[Pictures]\nPresentationContext1 = SecondaryCaptureImageStorage\\Plain\n'
                    '[[Profiles]]\n[Default]\nPresentationContexts = Pictures\n')
        self.start_pacs(run, '-xf', profile, 'Default')
        run.send()
        run.lab.wait_for(lambda: run.lab.rows("SELECT * FROM deliveries WHERE attempts > 0 AND reason != ''"), 60)
        run.pause(0, 4)
        run.refusals = run.lab.rows("SELECT * FROM deliveries WHERE attempts > 0 AND state != 'sent'")

    def verify(self, run, findings):
        super().verify(run, findings)
        if not run.refusals or not all(row['reason'] for row in run.refusals):
            findings.unexplained.append('a PACS refused an SR and the copy does not say so')


class PacsForgets(Pacs):
    """Another Orthanc that is asked for storage commitment. It loses objects that it stored, or is killed before it answers."""
    section = {'SendTo': ['PACS'], 'StorageCommitment': True, 'StorageCommitmentSeconds': 4}

    def configure(self, run):
        run.pacs_port, run.pacs_http = port(), port()
        run.lab.modalities = {'PACS': {'AET': 'PACS', 'Host': '127.0.0.1', 'Port': run.pacs_port, 'AllowStorageCommitment': True}}
        os.makedirs(run.lab.path('pacs'))

    def start_pacs(self, run):
        with open(run.lab.path('pacs.json'), 'w') as f:
            json.dump({'Name': 'PACS', 'DicomAet': 'PACS', 'DicomPort': run.pacs_port, 'HttpPort': run.pacs_http, 'RemoteAccessAllowed': False,
                       'StorageDirectory': run.lab.path('pacs'), 'IndexDirectory': run.lab.path('pacs'), 'SaveJobs': False,
                       'HttpThreadsCount': 4, 'AuthenticationEnabled': False, 'Plugins': [], 'DicomCheckCalledAet': False,
                       'DicomModalities': {'OSTEON': ['OSTEONTEST', '127.0.0.1', run.lab.dicom]}}, f)
        run.lab.start('pacs', ['Orthanc', run.lab.path('pacs.json')])
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with contextlib.suppress(Down):
                return call(run.pacs_http, 'GET', '/system')
            run.lab.sleep(0.05)
        raise AssertionError('the other Orthanc does not start')

    def forget(self, run):
        """Deletes every instance that it has; returns how many."""
        ids = call(run.pacs_http, 'GET', '/instances')
        for instance in ids:
            with contextlib.suppress(Down):
                call(run.pacs_http, 'DELETE', f'/instances/{instance}')
        return len(ids)

    def act(self, run):
        self.start_pacs(run)
        run.send()
        run.lab.wait_state('done')
        how = run.rng.choice(['forgets', 'dies', 'forgets and dies'])
        end, forgotten = time.monotonic() + run.rng.uniform(1, 5), 0
        while time.monotonic() < end:
            if 'forgets' in how:
                forgotten += self.forget(run)
            run.lab.sleep(0.02)
        run.hit(f'the PACS {how}', f'{min(forgotten, 1)} or more lost')
        if 'dies' in how:
            run.lab.kill('pacs')
            run.pause(0, 3)

    def repair(self, run):
        if not run.lab.alive('pacs'):
            run.lab.processes.pop('pacs', None)
            self.start_pacs(run)

    def there(self, run):
        return {call(run.pacs_http, 'GET', f'/instances/{i}')['MainDicomTags']['SOPInstanceUID']
                for i in call(run.pacs_http, 'GET', '/instances')}
