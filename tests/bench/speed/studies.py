# SPDX-License-Identifier: GPL-3.0-or-later
"""Studies to measure with. What `osteon phantom` makes is kept in build/*/bench-data, since it takes longer than the measurement."""
import glob
import os
import shutil

import lab
import mini
import numpy as np


def files_of(folder):
    return sorted(glob.glob(os.path.join(folder, '**', '*.dcm'), recursive=True))


def megabytes(folder):
    return sum(os.path.getsize(f) for f in files_of(folder)) / 1e6


def kept(bench, name, *options):
    """The folder of a phantom study with those options, made once."""
    folder = os.path.join(bench.kept, name)
    if not os.path.isdir(folder):
        bench.say(f'makes the study {name} (once)')
        making = folder + '.part'
        shutil.rmtree(making, ignore_errors=True)
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        lab.phantom(making, *options)
        os.rename(making, folder)
    return folder


def coarse(bench):
    """A small whole body, for smokes and for rows that do not depend on the size."""
    return kept(bench, 'coarse', '--seed', '5', '--lesions', '3', '--in-plane', '3', '--slice', '8', '--gap', '2', '--child', '--age', '5')


def child_stir(bench):
    return coarse(bench) if bench.size == 'smoke' else kept(bench, 'child-stir', '--seed', '3', '--child', '--age', '5', '--lesions', '6')


def adult_stir(bench):
    return kept(bench, 'adult-stir', '--seed', '4', '--age', '35', '--height', '1850', '--lesions', '6')


def all_contrasts(bench):
    """STIR, T1 and diffusion."""
    return kept(bench, 'child-all', '--seed', '3', '--child', '--age', '9', '--lesions', '6', '--series', 'stir,t1,dwi')


def large(bench, series, slices, size):
    """`series` whole-body series of `slices` coronal slices of size x size pixels, 16 bits, but 1,000 mm tall and 500 wide: what is read and forwarded. All are one study, with
    the physics of a STIR in five stations, T1 and so on left out: only bytes and headers matter there."""
    folder = os.path.join(bench.kept, f'tall-{series}-{slices}-{size}')
    if os.path.isdir(folder):
        return folder
    bench.say(f'makes a study of {series * slices} instances, {series * slices * size * size * 2 / 1e6:.0f} MB (once)')
    making = folder + '.part'
    shutil.rmtree(making, ignore_errors=True)
    rng = np.random.default_rng(1)
    # Noise over a smooth shape, 12 bits, as images have; no two slices are the same.
    rows = round(size * 2 ** 0.5 / 2) * 2
    columns = size * size // rows
    y, x = np.mgrid[0:rows, 0:columns] / size - 0.5
    shape = 1500 * np.exp(-12 * (x * x + y * y))
    for s in range(series):
        spacing = 1000.0 / rows
        series_uid = mini.generate_uid(entropy_srcs=['large', str(s), str(size), str(slices)])

        def change(d, n, s=s, series_uid=series_uid):
            d.StudyInstanceUID = mini.generate_uid(entropy_srcs=['large', str(series), str(slices), str(size)])
            d.FrameOfReferenceUID = mini.generate_uid(entropy_srcs=['large frame'])
            d.SeriesInstanceUID, d.SeriesNumber, d.SeriesDescription = series_uid, s + 1, f'STIR_cor_{s + 1}'
            d.Rows, d.Columns = rows, columns
            d.ImageOrientationPatient, d.ImagePositionPatient = [1, 0, 0, 0, 0, -1], [-250, n * 6.0, 500]
            d.PixelData = (shape + rng.integers(0, 200, (rows, columns))).astype('<u2').tobytes()
        mini.image_series(os.path.join(making, f'{s + 1:02}'), f'large-{s}', slices=slices, size=size, spacing=spacing, stir=True, change=change)
    os.rename(making, folder)
    return folder
