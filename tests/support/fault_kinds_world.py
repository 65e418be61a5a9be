# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of everything else: the disk, the clock, changes of studies by people, and studies that break the analysis."""
import os
import subprocess

from fault_kind import AtState, DIE_ONCE, Kind, delete
from fault_lab import Control
from fault_run import LOST_TWICE
from lab import PRELOAD


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
    """The clock jumps hours forward and back; afterwards it is right, or stays wrong."""
    def prepare(self, run):
        run.words = [run.good(), (DIE_ONCE[0], DIE_ONCE[1] + '0'), run.good()][:run.rng.choice([2, 3])]

    def act(self, run):
        hours = run.rng.choice([1, 3, 11, 26])
        if run.rng.random() < 0.4:  # The ledger already has times of another clock.
            run.lab.control.shift(hours * 3600)
        run.send()
        for _ in range(run.rng.choice([1, 2, 3])):
            if run.rng.random() < 0.5:
                run.lab.wait_state(run.rng.choice(['collecting', 'leased', 'retry_wait']), 2)
            run.pause(0, 1.5)
            seconds = run.rng.choice([-1, 1]) * hours * 3600
            run.lab.control.shift(seconds)
            run.note(f'the clock is {seconds // 3600} h off')


# ---- what the hospital does to studies

class Deleted(AtState):
    states = ('collecting', 'ready', 'leased', 'storing', 'retry_wait', 'done', 'stuck', 'skipped')

    def strike(self, run):
        delete(run, run.study)
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
    """Sent by two associations at once, and once more later."""
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
    limits = {'memory_mib': 512}
    cases = ('crash', 'eat', 'hang', 'spin', 'throw', 'invalid', 'unavailable', 'not_whole_body')

    def prepare(self, run):
        case = self.cases[run.turn % len(self.cases)]
        if case == 'eat' and PRELOAD:  # Under AddressSanitizer a child has no memory limit.
            case = 'crash'
        # Only the case that tests the limit has a short one: on a busy machine others would reach it too.
        run.limits['wall_seconds'] = 5 if case == 'hang' else 600
        run.limits['cpu_seconds'] = 2 if case == 'spin' else 600
        good = [] if case == 'hang' else [('result', 2000), ('result', 2000)]
        run.words = [(case, ''), *good]
        run.rng.shuffle(run.words)

    def act(self, run):
        run.send()


class DeadlyNeighbour(Kind):
    """A study that kills its worker, which has other studies at the time: these must not be blamed."""
    alone = True
    worker = {'slots': 2}

    def prepare(self, run):
        run.words = [('poison', '')] + [('work', run.rng.randrange(300, 1500)) for _ in range(3)]
        run.rng.shuffle(run.words)

    def act(self, run):
        run.send()

    def verify(self, run, findings):
        for study in run.studies:
            for job in run.lab.rows('SELECT * FROM jobs WHERE study_id = ?', study.orthanc_id):
                expected = ('stuck', 2) if study.word == 'poison' else ('done', min(job['deaths'], 1))
                if (job['state'], job['deaths']) != expected:
                    findings.unexplained.append(f'{study.word} is {job["state"]} after {job["deaths"]} deaths')


class DeadlyStudy(Kind):
    """A study that kills its analysis, or its worker, at every attempt: it is stuck after two, and the others are done."""
    alone = True

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
