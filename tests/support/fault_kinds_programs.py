# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of programs and of the connection between them: killed, stopped, restarted, disconnected, the same identity twice, wrong keys."""
import os
import signal
import time

from fault_kind import AtState, Kind
from fault_lab import Control
from fault_run import LOST_TWICE


# ---- killed

class Kill(AtState):
    victim = ''
    allowed = {'stuck': LOST_TWICE}

    def strike(self, run):
        for _ in range(run.rng.choice([1, 1, 1, 2])):
            if not run.kill(self.victim):
                return
            run.pause(0, run.rng.choice([0.3, 0.3, 6.5]))
            run.revive(self.victim)
            run.lab.control.disarm()
            run.pause(0, 1.5)


class KillOrthanc(Kill):
    victim = 'orthanc'
    states = ('collecting', 'ready', 'leased', 'storing', 'retry_wait', 'done', 'stuck', 'skipped', 'cancelled')


class KillWorker(Kill):
    victim = 'worker'
    states = ('leased', 'storing', 'ready', 'retry_wait', 'collecting', 'leased', 'done', 'stuck', 'skipped', 'cancelled')


class KillChild(Kill):
    """The child runs only while its study is leased; the fault comes at a random moment of that time."""
    victim = 'child'
    states = ('leased',)


class KilledAtWrite(Kind):
    """kill -9 at the n-th write of the ledger, of Orthanc's storage and index, or of the spool (worker or child)."""
    allowed = {'stuck': LOST_TWICE}
    places = ('ledger', 'worker', 'orthanc', 'index')

    def act(self, run):
        place = self.places[run.turn % len(self.places)]
        run.lab.control.arm(Control.KILL, run.lab.path(place), run.rng.randrange(1, {'orthanc': 14, 'worker': 22}.get(place, 90)))
        run.send()
        run.lab.wait_for(lambda: not run.lab.control.armed(), 6)
        run.hit(f'write below {place}', 'killed' if not run.lab.control.armed() else 'not reached')
        run.pause(0, 0.5)


class RestartInStableAge(Kind):
    def act(self, run):
        run.send()
        for _ in range(run.rng.choice([1, 1, 2])):
            run.pause(0, 1.1)
            if run.rng.random() < 0.5:
                run.kill('orthanc')
            else:
                code = run.lab.stop('orthanc', signal.SIGTERM, 30)
                run.note(f'Orthanc stopped, exit code {code}')
            run.pause(0, 2)
            run.lab.start_orthanc()


class StoppedWorker(Kind):
    """SIGSTOP: the worker hangs for longer than the lease, then continues as if nothing had happened."""
    allowed = {'stuck': LOST_TWICE}

    def act(self, run):
        run.send()
        run.lab.wait_state(run.rng.choice(['leased', 'leased', 'ready']))
        run.pause(0, 0.5)
        process = run.lab.processes['worker']
        process.send_signal(signal.SIGSTOP)
        run.pause(4, 8)
        process.send_signal(signal.SIGCONT)


# ---- the connection

class Messages(Kind):
    curve, proxy = False, True
    allowed = {'stuck': LOST_TWICE}
    fault = ''

    def act(self, run):
        setattr(run.proxy, self.fault, run.rng.uniform(0.1, 0.4))
        run.send()
        run.pause(3, 7)
        run.note(str(run.proxy.counts))


class MessagesLost(Messages):
    fault = 'lose'


class MessagesRepeated(Messages):
    fault, allowed = 'repeat', {}


class MessagesReordered(Messages):
    fault = 'swap'


class MessagesDelayed(Messages):
    fault = 'hold'


class Partition(AtState):
    """For longer than the lease, the connection drops all messages silently, or is closed."""
    curve, proxy = False, True
    allowed = {'stuck': LOST_TWICE}
    states = ('leased', 'leased', 'storing', 'ready', 'collecting')

    def strike(self, run):
        how = run.rng.choice(['silent', 'cut'])
        setattr(run.proxy, how, True)
        run.note(f'the connection is {how}')
        run.lab.control.disarm()
        run.pause(5.5, 9)


# ---- names and keys

class SameIdentity(Kind):
    """Two workers with the same name and key; one may be killed during a study."""
    allowed = {'stuck': LOST_TWICE}

    def prepare(self, run):
        run.words = [('work', run.rng.randrange(50, 1500)) for _ in range(4)]

    def act(self, run):
        run.lab.add_worker('twin')
        run.send()
        run.lab.wait_state('leased')
        run.pause(0, 1)
        if run.rng.random() < 0.5:
            run.kill('worker')


class WrongKey(Kind):
    """A worker whose key is not on the list, or that expects another server key: it must get no study."""
    with_worker = False

    def act(self, run):
        if run.rng.random() < 0.5:
            run.lab.add_worker('worker', key='other.key')
        else:
            run.lab.add_worker('worker', server='wrong.pub')
        run.send()
        run.lab.wait_for(lambda: run.lab.call('GET', '/osteon/status')['refused_handshakes'], 30, 0.1)
        run.pause(1.5, 3)
        run.leases = len(run.lab.rows("SELECT * FROM history WHERE event = 'lease'"))
        run.refused = run.lab.call('GET', '/osteon/status')['refused_handshakes']

    def repair(self, run):
        run.lab.end_worker()
        run.lab.add_worker()

    def verify(self, run, findings):
        if run.leases or not run.refused:
            findings.unexplained.append(f'{run.leases} jobs went to a worker with a wrong key, {run.refused} handshakes were refused')


class RevokedKey(Kind):
    """The key is removed from the list while its worker has a study, and added again later."""
    allowed = {'stuck': LOST_TWICE}

    def prepare(self, run):
        run.words = [('work', run.rng.randrange(100, 3000)) for _ in range(3)]

    def act(self, run):
        allowed = run.lab.path('keys', 'allowed_workers.txt')
        with open(allowed) as f:
            run.list_of_keys = f.read()
        run.send()
        run.lab.wait_state('leased')
        run.pause(0, 0.5)
        self.write(run, '# nobody\n')
        run.note('the key is revoked')
        run.pause(0.3, 0.3)
        before = self.leases(run)
        run.pause(2, 8)
        run.leases = self.leases(run) - before

    def leases(self, run):
        return len(run.lab.rows("SELECT * FROM history WHERE event = 'lease'"))

    def write(self, run, text):
        allowed = run.lab.path('keys', 'allowed_workers.txt')
        with open(allowed + '.new', 'w') as f:
            f.write(text)
        os.replace(allowed + '.new', allowed)

    def repair(self, run):
        self.write(run, run.list_of_keys)

    def verify(self, run, findings):
        if run.leases:
            findings.unexplained.append(f'{run.leases} jobs were handed to a worker whose key was revoked')


class Drain(AtState):
    """SIGTERM during a study: the study is finished or given back, and the worker ends in time."""
    alone = True
    states = ('leased', 'storing', 'ready')

    def prepare(self, run):
        super().prepare(run)
        run.words = [('work', run.rng.choice([200, 700, 3000])) for _ in range(2)]
        run.drain_s, run.code = 0, 0

    def strike(self, run):
        began = time.monotonic()
        run.code = run.lab.end_worker(how=signal.SIGTERM, seconds=30)
        run.drain_s = time.monotonic() - began
        run.note(f'the worker ended after {run.drain_s:.1f} s with {run.code}')

    def verify(self, run, findings):
        # drain_seconds is 1, the last answers may take 5 s, and the machine may be busy.
        if run.code != 0 or run.drain_s > 20:
            findings.unexplained.append(f'the worker drained for {run.drain_s:.1f} s and ended with {run.code}')
        if run.lab.rows('SELECT * FROM jobs WHERE failures > 0'):
            findings.unexplained.append('a drained worker counts as a failure')
