#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the Segmentations that seg_reader_test.cc reads, valid and broken ones, into the given folder."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'support'))

import numpy as np  # noqa: E402

from segs import Grid, Lesion, code, write_seg  # noqa: E402

STUDY = '1.2.3.4'
# Coronal and tilted by 30 degrees about x; 7 columns, so that frames do not end at a byte.
C, S = np.cos(np.pi / 6), np.sin(np.pi / 6)
GRID = Grid(origin=(-10.5, -20, 30), row=(1, 0, 0), column=(0, S, -C), pixel=(2, 1.5), slice_step=5)


def lesions():
    first, second = np.zeros((4, 5, 7), bool), np.zeros((4, 5, 7), bool)
    first[1, 2, 3:6] = first[1, 3, 0:7] = True
    first[2, 4, 6] = True
    second[3, 0, 0] = second[3, 0, 2] = True
    return [Lesion(first, 'Femur', 'Left', 'L1', '1.2.3.4.1'), Lesion(second, 'Thoracic vertebra', '', 'L2', '1.2.3.4.2')]


def fractional():
    mask = np.zeros((2, 5, 7), np.uint8)
    mask[0, 1, 1:4] = (127, 128, 255)  # Half of 255 is 127.5.
    mask[1, 2, 2] = 200
    return [Lesion(mask, 'Right tibia')]


def sided(region, side='', **extra):
    mask = np.zeros((1, 5, 7), bool)
    mask[0, 0, 0] = True
    return Lesion(mask, region, side, extra=extra)


def shared(d):
    return d.SharedFunctionalGroupsSequence[0]


def per_frame(d, n=0):
    return d.PerFrameFunctionalGroupsSequence[n]


def measures_without(*names):
    def change(d):
        for name in names:
            delattr(shared(d).PixelMeasuresSequence[0], name)
    return change


def move_groups_to_frames(d):
    """As some writers do: everything per frame, nothing shared."""
    for frame in d.PerFrameFunctionalGroupsSequence:
        frame.PixelMeasuresSequence = shared(d).PixelMeasuresSequence
        frame.PlaneOrientationSequence = shared(d).PlaneOrientationSequence
    del d.SharedFunctionalGroupsSequence


def assign(target, name, value):
    return lambda d: setattr(target(d), name, value)


def remove(target, name):
    return lambda d: delattr(target(d), name)


SOUND = {'explicit': {}, 'implicit': {'syntax': 'implicit'}, 'deflated': {'syntax': 'deflated'},
         'big_endian': {'syntax': 'big_endian'}, 'keep_empty': {'keep_empty': True},
         'groups_per_frame': {'change': move_groups_to_frames},
         'thickness_only': {'change': measures_without('SpacingBetweenSlices')},
         'extent_from_planes': {'change': measures_without('SpacingBetweenSlices', 'SliceThickness')}}

BROKEN = {
    'no_segments': remove(lambda d: d, 'SegmentSequence'),
    'repeated_number': assign(lambda d: d.SegmentSequence[1], 'SegmentNumber', 1),
    'unknown_segment': assign(lambda d: per_frame(d).SegmentIdentificationSequence[0], 'ReferencedSegmentNumber', 9),
    'no_segment': remove(per_frame, 'SegmentIdentificationSequence'),
    'no_position': remove(per_frame, 'PlanePositionSequence'),
    'nan_position': assign(lambda d: per_frame(d).PlanePositionSequence[0], 'ImagePositionPatient', ['0', '1e300', '0']),
    'no_orientation': remove(shared, 'PlaneOrientationSequence'),
    'skewed': assign(lambda d: shared(d).PlaneOrientationSequence[0], 'ImageOrientationPatient', [1, 0, 0, 1, 0, 0]),
    'no_spacing': measures_without('PixelSpacing'),
    'negative_spacing': assign(lambda d: shared(d).PixelMeasuresSequence[0], 'PixelSpacing', [-1, 1]),
    'many_frames': assign(lambda d: d, 'NumberOfFrames', 2000000),
    'more_frames_than_groups': assign(lambda d: d, 'NumberOfFrames', 4),
    'huge_rows': assign(lambda d: d, 'Rows', 65000),
    'short_pixels': assign(lambda d: d, 'Rows', 500),
    'no_pixels': remove(lambda d: d, 'PixelData'),
    'label_map': assign(lambda d: d, 'SegmentationType', 'LABELMAP'),
    'other_class': assign(lambda d: d, 'SOPClassUID', '1.2.840.10008.5.1.4.1.1.66'),
}


def main(folder):
    def path(name):
        return os.path.join(folder, name + '.dcm')

    for name, options in SOUND.items():
        write_seg(path(name), STUDY, GRID, lesions(), **options)
    for syntax in ('explicit', 'rle'):
        write_seg(path('fractional_' + syntax), STUDY, GRID, fractional(), fractional=True, syntax=syntax)
    write_seg(path('no_maximum'), STUDY, GRID, fractional(), fractional=True, change=remove(lambda d: d, 'MaximumFractionalValue'))
    srt_left = code('1', 'SRT', 'Femur')
    srt_left[0].AnatomicRegionModifierSequence = code('G-A101', 'SRT', 'Gauche')
    write_seg(path('sides'), STUDY, GRID, [
        sided('Femur', 'Right'), sided('Structure of left tibia'), sided('Cleft palate'), sided('Right and left ilium'),
        sided(''), sided('', AnatomicRegionSequence=srt_left)])
    write_seg(path('one_plane_no_extent'), STUDY, GRID, [sided('Femur')],
              change=measures_without('SpacingBetweenSlices', 'SliceThickness'))
    for name, change in BROKEN.items():
        write_seg(path(name), STUDY, GRID, lesions(), change=change)
    with open(path('explicit'), 'rb') as f:
        whole = f.read()
    with open(path('truncated'), 'wb') as f:
        f.write(whole[:len(whole) * 2 // 3])
    with open(path('text'), 'w') as f:
        f.write('This is no DICOM file. ' * 50)
    open(path('empty'), 'w').close()


if __name__ == '__main__':
    main(sys.argv[1])
