# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of the SR are those of findings.json, each under its own concept. What the next report compares with is in one item;
other numbers are in findings.json only."""
import re
import unittest

import numpy as np
from objects_cases import CASES, in_patient_space, listed_marks, load_json, read, setting, sources
from objects_sr import children, groups_of, number_of, numbers_of, point_of, texts_of, tracking_uid, values_of, whole_study

# By hand, so that a mistake in the product's own table shows.
LESION_NUMBERS = {'volume_ml', 'length_mm', 'width_mm', 'certainty_percent', 'adc_mean_um2_per_s'}
LESION_VALUES = {'stir_to_muscle', 't1_to_muscle', 'enhancement_ratio', 'height_loss_percent', 'stir_position', 'signal_grade', 'periosteal_mm',
                 'soft_tissue_ml', 'along_bone', 'prior_volume_ml'}
VARIANT_NUMBERS = {'volume_ml', 'length_mm', 'width_mm'}
STUDY_VALUES = {'field_strength_t', 'stir_repetition_time_ms', 'stir_echo_time_ms', 'stir_inversion_time_ms', 'stir_slice_step_mm'}
# What a mark cannot have is not said of it.
CANNOT_APPLY = ('not a vertebra', 'no other side to compare with', 'many bones in one unit', 'no prior report', 'not in the prior report')
NAMES = {'t1_to_muscle': 'T1 signal', 'adc_mean_um2_per_s': 'Mean ADC', 'enhancement_ratio': 'T1 signal post contrast',
         'expansion_ratio': 'Cross-section', 'height_loss_percent': 'Vertebral height loss', 'periosteal_mm': 'Periosteal signal',
         'soft_tissue_ml': 'Soft-tissue signal', 'share_of_unit_percent': 'Share of the bone unit'}


def known(findings, keys):
    return {key: findings[key] for key in keys if findings.get(key) is not None}


def as_numbers(values):
    return {key: float(value) for key, value in values.items()}


class Numbers(unittest.TestCase):

    def test_numbers_of_a_mark_are_those_of_findings_json(self):
        compared = 0
        for case in CASES:
            findings = load_json(case, 'findings.json')
            groups = {tracking_uid(g): g for g in groups_of(read(case, 'sr.dcm'))}
            for mark in listed_marks(findings):
                group, where = groups[mark['tracking_uid']], f"{case} {mark['number']}"
                variant = mark['class'] == 'normal_variant'
                self.assertEqual(numbers_of(group), known(mark, VARIANT_NUMBERS if variant else LESION_NUMBERS), where)
                values, point = values_of(group), point_of(group)
                if point is not None and point.ValueType == 'SCOORD3D':
                    place = point.GraphicData
                else:  # On an image; the next comparison wants it in the patient.
                    place = values.pop('centroid_mm').split(',')
                np.testing.assert_allclose(np.array(place, float), mark['centroid_mm'], atol=.005)
                self.assertEqual(as_numbers(values), {} if variant else known(mark, LESION_VALUES), where)
                self.assertEqual(number_of(group), mark['number'])
                compared += 1
            for gone in (findings['prior'] or {}).get('resolved', []):
                self.assertEqual(as_numbers(values_of(groups[gone['tracking_uid']])), known(gone, {'prior_volume_ml'}), case)
        self.assertGreater(compared, 100)

    def test_numbers_have_the_digits_that_people_need(self):
        """Floating Point Value has the others."""
        checked = 0
        for case in CASES:
            for group in groups_of(read(case, 'sr.dcm')):
                exact = numbers_of(group)
                for key, text in texts_of(group).items():
                    decimals = 0
                    if key == 'volume_ml':
                        decimals = 2 if exact[key] < .995 else 1 if exact[key] < 99.95 else 0
                    self.assertRegex(text, r'^\d+$' if decimals == 0 else rf'^\d+\.\d{{{decimals}}}$', f'{case} {key}')
                    self.assertAlmostEqual(float(text), exact[key], delta=.5001 * 10 ** -decimals, msg=f'{case} {key}')
                    checked += 1
        self.assertGreater(checked, 300)

    def test_numbers_of_the_study_are_those_of_findings_json(self):
        for case in CASES:
            findings, whole = load_json(case, 'findings.json'), whole_study(read(case, 'sr.dcm'))
            patient = findings['patient']
            want = {'total_count': patient['total_count'], 'volume_ml': patient['total_volume_ml']} if findings['evaluable'] else {}
            self.assertEqual(numbers_of(whole), want, case)
            values = values_of(whole)
            self.assertEqual(values.pop('not_imaged', ''), ','.join(findings['not_imaged']), case)
            self.assertEqual(values.pop('stir_contrast', 'STIR'), 'STIR')
            self.assertEqual(as_numbers(values), known(patient, STUDY_VALUES), case)
            multifocal = [c.ConceptCodeSequence[0].CodeValue for c in children(whole, '111005', 'CODE')]
            self.assertEqual(multifocal, ['524008'] if patient['multifocal'] and findings['evaluable'] else [], case)

    def test_what_was_not_assessed_is_said_once_for_the_study(self):
        said = 0
        for case in CASES:
            findings = load_json(case, 'findings.json')
            quality = children(children(read(case, 'sr.dcm'), '111050')[0])
            german = setting(case, 'language', 'en') == 'de'
            start = 'Nicht beurteilt: ' if german else 'Not assessed: '
            lines = [c.TextValue for c in quality if c.TextValue.startswith(start)]
            marks = findings['lesions'] + [m for m in findings['other_marks'] if m['class'] != 'normal_variant']
            lacking = {}
            for mark in marks:
                for key, reason in mark['not_assessed'].items():
                    if key in NAMES and reason not in CANNOT_APPLY:
                        lacking.setdefault((key, reason), []).append(mark['number'])
            self.assertEqual(len(lines), 1 if lacking else 0, case)
            for reason in CANNOT_APPLY:
                self.assertNotIn(reason, ' '.join(lines))
            if german:
                continue
            for (key, reason), numbers in lacking.items():
                part = [p for p in lines[0].split('; ') if NAMES[key].lower() in p.lower()]
                if len(numbers) == len(marks):  # The quantity names the series.
                    reason = re.sub('^no .* series$', 'no such series', reason)
                self.assertTrue(any(reason in p for p in part), f'{case} {key} {reason}')
                said += 1
        self.assertGreater(said, 40)

    def test_places_of_two_dimensional_reports_lie_on_the_images_they_name(self):
        checked = 0
        for case in CASES:
            if in_patient_space(case):
                continue
            groups = {tracking_uid(g): g for g in groups_of(read(case, 'sr.dcm'))}
            images = sources(case)
            for lesion in load_json(case, 'findings.json')['lesions']:
                group, where = groups[lesion['tracking_uid']], f"{case} lesion {lesion['number']}"
                self.check_image_points(images, point_of(group), [lesion['centroid_mm']], where)
                volume = children(group, '118565006')[0]
                self.check_image_points(images, children(volume, '121112')[0], [lesion['centroid_mm']], where)
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
