#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin is upgraded over a ledger of an earlier schema, while a worker has a study and another one waits: both get their one report,
and a study that has one keeps it. The earlier ledgers: tests/orthanc-plugin/ledger/old.
"""
import contextlib
import os
import sqlite3
import unittest

from copied_study import copy_of
from field_study import COARSE
from lab import Lab, OSTEON, SOURCE, phantom, run, wait_until

OLD = os.path.join(SOURCE, 'tests', 'orthanc-plugin', 'ledger', 'old')


def put_back(path, schema):
    """Writes the ledger anew in the tables of an earlier schema, without what these have no column for."""
    with open(os.path.join(OLD, f'sqlite-{schema}.sql')) as f:
        tables = ''.join(line for line in f if not line.startswith('INSERT INTO'))
    old = sqlite3.connect(path + '.old')
    old.executescript(tables)
    old.execute('ATTACH ? AS new', (path,))
    old.execute('PRAGMA new.journal_mode = DELETE')  # Its write-ahead log would outlive it.
    for table, in old.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall():
        columns = ', '.join(row[1] for row in old.execute(f'PRAGMA main.table_info({table})'))
        old.execute(f'INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}')
    old.commit()
    old.close()
    os.replace(path + '.old', path)


def version_of(path):
    with contextlib.closing(sqlite3.connect(f'file:{path}?mode=ro', uri=True)) as ledger:
        return ledger.execute('PRAGMA user_version').fetchone()[0]


def cut_short(d):
    d.PixelData = d.PixelData[:-2]


class Upgrade(unittest.TestCase):
    def test_from_the_first_schema(self):
        self.upgrade(1)

    def test_from_the_one_before(self):
        self.upgrade(max(int(name[7:-4]) for name in os.listdir(OLD) if name.startswith('sqlite-')))

    def upgrade(self, schema):
        lab = Lab()
        self.addCleanup(lab.__exit__, None, None, None)
        self.lab, ledger = lab, lab.path('orthanc', 'osteon-ledger.sqlite')
        phantom(lab.path('phantom'), '--seed', '5', '--lesions', '3', *COARSE)
        lab.start_orthanc()
        lab.start_worker()
        done, stuck = self.send('done'), self.send('stuck', cut_short)
        lab.wait_for_state(done, 'done')
        lab.wait_for_state(stuck, 'stuck')
        under_way = self.send('under-way')
        wait_until('the analysis has begun', lambda: (lab.job_of(under_way) or {}).get('stage'), 60)
        waits = self.send('waits')
        lab.kill('orthanc')
        present = version_of(ledger)
        put_back(ledger, schema)
        self.assertEqual(version_of(ledger), schema)
        lab.start_orthanc()
        self.assertEqual(version_of(ledger), present)
        self.assertEqual(lab.wait_for_state(under_way, 'done')['attempt'], 1, 'its worker goes on with it')
        self.assertEqual(lab.wait_for_state(waits, 'done')['attempt'], 1)
        run(OSTEON, 'retry', lab.job_of(stuck)['id'], '--url', f'http://127.0.0.1:{lab.http}')
        wait_until('it was tried again', lambda: lab.job_of(stuck)['state'] == 'stuck' and lab.job_of(stuck)['attempt'] == 2, 120)
        for study, reports in ((done, 1), (under_way, 1), (waits, 1), (stuck, 0)):
            self.assertEqual(len(lab.instances_of(study, 'SR')), reports)
        self.assertEqual(len(lab.jobs()), 4)

    def send(self, name, change=None):
        study = copy_of(self.lab.path('phantom'), name, self.lab.path(name), change)
        self.lab.send(self.lab.path(name))
        return study


if __name__ == '__main__':
    unittest.main(verbosity=2)
