# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue of studies through Orthanc, plugin and osteond, with one and with two slots; and whether memory grows."""
import os
import shutil

import studies
from copied_study import copy_of
from hospital import Hospital, seconds_until
from measure import Row, Side, compare, median, memory_mib, ratios, samples_of


def thin(bench):
    """The middle third of the slices of a small study, for more studies in the time; lesions are found and reported in it as in a whole one."""
    folder = bench.path('thin')
    if not os.path.isdir(folder):
        os.makedirs(folder)
        files = studies.files_of(studies.coarse(bench))
        for path in files[len(files) // 3:2 * len(files) // 3] if bench.size != 'smoke' else files:
            shutil.copy(path, folder)
    return folder


def read_and_remove(folder):
    files = []
    for path in studies.files_of(folder):
        with open(path, 'rb') as f:
            files.append(f.read())
    shutil.rmtree(folder)
    return files


def night(bench, count, slots, threads):
    def run():
        with Hospital(StableQuietSeconds=1, ReconcileSeconds=3600) as hospital:
            hospital.start_orthanc()
            hospital.request('POST', '/osteon/pause', {'Reason': 'benchmark'})
            waiting = []
            for n in range(count):
                out = bench.path('night')
                waiting.append(copy_of(thin(bench), f'BENCH-night{n}', out))
                hospital.store(read_and_remove(out))
            for uid in waiting:
                hospital.wait_ready(uid)
            hospital.start_worker(slots=slots, threads=threads)
            hospital.request('POST', '/osteon/resume', {'Reason': 'benchmark'})
            seen = {}

            def done():
                ended = [j for j in hospital.get('/osteon/jobs?limit=1000')['jobs'] if j['state'] in ('done', 'not_evaluable', 'stuck', 'skipped')]
                if len(ended) not in seen:
                    seen[len(ended)] = {name: memory_mib(hospital.pid(name), 'VmRSS') for name in ('orthanc', 'worker')}
                return len(ended) == count
            seconds = seconds_until(done, seconds=300 + 60 * count, every=0.05)
            stuck = [j for j in hospital.get('/osteon/jobs?limit=1000')['jobs'] if j['state'] in ('stuck', 'skipped')]
            if stuck:
                raise RuntimeError(f'{len(stuck)} studies are {stuck[0]["state"]}: {stuck[0]["reason"]}')
            early = seen[min(n for n in seen if n >= min(count // 4, max(seen)))]
            return {'per_hour': 3600 * count / seconds, 'seconds': seconds,
                    **{f'{name}_mib_growth': seen[count][name] - early[name] for name in early}, **{f'{name}_mib': seen[count][name] for name in early}}
    return run


def measure(bench):
    count = bench.pick(1, 100, 100)
    row = Row('night', f'{count} small STIR studies (3 mm pixels, the middle third of the slices) queued in Orthanc, until all reports are stored and read back')
    sides = [Side('2 slots', 'osteond with slots = 2, threads = 1', night(bench, count, 2, 1)),
             Side('1 slot', 'osteond with slots = 1, threads = 1', night(bench, count, 1, 1))]
    if bench.size != 'smoke':
        few = count // 5
        sides.append(Side('1 slot, 2 threads', f'osteond with slots = 1, threads = 2; {few} of the studies', night(bench, few, 1, 2)))
    case = compare(row, 'studies an hour', sides, 1, metric='per_hour', unit='studies/h', higher_is_better=True, say=bench.say)
    row.goal('2 slots, times 1 slot of as many threads', median(ratios(case, '1 slot')), at_least=1.7)
    growth = max(samples_of(case, side, f'{name}_mib_growth')[0] for side in ('1 slot', '2 slots') for name in ('orthanc', 'worker'))
    if count >= 100:
        row.goal('growth of memory of Orthanc and osteond from the first quarter of the night to its end', growth, at_most=16, unit='MiB')
    one, two = (median(samples_of(case, side)) for side in ('1 slot', '2 slots'))
    row.arithmetic.append(f'two cores allow twice what one slot of one thread reaches, {2 * one:,.0f} studies an hour: {100 * two / (2 * one):.0f} % of that is reached')
    row.notes.append('memory at the end and growth from the first quarter, MiB: ' + '; '.join(
        f'{side}: ' + ', '.join(f'{name} {samples_of(case, side, name + "_mib")[0]:.0f} ({samples_of(case, side, name + "_mib_growth")[0]:+.0f})' for name in ('orthanc', 'worker'))
        for side in ('1 slot', '2 slots')))
    return row
