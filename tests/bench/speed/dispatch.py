# SPDX-License-Identifier: GPL-3.0-or-later
"""No-op jobs through the real ledger and dispatcher with simulated workers (dispatch_speed.cc), beside a plain queue in SQLite."""
import json
import os
import shutil
import sqlite3
import tempfile
import time

import postgres
from measure import Row, Side, compare, median, ratios, samples_of, timed

QUIET = 'UPDATE studies SET due_ms = NULL'
# Rows of history as a ledger of years has: six for each of the jobs, which are done.
JOB_COLUMNS = 'study_id, study_uid, state, priority, created_ms, updated_ms, actor, reason, fingerprint'
FILL = (
    f"INSERT INTO jobs ({JOB_COLUMNS}) SELECT 'old-' || n, '2.25.9' || n, 'done', 1, n, n, 'dispatch', 'stored in Orthanc and read back', "
    "'old-' || n FROM ({series}) AS s",
    "INSERT INTO history (job, at_ms, actor, event, from_state, to_state, attempt, reason) SELECT jobs.id, jobs.created_ms, 'dispatch', 'verified', 'storing', 'done', 1, "
    "'stored in Orthanc and read back' FROM jobs, ({six}) AS k WHERE jobs.study_id LIKE 'old-%'")
SQLITE = {'series': 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {jobs}) SELECT n FROM c',
          'six': 'SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6'}
POSTGRES = {'series': 'SELECT n FROM generate_series(1, {jobs}) AS n', 'six': 'SELECT generate_series(1, 6) AS x'}


class SqliteLedger:
    def __init__(self, folder):
        self.path = os.path.join(folder, 'ledger.sqlite')

    def connection(self):
        return self.path

    def run(self, *statements):
        with sqlite3.connect(self.path) as database:
            for sql in statements:
                database.execute(sql)
        database.close()

    def fill(self, history):
        self.run(*(sql.format(series=SQLITE['series'].format(jobs=history // 6), six=SQLITE['six']) for sql in FILL))


class DurablePostgres(postgres.Postgres):
    """As in a hospital: with fsync, which the tests' server does without."""
    fsync = 'on'

    def run(self, *statements):
        for sql in statements:
            timed([postgres.program('psql'), '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', self.connection(), '-c', 'SET search_path TO osteon_ledger', '-c', sql])

    def fill(self, history):
        self.run(*(sql.format(series=POSTGRES['series'].format(jobs=history // 6), six=POSTGRES['six']) for sql in FILL), 'ANALYZE')


class Bench:
    """A ledger under measurement: each piece of work gets jobs of its own."""

    def __init__(self, program, ledger):
        self.program, self.ledger, self.first = program, ledger, 1

    def drive(self, what, jobs, *more):
        timed([self.program, 'open', self.ledger.connection(), jobs, self.first])
        self.ledger.run(QUIET)
        done = timed([self.program, what, self.ledger.connection(), jobs, self.first, *more])
        self.first += jobs
        return json.loads(done['text'])


def plain_queue(folder, jobs):
    """The loop that one would write: a table, a row leased and a row done, each in a transaction that is on the disk when it ends."""
    path = os.path.join(folder, 'plain.sqlite')

    def run():
        for name in os.listdir(folder):
            if name.startswith('plain.sqlite'):
                os.remove(os.path.join(folder, name))
        database = sqlite3.connect(path, isolation_level=None)
        database.execute('PRAGMA journal_mode = WAL')
        database.execute('PRAGMA synchronous = FULL')
        database.execute('CREATE TABLE jobs (id INTEGER PRIMARY KEY, state TEXT)')
        database.execute('CREATE INDEX by_state ON jobs (state)')
        start = time.perf_counter()
        for n in range(jobs):
            database.execute("INSERT INTO jobs (state) VALUES ('ready')")
            database.execute('BEGIN IMMEDIATE')
            (job,) = database.execute("SELECT id FROM jobs WHERE state = 'ready' ORDER BY id LIMIT 1").fetchone()
            database.execute("UPDATE jobs SET state = 'leased' WHERE id = ?", (job,))
            database.execute('COMMIT')
            database.execute("UPDATE jobs SET state = 'done' WHERE id = ?", (job,))
        seconds = time.perf_counter() - start
        database.close()
        return {'jobs_per_s': jobs / seconds}
    return run


def measure_ledger(bench, row, benches, in_memory):
    """`in_memory`: a ledger where a sync costs nothing, or None: what our code takes without the disk."""
    jobs = bench.pick(20, 1000, 5000)
    sides = [Side(f'osteon, {name}', '`dispatch_speed ledger`: ready, leased, storing, done; 4 transactions and 4 rows of history a job, one caller',
                  lambda b=b: b.drive('ledger', jobs)) for name, b in benches.items()]
    sides.append(Side('plain queue, SQLite', f'Python loop: insert, lease, done; 3 transactions a job, no history; as durable (WAL, synchronous FULL); {jobs} jobs',
                      plain_queue(bench.folder, jobs)))
    if in_memory:
        sides.append(Side('osteon, SQLite, no disk', 'the first one with its file in /dev/shm, where a sync costs nothing', lambda: in_memory.drive('ledger', jobs)))
    case = compare(row, 'the ledger by itself', sides, bench.rounds(3), metric='jobs_per_s', unit='jobs/s', higher_is_better=True, say=bench.say)
    rate = median(samples_of(case, 'osteon, SQLite'))
    row.goal('ledger (SQLite), jobs', rate, at_least=1000, unit='jobs/s')
    own_ms = 0
    if in_memory:
        without = median(samples_of(case, 'osteon, SQLite, no disk'))
        own_ms = 1000 / without
        row.goal('ledger (SQLite) where a sync costs nothing, jobs', without, at_least=1000, unit='jobs/s')
    if bench.limits.get('fsync_ms'):
        most = 1000 / (4 * bench.limits['fsync_ms'])
        row.arithmetic.append(f'each transaction is one fdatasync, of {bench.limits["fsync_ms"]:.2f} ms here: four of them a job allow {most:.0f} jobs/s by one caller, '
                              f'of which SQLite reaches {100 * rate / most:.0f} %'
                              + (f'; our own part is {own_ms:.2f} ms a job, so 1,000 jobs/s need a disk of {(1 - own_ms) / 4:.2f} ms a sync' if 0 < own_ms < 1 else ''))


def measure_history(bench, row, folder, program):
    """The same work on an empty ledger and on one of a million rows."""
    history, jobs = bench.pick(600, 1_000_000, 1_000_000), bench.pick(20, 300, 1000)
    os.makedirs(folder)
    ledgers = {}
    for name, rows in (('a full ledger', history), ('an empty ledger', 0)):
        ledger = SqliteLedger(os.path.join(folder, name.split()[1]))
        os.makedirs(os.path.dirname(ledger.path))
        ledgers[name] = Bench(program, ledger)
        timed([program, 'open', ledger.path, 1, 0])
        ledger.run(QUIET, "UPDATE jobs SET state = 'skipped'")
        if rows:
            bench.say(f'fills a ledger with {rows} rows of history')
            ledger.fill(rows)
    sides = [Side(name, f'`dispatch_speed ledger`, {jobs} jobs, SQLite' + (f', {history:,} rows of history' if 'full' in name else ''),
                  lambda b=b: b.drive('ledger', jobs)) for name, b in ledgers.items()]
    case = compare(row, f'the ledger as its history grows to {history:,} rows', sides, bench.rounds(3), metric='jobs_per_s', unit='jobs/s', higher_is_better=True, say=bench.say)
    row.goal(f'ledger with {history:,} rows of history, times as fast as empty', median(ratios(case, 'an empty ledger')), at_least=0.9)
    shutil.rmtree(folder)


def measure_waiting(bench, row, benches):
    workers = 64
    jobs = bench.pick(40, 10_000, 10_000)
    sides = [Side(f'osteon, {name}', f'`dispatch_speed dispatch`: {jobs} no-op jobs that are made ready as fast as the ledger takes them, {workers} simulated workers on loopback',
                  lambda b=b: b.drive('dispatch', jobs, workers, 0, 0, 1)) for name, b in benches.items()]
    drained = compare(row, f'{jobs:,} no-op jobs, {workers} workers, all at once', sides, bench.rounds(2), metric='jobs_per_s', unit='jobs/s', higher_is_better=True, say=bench.say)
    for name, b in benches.items():
        # At a quarter of what this ledger takes, nobody waits for anything but the dispatcher itself; beyond it a queue would grow, whatever the dispatcher does.
        side = f'osteon, {name}'
        rate = max(2, median(samples_of(drained, side)) / 4)
        few = max(20, min(bench.pick(20, 10_000, 10_000), int(rate * bench.pick(3, 20, 60))))
        case = compare(row, f'waiting of a ready job, {name}, {rate:.0f} jobs a second', [Side(
            side, f'`dispatch_speed dispatch`: {few} jobs, {rate:.0f} a second, a quarter of what was reached all at once, {workers} simulated workers; from the commit that made '
            'it ready to the JOB message at the worker', lambda b=b, few=few, rate=rate: b.drive('dispatch', few, workers, round(rate, 2), 0, 1))],
            bench.rounds(2), metric='wait_p99_ms', unit='ms (99th percentile)', say=bench.say)
        row.goal(f'p99 from ready to the JOB at the worker, {name}', median(samples_of(case, side)), at_most=50, unit='ms')
        row.notes.append(f'median waiting, {name}: {median(samples_of(case, side, "wait_median_ms")):.1f} ms')


def measure_fleet(bench, row, program, sqlite, server):
    """Does the model of deploy/README.md hold: studies an hour = the least of workers / time and what the ledger allows."""
    work_ms = 5000
    for workers in bench.pick((), (256,), (16, 64, 256)):
        jobs = workers * 6
        for what, b, dispatchers in (('SQLite, one Orthanc', sqlite, 1), ('PostgreSQL, two Orthancs', server, 2)):
            if b is None:
                continue
            bench.say(f'{workers} workers of {work_ms} ms, {what}')
            got = b.drive('dispatch', jobs, workers, 0, work_ms, dispatchers)
            ideal = workers / (work_ms / 1000)
            row.notes.append(f'model: {workers} simulated workers that take {work_ms / 1000:.0f} s a study, {what}: {3600 * got["jobs_per_s"]:,.0f} studies an hour, '
                             f'{100 * got["jobs_per_s"] / ideal:.0f} % of workers / time, p99 of waiting {got["wait_p99_ms"]:.0f} ms')
            bench.say(row.notes[-1])


def measure(bench):
    program = bench.program('dispatch_speed')
    row = Row('dispatch', 'No-op jobs through the real ledger and dispatcher, on a disk with fsync; neither Orthanc nor analyses')
    benches = {'SQLite': Bench(program, SqliteLedger(bench.folder))}
    memory = tempfile.mkdtemp(prefix='osteon-bench-', dir='/dev/shm') if os.path.isdir('/dev/shm') else None
    try:
        postgres.program('postgres')
        server = DurablePostgres()
    except AssertionError:
        row.missing('osteon, PostgreSQL', 'install postgresql')
        server = None
    if server:
        server.__enter__()
        benches['PostgreSQL'] = Bench(program, server)
    try:
        measure_ledger(bench, row, benches, memory and Bench(program, SqliteLedger(memory)))
        measure_waiting(bench, row, benches)
        measure_history(bench, row, bench.path('history'), program)
        measure_fleet(bench, row, program, benches['SQLite'], benches.get('PostgreSQL'))
    finally:
        shutil.rmtree(memory or '', ignore_errors=True)
        if server:
            server.__exit__(None, None, None)
    return row
