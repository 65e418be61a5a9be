# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers that follow the templates (highdicom, OHIF) are stricter than the standard and refuse a whole report for one wrong item.
These tests check what such readers require, without them."""
import html
import re
import subprocess
import unittest

import numpy as np
from objects_cases import CASES, cases_with_seg, in_variants, listed_marks, load_json, path, read, setting
from objects_sr import children, groups_of, name_of, number_of, placed_groups, template_of, walk

OWN = '99OSTEON'
SEGMENTS = {'epiphysis': (OWN, 'epiphysis'), 'metaphysis': (OWN, 'metaphysis'), 'diaphysis': (OWN, 'diaphysis'),
            'medial_end': (OWN, 'medial_end'), 'lateral_end': (OWN, 'lateral_end')}
CLASSES = {'lesion': '52988006', 'indeterminate': '82334004', 'normal_variant': '17621005'}


# Lesions, those that are gone included, and the most words. A follow-up says of each what became of it.
MOST_WORDS = {'six': (6, 1200), 'variants': (3, 1250), 'healthy': (0, 700), 'six-german': (6, 1200), 'six-stations': (6, 1200), 'six-followed': (6, 1200), 'six-followed-german': (6, 1200),
              'seven-followed': (7, 1330), 'thirteen': (13, 2150), 'thirty': (30, 4420)}
# What people read of it: all before the image library and the groups, which are for programs.
MOST_READ = {'six': 480, 'six-followed': 520, 'healthy': 250, 'thirteen': 810, 'thirty': 1460}


def words_in_a_viewer(case, until=None):
    shown = subprocess.run(['dsr2html', path(case, 'sr.dcm')], capture_output=True, text=True, check=True).stdout
    shown = re.sub(r'<style.*?</style>', ' ', shown, flags=re.S)
    text = html.unescape(re.sub(r'<[^>]*>', ' ', shown))
    return len((text.split(until)[0] if until else text).split())


def code_of(item):
    code = item.ConceptCodeSequence[0]
    return code.CodingSchemeDesignator, code.CodeValue


def points_of(item):
    return [c for c in children(item) if c.ValueType in ('SCOORD', 'SCOORD3D')]


class Strict(unittest.TestCase):

    def test_every_number_has_a_value_and_a_unit(self):
        for case in CASES:
            for num in (i for i in walk(read(case, 'sr.dcm')) if i.ValueType == 'NUM'):
                self.assertEqual(len(num.MeasuredValueSequence), 1, f'{case} {name_of(num)}')
                float(num.MeasuredValueSequence[0].NumericValue)
                self.assertEqual(len(num.MeasuredValueSequence[0].MeasurementUnitsCodeSequence), 1)

    def test_every_group_of_imaging_measurements_is_planar_or_volumetric(self):
        for case in CASES:
            sr, findings = read(case, 'sr.dcm'), load_json(case, 'findings.json')
            groups = placed_groups(sr)
            self.assertEqual(len(groups), len(listed_marks(findings)), case)
            self.assertEqual(len(children(sr, '126010')), 1, 'viewers ask for it also when there is nothing')
            for group in groups:
                # highdicom refuses a group with both a segment and a region; OHIF loads no report without a region.
                self.assertEqual([len(children(group, code)) for code in ('121191', '111030')], [0, 1], case)
                self.assertIn(template_of(group), ('1410', '1411'))
            self.assertEqual({template_of(g) for g in groups_of(sr) if g not in groups}, {'1501'})

    def test_a_viewer_finds_the_point_of_a_group(self):
        """@cornerstonejs/adapters finds a group by its point, and its place by the item that its first NUM is inferred from."""
        for case in CASES:
            for group in placed_groups(read(case, 'sr.dcm')):
                region = points_of(group)[0]
                first = next(c for c in children(group) if c.ValueType == 'NUM')
                self.assertEqual((region.GraphicType, name_of(first)), ('POINT', '118565006'))
                source = points_of(first)[0]
                self.assertEqual((source.RelationshipType, source.GraphicType), ('INFERRED FROM', 'POINT'))
                self.assertEqual(list(source.GraphicData), list(region.GraphicData), case)
                if source.ValueType == 'SCOORD':
                    self.assertEqual(len(source.ContentSequence[0].ReferencedSOPSequence), 1)
                for item in children(group):
                    self.assertTrue(name_of(item), f'{case}: an item without a name')

    def test_evaluations_are_codes(self):
        for case in CASES:
            findings = load_json(case, 'findings.json')
            marks = {m['number']: m for m in findings['lesions'] + findings['other_marks']}
            for group in placed_groups(read(case, 'sr.dcm')):
                mark = marks[number_of(group)]
                texts = [name_of(c) for c in children(group, value_type='TEXT')]
                self.assertEqual(set(texts) - {'112039', '121106', 'values'}, set(), case)
                self.assertEqual(code_of(children(group, '121071')[0]), ('SCT', CLASSES[mark['class']]))
                segment = [code_of(c) for c in children(group, 'segment', 'CODE')]
                self.assertEqual(segment, [SEGMENTS[mark['segment']]] if mark['segment'] in SEGMENTS else [], case)
                change = [code_of(c) for c in children(group, '111424', 'CODE')]
                self.assertEqual(change, [(OWN, mark['change'])] if mark['change'] != 'no_prior' else [], case)
                physis = [code_of(c) for c in children(group, 'physis', 'CODE')]
                self.assertEqual(physis, [(OWN, mark['physis'])] if mark['physis'] != 'not_assessed' else [], case)

    def test_image_library_describes_the_acquisition(self):
        for case in CASES:
            for library in children(read(case, 'sr.dcm'), '111028'):
                for group in children(library, '126200'):
                    relations = {c.ValueType: c.RelationshipType for c in children(group)}
                    self.assertEqual({relations.pop('IMAGE')}, {'CONTAINS'})
                    self.assertEqual(set(relations.values()), {'HAS ACQ CONTEXT'}, case)
                    self.assertEqual(code_of(children(group, '121139')[0]), ('DCM', 'MR'))

    def test_frames_of_a_segmentation_lie_on_one_regular_grid(self):
        """What highdicom get_volume asks: one orientation and spacing, positions a whole number of steps apart along the normal
        and nowhere else. Without a frame of reference a SEG lies on its images, one grid a station."""
        checked = 0
        for case in cases_with_seg():
            if setting(case, 'frame', '2.25.1') == '' and setting(case, 'stations', '0') == '1':
                continue
            seg = read(case, 'seg.dcm')
            shared = seg.SharedFunctionalGroupsSequence[0]
            axes = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float)
            step = float(shared.PixelMeasuresSequence[0].SpacingBetweenSlices)
            normal = np.cross(axes[:3], axes[3:])
            at = np.array([f.PlanePositionSequence[0].ImagePositionPatient for f in seg.PerFrameFunctionalGroupsSequence], float)
            offsets = (at - at[0]) @ normal
            np.testing.assert_allclose(at, at[0] + np.outer(offsets, normal), atol=1e-3, err_msg=case)
            np.testing.assert_allclose(offsets / step, np.round(offsets / step), atol=1e-3, err_msg=case)
            by_segment = {}
            for frame, offset in zip(seg.PerFrameFunctionalGroupsSequence, offsets):
                by_segment.setdefault(frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber, []).append(round(offset / step))
            for number, planes in by_segment.items():
                self.assertEqual(len(planes), len(set(planes)), f'{case}: two frames of segment {number} at one place')
            checked += 1
        self.assertGreater(checked, 20)

    def test_a_report_is_read_in_a_minute(self):
        """Counts the words that a generic viewer shows of it."""
        counts = {}
        for case in CASES:
            counts[case] = words_in_a_viewer(case)
            self.assertLess(counts[case], 500 + 160 * len(groups_of(read(case, 'sr.dcm'))), case)
        print('words in dsr2html:', counts)
        for case, (lesions, most) in MOST_WORDS.items():
            findings = load_json(case, 'findings.json')
            self.assertEqual(len(findings['lesions']) + len((findings.get('prior') or {}).get('resolved', [])), lesions)
            self.assertLessEqual(counts[case], most, case)
        read_words = {case: words_in_a_viewer(case, 'Imaging Measurements') for case in MOST_READ}
        print('of them before the measurements:', read_words)
        for case, most in MOST_READ.items():
            self.assertLessEqual(read_words[case], most, case)

    def test_the_first_screen_is_impression_and_table(self):
        for case in CASES:
            sr, findings = read(case, 'sr.dcm'), load_json(case, 'findings.json')
            parts = [name_of(c) for c in children(sr) if c.RelationshipType == 'CONTAINS']
            marks = findings['lesions'] + findings['other_marks']
            self.assertEqual(parts[0], '121072', case)
            if not marks:
                continue
            self.assertEqual(parts[1], '121070', case)
            rows = [c.TextValue for c in children(children(sr, '121070')[0])]
            variants = [r for r in rows if r.startswith(('Normal for age or variant', 'Altersentsprechend oder Normvariante'))]
            self.assertEqual(len(variants), any(map(in_variants, marks)), case)
            for mark in marks:
                lines = [r for r in rows if r.startswith(f"{mark['number']}. {mark['description']}")]
                self.assertEqual(len(lines), not in_variants(mark), f"{case} {mark['number']}")
                if in_variants(mark):
                    self.assertRegex(variants[0], rf"\b{mark['number']}\b", case)

    def test_the_private_scheme_is_declared_once(self):
        for case in CASES:
            schemes = [s.CodingSchemeDesignator for s in read(case, 'sr.dcm').CodingSchemeIdentificationSequence]
            self.assertEqual(schemes, [OWN], case)
