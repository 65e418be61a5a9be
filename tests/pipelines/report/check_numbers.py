# SPDX-License-Identifier: GPL-3.0-or-later
"""Every number of findings.json comes back out of the SR: both are flattened to paths and values, and compared whole."""
import json
import os
import unittest

import numpy as np
from objects_cases import CASES, SOURCE, in_patient_space, load_json, read, setting, sources
from objects_sr import children, groups_of, label_of, name_of, numbers_of, tracking_uid, whole_study

# Members that are not findings of the study, and why the SR does not repeat them.
EXEMPT = {
    'schema_version': 'of the file format',
    'series': 'numbers of the input series; the SR names them by UID in its image library',
    'candidates': 'labels of one run, for debugging',
    'stage_seconds': 'time of one run',
}
# What a mark cannot have is not said of it.
CANNOT_APPLY = ('not a vertebra', 'no other side to compare with', 'no prior report', 'not in the prior report')
NAMES = {'t1_to_muscle': 'T1 signal to muscle', 'adc_mean_um2_per_s': 'Mean ADC', 'enhancement_ratio': 'Enhancement',
         'physis_distance_mm': 'Distance to growth plate'}
PLACES = ('centroid_mm', 'long_axis_mm')  # Patient coordinates: only Comprehensive 3D has them; else they are checked in the image.


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def flat(value, path=()):
    """{path: number} of everything below."""
    if is_number(value):
        return {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {p: v for key, item in items for p, v in flat(item, path + (key,)).items()}


def unit_keys():
    with open(os.path.join(SOURCE, 'config', 'bone_units.json'), encoding='utf-8') as f:
        units = json.load(f)['units']
    parts = {'proximal': '40415009', 'distal': '46053002', 'diaphysis': '103342007'}
    sides = {'left': '7771000', 'right': '24028007'}
    return {(u['code'], sides.get(u.get('side'), ''), parts.get(u.get('part'), '')): u['id'] for u in units}


def unit_of(site, keys):
    modifiers = {name_of(c): c.ConceptCodeSequence[0].CodeValue for c in children(site)}
    return keys[(site.ConceptCodeSequence[0].CodeValue, modifiers.get('272741003', ''), modifiers.get('106233006', ''))]


def words(group, label):
    return [c for c in children(group, '111005', 'TEXT') if label_of(c) == label]


def reasons(item):
    """Numbers a judgement was inferred from."""
    return [float(c.MeasuredValueSequence[0].NumericValue) for c in children(item, value_type='NUM')]


def study_numbers(group, keys):
    out = {k: v for k, v in numbers_of(group).items() if isinstance(k, str) and not k.startswith('prior_count_')}
    out['anchor_marrow'] = {unit_of(children(num, '363698007')[0], keys): float(num.MeasuredValueSequence[0].NumericValue)
                            for num in children(group, value_type='NUM') if label_of(num) == 'anchor_marrow'}
    out['symmetric_pairs'] = []
    for pair in words(group, 'symmetric_pair'):
        right, left = (int(part.split()[0]) for part in pair.TextValue.split(' and '))
        out['symmetric_pairs'].append({'right': right, 'left': left})
    out['red_flags'] = [{'values': reasons(flag), 'lesions': [int(c.TextValue) for c in children(flag, '121151')]}
                        for flag in words(group, 'red_flag')]
    return out


def change_values(group):
    return [{'value': v} if is_number(v) else {} for item in children(group, '111424')
            for v in [float(c.MeasuredValueSequence[0].NumericValue) if c.ValueType == 'NUM' else None
                      for c in children(item, '111005')]]


def mark_numbers(group):
    out = numbers_of(group)
    out['number'] = int(children(group, '121151')[0].TextValue)
    out['change_reasons'] = change_values(group)
    for point in children(group, '111030', 'SCOORD3D'):
        out['centroid_mm'] = [round(float(v), 2) for v in point.GraphicData]
    for axis in children(group, '103339001'):
        for line in children(axis, '121112', 'SCOORD3D'):
            out['long_axis_mm'] = np.reshape(np.round(np.array(line.GraphicData, float), 2), (-1, 3)).tolist()
    return out


def sr_numbers(sr):
    """The numbers of the SR in the shape of findings.json."""
    groups = groups_of(sr)
    whole, marks = groups[0], groups[1:]
    out = {'patient': study_numbers(whole, unit_keys()), 'lesions': [], 'other_marks': []}
    counts = {k[len('prior_count_'):]: v for k, v in numbers_of(whole).items() if isinstance(k, str) and k.startswith('prior_count_')}
    gone = [g for g in marks if not children(g, '121071')]
    if counts or gone:
        resolved = [{k: v for k, v in mark_numbers(g).items() if k in ('number', 'prior_volume_ml')} for g in gone]
        out['prior'] = {'counts': counts, 'resolved': resolved}
    for group in marks:
        if group not in gone:
            is_lesion = children(group, '121071')[0].ConceptCodeSequence[0].CodeValue == '52988006'
            out['lesions' if is_lesion else 'other_marks'].append(mark_numbers(group))
    return out


class Numbers(unittest.TestCase):

    def test_every_number_of_findings_json_is_in_the_sr_and_no_other(self):
        found = 0
        for case in CASES:
            findings = {k: v for k, v in load_json(case, 'findings.json').items() if k not in EXEMPT}
            want, got = flat(findings), flat(sr_numbers(read(case, 'sr.dcm')))
            if not in_patient_space(case):
                want = {p: v for p, v in want.items() if not set(PLACES) & set(p)}
            self.assertEqual({p: want[p] for p in want if got.get(p) != want[p]}, {}, f'{case}: not in the SR, or otherwise')
            self.assertEqual(set(got) - set(want), set(), f'{case}: in the SR only')
            found += len(want)
        self.assertGreater(found, 3000)

    def test_what_was_not_assessed_is_said_once_for_the_study(self):
        said = 0
        for case in CASES:
            sr, findings = read(case, 'sr.dcm'), load_json(case, 'findings.json')
            marks = findings['lesions'] + findings['other_marks']
            groups = {tracking_uid(g): g for g in groups_of(sr)}
            lines = [c.TextValue for c in children(whole_study(sr), '121106', 'TEXT') if label_of(c) == 'not_assessed']
            self.assertEqual(len(lines), len(set(lines)), case)
            lacking = {}
            for mark in marks:
                for key, reason in mark['not_assessed'].items():
                    self.assertNotIn(key, numbers_of(groups[mark['tracking_uid']]))
                    if reason not in CANNOT_APPLY:
                        lacking.setdefault((key, reason), []).append(mark['number'])
            if setting(case, 'language', 'en') != 'en':
                self.assertTrue(all(l.startswith('Nicht beurteilt (') for l in lines), case)
                self.assertTrue(lines or not lacking, case)
                continue
            if not findings['evaluable']:
                self.assertTrue(any(l.startswith('Not assessed (study not evaluable): ') for l in lines))
            for (key, reason), numbers in lacking.items():
                line = [l for l in lines if l.startswith(f'Not assessed ({reason}): ')]
                self.assertEqual(len(line), 1, f'{case} {reason}')
                which = '' if len(numbers) == len(marks) else f" (no. {', '.join(map(str, numbers))})"
                self.assertIn(NAMES[key] + which, line[0])
                said += 1
            for reason in CANNOT_APPLY:
                self.assertNotIn(reason, ' '.join(lines))
        self.assertGreater(said, 50)

    def test_places_of_two_dimensional_reports_lie_on_the_images_they_name(self):
        checked = 0
        for case in CASES:
            if in_patient_space(case):
                continue
            groups = {tracking_uid(g): g for g in groups_of(read(case, 'sr.dcm'))}
            images = sources(case)
            for lesion in load_json(case, 'findings.json')['lesions']:
                group, where = groups[lesion['tracking_uid']], f"{case} lesion {lesion['number']}"
                self.check_image_points(images, children(group, '111030')[0], [lesion['centroid_mm']], where)
                axis = children(group, '103339001')[0]
                self.check_image_points(images, children(axis, '121112')[0], lesion['long_axis_mm'], where)
                checked += 1
        self.assertGreater(checked, 10)

    def check_image_points(self, images, item, points, where):
        self.assertEqual(item.ValueType, 'SCOORD', where)
        reference = item.ContentSequence[0].ReferencedSOPSequence[0]
        source = next(s for s in images if reference.ReferencedSOPInstanceUID in s['uids'])
        frame = int(reference.get('ReferencedFrameNumber', 0)) or source['uids'].index(reference.ReferencedSOPInstanceUID) + 1
        dataset = source['datasets'][frame - 1]
        axes = np.array(dataset.ImageOrientationPatient, float)
        down, right = (float(v) for v in dataset.PixelSpacing)
        for (column, row), point in zip(np.reshape(item.GraphicData, (-1, 2)), points):
            offset = np.array(point) - np.array(dataset.ImagePositionPatient, float)
            # Pixel centres are at .5 (PS3.3 C.18.6.1.2).
            self.assertAlmostEqual(column, offset @ axes[:3] / right + .5, delta=.01, msg=where)
            self.assertAlmostEqual(row, offset @ axes[3:] / down + .5, delta=.01, msg=where)
        if len(points) == 1:
            away = (np.array(points[0]) - np.array(dataset.ImagePositionPatient, float)) @ np.cross(axes[:3], axes[3:])
            self.assertLessEqual(abs(away), float(dataset.SliceThickness) / 2 + .01, where)
