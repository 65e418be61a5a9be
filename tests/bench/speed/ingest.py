# SPDX-License-Identifier: GPL-3.0-or-later
"""C-STORE into Orthanc with the plugin and without; and how long the plugin's change callback holds Orthanc's thread (timed_plugin.cc)."""
import os

import lab
import studies
from hospital import Hospital
from measure import Row, Side, compare, median, percentile, ratios, samples_of, timed


def send(hospital, folder, count):
    def run():
        seconds = timed(['storescu', '+sd', '+r', '+sp', '*.dcm', '-aec', 'OSTEONTEST', '127.0.0.1', hospital.dicom, folder])['seconds']
        for study in hospital.studies().values():
            hospital.request('DELETE', f'/studies/{study}')
        return {'per_s': count / seconds, 'seconds': seconds}
    return run


def measure(bench):
    timed_plugin = bench.program('libtimed_plugin.so')
    folder = studies.large(bench, *bench.pick((2, 4, 64), (10, 50, 256), (20, 50, 512)))
    count = len(studies.files_of(folder))
    row = Row('ingest', f'C-STORE of {count} instances, {studies.megabytes(folder):.0f} MB, over one association')
    with Hospital(plugin=lab.PLUGIN, StableQuietSeconds=600) as osteon, Hospital(plugin='') as bare:
        osteon.start_orthanc()
        bare.start_orthanc()
        sides = [Side('Orthanc with Osteon', '`storescu` to Orthanc with the plugin; studies are deleted after each round', send(osteon, folder, count)),
                 Side('Orthanc alone', 'the same to Orthanc without plugins', send(bare, folder, count))]
        case = compare(row, 'storing', sides, bench.rounds(3), metric='per_s', unit='instances/s', higher_is_better=True, warm=True, say=bench.say)
    row.goal('speed with the plugin, times that without', median(ratios(case, 'Orthanc alone')), at_least=0.97)
    row.notes.append('both Orthancs run all the time and share the machine; only one is sent to')
    rate = median(samples_of(case, 'Orthanc with Osteon'))
    row.arithmetic.append(f'{1000 / rate:.1f} ms an instance, {studies.megabytes(folder) / count * rate:.2f} MB/s'
                          + (f'; one append with fdatasync takes {bench.limits["fsync_ms"]:.2f} ms, so the disk is not what it waits for' if bench.limits.get('fsync_ms') else ''))
    took_us = callback_times(bench, timed_plugin, folder, count)
    every = max(1, len(took_us) // 200)
    row.cases.append({'case': 'the change callback', 'metric': 'us', 'unit': 'us', 'higher_is_better': False, 'sides': [
        {'side': f'callback, {len(took_us)} calls', 'how': '`timed_plugin`: wall time within the plugin, in Orthanc while it is sent to',
         'samples': [{'us': t} for t in sorted(took_us)[::every]]}]})
    row.goal('change callback, 99th percentile', percentile(took_us, 0.99), at_most=50, unit='us')
    row.notes.append(f'the longest callback took {max(took_us):.0f} us; one in {every} of the sorted times is kept in results.json')
    return row


def callback_times(bench, timed_plugin, folder, count):
    out = bench.path('callback-times')
    os.environ.update({'OSTEON_TIMED_PLUGIN': lab.PLUGIN, 'OSTEON_TIMED_OUT': out})
    with Hospital(plugin=timed_plugin, StableQuietSeconds=1) as hospital:
        hospital.start_orthanc()
        bench.say('the change callback')
        for _ in range(bench.pick(1, 2, 10)):
            send(hospital, folder, count)()
        hospital.stop('orthanc')
    with open(out) as f:
        return [int(line) / 1000 for line in f]
