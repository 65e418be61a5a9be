# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of tests/faults: a new lab, a few studies, faults that the seed chooses and times, then everything is repaired
and checked. The same seed does the same again, as far as the operating system allows.
"""
import contextlib
import os
import random
import shutil
import signal
import time
import traceback

import fault_checks
from fault_lab import FaultLab, Study, port
from fault_proxy import Proxy

TURN = 31  # Number of kinds: the seeds of one kind are so far apart.
SETTLE_SECONDS = 150  # After the repair; 1 to 10 are usual.

# The result of each word of fault_osteond.cc: state and pattern of the reason.
OUTCOME = {
    'crash': ('stuck', r'crashed \(SIGSEGV\)'),
    'eat': ('stuck', r'out of memory|memory_mib'),
    'hang': ('stuck', r'wall_seconds'),
    'spin': ('stuck', r'cpu_seconds'),
    'throw': ('stuck', r'library threw'),
    'invalid': ('stuck', r"says 'invalid'"),
    'unavailable': ('stuck', r'file server .* tried 5 times'),
    'die': ('stuck', r'2 analyses or workers were lost'),
    'poison': ('stuck', r'2 analyses or workers were lost'),
    'not_whole_body': ('skipped', r'brain MRI'),
}
LOST_TWICE = r'2 analyses or workers were lost'


class Run:
    def __init__(self, seed, kind, keys):
        self.seed, self.kind, self.keys = seed, kind, keys
        self.rng = random.Random(f'{kind.name} {seed}')
        self.turn = seed // TURN  # For kinds that take their cases in turn, so that each is tested.
        self.section, self.worker, self.limits = dict(kind.section), dict(kind.worker), dict(kind.limits)
        self.words = None       # Set by a kind's prepare(); otherwise all studies are good.
        self.allowed = dict(kind.allowed)
        self.events = []        # What was done and when, for the report of a failed run.
        self.struck = set()     # (who, in which state)
        self.proxy = self.lab = None
        self.studies = []
        self.extra_findings = []

    # ---- functions that kinds use

    def note(self, text):
        self.events.append(f'{time.monotonic() - self.began:6.2f} s  {text}')

    def hit(self, who, state):
        self.note(f'{who} at {state}')
        self.struck.add((who, state))

    def pause(self, low, high):
        self.lab.sleep(self.rng.uniform(low, high))

    def good(self):
        """A word with which a study is done."""
        return self.rng.choice([('result', 2000), ('result', 2000), ('result', 700_000), ('work', self.rng.randrange(50, 900))])

    def send(self, *studies):
        for study in studies or self.studies:
            if self.rng.random() < 0.1 and not study.stored:
                with contextlib.suppress(Exception):
                    self.lab.store_by_dicom(study)
            self.lab.store(study)
        self.note(f'{sum(s.whole() for s in self.studies)} of {len(self.studies)} studies are in Orthanc')

    def kill(self, who):
        if who == 'orthanc':
            self.lab.kill('orthanc')
        elif who == 'worker':
            self.lab.end_worker()
        else:
            child = self.lab.wait_for(self.lab.child_of, 2, 0.002)
            if child is None:
                return False
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.note(f'{who} killed')
        return True

    def revive(self, who):
        if who == 'orthanc':
            self.lab.start_orthanc()
        elif who == 'worker' and not self.lab.alive('worker'):
            self.lab.processes.pop('worker', None)
            self.lab.begin_worker()

    # ---- the run

    def set_up(self):
        self.kind.prepare(self)
        self.lab = lab = FaultLab(self.keys, curve=self.kind.curve, section=self.section, worker=self.worker, limits=self.limits)
        if self.words is None:
            self.words = [self.good() for _ in range(self.rng.choice([1, 1, 2, 2, 3, 4]))]
        for n, (word, argument) in enumerate(self.words):
            argument = argument.replace('LAB', lab.folder) if isinstance(argument, str) else argument
            self.studies.append(Study(f'{self.seed}-{n}', word, argument, self.rng.randrange(2, 5), self.rng.random() < 0.15))
        self.kind.configure(self)
        lab.start_orthanc()
        endpoint = None
        if self.kind.proxy:
            self.proxy = Proxy(port(), lab.zmq, self.seed)
            self.proxy.start()
            endpoint = f'tcp://127.0.0.1:{self.proxy.front_port}'
        if self.kind.with_worker:
            lab.add_worker(endpoint=endpoint)

    def disturb(self):
        """Often adds a second, unrelated fault: all is sent once more, or one of the two programs is killed."""
        if self.kind.alone or self.rng.random() > 0.35:
            return
        what = self.rng.choice(['again', 'orthanc', 'worker'])
        self.note(f'besides: {what}')
        self.pause(0, 1)
        if what == 'again':
            for study in self.studies:
                if not study.deleted:
                    study.stored.clear()
            return  # repair() sends.
        self.allowed['stuck'] = '|'.join(filter(None, [self.allowed.get('stuck'), LOST_TWICE]))
        if self.lab.alive(what):
            self.kill(what)
        self.struck.add((f'{what} besides', self.kind.name))

    def repair(self):
        """Repairs everything that was broken and sends what was not sent yet."""
        lab = self.lab
        self.note('repairing')
        lab.control.disarm()
        if self.rng.random() < 0.7:  # Otherwise the clock stays wrong: nothing may depend on the right time.
            lab.control.shift(0)
        if self.proxy:
            self.proxy.clear()
        self.kind.repair(self)
        if not lab.alive('orthanc'):
            lab.processes.pop('orthanc', None)
        lab.start_orthanc()
        for name in lab.workers:
            if not lab.alive(name):
                lab.processes.pop(name, None)
                lab.begin_worker(name)
        lab.wait_for(lambda: all([lab.store(s) for s in self.studies if not s.deleted]), 30, 0.1)

    def settle(self):
        def quiet():
            if not fault_checks.compared(self.lab):
                return False
            return not fault_checks.pending(self.lab, self.studies) and not fault_checks.looking(self.lab)
        self.lab.wait_for(quiet, SETTLE_SECONDS, 0.1)

    def judge(self):
        for study in self.studies:
            study.allowed = dict(self.allowed)
            if study.word in OUTCOME:
                state, pattern = OUTCOME[study.word]
                study.allowed[state] = '|'.join(filter(None, [pattern, study.allowed.get(state)]))
        findings = fault_checks.check(self.lab, self.studies)
        self.kind.verify(self, findings)
        findings.unexplained += self.lab.found_by_sanitizers()
        return findings

    def go(self):
        """Does the run; returns its outcome."""
        self.began = time.monotonic()
        outcome = {'seed': self.seed, 'kind': self.kind.name, 'lost': [], 'double': [], 'unexplained': [], 'states': []}
        try:
            self.set_up()
            self.kind.act(self)
            self.disturb()
            self.repair()
            repaired = time.monotonic()
            self.settle()
            outcome['settled_s'] = round(time.monotonic() - repaired, 1)
            findings = self.judge()
            outcome.update(lost=findings.lost, double=findings.double, unexplained=findings.unexplained)
            jobs = self.lab.jobs_by_study()
            outcome['states'] = [jobs[s.orthanc_id]['state'] if s.orthanc_id in jobs else 'none' for s in self.studies]
        except Exception:  # A run that raised an exception proves nothing, so it counts as failed.
            outcome['unexplained'].append(traceback.format_exc())
        outcome['wall_s'] = round(time.monotonic() - self.began, 1)
        outcome['struck'] = sorted(self.struck)
        outcome['failed'] = bool(outcome['lost'] or outcome['double'] or outcome['unexplained'])
        if outcome['failed']:
            outcome['report'] = self.report()
        self.tear_down(outcome['failed'])
        return outcome

    def report(self):
        lines = [f'lab kept: {self.lab.folder if self.lab else "none"}', *self.events]
        if self.lab is None:
            return lines
        for study in self.studies:
            lines.append(f'study {study.seed}, {study.word} {study.argument}, {len(study.instances)} images, {study.orthanc_id}'
                         + (', deleted' if study.deleted else ''))
            for job in self.lab.rows('SELECT * FROM jobs WHERE study_id = ? ORDER BY id', study.orthanc_id):
                lines.append(f'  job {job["id"]}: {job["state"]}, attempt {job["attempt"]}, {job["reason"]}')
                for row in self.lab.rows('SELECT * FROM history WHERE job = ? ORDER BY sequence', job['id']):
                    lines.append(f'    {row["at_ms"] / 1000:.3f} {row["actor"]}: {row["from_state"]} --{row["event"]}--> '
                                 f'{row["to_state"]} ({row["attempt"]}) {row["reason"]}')
        return lines

    def tear_down(self, keep):
        if self.proxy:
            self.proxy.stop()
        if self.lab is None:
            return
        for name in list(self.lab.processes):
            process = self.lab.processes.pop(name)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait(10)
        if not keep:
            shutil.rmtree(self.lab.folder, ignore_errors=True)
