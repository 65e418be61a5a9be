# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the sides of a comparison in turn, and says how far to trust what was measured. No row has its own way to do so."""
import dataclasses
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import typing


@dataclasses.dataclass(frozen=True)
class Side:
    name: str
    how: str               # How it is run, for the reader: a command line, or what is called.
    run: typing.Callable   # Takes one measurement: {'seconds': ..., 'mib': ...}, whatever the case needs.


class Row:
    """What one row of the table measured: plain values, as they are kept in the JSON file."""

    def __init__(self, name, work):
        self.name, self.work = name, work
        self.cases, self.goals, self.not_run, self.arithmetic, self.notes = [], [], [], [], []

    def missing(self, side, why):
        self.not_run.append({'side': side, 'why': why})

    def goal(self, what, value, at_least=None, at_most=None, unit=''):
        """A goal and what was reached; a value of None is one that could not be measured, and is not met."""
        met = value is not None and (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
        self.goals.append({'what': what, 'value': value, 'unit': unit, 'at_least': at_least, 'at_most': at_most, 'met': met})

    def values(self):
        return {'row': self.name, 'work': self.work, 'cases': self.cases, 'goals': self.goals, 'not_run': self.not_run,
                'arithmetic': self.arithmetic, 'notes': self.notes}


def compare(row, name, sides, rounds, metric='seconds', unit='s', higher_is_better=False, warm=False, say=lambda text: None):
    """Runs all sides `rounds` times, the order turned round each time, so that drift of the machine falls on all of them.

    The first side is ours. A side that fails is left out and named, but for ours, whose failure ends the row. With `warm`, each side
    runs once before, uncounted. Returns the case, which is also added to the row.
    """
    going = list(sides)
    taken = {side.name: [] for side in sides}
    for n in range(-1 if warm else 0, rounds):
        for side in list(going if n % 2 == 0 else reversed(going)):
            say(f'{name}: {side.name}, {f"round {n + 1} of {rounds}" if n >= 0 else "not counted"}')
            try:
                sample = side.run()
            except Exception as error:  # A peer's defect must not cost the rest of the table.
                if side is sides[0]:
                    raise
                going.remove(side)
                row.missing(side.name, f'{type(error).__name__}: {str(error)[:300]}')
                continue
            if n >= 0:
                taken[side.name].append(sample)
    case = {'case': name, 'metric': metric, 'unit': unit, 'higher_is_better': higher_is_better,
            'sides': [{'side': s.name, 'how': s.how, 'samples': taken[s.name]} for s in going]}
    row.cases.append(case)
    return case


def samples_of(case, side, metric=None):
    for entry in case['sides']:
        if entry['side'] == side:
            return [s[metric or case['metric']] for s in entry['samples'] if (metric or case['metric']) in s]
    return []


def ratios(case, side):
    """How many times better our side (the first) was than `side`, round by round."""
    ours, theirs = samples_of(case, case['sides'][0]['side']), samples_of(case, side)
    return [(o / t if case['higher_is_better'] else t / o) for o, t in zip(ours, theirs) if o and t]


def median(values):
    return statistics.median(values) if values else None


def quartiles(values):
    """Lower and upper quartile; of fewer than three values the least and the greatest."""
    if not values:
        return None
    if len(values) < 3:
        return min(values), max(values)
    low, _, high = statistics.quantiles(values, n=4, method='inclusive')
    return low, high


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def timed(command, ok=(0,), env=None, cwd=None):
    """Runs a program; wall and processor seconds, peak memory (MiB, where it is more than our own) and its output."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd,
                                   env={**os.environ, **(env or {})})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode(errors='replace')
        if process.returncode not in ok:
            err.seek(0)
            raise RuntimeError(f'{os.path.basename(str(command[0]))} ended with {process.returncode}: '
                               f'{err.read().decode(errors="replace")[-400:].strip()}')
    # A child starts with the peak of its parent: what is no higher says nothing about the child.
    mib = {'mib': usage.ru_maxrss / 1024} if usage.ru_maxrss > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss else {}
    return {'seconds': seconds, 'cpu_seconds': usage.ru_utime + usage.ru_stime, **mib, 'text': text}


def numbers(sample):
    """The sample without the program's output."""
    return {k: v for k, v in sample.items() if k != 'text'}


def memory_of(sample):
    """Its peak memory, to be put into another sample."""
    return {'mib': sample['mib']} if 'mib' in sample else {}


# ---- Peak memory of a process that is already there

def reset_peak(pid):
    with open(f'/proc/{pid}/clear_refs', 'w') as f:
        f.write('5')


def memory_mib(pid, field='VmHWM'):
    """VmHWM: the peak since reset_peak; VmRSS: now."""
    with open(f'/proc/{pid}/status') as f:
        return next(int(line.split()[1]) for line in f if line.startswith(field + ':')) / 1024


# ---- Whether the machine was quiet

def _processor_times():
    with open('/proc/stat') as f:
        user, nice, system, idle, iowait, irq, softirq, steal = map(int, f.readline().split()[1:9])
    return {'programs': user + nice + system, 'busy': user + nice + system + irq + softirq, 'steal': steal,
            'all': user + nice + system + idle + iowait + irq + softirq + steal}


def _our_ticks():
    """Processor time of this program and of all it started that has ended and been waited for, in ticks of /proc/stat."""
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))) * os.sysconf('SC_CLK_TCK')


def _spin():
    """Seconds of a fixed piece of work: what the clock rate shows in where the machine does not tell it."""
    best = 1e9
    for _ in range(3):
        start = time.perf_counter()
        sum(n * n for n in range(200_000))
        best = min(best, time.perf_counter() - start)
    return best


def _others():
    """Share of the processors that other programs, and other machines, took in half a second."""
    before = _processor_times()
    time.sleep(0.5)
    now = _processor_times()
    return (now['busy'] - before['busy'] + now['steal'] - before['steal']) / max(1, now['all'] - before['all'])


@dataclasses.dataclass(frozen=True)
class Look:
    """At the machine while nothing of ours runs."""
    others: float    # Share of the processors that others took.
    spin: float      # Seconds of a fixed piece of work.
    waited_s: float  # Until the machine was quiet, or the time was over.


class Quiet:
    """Looks at the machine before, during and after a row. `values()` afterwards; `not_quiet` of it says in words what disturbed.

    Before and after, it waits until the machine is quiet, but not for ever: what a row leaves behind (servers that end, files being removed) disturbs neither
    itself nor the next one. During the row, what others took is what all programs took less what we and all that we started took: a row ends its servers
    and waits for them."""
    fastest_spin = 1e9
    OTHERS, SLOWER = 0.10, 0.10

    def __init__(self, longest_s, say=lambda text: None):
        self.longest_s, self.say = longest_s, say

    @classmethod
    def calibrate(cls):
        """Before the first row there is nothing to compare its first look with: some two seconds of the fixed piece of work."""
        cls.fastest_spin = min(_spin() for _ in range(40))

    def settle(self):
        """The last look at the machine, and how long that took."""
        start, told = time.monotonic(), False
        while True:
            others, spin = _others(), _spin()
            Quiet.fastest_spin = min(Quiet.fastest_spin, spin)
            waited_s = time.monotonic() - start
            if (others <= self.OTHERS and spin <= (1 + self.SLOWER) * Quiet.fastest_spin) or waited_s >= self.longest_s:
                return Look(others, spin, waited_s)
            if not told:
                told = True
                self.say(f'waits until the machine is quiet: others take {100 * others:.0f} %, a fixed piece of work takes '
                         f'{100 * (spin / Quiet.fastest_spin - 1):.0f} % longer than the fastest')

    def __enter__(self):
        self.before = self.settle()
        self.start, self.our_start = _processor_times(), _our_ticks()
        self.load = os.getloadavg()[0]
        return self

    def __exit__(self, *_):
        end = _processor_times()
        whole = max(1, end['all'] - self.start['all'])
        self.steal = (end['steal'] - self.start['steal']) / whole
        self.others_during = max(0.0, (end['programs'] - self.start['programs'] - (_our_ticks() - self.our_start)) / whole)
        self.after = self.settle()

    def values(self):
        words, slow = [], {}
        for when, look in (('before', self.before), ('after', self.after)):
            slow[when] = look.spin / Quiet.fastest_spin - 1
            if look.others > self.OTHERS:
                words.append(f'other programs took {100 * look.others:.0f} % of the processors {when} it')
            if slow[when] > self.SLOWER:
                words.append(f'a fixed piece of work took {100 * slow[when]:.0f} % longer {when} it than the fastest of this run')
        if self.others_during > self.OTHERS:
            words.append(f'other programs took {100 * self.others_during:.0f} % of the processors during it')
        if self.steal > 0.02:
            words.append(f'{100 * self.steal:.0f} % of the processors was stolen by other machines')
        return {'others_before': self.before.others, 'others_during': self.others_during, 'others_after': self.after.others, 'load_before': self.load,
                'steal': self.steal, 'slower_before': slow['before'], 'slower_after': slow['after'],
                'waited_before_s': self.before.waited_s, 'waited_after_s': self.after.waited_s, 'not_quiet': words}


def progress(text):
    print(f'bench: {text}', file=sys.stderr, flush=True)
