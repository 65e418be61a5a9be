# SPDX-License-Identifier: GPL-3.0-or-later
"""What the programs of a night need of memory and disk, and how fast the plugin answers, looked at while it runs (load_night.py)."""
import os
import threading
import time
import urllib.error

from measure import memory_mib

SAMPLE_S = 2.0
NOT_THERE = (urllib.error.URLError, ConnectionError, TimeoutError)


class Samples(threading.Thread):
    """What the programs need, looked at now and then until it is stopped."""

    def __init__(self, hospital, workers):
        super().__init__(daemon=True)
        self.hospital, self.workers, self.ended = hospital, workers, threading.Event()
        self.seen = {name: [] for name in ('orthanc', 'osteond', 'analysis', 'storage', 'spool', 'status_ms')}

    def run(self):
        while not self.ended.wait(SAMPLE_S):
            self.look('orthanc', lambda: rss_mib(self.hospital.pid('orthanc')))
            pids = [self.hospital.processes[name].pid for name in self.workers if name in self.hospital.processes]
            self.look('osteond', lambda: max(rss_mib(pid) for pid in pids))
            self.look('analysis', lambda: max(rss_mib(child) for pid in pids for child in children(pid)))
            self.look('storage', lambda: used_mib(self.hospital.path('orthanc')))
            self.look('spool', lambda: max(used_mib(self.hospital.path(name, 'spool')) for name in self.workers))
            self.look('status_ms', self.status_ms)

    def look(self, what, measure):
        try:
            self.seen[what].append(measure())
        except (*NOT_THERE, OSError, KeyError, ValueError):
            pass  # It is just being restarted, or there is none.

    def status_ms(self):
        start = time.perf_counter()
        self.hospital.get('/osteon/status')
        return 1000 * (time.perf_counter() - start)


def rss_mib(pid):
    try:
        return memory_mib(pid, 'VmRSS')
    except StopIteration:
        return 0.0  # It has just ended.


def children(pid):
    with open(f'/proc/{pid}/task/{pid}/children') as f:
        return f.read().split()


def used_mib(folder):
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total / 2**20
