#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two real Orthancs share a PostgreSQL with index and ledger, and a storage folder. One of them dies for good, with its worker,
while it has jobs; the other one does these jobs.
"""
import os
import unittest

import fault_checks
from fault_lab import FaultLab, Study
from lab import wait_until
from postgres import USER, Postgres

INDEX = '/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so'


class Site(FaultLab):
    """One of the Orthancs with a worker of its own; folder and database are shared."""

    def __init__(self, database, storage, name):
        # Each query of a shared index takes longer: seconds on a busy machine.
        super().__init__(keys=None, curve=False, section={'LeaseSeconds': 10, 'MaxAttempts': 50}, worker={'receive_timeout_seconds': 20})
        self.database, self.storage, self.name = database, storage, name

    def orthanc_config(self):
        config = super().orthanc_config()
        del config['Osteon']['LedgerPath']
        config['Osteon']['LedgerConnection'] = self.database.connection()
        config['Plugins'].append(INDEX)
        # With "Lock" only one Orthanc could use the index. Transactions that collide are tried again.
        config['PostgreSQL'] = {
            'EnableIndex': True, 'EnableStorage': False, 'Lock': False, 'MaximumConnectionRetries': 30,
            'ConnectionUri': f'postgresql://{USER}@/postgres?host={self.database.folder}'}
        config.update({'StorageDirectory': self.storage, 'Name': self.name})
        return config

    def rows(self, sql, *arguments):
        return self.database.rows(sql, *arguments)

    def begin(self):
        self.start_orthanc()
        self.add_worker(identity=self.name)


class SharedLedger(unittest.TestCase):
    def test_when_one_orthanc_dies_for_good_the_other_does_its_jobs(self):
        with Postgres() as database, Site(database, None, 'first') as first, Site(database, None, 'second') as second:
            first.storage = second.storage = first.path('storage')
            os.makedirs(first.storage)
            gate = first.path('gate')
            first.begin()
            second.begin()
            held = [Study('held-1', 'wait', gate), Study('held-2', 'wait', gate)]
            waiting = [Study(f'waiting-{n}', 'result', 2000) for n in range(4)]
            self.send(held, first, second)
            leased = wait_until('each worker has a job', lambda: self.leased_by_each(database), 60)
            self.send(waiting, first, second)
            late = Study('late', 'result', 2000)
            self.send([late], first)  # Its Orthanc dies before it checks this study.
            first.kill('orthanc')
            first.end_worker()
            with open(gate, 'w'):
                pass
            studies = [*held, *waiting, late]
            wait_until('every study is done', lambda: not fault_checks.pending(second, studies), 400)
            for study in studies:
                study.allowed = {}
            self.assertEqual(fault_checks.check(second, studies).lines(), [])
            for job in database.rows('SELECT * FROM jobs'):
                done = database.rows("SELECT * FROM history WHERE job = ? AND event = 'verified'", job['id'])
                self.assertEqual(len(done), 1, job)
            lost = database.rows('SELECT * FROM jobs WHERE id = ?', leased['first'])[0]
            self.assertEqual(lost['worker'], 'second')
            self.assertGreaterEqual(lost['attempt'], 2, 'it was taken over')

    def send(self, studies, *sites):
        """Sends the studies to the sites in turn; an instance that fails by a collision in the index is sent again, as a scanner would."""
        for n, study in enumerate(studies):
            wait_until(f'{study.seed} is in Orthanc', lambda s=study, n=n: sites[n % len(sites)].store(s), 30)

    def leased_by_each(self, database):
        leased = {job['worker']: job['id'] for job in database.rows("SELECT * FROM jobs WHERE state = 'leased'")}
        return leased if len(leased) == 2 else None


if __name__ == '__main__':
    unittest.main(verbosity=2)
