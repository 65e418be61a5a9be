# SPDX-License-Identifier: GPL-3.0-or-later
"""One study from files to volumes in memory: our reader, dcm2niix, pydicom. Files are in the page cache for all."""
import os
import shutil
import subprocess
import sys

import studies
from bench import NotRun
from measure import Row, Side, compare, median, memory_of, ratios, samples_of, timed


def osteon(program, study, threads):
    def run():
        done = timed([program, study, threads])
        series, instances, _, headers_ms, pixels_ms = map(float, done['text'].split())
        if instances != len(studies.files_of(study)):
            raise RuntimeError(f'{instances:.0f} of {len(studies.files_of(study))} instances were read')
        return {'seconds': done['seconds'], **memory_of(done), 'headers_s': headers_ms / 1000, 'pixels_s': pixels_ms / 1000,
                'instances': instances, 'series': series}
    return run


def dcm2niix(bench, program, study):
    # In memory, where there is such a folder: our side writes nothing.
    out = os.path.join('/dev/shm' if os.path.isdir('/dev/shm') else bench.folder, f'osteon-bench-nii-{os.getpid()}')

    def run():
        shutil.rmtree(out, ignore_errors=True)
        os.makedirs(out)
        try:
            done = timed([program, '-z', 'n', '-b', 'n', '-f', '%s', '-o', out, study])
            if not any(name.endswith('.nii') for name in os.listdir(out)):
                raise RuntimeError('it wrote no volume: ' + done['text'][-300:])
        finally:
            shutil.rmtree(out, ignore_errors=True)
        return {'seconds': done['seconds'], **memory_of(done)}
    return run


def pydicom(study):
    def run():
        done = timed([sys.executable, '-B', os.path.join(os.path.dirname(os.path.abspath(__file__)), 'read_pydicom.py'), study])
        return {'seconds': float(done['text']), **memory_of(done)}
    return run


def measure(bench):
    program = bench.program('read_study')
    series, slices, size = bench.pick((2, 4, 64), (20, 50, 512), (20, 50, 512))
    study = studies.large(bench, series, slices, size)
    megabytes = studies.megabytes(study)
    row = Row('read', f'One study of {series * slices} instances of {size * size:,} pixels in {series} series, {megabytes:.0f} MB, to volumes')
    sides = [Side('osteon', '`read_study STUDY 2`: ReadStudy, then LoadVolumeOn of each series to floats in memory, two threads as `osteon analyze` has; whole process',
                  osteon(program, study, 2)),
             Side('osteon, 1 thread', '`read_study STUDY 1`: the same', osteon(program, study, 1))]
    try:
        sides.append(Side('dcm2niix', '`dcm2niix -z n -b n`, volumes as they are stored, to a folder in memory; whole process',
                          dcm2niix(bench, bench.tool('dcm2niix', 'dcm2niix'), study)))
    except NotRun as missing:
        row.missing('dcm2niix', str(missing))
    if subprocess.run([sys.executable, '-c', 'import pydicom'], capture_output=True, check=False).returncode:
        row.missing('pydicom', 'install python3-pydicom')
    else:
        sides.append(Side('pydicom', '`read_pydicom.py`: dcmread, sort by position, rescale to float32, stack; without the start of Python', pydicom(study)))
    case = compare(row, 'to volumes in memory', sides, bench.rounds(5), warm=True, say=bench.say)
    row.goal('times dcm2niix', median(ratios(case, 'dcm2niix')), at_least=1)
    row.goal('times pydicom', median(ratios(case, 'pydicom')), at_least=5)
    seconds = median(samples_of(case, 'osteon'))
    row.arithmetic.append(f'{megabytes / seconds:.0f} MB/s; headers {median(samples_of(case, "osteon", "headers_s")):.2f} s, pixels '
                          f'{median(samples_of(case, "osteon", "pixels_s")):.2f} s of {seconds:.2f} s')
    if bench.limits.get('memory_copy_gbps'):
        # Bytes are copied from the page cache and written again as floats, twice as large.
        least = megabytes / 1000 * (1 + 2) / bench.limits['memory_copy_gbps']
        row.arithmetic.append(f'copying the bytes from the page cache and writing them as floats would take {least:.2f} s at the speed of memory: '
                              f'{100 * least / seconds:.0f} % of that is reached')
    return row
