# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL for one test in a temporary folder, on a Unix socket (and `listen`): the machine's own cluster, if any, is not touched.
It is ended by its process id, and also when the test is killed.
"""
import glob
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile

from lab import run, wait_until

USER = 'osteon'


def program(name):
    found = sorted(glob.glob(f'/usr/lib/postgresql/*/bin/{name}'))
    if not found:
        raise AssertionError('PostgreSQL is not installed (deploy/setup.sh test)')
    return found[-1]


def as_database_user():
    """Prefix of commands that must not run as root, which PostgreSQL refuses."""
    end_with_us = ['setpriv', '--pdeathsig=QUIT']
    return end_with_us if os.getuid() else [*end_with_us, '--reuid=postgres', '--regid=postgres', '--clear-groups']


class Postgres:
    listen = ''  # Addresses beside the socket, at the usual port.
    fsync = 'off'  # Since no data outlives a test.

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix='osteon-pg-')
        if os.getuid() == 0:
            user = pwd.getpwnam('postgres')
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        data = os.path.join(self.folder, 'data')
        run(*as_database_user(), program('initdb'), '--auth=trust', f'--username={USER}', '--encoding=UTF8', '--locale=C.UTF-8',
            '--no-sync', f'--pgdata={data}')
        self.process = subprocess.Popen(
            [*as_database_user(), program('postgres'), '-D', data, '-k', self.folder, '-c', f'listen_addresses={self.listen}',
             '-c', f'fsync={self.fsync}'],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until('PostgreSQL answers', lambda: self.answers(), 60)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def answers(self):
        return subprocess.run([program('pg_isready'), '-q', '-h', self.folder], check=False).returncode == 0

    def connection(self):
        return f'host={self.folder} dbname=postgres user={USER}'

    def rows(self, sql, *arguments):
        """Rows of the ledger as dictionaries. Each ? of the SQL stands for a number or a text."""
        for argument in arguments:
            literal = str(argument) if isinstance(argument, int) else "'" + argument.replace("'", "''") + "'"
            sql = sql.replace('?', literal, 1)
        done = run(program('psql'), '-XAtq', '-d', self.connection(), '-c', 'SET search_path TO osteon_ledger',
                   '-c', f"SELECT coalesce(json_agg(answer), '[]') FROM ({sql}) AS answer")
        return json.loads(done.stdout)
