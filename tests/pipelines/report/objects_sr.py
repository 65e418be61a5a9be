# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a structured report and a segmentation with nothing but pydicom."""
import numpy as np


def name_of(item):
    return item.ConceptNameCodeSequence[0].CodeValue if 'ConceptNameCodeSequence' in item else ''


def children(item, code=None, value_type=None):
    found = list(item.get('ContentSequence', []))
    if code is not None:
        found = [c for c in found if name_of(c) == code]
    return [c for c in found if value_type is None or c.ValueType == value_type]


def walk(item):
    yield item
    for child in item.get('ContentSequence', []):
        yield from walk(child)


# Concept of a NUM -> key of findings.json.
KEYS = {'118565006': 'volume_ml', '103339001': 'length_mm', '103340004': 'width_mm',
        '111012': 'certainty_percent', '113041': 'adc_mean_um2_per_s', '246206008': 'total_count'}


def values_of(group):
    """Further values, as text."""
    texts = [c.TextValue for c in children(group, 'values', 'TEXT')]
    return dict(part.split('=', 1) for part in texts[0].split(';')) if texts else {}


def point_of(group):
    """The place of a mark (Image Region); nothing where there is none."""
    points = children(group, '111030')
    return points[0] if points else None


def number_of(group):
    """The number of the mark in pictures and lines, with which its label begins."""
    return int(children(group, '121106')[0].TextValue.split()[0])


def numbers_of(group):
    """Key -> value of the NUM items, as programs read it."""
    keys = [KEYS[name_of(num)] for num in children(group, value_type='NUM')]
    assert len(keys) == len(set(keys)), f'two numbers under one concept: {keys}'
    return dict(zip(keys, (n.MeasuredValueSequence[0].FloatingPointValue for n in children(group, value_type='NUM'))))


def texts_of(group):
    """Key -> decimal string of the NUM items, as people see it."""
    return {KEYS[name_of(n)]: n.MeasuredValueSequence[0]['NumericValue'].value.original_string for n in children(group, value_type='NUM')}


def placed_groups(sr):
    """The groups of Imaging Measurements, which are those with a place."""
    return [g for measurements in children(sr, '126010') for g in children(measurements, '125007')]


def whole_study(sr):
    return children(children(sr, '126011')[0], '125007')[0]


def groups_of(sr):
    """All measurement groups: of the whole study, of marks, of what is gone."""
    whole, *others = children(children(sr, '126011')[0], '125007')
    return [whole] + placed_groups(sr) + others


def tracking_uid(group):
    return children(group, '112040')[0].UID


def template_of(item):
    return item.ContentTemplateSequence[0].TemplateIdentifier if 'ContentTemplateSequence' in item else None


def segment_points(seg):
    """Segment number -> points in the patient, LPS mm; and half a voxel as a length along each of the image axes."""
    pixels = seg.pixel_array
    pixels = pixels[None] if pixels.ndim == 2 else pixels
    shared = seg.SharedFunctionalGroupsSequence[0]
    points, halves = {}, None
    for mask, frame in zip(pixels, seg.PerFrameFunctionalGroupsSequence):
        def group(name):
            return (frame[name] if name in frame else shared[name])[0]
        origin = np.array(group('PlanePositionSequence').ImagePositionPatient, float)
        axes = np.array(group('PlaneOrientationSequence').ImageOrientationPatient, float)
        measures = group('PixelMeasuresSequence')
        down, right = (float(v) for v in measures.PixelSpacing)
        rows, columns = np.nonzero(mask)
        at = origin + np.outer(columns * right, axes[:3]) + np.outer(rows * down, axes[3:])
        number = int(group('SegmentIdentificationSequence').ReferencedSegmentNumber)
        points.setdefault(number, []).append(at)
        normal = np.cross(axes[:3], axes[3:])
        halves = [(axes[:3], right / 2), (axes[3:], down / 2), (normal, float(measures.SpacingBetweenSlices) / 2)]
    return {n: np.concatenate(p) for n, p in points.items()}, halves


def within(offset, halves):
    """True when the offset is less than half a voxel along each image axis."""
    return all(abs(np.dot(offset, axis)) < half for axis, half in halves)
