# SPDX-License-Identifier: GPL-3.0-or-later
"""The base class of kinds of faults, and functions that bring a study into the state in which the fault happens."""
import contextlib
import time

from fault_lab import Control, Down

DIE_ONCE = ('die_once', 'LAB/died-')


class Kind:
    curve = True        # False for kinds with a proxy, which has no keys.
    proxy = False
    with_worker = True
    alone = False       # No second fault in the same run, since the kind counts exactly.
    section, worker, limits, allowed = {}, {}, {}, {}

    @property
    def name(self):
        return ''.join('-' + c.lower() if c.isupper() else c for c in type(self).__name__).lstrip('-')

    def prepare(self, run): pass
    def configure(self, run): pass
    def act(self, run): raise NotImplementedError
    def repair(self, run): pass
    def verify(self, run, findings): pass


# ---- reaching a state

# State -> the word that brings a study into it; with two studies and one slot, one of them waits.
WORD_FOR = {'retry_wait': DIE_ONCE, 'stuck': ('invalid', ''), 'skipped': ('not_whole_body', ''), 'leased': ('work', 400),
            'ready': ('work', 600)}


def words_for(run, state):
    word, argument = WORD_FOR.get(state) or run.good()
    count = 2 if state == 'ready' else run.rng.choice([1, 1, 2, 3])
    return [(word, f'{argument}{n}' if word == 'die_once' else argument) for n in range(count)]


def reach(run, state):
    """Sends the studies and waits until one is in that state; the job, or None."""
    run.send()
    if state == 'storing':  # This state lasts only a few milliseconds on a good disk.
        run.lab.control.arm(Control.SLOW, run.lab.path('orthanc'), delay_ms=60)
    if state == 'cancelled':
        run.lab.wait_state(run.rng.choice(['collecting', 'ready', 'leased', 'done']), 4)
        delete(run, run.studies[0])
    job = run.lab.wait_state(state)
    if job and run.rng.random() < 0.6:
        run.pause(0, 0.25)
    return job


def delete(run, study):
    """Deletes the study as a person does; Orthanc may be busy for a moment."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(Down):
            run.lab.call('DELETE', f'/studies/{study.orthanc_id}')
            study.deleted = True
            study.stored.clear()
            return run.note(f'{study.seed} is deleted')


class AtState(Kind):
    """A fault that happens when a study is in a certain state; runs take the states in turn."""
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
