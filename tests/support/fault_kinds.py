# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults of tests/faults. Each kind says what studies it needs (prepare), what it breaks and when (act), how that is
mended (mend), and what must be true beside the general checks (verify). The table in tests/README.md lists them.
"""
import contextlib
import os
import signal
import subprocess
import time

from fault_lab import Control, Down, port
from fault_run import LOST_TWICE

DIE_ONCE = ('die_once', 'LAB/died-')


class Kind:
    curve = True        # Kinds with a proxy run without; the proxy has no keys.
    proxy = False
    with_worker = True
    clock_stays = False
    section, worker, limits, allowed = {}, {}, {}, {}

    @property
    def name(self):
        return ''.join('-' + c.lower() if c.isupper() else c for c in type(self).__name__).lstrip('-')

    def prepare(self, run): pass
    def configure(self, run): pass
    def act(self, run): raise NotImplementedError
    def mend(self, run): pass
    def verify(self, run, findings): pass


# ---- reaching a state

# State -> the word that brings a study there; two studies and one slot make one of them wait.
WORD_FOR = {'retry_wait': DIE_ONCE, 'stuck': ('invalid', ''), 'skipped': ('not_whole_body', ''), 'leased': ('work', 400),
            'ready': ('work', 600)}


def words_for(run, state):
    word, argument = WORD_FOR.get(state) or run.good()
    count = 2 if state == 'ready' else run.rng.choice([1, 1, 2, 3])
    return [(word, f'{argument}{n}' if word == 'die_once' else argument) for n in range(count)]


def reach(run, state):
    """Sends the studies and waits until one is in that state; the job, or None."""
    run.send()
    if state == 'storing':  # Lasts a few milliseconds on a good disk.
        run.lab.control.arm(Control.SLOW, run.lab.path('orthanc'), delay_ms=60)
    job = run.lab.wait_state(state)
    if job and run.rng.random() < 0.6:
        run.pause(0, 0.25)
    return job


class AtState(Kind):
    """Something happens when a study is in a certain state; the states in turn."""
    states = ()

    def prepare(self, run):
        run.state = self.states[run.turn % len(self.states)]
        run.words = words_for(run, run.state)

    def act(self, run):
        job = reach(run, run.state)
        if job is None:
            return run.note(f'no study was {run.state}')
        run.job = job
        run.study = next(s for s in run.studies if s.orthanc_id == job['study_id'])
        now = run.lab.rows('SELECT state FROM jobs WHERE id = ?', job['id'])
        run.hit(self.name, now[0]['state'] if now else run.state)
        self.strike(run)

    def strike(self, run): raise NotImplementedError


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
    states = ('collecting', 'ready', 'leased', 'storing', 'retry_wait', 'done', 'stuck', 'skipped')


class KillWorker(Kill):
    victim = 'worker'
    states = ('leased', 'storing', 'ready', 'retry_wait', 'collecting', 'leased', 'done')


class KillChild(Kill):
    """It lives only while its study is leased; the moments within are spread."""
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
    """SIGSTOP: the worker hangs for longer than the lease, then goes on as if nothing had been."""
    allowed = {'stuck': LOST_TWICE}

    def act(self, run):
        run.send()
        run.lab.wait_state(run.rng.choice(['leased', 'leased', 'ready']))
        run.pause(0, 0.5)
        process = run.lab.processes['worker']
        process.send_signal(signal.SIGSTOP)
        run.pause(4, 8)
        process.send_signal(signal.SIGCONT)


# ---- the line

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
    """Longer than the lease; a line that swallows everything, or one that is cut."""
    curve, proxy = False, True
    allowed = {'stuck': LOST_TWICE}
    states = ('leased', 'leased', 'storing', 'ready', 'collecting')

    def strike(self, run):
        how = run.rng.choice(['silent', 'cut'])
        setattr(run.proxy, how, True)
        run.note(f'the line is {how}')
        run.lab.control.disarm()
        run.pause(5.5, 9)


# ---- who may

class SameIdentity(Kind):
    """Two workers with one name and one key; one may be killed in the middle."""
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
    """A key that is not on the list, or a worker that asks for another server: no study may reach it."""
    with_worker = False

    def act(self, run):
        if run.rng.random() < 0.5:
            run.lab.add_worker('worker', key='other.key')
        else:
            run.lab.add_worker('worker', server='wrong.pub')
        run.send()
        run.pause(1.5, 3)
        run.leases = len(run.lab.rows("SELECT * FROM history WHERE event = 'lease'"))
        run.refused = run.lab.call('GET', '/osteon/status')['refused_handshakes']

    def mend(self, run):
        run.lab.end_worker()
        run.lab.add_worker()

    def verify(self, run, findings):
        if run.leases or not run.refused:
            findings.unexplained.append(f'{run.leases} jobs went to a worker with a wrong key, {run.refused} handshakes were refused')


class RevokedKey(Kind):
    """The key is struck off the list while its worker has a study, and put back later."""
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

    def mend(self, run):
        self.write(run, run.list_of_keys)

    def verify(self, run, findings):
        if run.leases:
            findings.unexplained.append(f'{run.leases} jobs were handed to a worker whose key was revoked')


# ---- the disk and the clock

class Full(Kind):
    place, writes = '', 1
    allowed = {'stuck': r'No space|no space|disk|full|tried \d+ times|did not store|' + LOST_TWICE}

    def act(self, run):
        run.lab.control.arm(Control.FULL, run.lab.path(self.place), run.rng.randrange(self.writes))
        run.send()
        run.pause(1.5, 5)
        run.hit(f'{self.place} full', 'struck' if run.lab.control.hits() else 'not reached')


class FullLedger(Full):
    place, writes = 'ledger', 90
    allowed = {}


class FullSpool(Full):
    place, writes = 'worker', 22


class FullStorage(Full):
    place, writes = 'orthanc', 14


class ClockJump(Kind):
    """Hours forward and back; afterwards the right time, or the wrong one for good."""
    def prepare(self, run):
        run.words = [run.good(), (DIE_ONCE[0], DIE_ONCE[1] + '0'), run.good()][:run.rng.choice([2, 3])]

    def act(self, run):
        hours = run.rng.choice([1, 3, 11, 26])
        if run.rng.random() < 0.4:  # The ledger knows another time already.
            run.lab.control.shift(hours * 3600)
        run.send()
        for _ in range(run.rng.choice([1, 2, 3])):
            if run.rng.random() < 0.5:
                run.lab.wait_state(run.rng.choice(['collecting', 'leased', 'retry_wait']), 2)
            run.pause(0, 1.5)
            seconds = run.rng.choice([-1, 1]) * hours * 3600
            run.lab.control.shift(seconds)
            run.note(f'the clock is {seconds // 3600} h off')


# ---- the PACS behind

class Pacs(Kind):
    section = {'SendTo': ['PACS'], 'StorageCommitment': False}
    takes = 'everything'

    def configure(self, run):
        run.pacs_port = port()
        run.lab.modalities = {'PACS': ['PACS', '127.0.0.1', run.pacs_port]}
        os.makedirs(run.lab.path('pacs'))

    def start_pacs(self, run, *options):
        run.lab.start('pacs', ['storescp', '-aet', 'PACS', '-od', run.lab.path('pacs'), *options, run.pacs_port])

    def mend(self, run):
        run.lab.stop('pacs')
        self.start_pacs(run)

    def verify(self, run, findings):
        lab = run.lab
        # What was given up shows why; after mending, a person sends it again.
        for row in lab.rows("SELECT * FROM deliveries WHERE state = 'failed'"):
            if not row['reason']:
                findings.unexplained.append(f'the copy of job {row["job"]} failed without a reason')
            lab.call('POST', f'/osteon/jobs/{row["job"]}/resend')
        lab.wait_for(lambda: not lab.rows("SELECT * FROM deliveries WHERE state != 'sent'"), 30, 0.1)
        there = os.listdir(lab.path('pacs'))
        for job in lab.rows("SELECT * FROM jobs WHERE state = 'done'"):
            for row in lab.rows('SELECT * FROM results WHERE job = ?', job['id']):
                if not any(row['sop_instance_uid'] in name for name in there):
                    findings.lost.append(f'the PACS does not have {row["sop_instance_uid"]} of job {job["id"]}')


class PacsDown(Pacs):
    def act(self, run):
        run.send()
        run.lab.wait_state('done')
        run.pause(0, 6)


class PacsRefuses(Pacs):
    """Takes pictures, but no SR."""
    def act(self, run):
        profile = run.lab.path('storescp.cfg')
        with open(profile, 'w') as f:
            f.write('[[TransferSyntaxes]]\n[Plain]\nTransferSyntax1 = LittleEndianExplicit\nTransferSyntax2 = LittleEndianImplicit\n'
                    '[[PresentationContexts]]\n[Pictures]\nPresentationContext1 = SecondaryCaptureImageStorage\\Plain\n'
                    '[[Profiles]]\n[Default]\nPresentationContexts = Pictures\n')
        self.start_pacs(run, '-xf', profile, 'Default')
        run.send()
        run.lab.wait_for(lambda: run.lab.rows("SELECT * FROM deliveries WHERE attempts > 0 AND reason != ''"), 10)
        run.pause(0, 4)
        run.refusals = run.lab.rows("SELECT * FROM deliveries WHERE attempts > 0 AND state != 'sent'")

    def verify(self, run, findings):
        super().verify(run, findings)
        if not run.refusals or not all(row['reason'] for row in run.refusals):
            findings.unexplained.append('a PACS refused an SR and the copy does not say so')


# ---- what the hospital does to studies

class Deleted(AtState):
    states = ('collecting', 'ready', 'leased', 'storing', 'retry_wait', 'done', 'stuck', 'skipped')

    def delete(self, run):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(Down):
                run.lab.call('DELETE', f'/studies/{run.study.orthanc_id}')
                run.study.deleted = True
                run.study.stored.clear()
                return run.note(f'{run.study.seed} is deleted')

    def strike(self, run):
        self.delete(run)
        run.lab.control.disarm()
        run.pause(0, 1.5)


class DeletedAndBack(Deleted):
    def strike(self, run):
        super().strike(run)
        run.study.deleted = False
        run.send(run.study)


class LateSeries(AtState):
    states = ('done', 'collecting', 'ready', 'leased', 'storing', 'done', 'retry_wait', 'stuck')

    def strike(self, run):
        for name in ['late', 'later'][:run.rng.choice([1, 1, 2])]:
            run.study.add_series(name)
            run.send(run.study)
            run.lab.control.disarm()
            run.pause(0, 3)


class SentTwice(Kind):
    """By two associations at once, and once more at some later moment."""
    def act(self, run):
        study = run.studies[0]
        folder = run.lab.path('twice')
        os.makedirs(folder)
        for n, content in enumerate(study.instances.values()):
            with open(os.path.join(folder, f'{n}.dcm'), 'wb') as f:
                f.write(content)
        command = ['storescu', '+sd', '-aec', 'OSTEONTEST', '127.0.0.1', str(run.lab.dicom), folder]
        both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
        run.send()
        for process in both:
            process.wait(30)
        run.pause(0, 4)
        study.stored.clear()
        run.send()

    def verify(self, run, findings):
        for study in run.studies:
            jobs = run.lab.rows('SELECT * FROM jobs WHERE study_id = ?', study.orthanc_id)
            if len(jobs) != 1:
                findings.double.append(f'{study.seed}, sent twice, has {len(jobs)} jobs')


# ---- the analysis

class ChildFails(Kind):
    limits = {'wall_seconds': 4, 'cpu_seconds': 2, 'memory_mib': 512}
    cases = ('crash', 'eat', 'hang', 'spin', 'throw', 'invalid', 'unavailable', 'not_whole_body')

    def prepare(self, run):
        run.words = [(self.cases[run.turn % len(self.cases)], ''), ('result', 2000), ('result', 2000)]
        run.rng.shuffle(run.words)

    def act(self, run):
        run.send()


class DeadlyStudy(Kind):
    """A study that kills its analysis, or its worker, whenever it is tried: stuck after two, and the others run."""
    def prepare(self, run):
        run.words = [(run.rng.choice(['die', 'poison']), ''), ('result', 2000), ('result', 2000)]
        run.rng.shuffle(run.words)

    def act(self, run):
        run.send()

    def verify(self, run, findings):
        for study in run.studies:
            if study.word not in ('die', 'poison'):
                continue
            for job in run.lab.rows('SELECT * FROM jobs WHERE study_id = ?', study.orthanc_id):
                if job['attempt'] != 2 or job['deaths'] != 2:
                    findings.unexplained.append(f'{study.word}: {job["attempt"]} attempts, {job["deaths"]} deaths instead of 2')


class Drain(AtState):
    """SIGTERM in the middle of a study: it is finished or given back, and the worker ends in time."""
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
        # drain_seconds 1, up to 5 s for the last answers, and a busy machine.
        if run.code != 0 or run.drain_s > 12:
            findings.unexplained.append(f'the worker drained for {run.drain_s:.1f} s and ended with {run.code}')
        if run.lab.rows('SELECT * FROM jobs WHERE failures > 0'):
            findings.unexplained.append('a drained worker counts as a failure')


KINDS = {kind.name: kind for kind in (cls() for cls in (
    KillOrthanc, KillWorker, KillChild, KilledAtWrite, RestartInStableAge, StoppedWorker, MessagesLost, MessagesRepeated,
    MessagesReordered, MessagesDelayed, Partition, SameIdentity, WrongKey, RevokedKey, FullLedger, FullSpool, FullStorage,
    ClockJump, PacsDown, PacsRefuses, Deleted, DeletedAndBack, LateSeries, SentTwice, ChildFails, DeadlyStudy, Drain))}
