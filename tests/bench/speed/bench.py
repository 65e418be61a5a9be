#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures Osteon beside what people would use instead, row by row; tests/bench/run.sh builds and calls it.

Each row is a module of this folder with a function measure(bench) -> Row.
"""
import argparse
import datetime
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, '..', '..', 'support'))

import lab  # noqa: E402
import machine  # noqa: E402
from measure import Quiet, Row, progress  # noqa: E402
from table import results_md  # noqa: E402

# In order of worth: when a run is stopped, what was measured until then is kept.
ROWS = ('network', 'whole_study', 'read', 'write', 'dispatch', 'forward', 'ingest', 'imaging', 'start', 'night')
SIZES = ('smoke', 'usual', 'full')


class NotRun(Exception):
    """A row cannot be measured here; the text says what to install or build."""


class Bench:
    """What a row needs to know: how large, where, and with what."""

    def __init__(self, size, rounds, folder, earlier):
        self.size, self.rounds_asked, self.folder, self.earlier = size, rounds, folder, earlier
        self.row = ''
        # Studies that are dear to make stay until they are deleted by hand.
        self.kept = os.path.join(lab.BUILD, 'bench-data')

    def pick(self, smoke, usual, full):
        return {'smoke': smoke, 'usual': usual, 'full': full}[self.size]

    def rounds(self, usual):
        return self.rounds_asked or self.pick(1, usual, 2 * usual)

    def say(self, text):
        progress(f'{self.row}: {text}')

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def program(self, name):
        """A program of our build."""
        path = os.path.join(lab.BUILD, 'bin', name)
        if not os.path.exists(path):
            raise NotRun(f'build {name}: tests/bench/run.sh does')
        return path

    def tool(self, name, package):
        """Somebody else's program."""
        found = shutil.which(name, path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin')
        if not found:
            raise NotRun(f'install {package}')
        return found

    def module(self, name, package):
        try:
            return importlib.import_module(name)
        except ImportError:
            raise NotRun(f'install {package}') from None


def measure_row(bench, name):
    """The row's values; a row that cannot be measured is there, and says why."""
    bench.row = name
    start = time.monotonic()
    row, failed = Row(name, ''), False
    progress(f'{name} ...')
    with Quiet(longest_s=0 if bench.size == 'smoke' else 180, say=bench.say) as quiet:
        try:
            row = importlib.import_module(name).measure(bench)
        except NotRun as missing:
            row.missing('the whole row', str(missing))
        except Exception as error:
            traceback.print_exc()
            row.missing('the whole row', f'it failed: {type(error).__name__}: {str(error)[:500]}')
            failed = True
    waited_s = quiet.before.waited_s + quiet.after.waited_s
    values = {**row.values(), 'quiet': quiet.values(), 'took_s': time.monotonic() - start - waited_s}
    progress(f'{name}: {values["took_s"]:.0f} s' + ''.join(f'; not run: {n["side"]}: {n["why"]}' for n in values['not_run']))
    return values, failed


def measure_again(bench, results, out):
    """Measures once more what the machine was not quiet for, and says so in the row. Returns the rows that failed."""
    failures = []
    for at, old in enumerate(results['rows']):
        if not old['quiet']['not_quiet']:
            continue
        values, failed = measure_row(bench, ROWS[at])
        failures += [ROWS[at]] if failed else []
        values['notes'].append(f'Measured again at the end, on {datetime.date.today().isoformat()} with Osteon at {machine.commit(lab.SOURCE)}, since the machine '
                               f'was not quiet the first time: {"; ".join(old["quiet"]["not_quiet"])}.')
        results['rows'][at] = values
        write(results, out)
    return failures


def write(results, folder):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'results.json'), 'w') as f:
        json.dump(results, f, indent=1)
        f.write('\n')
    with open(os.path.join(folder, 'RESULTS.md'), 'w') as f:
        f.write(results_md(results))


def main():
    parser = argparse.ArgumentParser(description='Measures Osteon beside what people would use instead.', prog='tests/bench/run.sh')
    parser.add_argument('--smoke', action='store_true', help='tiny sizes, once each: only that all works')
    parser.add_argument('--full', action='store_true', help='the largest sizes, twice the rounds; takes hours')
    parser.add_argument('--only', metavar='ROW', help=f'one row, or several with commas: {", ".join(ROWS)}')
    parser.add_argument('--rounds', type=int, metavar='N', help='rounds of every comparison')
    parser.add_argument('--earlier', action='store_true', help='also build commit 53ddff6 and compare whole studies with it')
    parser.add_argument('--out', metavar='FOLDER', help='for RESULTS.md and results.json; tests/bench for a whole run, else build/bench-results')
    parser.add_argument('--again', action='store_true', help='measure only the rows again for which the machine was not quiet in the last whole run')
    parser.add_argument('--table', action='store_true', help='measure nothing; make RESULTS.md again from results.json')
    options = parser.parse_args()
    rows = options.only.split(',') if options.only else list(ROWS)
    if unknown := [name for name in rows if name not in ROWS]:
        parser.error(f'no row {", ".join(unknown)}; there are {", ".join(ROWS)}')
    size = 'smoke' if options.smoke else 'full' if options.full else 'usual'
    whole = not options.only and size != 'smoke'
    out = options.out or (os.path.dirname(HERE) if whole or options.table or options.again else os.path.join(lab.SOURCE, 'build', 'bench-results'))
    if options.table:
        with open(os.path.join(out, 'results.json')) as f:
            return write(json.load(f), out)

    start, failures = time.monotonic(), []
    Quiet.calibrate()
    if options.again:
        with open(os.path.join(out, 'results.json')) as f:
            results = json.load(f)
        with tempfile.TemporaryDirectory(prefix='osteon-bench-', dir='/var/tmp') as folder:
            bench = Bench(results['size'], options.rounds, folder, options.earlier)
            bench.limits = results['machine']['limits']
            failures = measure_again(bench, results, out)
        return f'failed: {", ".join(failures)}' if failures else 0
    results = {'command': ' '.join(['tests/bench/run.sh', *sys.argv[1:]]), 'date': datetime.date.today().isoformat(), 'size': size,
               'machine': machine.describe(lab.SOURCE, os.path.join(lab.BUILD, 'bin', 'machine_limits')), 'rows': []}
    with tempfile.TemporaryDirectory(prefix='osteon-bench-', dir='/var/tmp') as folder:
        bench = Bench(size, options.rounds, folder, options.earlier)
        bench.limits = results['machine']['limits']
        for name in rows:
            values, failed = measure_row(bench, name)
            failures += [name] if failed else []
            results['rows'].append(values)
            results['took_s'] = time.monotonic() - start
            write(results, out)
        if whole:
            failures += measure_again(bench, results, out)
            results['took_s'] = time.monotonic() - start
            write(results, out)
    progress(f'{results["took_s"]:.0f} s in all; {os.path.join(out, "RESULTS.md")}')
    return f'failed: {", ".join(failures)}' if failures else 0


if __name__ == '__main__':
    # Rows import this module for NotRun; without this line they would get a second one.
    sys.modules['bench'] = sys.modules['__main__']
    sys.exit(main())
