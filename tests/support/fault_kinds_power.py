# SPDX-License-Identifier: GPL-3.0-or-later
"""Power cuts: all programs are killed at once, and what Orthanc did not sync is lost. And programs that are killed while they
start, as on a machine that restarts again and again.
"""
import os
import struct

from fault_kind import AtState, Kind
from fault_run import LOST_TWICE

WAL_HEADER, FRAME_HEADER = 32, 24
AUTO_CHECKPOINT = 1000  # Number of frames after which SQLite copies them into the database; after that none may be cut.


def commits(wal):
    """Ends of the transactions in a write-ahead log of SQLite (its file format, section 4), in bytes from its start."""
    with open(wal, 'rb') as f:
        content = f.read()
    if len(content) < WAL_HEADER:
        return []
    page = struct.unpack_from('>I', content, 8)[0]
    salt = content[16:24]
    ends, frames = [], 0
    for at in range(WAL_HEADER, len(content) - FRAME_HEADER - page + 1, FRAME_HEADER + page):
        if content[at + 8:at + 16] != salt:
            break
        frames += 1
        if struct.unpack_from('>I', content, at + 4)[0]:
            ends.append(at + FRAME_HEADER + page)
    return ends if frames < AUTO_CHECKPOINT else []


class PowerCut(AtState):
    """Orthanc's index uses synchronous NORMAL, so a power cut loses its last commits, although scanners and we were told that they
    are stored. The ledger and the spool are synced, and Osteon must notice the difference."""
    states = ('done', 'leased', 'storing', 'done', 'collecting', 'ready', 'retry_wait', 'stuck')
    allowed = {'stuck': LOST_TWICE}

    def wal(self, run):
        return run.lab.path('index', 'index-wal')

    def act(self, run):
        run.commits_at_start = max(1, len(commits(self.wal(run))))  # Without them the file is not yet Orthanc's database.
        super().act(run)

    def strike(self, run):
        run.pause(0, 0.4)
        for name in [n for n in ('orthanc', 'worker') if run.lab.alive(n)]:
            run.lab.processes[name].kill()
        run.lab.supervised.discard('worker')
        for name in ('orthanc', 'worker'):
            run.lab.kill(name)
        run.note(f'power cut, {self.take_back(run)} commits of Orthanc are lost')
        run.lab.control.disarm()
        run.pause(0, 1)
        run.lab.start_orthanc()
        run.lab.begin_worker()
        for study in run.studies:
            self.count(run, study)

    def take_back(self, run):
        ends = commits(self.wal(run))
        lost = min(len(ends) - run.commits_at_start, run.rng.choice([0, 1, 2, 4, 8, 16, 32]))
        if lost <= 0:
            return 0
        os.truncate(self.wal(run), ends[-lost - 1])
        return lost

    def count(self, run, study):
        """Drops the confirmation of what Orthanc lost: a scanner that waits for storage commitment sends it again."""
        held = {i['MainDicomTags']['SOPInstanceUID'] for i in run.lab.call('GET', f'/studies/{study.orthanc_id}/instances') or []}
        study.stored &= held


class KilledWhileStarting(Kind):
    """kill -9 of Orthanc or the worker within its first second, several times, with studies under way."""
    allowed = {'stuck': LOST_TWICE}

    def act(self, run):
        run.send()
        run.pause(0, 2)
        for _ in range(run.rng.choice([2, 3, 4])):
            who = run.rng.choice(['orthanc', 'worker'])
            run.kill(who)
            if who == 'orthanc':
                run.lab.begin_orthanc()
            else:
                run.lab.begin_worker()
            run.pause(0, 1.2)
            run.hit(who, 'starting')
        run.kill('orthanc')
