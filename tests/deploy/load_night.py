#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A night of studies of real size, on one worker and then on two: eight C-STORE associations at once, Orthanc restarted while they send, a
worker killed while it analyses. Every image that Orthanc acknowledged must be there and every study must get one report; memory, disk and
latencies are recorded. tests/load.sh calls it.

A study is deleted from Orthanc once its images and its report have been counted, so that the disk needs no more than ROOM of them.
"""
import argparse
import concurrent.futures
import datetime
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import types

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(TESTS, 'bench', 'speed'), os.path.join(TESTS, 'support')]

import lab  # noqa: E402
import machine  # noqa: E402
import pydicom  # noqa: E402
import studies  # noqa: E402
from copied_study import Original  # noqa: E402
from hospital import Hospital  # noqa: E402
from lab import wait_until  # noqa: E402
from load_samples import NOT_THERE, Samples  # noqa: E402
from measure import percentile, progress  # noqa: E402

AT_ONCE = 8
ROOM = 40       # Studies that have come and have no report yet; the scanners wait for room.
AT_REST = datetime.timedelta(seconds=20)    # Without a change: ten times the quiet time of this test.


def acknowledged(log):
    """The files that the node said it has stored, in what `storescu -v` says."""
    stored, sending = set(), ''
    for line in log.splitlines():
        if 'Sending file: ' in line:
            sending = line.split('Sending file: ')[1].strip()
        elif 'Received Store Response (Success)' in line:
            stored.add(sending)
    return stored


class Night:
    def __init__(self, hospital, count, originals):
        self.hospital, self.count, self.originals = hospital, count, originals
        self.sent = {}      # Study Instance UID -> number of images; once all were acknowledged.
        self.send_s, self.broken, self.lost = [], 0, []
        self.counted = {}   # Study Instance UID -> what was wrong with it in the morning; '' when nothing.
        self.cut_off = set()  # Those that were stuck, if only until the rest of their images came.
        self.images = 0

    # ---- The scanners

    def send(self, n):
        folder = self.hospital.path(f'scanner{n}')
        study = self.originals[n % len(self.originals)].copy(n, folder)
        files = set(studies.files_of(folder))
        stored, start = set(), time.monotonic()
        while not files <= stored:
            done = subprocess.run(['storescu', '-v', '+sd', '+sp', '*.dcm', '-aec', 'OSTEONTEST', '127.0.0.1', str(self.hospital.dicom), folder],
                                  capture_output=True, text=True, timeout=600)
            stored |= acknowledged(done.stdout + done.stderr)
            if files <= stored:
                break
            self.broken += 1
            wait_until('Orthanc answers again', self.answers, 120)
            self.lost += [path for path in stored if not self.has(path)]
        self.send_s.append(time.monotonic() - start)
        self.images += len(files)
        shutil.rmtree(folder)
        self.sent[study] = len(files)

    def answers(self):
        try:
            return self.hospital.get('/system')
        except NOT_THERE:
            return None

    def has(self, path):
        uid = pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID
        return any(found['Type'] == 'Instance' for found in self.hospital.request('POST', '/tools/lookup', str(uid).encode()))

    # ---- The morning after, study by study

    def count_finished(self):
        for job in self.hospital.get('/osteon/jobs?limit=1000')['jobs']:
            study = job['study_instance_uid']
            if study in self.counted:
                continue
            if job['state'] in ('stuck', 'skipped', 'not_evaluable'):
                self.cut_off.add(study)
                if self.is_at_rest(job):
                    self.counted[study] = f'{job["state"]}: {job["reason"]}'
            if job['state'] == 'done' and study in self.sent:
                self.counted[study] = self.wrong_with(study, job['orthanc_study'])
                self.hospital.request('DELETE', f'/studies/{job["orthanc_study"]}')

    def is_at_rest(self, job):
        """Not when the rest of its images is being sent again: an association that broke stays away for longer than this test's quiet time."""
        since = datetime.datetime.fromisoformat(job['updated'].replace('Z', '+00:00'))
        return job['study_instance_uid'] in self.sent and datetime.datetime.now(datetime.timezone.utc) - since > AT_REST

    def wrong_with(self, study, orthanc_id):
        there = {}
        for series in self.hospital.get(f'/studies/{orthanc_id}/series'):
            modality = series['MainDicomTags']['Modality']
            there[modality] = there.get(modality, 0) + len(series['Instances'])
        if there.get('MR') != self.sent[study]:
            return f'{there.get("MR", 0)} of {self.sent[study]} images are there'
        return '' if there.get('SR') == 1 and there.get('SEG') == 1 else f'its report: {there}'

    # ---- The night

    def run(self, workers):
        waves = [range(n, min(n + AT_ONCE, self.count)) for n in range(0, self.count, AT_ONCE)]
        restart_at, kill_after, killed = len(waves) // 2, self.count // 2, False
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for number, wave in enumerate(waves):
                wait_until('there is room', lambda: self.room(len(wave)), 300 + 60 * ROOM)
                under_way = [pool.submit(self.send, n) for n in wave]
                if number == restart_at:
                    self.restart_orthanc()
                for sending in under_way:
                    sending.result()
                progress(f'{len(self.sent)} of {self.count} sent, {len(self.counted)} have been counted')
                if len(self.sent) >= kill_after and not killed:
                    self.kill_a_worker(workers[0])
                    killed = True
        wait_until('all have a report', lambda: self.count_finished() or len(self.counted) == self.count, 300 + 60 * min(self.count, ROOM + AT_ONCE))

    def room(self, wanted):
        self.count_finished()
        return len(self.sent) - len(self.counted) + wanted <= ROOM

    def restart_orthanc(self):
        before = self.hospital.get('/statistics')['CountInstances']
        wait_until('the scanners are sending', lambda: self.hospital.get('/statistics')['CountInstances'] > before + AT_ONCE, 120)
        progress('Orthanc is restarted')
        self.hospital.stop('orthanc', seconds=60)
        self.hospital.start_orthanc()

    def kill_a_worker(self, worker):
        def analysing():
            return any(job['state'] == 'leased' and job['worker'] == worker and job.get('stage') for job in self.hospital.get('/osteon/jobs?limit=1000')['jobs'])
        wait_until('it is analysing', analysing, 300)
        progress(f'{worker} is killed, and started again as systemd would')
        self.hospital.kill(worker)
        start_worker(self.hospital, worker)


def start_worker(hospital, name):
    hospital.start_worker(name, slots=1, threads=hospital.threads)


def ledger(path):
    """Milliseconds from complete to report and from the last hand-out to report, reports of each job, and failures."""
    with sqlite3.connect(f'file:{path}?mode=ro', uri=True) as rows:
        def of(event, which):
            return dict(rows.execute(f'SELECT job, {which}(at_ms) FROM history WHERE event = ? GROUP BY job', (event,)))
        ready, leased, verified = of('gate_opened', 'MIN'), of('lease', 'MAX'), of('verified', 'MAX')
        reports = dict(rows.execute("SELECT job, COUNT(*) FROM history WHERE event = 'verified' GROUP BY job"))
        failed = rows.execute("SELECT COUNT(*) FROM history WHERE event IN ('failed_for_now', 'failed_for_good')").fetchone()[0]
        jobs = rows.execute('SELECT COUNT(*) FROM jobs').fetchone()[0]
    return {'jobs': jobs, 'reports': reports, 'failed': failed, 'waited_s': [(verified[j] - ready[j]) / 1000 for j in verified],
            'analysed_s': [(verified[j] - leased[j]) / 1000 for j in verified]}


def one_night(count, number_of_workers, originals):
    """One column of the table: its cells, and whether nothing was lost."""
    names = [f'w{n + 1}' for n in range(number_of_workers)]
    with Hospital(StableQuietSeconds=2, LeaseSeconds=30, RetryBaseSeconds=1, ReconcileSeconds=60) as hospital:
        hospital.threads = max(1, os.cpu_count() // number_of_workers)
        hospital.start_orthanc()
        for name in names:
            start_worker(hospital, name)
        samples = Samples(hospital, names)
        samples.start()
        night, start = Night(hospital, count, originals), time.monotonic()
        night.run(names)
        seconds = time.monotonic() - start
        samples.ended.set()
        samples.join()
        path = hospital.path('orthanc', 'osteon-ledger.sqlite')
        told, size_kib = ledger(path), sum(os.path.getsize(path + end) for end in ('', '-wal') if os.path.exists(path + end)) / 1024
        return cells(night, told, samples.seen, seconds, size_kib), troubles(night, told)


def troubles(night, told):
    wrong = [f'{study}: {what}' for study, what in night.counted.items() if what]
    wrong += [f'acknowledged, and not there after the restart: {path}' for path in night.lost]
    wrong += [f'job {job}: {reports} reports' for job, reports in told['reports'].items() if reports != 1]
    if len(told['reports']) != night.count or told['jobs'] != night.count:
        wrong.append(f'{told["jobs"]} jobs and {len(told["reports"])} with a report, of {night.count} studies')
    return wrong


def cells(night, told, seen, seconds, ledger_kib):
    def spread(values, unit, digits=1):
        return f'{statistics.median(values):.{digits}f} / {percentile(values, 0.95):.{digits}f} / {max(values):.{digits}f} {unit}' if values else 'not seen'

    def growth(values):
        return f'{max(values):.0f} MiB; {values[len(values) // 4]:.0f} after a quarter, {values[-1]:.0f} at the end' if values else 'not seen'

    def most(values):
        return f'{max(values):.0f} MiB' if values else 'not seen'
    return {
        'studies sent, with one report that was read back': f'{len(night.sent)}, {sum(n == 1 for n in told["reports"].values())}',
        'images acknowledged by Orthanc, of them missing': f'{night.images}, {len(night.lost)}',
        'associations that broke at the restart and were sent again': str(night.broken),
        'studies that were judged without their end, and again when it came': str(len(night.cut_off)),
        'attempts that failed (Orthanc restarted, worker killed)': str(told['failed']),
        'whole time, studies an hour': f'{seconds / 60:.1f} min, {3600 * night.count / seconds:.0f}',
        f'C-STORE of a study, {AT_ONCE} at once, median / 95 % / most': spread(night.send_s, 's'),
        'complete until report, median / 95 % / most': spread(told['waited_s'], 's'),
        'handed out until report, median / 95 % / most': spread(told['analysed_s'], 's'),
        'GET /osteon/status, median / 95 % / most': spread(seen['status_ms'], 'ms'),
        'memory of Orthanc': growth(seen['orthanc']),
        'memory of osteond': growth(seen['osteond']),
        'memory of an analysis, most': most(seen['analysis']),
        "disk: Orthanc's storage, most": most(seen['storage']),
        "disk: a worker's spool, most": most(seen['spool']),
        'disk: ledger and its write-ahead log at the end': f'{ledger_kib:.0f} KiB',
    }


def table(columns, count, bases):
    here = machine.describe(lab.SOURCE, '')
    lines = [f'# A night of {count} studies', '',
             f'Written by `tests/load.sh`: {count} studies of {" and ".join(f"{studies.megabytes(b):.0f} MB" for b in bases)} in turn, sent by {AT_ONCE} C-STORE associations at once, at most '
             f'{ROOM} without a report; in the middle Orthanc is restarted while they send, and later the first worker is killed while it analyses. Images that were counted are deleted. '
             f'{here["processor"]["model"]}, {here["processor"]["cores"]} cores, which scanners, Orthanc and workers share; Debian {here["debian"]}; commit {here["commit"]}.', '',
             '| | ' + ' | '.join(columns) + ' |', '|---|' + '---|' * len(columns)]
    lines += [f'| {what} | ' + ' | '.join(told[what] for told in columns.values()) + ' |' for what in next(iter(columns.values()))]
    return '\n'.join(lines) + '\n'


def main():
    parser = argparse.ArgumentParser(description='A night of studies of real size, on one worker and on two.', prog='tests/load.sh')
    parser.add_argument('--studies', type=int, default=200, metavar='N', help='of each night (200: about an hour for both on two cores)')
    parser.add_argument('--workers', default='1,2', metavar='LIST', help='how many, night by night (1,2)')
    parser.add_argument('--small', action='store_true', help='studies of 3 MB: only that all works')
    parser.add_argument('--out', default=os.path.join(lab.SOURCE, 'build', 'load-results'), metavar='FOLDER', help='for LOAD.md (build/load-results)')
    options = parser.parse_args()
    bench = types.SimpleNamespace(kept=os.path.join(lab.BUILD, 'bench-data'), say=progress, size='usual')
    bases = [studies.coarse(bench)] if options.small else [studies.all_contrasts(bench), studies.child_stir(bench)]
    os.makedirs(options.out, exist_ok=True)
    tempfile.tempdir = '/var/tmp'  # /tmp may be memory.
    originals = [Original(base) for base in bases]
    columns, wrong = {}, []
    for workers in map(int, options.workers.split(',')):
        progress(f'{options.studies} studies on {workers} worker{"" if workers == 1 else "s"}')
        name = f'{workers} worker{"" if workers == 1 else "s"} of {max(1, os.cpu_count() // workers)} threads'
        columns[name], troubled = one_night(options.studies, workers, originals)
        wrong += [f'{name}: {what}' for what in troubled]
        text = table(columns, options.studies, bases) + ''.join(f'\n* WRONG: {what}' for what in wrong) + ('\n' if wrong else '')
        with open(os.path.join(options.out, 'LOAD.md'), 'w') as f:
            f.write(text)
    print(text)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
