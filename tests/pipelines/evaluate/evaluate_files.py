#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes reference and result Segmentations of small made-up studies for evaluate_test.cc and command_test.py.

    evaluate_files.py known FOLDER     {truth,results}: studies with answers one can count
    evaluate_files.py random FOLDER    {truth,results}: 12 seeded studies; and, when OSTEON_SHARED has the simulator's
                                       score.py, score.json with what that says of the same studies
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'support'))

import numpy as np  # noqa: E402

import mini  # noqa: E402
from segs import Grid, Lesion, write_seg  # noqa: E402

CORONAL = Grid(origin=(-90, -40, 150), row=(1, 0, 0), column=(0, 0, -1), pixel=(1.5, 1.5), slice_step=2)
CORONAL_SHAPE = (40, 200, 120)  # Slices, rows, columns: 180 x 80 x 300 mm.
AXIAL = Grid(origin=(-90, -40, -150), row=(1, 0, 0), column=(0, 1, 0), pixel=(2, 2), slice_step=3)
AXIAL_SHAPE = (100, 40, 90)


def points(grid, shape):
    """LPS mm of every voxel, [slice, row, column, 3]."""
    k, j, i = np.meshgrid(*(np.arange(n) for n in shape), indexing='ij')
    normal = np.cross(grid.row, grid.column)
    steps = [(i, grid.pixel[1], grid.row), (j, grid.pixel[0], grid.column), (k, grid.slice_step, normal)]
    return np.array(grid.origin) + sum(index[..., None] * spacing * np.array(axis) for index, spacing, axis in steps)


CORONAL_POINTS, AXIAL_POINTS = points(CORONAL, CORONAL_SHAPE), points(AXIAL, AXIAL_SHAPE)


def ball(where, centre, radii):
    return (((where - np.array(centre)) / np.array(radii)) ** 2).sum(-1) <= 1


def mark(centre, radii, region='Femur', side='Left', number=1, where=CORONAL_POINTS):
    return Lesion(ball(where, centre, np.broadcast_to(radii, 3)), region, side, f'Lesion {number}', f'1.2.9.{number}')


def findings(folder, certainties, evaluable=True):
    """findings.json as Osteon writes it, as far as it is read here."""
    lesions = [{'tracking_uid': f'1.2.9.{n + 1}', 'certainty_percent': c} for n, c in enumerate(certainties)]
    with open(os.path.join(folder, 'findings.json'), 'w') as f:
        json.dump({'evaluable': evaluable, 'lesions': lesions}, f)


def report(folder, study):
    """Some DICOM object of the study that is no Segmentation."""
    d = mini.dataset(mini.BASIC_TEXT_SR, 'SR', study, study + '.9', 0, study + folder)
    d.save_as(os.path.join(folder, 'sr.dcm'), write_like_original=False)


def known(root):
    def place(side, name):
        folder = os.path.join(root, side, name)
        os.makedirs(folder)
        return folder

    def seg(side, name, study, lesions, grid=CORONAL):
        write_seg(os.path.join(place(side, name), 'seg.dcm'), study, grid, lesions)
        return os.path.join(root, side, name)

    # 1: three lesions; the reader's grid is coronal, the result's axial. Two found, one of them on the wrong side.
    seg('truth', 'a', '1.2.1', [mark((0, 0, 60), 12), mark((-50, 0, -60), 6, 'Tibia', 'Right'), mark((50, 0, 0), (4, 8, 4), 'Thoracic vertebra', '')])
    folder = seg('results', 'a', '1.2.1', [mark((2, 0, 60), 12, where=AXIAL_POINTS), mark((-50, 0, -60), 6, 'Tibia', 'Left', 2, AXIAL_POINTS),
                                           mark((60, 10, -100), 8, 'Ilium', 'Left', 3, AXIAL_POINTS)], AXIAL)
    findings(folder, [95, 60, 70])
    # 2: nothing in the reference, which says so with an object that is no Segmentation; one false positive.
    report(place('truth', 'b'), '1.2.2')
    findings(seg('results', 'b', '1.2.2', [mark((0, 0, 0), 8)]), [30])
    # 3: one lesion; Osteon found nothing and wrote no Segmentation.
    seg('truth', 'c', '1.2.3', [mark((0, 0, 0), 7)])
    report(place('results', 'c'), '1.2.3')
    findings(os.path.join(root, 'results', 'c'), [])
    # 4: one lesion; Osteon could not assess the study.
    seg('truth', 'd', '1.2.4', [mark((0, 0, 0), 7)])
    report(place('results', 'd'), '1.2.4')
    findings(os.path.join(root, 'results', 'd'), [], evaluable=False)
    # 5 and 6: on one side only. 7: a reference that is cut off.
    seg('truth', 'e', '1.2.5', [mark((0, 0, 0), 7)])
    seg('results', 'f', '1.2.6', [mark((0, 0, 0), 7)])
    cut = os.path.join(seg('truth', 'g', '1.2.7', [mark((0, 0, 0), 7)]), 'seg.dcm')
    os.truncate(cut, os.path.getsize(cut) - 100)
    seg('results', 'g', '1.2.7', [mark((0, 0, 0), 7)])


BONES = [('femur', 'Femur', True), ('humerus', 'Humerus', True), ('leg', 'Tibia', True), ('sternum', 'Sternum', False),
         ('thoracic_spine', 'Thoracic vertebra', False), ('pelvis', 'Pelvis', True)]
LEAST_ML = 0.3


def draw_study(random):
    """Lesions (as rows of truth.json and as Segments) and marks of one study."""
    lesions, rows, marks = [], [], []
    for n in range(random.integers(0, 7)):
        centre = random.uniform((-75, -25, -135), (75, 25, 135))
        radii = random.uniform(2.5, 14) * random.uniform(0.7, 1.3, 3)
        site, region, paired = BONES[random.integers(len(BONES))]
        side = ('Left', 'Right')[random.integers(2)] if paired else ''
        lesion = mark(centre, radii, region, side, n + 1)
        if not lesion.mask.any():
            continue
        lesions.append(lesion)
        rows.append({'site': site + (f'_{side[0]}' if side else ''), 'centre_lps': centre.tolist(), 'strength': 0.7})
        if random.random() < 0.7:  # Marked, more or less where it is, now and then by another name.
            _, name, _ = BONES[random.integers(len(BONES))] if random.random() < 0.2 else (0, region, 0)
            other = 'Right' if side == 'Left' and random.random() < 0.2 else side
            marks.append(mark(centre + radii * random.normal(0, 0.4, 3), radii * random.uniform(0.5, 1.4), name, other, len(marks) + 1, AXIAL_POINTS))
    for _ in range(random.integers(0, 4)):  # Strays, none at the very edge of 6 mm, where the lattices of two programs differ.
        centre, radius = random.uniform((-75, -25, -135), (75, 25, 135)), random.uniform(3, 8)
        if not any((ball(CORONAL_POINTS, centre, [radius + 10] * 3) & lesion.mask).any() for lesion in lesions):
            marks.append(mark(centre, radius, number=len(marks) + 1, where=AXIAL_POINTS))
    return lesions, rows, [m for m in marks if m.mask.any()]


def write_truth_for_score(folder, lesions, rows):
    """truth.json and truth.npz as the simulator writes them; its grid runs head to feet, front to back, right to left."""
    labels = np.zeros((CORONAL_SHAPE[1], CORONAL_SHAPE[0], CORONAL_SHAPE[2]), np.uint8)
    spacing = [CORONAL.pixel[0], CORONAL.slice_step, CORONAL.pixel[1]]
    for n, (lesion, row) in enumerate(zip(lesions, rows)):
        mask = lesion.mask.transpose(1, 0, 2)
        labels[mask] = n + 1
        row['id'], row['volume_ml'] = n + 1, float(mask.sum() * np.prod(spacing) / 1000)
        row['required'] = row['volume_ml'] >= LEAST_ML
    with open(os.path.join(folder, 'truth.json'), 'w') as f:
        json.dump({'grid': {'origin_lps': list(CORONAL.origin), 'spacing_zyx': spacing}, 'lesions': rows}, f)
    np.savez_compressed(os.path.join(folder, 'truth.npz'), lesions=labels)


def random_studies(root, count, seed):
    random = np.random.default_rng(seed)
    pairs = []
    for n in range(count):
        study = f'1.2.8.{n + 1000}'  # In the order of the text, too.
        case, truth, results = (os.path.join(root, side, f'{n:02d}') for side in ('case', 'truth', 'results'))
        for folder in (case, truth, results):
            os.makedirs(folder)
        lesions, rows, marks = draw_study(random)
        for folder, items, grid in ((truth, lesions, CORONAL), (results, marks, AXIAL)):
            if items:
                write_seg(os.path.join(folder, 'seg.dcm'), study, grid, items)
            else:
                report(folder, study)
        write_truth_for_score(case, lesions, rows)
        pairs += [case, results]
    score = os.path.join(os.environ.get('OSTEON_SHARED', ''), 'wbmri-sim', 'score.py')
    if os.path.isfile(score):
        subprocess.run(['/usr/bin/python3', '-B', score, *pairs, '--json', os.path.join(root, 'score.json')], check=True,
                       stdout=subprocess.DEVNULL)


if __name__ == '__main__':
    if sys.argv[1] == 'known':
        known(sys.argv[2])
    else:
        random_studies(sys.argv[2], 12, seed=1)
