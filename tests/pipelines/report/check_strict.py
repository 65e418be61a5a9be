# SPDX-License-Identifier: GPL-3.0-or-later
"""What readers built on the templates need (highdicom, OHIF), stricter than the standard: they refuse the whole report for one
item that is otherwise. Checked here without them."""
import unittest

from objects_cases import CASES, load_json, read
from objects_sr import children, groups_of, name_of, placed_groups, template_of, walk

OWN = '99OSTEON'
SEGMENTS = {'epiphysis': (OWN, 'epiphysis'), 'metaphysis': (OWN, 'metaphysis'), 'diaphysis': (OWN, 'diaphysis'),
            'flat_bone': (OWN, 'flat_bone'), 'vertebra': ('SCT', '51282000'), 'unknown': ('SCT', '261665006')}
CLASSES = {'lesion': '52988006', 'indeterminate': '82334004', 'normal_variant': '17621005'}


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
            self.assertEqual(len(groups), len(findings['lesions']) + len(findings['other_marks']), case)
            self.assertEqual(len(children(sr, '126010')), 1, 'viewers ask for it also when there is nothing')
            for group in groups:
                segments, regions = children(group, '121191', 'IMAGE'), children(group, '111030')
                self.assertEqual(template_of(group), '1411' if segments else '1410', case)
                self.assertEqual((len(segments), len(regions)), (1 if segments else 0, 1), case)
            self.assertEqual({template_of(g) for g in groups_of(sr) if g not in groups}, {'1501'})

    def test_a_viewer_finds_the_point_of_a_group(self):
        """@cornerstonejs/adapters takes a group by its point, and the place from what its first NUM was inferred from."""
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
                mark = marks[int(children(group, '121151')[0].TextValue)]
                self.assertEqual(children(group, '111005', 'TEXT'), [], case)
                self.assertEqual(code_of(children(group, '121071')[0]), ('SCT', CLASSES[mark['class']]))
                self.assertEqual(code_of(children(group, 'segment', 'CODE')[0]), SEGMENTS[mark['segment']])
                want = (OWN, mark['physis']) if mark['physis'] != 'not_assessed' else ('SCT', '373121007')
                self.assertEqual(code_of(children(group, 'physis', 'CODE')[0]), want)

    def test_image_library_describes_the_acquisition(self):
        for case in CASES:
            for library in children(read(case, 'sr.dcm'), '111028'):
                for group in children(library, '126200'):
                    relations = {c.ValueType: c.RelationshipType for c in children(group)}
                    self.assertEqual({relations.pop('IMAGE')}, {'CONTAINS'})
                    self.assertEqual(set(relations.values()), {'HAS ACQ CONTEXT'}, case)
                    self.assertEqual(code_of(children(group, '121139')[0]), ('DCM', 'MR'))

    def test_the_private_scheme_is_declared_once(self):
        for case in CASES:
            schemes = [s.CodingSchemeDesignator for s in read(case, 'sr.dcm').CodingSchemeIdentificationSequence]
            self.assertEqual(schemes, [OWN], case)
