#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator does with the ledger of a real Orthanc: moves it from SQLite to PostgreSQL by osteon-move-ledger, backs that up
and restores it, and starts a version that is too old for it. tests/deploy/packages_inside.sh has the same for SQLite.
"""
import os
import subprocess
import unittest

import mini
from lab import BUILD, HOST, Lab, TIME_SCALE, run, wait_until
from postgres import Postgres, USER, program

MOVE = os.path.join(BUILD, 'bin', 'osteon-move-ledger')


class Site(Lab):
    def told(self):
        """The jobs as the plugin's routes show them."""
        return [self.get(f'/osteon/jobs/{job["id"]}') for job in self.jobs()]

    def refuses_to_start(self):
        """The output of an Orthanc that ends at its start."""
        done = subprocess.run(['Orthanc', self.path('orthanc.json')], capture_output=True, text=True, cwd=self.folder,
                              env={**os.environ, **HOST}, timeout=120 * TIME_SCALE)
        self.last_code = done.returncode
        return done.stdout + done.stderr


class Ledger(unittest.TestCase):
    def test_moves_to_postgresql_is_restored_there_and_refuses_an_older_version(self):
        with Postgres() as database, Site() as site:
            site.start_orthanc()
            studies = [mini.image_series(site.path('send', name), name) for name in ('first', 'second')]
            site.send(site.path('send'))
            for study in studies:
                wait_until('each is judged', lambda s=study: (site.job_of(s) or {}).get('state') == 'skipped', 60)
            before = site.told()
            ledger = site.path('orthanc', 'osteon-ledger.sqlite')

            refused = run(MOVE, ledger, database.connection(), ok=(1,))
            self.assertIn('stop Orthanc first', refused.stderr)
            self.assertEqual(site.stop('orthanc'), 0)
            self.assertRegex(run(MOVE, ledger, database.connection()).stdout, r'jobs +2 rows')
            self.assertIn('has jobs already', run(MOVE, ledger, database.connection(), ok=(1,)).stderr)

            site.section = {'LedgerConnection': database.connection()}
            site.start_orthanc()
            self.assertEqual(site.told(), before)
            third = mini.image_series(site.path('next', 'third'), 'third')
            site.send(site.path('next'))
            wait_until('a new one is judged', lambda: (site.job_of(third) or {}).get('state') == 'skipped', 60)
            after = site.told()
            self.assertEqual(after[:2], before)

            dump = site.path('orthanc.dump')
            where = ['-h', database.folder, '-U', USER]
            run(program('pg_dump'), *where, '--format=custom', f'--file={dump}', 'postgres')  # While Orthanc runs.
            site.stop('orthanc')
            run(program('psql'), *where, '-c', 'DROP SCHEMA osteon_ledger CASCADE', 'postgres')
            run(program('pg_restore'), *where, '--clean', '--if-exists', '--dbname=postgres', dump)
            site.start_orthanc()
            self.assertEqual(site.told(), after)
            site.stop('orthanc')

            run(program('psql'), *where, '-c', "UPDATE osteon_ledger.meta SET value = '99' WHERE key = 'schema'", 'postgres')
            said = site.refuses_to_start()
            self.assertNotEqual(site.last_code, 0)
            self.assertIn('the ledger was written by a newer Osteon (schema 99, this program knows', said)


if __name__ == '__main__':
    unittest.main(verbosity=2)
