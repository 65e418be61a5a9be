# SPDX-License-Identifier: GPL-3.0-or-later
"""Coil correction and labelling of a composed volume, against ITK and scipy; distances, against nobody."""
import os
import time

from bench import NotRun
from measure import Row, Side, compare, median, memory_of, ratios, samples_of, timed


def program(path, what, size, folder):
    def run():
        done = timed([path, what, *size, folder])
        return {'ms': float(done['text'].split()[0]), **memory_of(done), 'text': done['text'].strip()}
    return run


def with_scipy(bench, size, folder):
    numpy, ndimage = bench.module('numpy', 'python3-numpy'), bench.module('scipy.ndimage', 'python3-scipy')
    blobs = numpy.fromfile(os.path.join(folder, 'blobs.raw'), 'u1').reshape(size[::-1])

    def run():
        start = time.perf_counter()
        _, count = ndimage.label(blobs, numpy.ones((3, 3, 3)))
        return {'ms': 1000 * (time.perf_counter() - start), 'text': str(count)}
    return run


def flatness(bench, size, folder, name):
    """Standard deviation of the logarithm of muscle, the tissue that was 100 before the coils."""
    numpy = bench.module('numpy', 'python3-numpy')
    truth = numpy.fromfile(os.path.join(folder, 'truth.raw'), 'f4')
    made = numpy.fromfile(os.path.join(folder, name), 'f4')
    return float(numpy.log(made[(truth == 100) & (made > 0)]).std())


def measure(bench):
    ours, size, folder = bench.program('imaging_speed'), bench.pick((66, 200, 10), (396, 1200, 50), (396, 1200, 50)), bench.path('volume')
    os.makedirs(folder)
    timed([ours, 'make', *size, folder])
    row = Row('imaging', f'Coil correction (bias field) and labelling of a made-up volume of {" x ".join(map(str, size))} voxels, one thread')
    try:
        itk = bench.program('itk_speed')
    except NotRun:
        itk = None
        row.missing('ITK', 'install libinsighttoolkit5-dev and build again')
    sides = [Side('osteon', '`imaging_speed bias`: CorrectBias, the call alone', program(ours, 'bias', size, folder))]
    if itk:
        sides.append(Side('ITK N4', '`itk_speed bias`: shrunk to 7.5 x 7.5 x 6 mm, 4 levels of 50 iterations, threshold 0.001; the calls alone', program(itk, 'bias', size, folder)))
    # N4 takes so long that one round says enough.
    case = compare(row, 'bias', sides, bench.rounds(1), metric='ms', unit='ms', say=bench.say)
    row.goal('bias, times ITK N4', median(ratios(case, 'ITK N4')), at_least=5)
    flat = {'before': flatness(bench, size, folder, 'body.raw'), 'osteon': flatness(bench, size, folder, 'bias.raw')}
    if bench.limits.get('memory_copy_gbps'):
        # Once to shrink it, once to correct it; between that are blocks of 6 mm, a fortieth of it.
        least = 1000 * 3 * 4 * size[0] * size[1] * size[2] / 1e9 / bench.limits['memory_copy_gbps']
        row.arithmetic.append(f'bias: reading the volume twice and writing it once takes {least:.0f} ms at the speed of memory: {100 * least / median(samples_of(case, "osteon")):.0f} % of '
                              'that is reached; the rest is arithmetic: a trilinear look-up and an exponential for each voxel, and eight smoothings of the blocks')
    if itk:
        flat['ITK N4'] = flatness(bench, size, folder, 'n4.raw')
        as_flat(bench, row, ours, size, folder, flat['ITK N4'], median(samples_of(case, 'ITK N4')))
    row.notes.append('flatness (standard deviation of the logarithm of muscle, noise of about 0.02 in it): ' + ', '.join(f'{k} {v:.3f}' for k, v in flat.items()))
    label(bench, row, ours, itk, size, folder)
    row.notes.append('distances: the product has no distance transform any more, distances are measured from the few voxels of a plate or a lesion; nothing to compare')
    return row


def as_flat(bench, row, ours, size, folder, wanted, n4_ms):
    """Our time for what N4 reached: as many iterations as that takes."""
    most = 8  # BiasOptions.
    for iterations in range(1, most + 1):
        ms = median([timed_ms(ours, size, folder, iterations) for _ in range(bench.rounds(3))])
        flat = flatness(bench, size, folder, 'bias.raw')
        if flat <= wanted or iterations == most:
            break
    row.goal('bias, times ITK N4 at the same flatness', n4_ms / ms if flat <= wanted else None, at_least=5)
    row.notes.append(f'at the same flatness: {iterations} of our {most} iterations take {ms:.0f} ms and reach {flat:.3f}, N4 reaches {wanted:.3f}')


def timed_ms(ours, size, folder, iterations):
    return float(timed([ours, 'bias', *size, folder, iterations])['text'].split()[0])


def label(bench, row, ours, itk, size, folder):
    sides = [Side('osteon', '`imaging_speed label`: LabelComponents, 26 neighbours, and a look at each page of the labels, since those of background are not written', program(ours, 'label', size, folder))]
    if itk:
        sides.append(Side('ITK', '`itk_speed label`: ConnectedComponentImageFilter, fully connected', program(itk, 'label', size, folder)))
    try:
        sides.append(Side('scipy', '`scipy.ndimage.label`, 26 neighbours', with_scipy(bench, size, folder)))
    except NotRun as missing:
        row.missing('scipy', str(missing))
    case = compare(row, 'label', sides, bench.rounds(5), metric='ms', unit='ms', say=bench.say)
    others = [s['side'] for s in case['sides'][1:]]
    better = min(others, key=lambda side: median(samples_of(case, side)), default=None)
    row.goal(f'label, times the better of ITK and scipy ({better})', median(ratios(case, better)) if better else None, at_least=3)
    voxels = size[0] * size[1] * size[2]
    if bench.limits.get('memory_read_gbps'):
        # One byte read and one label of four bytes written for each voxel.
        least = 5 * voxels / bench.limits['memory_copy_gbps'] / 1e6
        row.arithmetic.append(f'label: reading a byte and writing a label of four for {voxels / 1e6:.1f} million voxels takes {least:.1f} ms at the speed of memory: '
                              f'{100 * least / median(samples_of(case, "osteon")):.0f} % of that is reached')
    counts = {s['side']: s['samples'][-1]['text'].split()[-1] for s in case['sides']}
    row.notes.append('components found: ' + ', '.join(f'{k} {v}' for k, v in counts.items()))
