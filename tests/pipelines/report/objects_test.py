# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a report as independent readers see them: dciodvfy, dsrdump, pydicom, and the JSON Schema.

report_write_case makes synthetic studies; nothing here shares code with the writers. The pictures are left in
<build>/report-cases for people to look at.
"""
import json
import os
import shutil
import subprocess
import unittest

import numpy as np
import pydicom
from pydicom.sr import _concepts_dict

BUILD = os.environ['OSTEON_BUILD_DIR']
SOURCE = os.environ['OSTEON_SOURCE_DIR']
WRITE_CASE = os.path.join(BUILD, 'bin', 'report_write_case')
OUT = os.path.join(BUILD, 'report-cases')

CASES = {
    'classic': ['voxel=3', 'lesions=7'],
    'stations': ['stations=1', 'lesions=8'],
    'enhanced': ['enhanced=1'],
    'sagittal': ['plane=sagittal'],
    'axial': ['plane=axial'],
    'oblique': ['plane=oblique'],
    'coronal-ffs': ['position=FFS'],
    'sagittal-ffs': ['plane=sagittal', 'position=FFS'],
    'axial-decubitus': ['plane=axial', 'position=DECUBITUS'],
    'coronal-decubitus': ['position=DECUBITUS'],
    'thin-slices': ['slice=0.4', 'lesions=8'],
    'oblique-ffs': ['plane=oblique', 'position=FFS'],
    'none': ['lesions=0'],
    'one': ['lesions=1'],
    'not-evaluable': ['evaluable=0'],
    'prior': ['prior=1', 'lesions=8', 'language=de', 'pdf=1', 'predecessor=2.25.13', 'name=Müller^Jörg'],
    'comprehensive': ['sr=comprehensive', 'prior=1'],
    'enhanced-sr': ['sr=enhanced', 'stations=1'],
    'enhanced-sr-multiframe': ['sr=enhanced', 'enhanced=1', 'plane=sagittal'],
}
SR_CLASSES = {'comprehensive3d': '1.2.840.10008.5.1.4.1.1.88.34', 'comprehensive': '1.2.840.10008.5.1.4.1.1.88.33',
              'enhanced': '1.2.840.10008.5.1.4.1.1.88.22'}


def setting(case, key, default):
    return dict(a.split('=', 1) for a in CASES[case]).get(key, default)


def setUpModule():
    shutil.rmtree(OUT, ignore_errors=True)
    for case, arguments in CASES.items():
        subprocess.run([WRITE_CASE, os.path.join(OUT, case)] + arguments, check=True)


def tearDownModule():
    """Leaves every body map (overview.png), and all objects of three studies; the rest is half a gigabyte."""
    for case in CASES:
        shutil.rmtree(path(case, 'source'), ignore_errors=True)
        for name in documents(case) if case not in ('classic', 'stations', 'prior') else []:
            os.remove(path(case, name))


def path(case, name):
    return os.path.join(OUT, case, name)


def documents(case):
    return sorted(n for n in os.listdir(os.path.join(OUT, case)) if n.endswith('.dcm'))


def load_json(case, name):
    with open(path(case, name), encoding='utf-8') as f:
        return json.load(f)


# --- Reading a structured report with nothing but pydicom.

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


def label_of(item):
    labels = children(item, '125309')
    return labels[0].TextValue if labels else None


def numbers_of(group):
    """Short Label -> value, or None with the reason when it was not measured."""
    values = {}
    for num in children(group, value_type='NUM'):
        measured = num.MeasuredValueSequence
        if len(measured):
            value = float(measured[0].NumericValue)
        else:
            assert num.NumericValueQualifierCodeSequence[0].CodeValue == '114007'
            value = None
        key = label_of(num)
        if key == 'anchor_marrow':
            site = children(num, '363698007')[0]
            modifiers = [c.ConceptCodeSequence[0].CodeMeaning.lower() for c in children(site)]
            key = (key, site.ConceptCodeSequence[0].CodeMeaning.lower(), tuple(sorted(modifiers)))
        values[key] = value
    return values


def groups_of(sr):
    measurements = children(sr, '126010')[0]
    return children(measurements, '125007')


def tracking_uid(group):
    return children(group, '112040')[0].UID


def template_of(item):
    return item.ContentTemplateSequence[0].TemplateIdentifier if 'ContentTemplateSequence' in item else None


# --- Reading a segmentation with nothing but pydicom.

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


class Objects(unittest.TestCase):

    def test_dciodvfy_has_no_error(self):
        checked = 0
        for case in CASES:
            for name in documents(case):
                run = subprocess.run(['dciodvfy', path(case, name)], capture_output=True, text=True, errors='replace')
                errors = [l for l in (run.stdout + run.stderr).splitlines() if l.startswith('Error')]
                self.assertEqual(errors, [], f'{case}/{name}')
                checked += 1
        self.assertGreater(checked, 4 * len(CASES))

    def test_dsrdump_reads_every_report(self):
        for case in CASES:
            run = subprocess.run(['dsrdump', '+Pl', path(case, 'sr.dcm')], capture_output=True, text=True)
            self.assertEqual(run.returncode, 0, case)
            self.assertIn('Imaging Measurement Report', run.stdout)
            self.assertNotIn('E: ', run.stderr, case)

    def test_which_objects(self):
        for case in CASES:
            lesions = len(load_json(case, 'findings.json')['lesions'])
            want = {'sr.dcm'} | {f'sc-{n + 1:02d}.dcm' for n in range(lesions + 1)}
            want |= {'seg.dcm'} if lesions else set()
            want |= {'report-pdf.dcm'} if setting(case, 'pdf', '0') == '1' else set()
            self.assertEqual(set(documents(case)), want, case)

    def test_sop_class_and_flags(self):
        for case in CASES:
            sr = pydicom.dcmread(path(case, 'sr.dcm'))
            self.assertEqual(sr.SOPClassUID, SR_CLASSES[setting(case, 'sr', 'comprehensive3d')], case)
            self.assertEqual((sr.VerificationFlag, sr.PreliminaryFlag), ('UNVERIFIED', 'PRELIMINARY'))
            for name in documents(case):
                dataset = pydicom.dcmread(path(case, name))
                self.assertTrue(dataset.SeriesDescription.startswith('Osteon'))
                self.assertTrue(dataset.SeriesDescription.endswith('UNVERIFIED'))
                self.assertGreater(dataset.SeriesNumber, 9000)
                self.assertEqual(dataset.file_meta.TransferSyntaxUID, '1.2.840.10008.1.2.1')

    def test_patient_and_study_are_those_of_the_source(self):
        for case in CASES:
            source = pydicom.dcmread(path(case, 'source/series-1/0001.dcm'), stop_before_pixels=True)
            for name in documents(case):
                dataset = pydicom.dcmread(path(case, name))
                self.assertEqual(dataset.SpecificCharacterSet, 'ISO_IR 192')
                for keyword in ('PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex', 'StudyInstanceUID',
                                'StudyDate', 'StudyTime', 'AccessionNumber', 'StudyDescription', 'StudyID'):
                    self.assertEqual(str(dataset.get(keyword)), str(source.get(keyword, '')), f'{case}/{name} {keyword}')
        self.assertEqual(str(pydicom.dcmread(path('prior', 'sr.dcm')).PatientName), 'Müller^Jörg')

    def test_same_bytes_on_a_second_run(self):
        for case in ('stations', 'prior', 'not-evaluable'):
            again = os.path.join(OUT, case + '-again')
            subprocess.run([WRITE_CASE, again] + CASES[case], check=True)
            for name in documents(case) + ['findings.json', 'overview.png']:
                with open(path(case, name), 'rb') as a, open(os.path.join(again, name), 'rb') as b:
                    self.assertEqual(a.read(), b.read(), f'{case}/{name}')
            shutil.rmtree(again)

    def test_every_number_of_findings_json_is_in_the_sr(self):
        found = 0
        for case in CASES:
            findings, sr = load_json(case, 'findings.json'), pydicom.dcmread(path(case, 'sr.dcm'))
            groups = {tracking_uid(g): g for g in groups_of(sr)}
            whole = next(g for g in groups_of(sr) if 'total_volume_ml' in numbers_of(g))
            patient = numbers_of(whole)
            marrow = {k: v for k, v in patient.items() if isinstance(k, tuple)}
            for key, value in findings['patient'].items():
                if key == 'anchor_marrow':
                    self.assertEqual(sorted(marrow.values()), sorted(value.values()), case)
                elif key == 'symmetric_pairs':
                    words = [c.TextValue for c in children(whole, '111005') if label_of(c) == 'symmetric_pair']
                    self.assertEqual(words, [f"{p['right']} (right) and {p['left']} (left)" for p in value])
                elif key in patient or isinstance(value, (int, float)) and not isinstance(value, bool):
                    self.assertEqual(patient[key], value, f'{case} {key}')
                    found += 1
            for lesion in findings['lesions'] + findings['other_marks']:
                found += self.check_lesion(case, lesion, groups[lesion['tracking_uid']])
            if findings['prior']:
                for change, count in findings['prior']['counts'].items():
                    self.assertEqual(patient['prior_count_' + change], count)
                for gone in findings['prior']['resolved']:
                    numbers = numbers_of(groups[gone['tracking_uid']])
                    self.assertEqual(numbers['prior_volume_ml'], gone['prior_volume_ml'])
                    self.assertEqual(children(groups[gone['tracking_uid']], '121151')[0].TextValue, str(gone['number']))
        self.assertGreater(found, 1000)

    def check_lesion(self, case, lesion, group):
        numbers = numbers_of(group)
        found = 0
        for key, value in lesion.items():
            where = f"{case} lesion {lesion['number']} {key}"
            if key == 'number':
                self.assertEqual(children(group, '121151')[0].TextValue, str(value), where)
            elif key == 'centroid_mm':
                self.check_place(case, children(group, '111030'), [value], where)
            elif key == 'long_axis_mm':
                axis = next(c for c in children(group, '103339001'))
                self.check_place(case, children(axis, '121112'), value, where)
            elif key in numbers:
                self.assertEqual(numbers[key], value, where)
            else:
                self.assertNotIsInstance(value, (int, float), where + ' is not in the SR')
            found += 1
        for key, reason in lesion['not_assessed'].items():
            num = next(c for c in children(group, value_type='NUM') if label_of(c) == key)
            self.assertEqual(children(num, '121106')[0].TextValue, reason)
        return found

    def check_place(self, case, items, points, where):
        self.assertEqual(len(items), 1, where)
        item = items[0]
        if setting(case, 'sr', 'comprehensive3d') == 'comprehensive3d':
            self.assertEqual(item.ValueType, 'SCOORD3D')
            self.assertEqual(item.GraphicType, 'POINT' if len(points) == 1 else 'POLYLINE')
            np.testing.assert_allclose(np.reshape(item.GraphicData, (-1, 3)), points, atol=1e-3, err_msg=where)
        else:
            self.assertEqual(item.ValueType, 'SCOORD')
            self.check_image_point(case, item, points, where)

    def check_image_point(self, case, item, points, where):
        """The SCOORD lies where the point is projected to on the image that it names."""
        reference = item.ContentSequence[0].ReferencedSOPSequence[0]
        source = next(s for s in self.sources(case) if reference.ReferencedSOPInstanceUID in s['uids'])
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

    def sources(self, case):
        found = []
        root = os.path.join(OUT, case, 'source')
        for series in sorted(os.listdir(root)):
            files = sorted(os.listdir(os.path.join(root, series)))
            datasets = [pydicom.dcmread(os.path.join(root, series, f), stop_before_pixels=True) for f in files]
            uids = [d.SOPInstanceUID for d in datasets]
            if setting(case, 'enhanced', '0') == '1':  # Referred to as frames of one instance.
                seg = pydicom.dcmread(path(case, 'seg.dcm'))
                reference = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0].ReferencedSOPInstanceUID
                uids = [reference] * len(uids)
            found.append({'uids': uids, 'datasets': datasets})
        return found

    def test_sr_seg_and_pictures_agree_within_half_a_voxel(self):
        compared = 0
        for case in CASES:
            if not os.path.exists(path(case, 'seg.dcm')):
                continue
            truth, findings = load_json(case, 'truth.json'), load_json(case, 'findings.json')
            seg, sr = pydicom.dcmread(path(case, 'seg.dcm')), pydicom.dcmread(path(case, 'sr.dcm'))
            points, halves = segment_points(seg)
            groups = {tracking_uid(g): g for g in groups_of(sr)}
            for segment in seg.SegmentSequence:
                lesion = next(l for l in findings['lesions'] if l['tracking_uid'] == segment.TrackingUID)
                centre = np.array(truth['centres_mm'][lesion['number'] - 1])
                drawn = points[int(segment.SegmentNumber)].mean(axis=0)
                self.assertTrue(within(drawn - centre, halves), f"{case} SEG {lesion['number']} {drawn} {centre}")
                group = groups[segment.TrackingUID]
                point = children(group, '111030')[0]
                if point.ValueType == 'SCOORD3D':
                    self.assertTrue(within(np.array(point.GraphicData) - drawn, halves), f'{case} SR')
                picture = next(k for k in truth['key_images'] if k['lesion'] == lesion['number'])
                page = pydicom.dcmread(path(case, f"sc-{truth['key_images'].index(picture) + 2:02d}.dcm"))
                shown = outline_centre(page.pixel_array, picture['outlined'])
                away = np.abs(shown - centre)
                self.assertLess(max(away[0], away[2]), truth['voxel_mm'] / 2, f"{case} SC {lesion['number']}")
                self.assertLess(away[1], truth['voxel_mm'] * 1.01, f'{case} SC depth')  # Slices are two voxels thick.
                compared += 1
        self.assertGreater(compared, 60)

    def test_body_map_shows_lesions_where_they_are(self):
        for case in ('classic', 'coronal-ffs', 'axial-decubitus'):
            truth = load_json(case, 'truth.json')
            page = pydicom.dcmread(path(case, 'sc-01.dcm')).pixel_array
            panel = truth['coronal']
            for centre in truth['centres_mm']:
                x = panel_pixel(panel, 'step_x', centre)
                y = panel_pixel(panel, 'step_y', centre)
                around = page[int(y) - 14:int(y) + 15, int(x) - 14:int(x) + 15].reshape(-1, 3)
                self.assertTrue(is_outline(around).any(), f'{case}: no outline near {centre}')
            left = min(truth['centres_mm'], key=lambda c: c[0])  # The patient's right is on the left.
            self.assertLess(panel_pixel(panel, 'step_x', left), panel['left'] + panel['width'] / 2)

    def test_segments_and_groups_reach_each_other(self):
        for case in CASES:
            if not os.path.exists(path(case, 'seg.dcm')):
                continue
            seg, sr = pydicom.dcmread(path(case, 'seg.dcm')), pydicom.dcmread(path(case, 'sr.dcm'))
            by_uid = {s.TrackingUID: s for s in seg.SegmentSequence}
            reached = set()
            for group in groups_of(sr):
                references = children(group, '121191')
                self.assertEqual(template_of(group), '1411' if references else '1501', case)
                if not references:
                    self.assertNotIn(tracking_uid(group), by_uid)
                    continue
                reference = references[0].ReferencedSOPSequence[0]
                segment = by_uid[tracking_uid(group)]
                self.assertEqual(reference.ReferencedSOPInstanceUID, seg.SOPInstanceUID)
                self.assertEqual(reference.ReferencedSegmentNumber, segment.SegmentNumber)
                self.assertEqual(children(group, '112039')[0].TextValue, segment.TrackingID)
                site, region = children(group, '363698007')[0], segment.AnatomicRegionSequence[0]
                self.assertEqual(site.ConceptCodeSequence[0].CodeValue, region.CodeValue)
                side = [c.ConceptCodeSequence[0].CodeValue for c in children(site, '272741003')]
                modifiers = [m.CodeValue for m in region.get('AnatomicRegionModifierSequence', [])]
                self.assertEqual(side, modifiers)
                reached.add(segment.SegmentNumber)
            self.assertEqual(reached, {s.SegmentNumber for s in seg.SegmentSequence}, case)

    def test_seg_is_small_and_lies_on_its_source_images(self):
        for case in CASES:
            if not os.path.exists(path(case, 'seg.dcm')):
                continue
            seg = pydicom.dcmread(path(case, 'seg.dcm'))
            pixels = seg.pixel_array
            self.assertTrue(0 < seg.NumberOfFrames < 400)
            self.assertTrue(all(frame.any() for frame in pixels), f'{case}: an empty frame')
            sources = self.sources(case)
            for frame in seg.PerFrameFunctionalGroupsSequence:
                derivation = frame.DerivationImageSequence[0]
                image = derivation.SourceImageSequence[0]
                if case == 'thin-slices':  # Too many frames for the source slices: on the composed grid.
                    self.assertEqual(image.SpatialLocationsPreserved, 'NO')
                    continue
                self.assertEqual(image.SpatialLocationsPreserved, 'YES')
                source = next(s for s in sources if image.ReferencedSOPInstanceUID in s['uids'])
                n = int(image.get('ReferencedFrameNumber', 0)) or source['uids'].index(image.ReferencedSOPInstanceUID) + 1
                dataset = source['datasets'][n - 1]
                np.testing.assert_allclose(np.array(frame.PlanePositionSequence[0].ImagePositionPatient, float),
                                           np.array(dataset.ImagePositionPatient, float), atol=1e-3)
                shared = seg.SharedFunctionalGroupsSequence[0]
                np.testing.assert_allclose(
                    np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float),
                    np.array(dataset.ImageOrientationPatient, float), atol=1e-5)
                self.assertEqual(dataset.FrameOfReferenceUID, seg.FrameOfReferenceUID)
            if case != 'stations':
                continue
            # No lesion is drawn twice in the overlap.
            points, _ = segment_points(seg)
            for number, at in points.items():
                self.assertEqual(len(np.unique(at.round(1), axis=0)), len(at), f'segment {number}')

    def test_evidence_is_complete(self):
        for case in CASES:
            sr = pydicom.dcmread(path(case, 'sr.dcm'))
            evidence = set()
            for keyword in ('CurrentRequestedProcedureEvidenceSequence', 'PertinentOtherEvidenceSequence'):
                for study in sr.get(keyword, []):
                    for series in study.ReferencedSeriesSequence:
                        evidence |= {r.ReferencedSOPInstanceUID for r in series.ReferencedSOPSequence}
            referred = {r.ReferencedSOPInstanceUID for item in walk(sr) for r in item.get('ReferencedSOPSequence', [])}
            self.assertEqual(referred - evidence, set(), case)
            ours = {pydicom.dcmread(path(case, n)).SOPInstanceUID for n in documents(case)}
            ours -= {sr.SOPInstanceUID}
            if 'report-pdf.dcm' in documents(case):
                ours -= {pydicom.dcmread(path(case, 'report-pdf.dcm')).SOPInstanceUID}
            self.assertEqual(ours - evidence, set(), f'{case}: an object of ours is not in the evidence')
            library = {r.ReferencedSOPInstanceUID for group in children(children(sr, '111028')[0], '126200')
                       for image in children(group, value_type='IMAGE') for r in image.ReferencedSOPSequence}
            self.assertEqual(library, {u for s in self.sources(case) for u in s['uids']}
                             if setting(case, 'enhanced', '0') == '0' else library, case)
        sr = pydicom.dcmread(path('prior', 'sr.dcm'))
        predecessor = sr.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
        self.assertEqual(predecessor.ReferencedSOPInstanceUID, '2.25.13')

    def test_templates_context_and_lengths(self):
        for case in CASES:
            sr = pydicom.dcmread(path(case, 'sr.dcm'))
            self.assertEqual(template_of(sr), '1500')
            self.assertEqual(template_of(children(sr, '111028')[0]), '1600')
            language = children(sr, '121049')[0].ConceptCodeSequence[0].CodeValue
            self.assertEqual(language, setting(case, 'language', 'en'))
            self.assertEqual(children(sr, '121005')[0].ConceptCodeSequence[0].CodeValue, '121007')
            first = [c for c in children(sr) if c.RelationshipType == 'CONTAINS'][0]
            self.assertEqual(name_of(first), '121072', 'the impression comes first')
            for group in groups_of(sr):
                self.assertEqual(children(group, '111003')[0].TextValue, '0.1.0')
            for item in walk(sr):
                for keyword in ('ConceptNameCodeSequence', 'ConceptCodeSequence'):
                    for code in item.get(keyword, []):
                        self.assertLessEqual(len(code.CodeMeaning), 64)
                        self.assertIn(code.CodingSchemeDesignator, ('SCT', 'DCM', 'UCUM', 'RFC5646'))
                for measured in item.get('MeasuredValueSequence', []):
                    self.assertLessEqual(len(str(measured.NumericValue)), 16)

    def test_not_evaluable_says_so_and_counts_nothing(self):
        sr = pydicom.dcmread(path('not-evaluable', 'sr.dcm'))
        impression = ' '.join(t.TextValue for t in children(children(sr, '121072')[0]))
        self.assertIn('Not evaluable', impression)
        self.assertIn('not a negative result', impression)
        numbers = numbers_of(groups_of(sr)[0])
        self.assertIsNone(numbers['lesion_count'])
        none = pydicom.dcmread(path('none', 'sr.dcm'))
        self.assertEqual(numbers_of(groups_of(none)[0])['lesion_count'], 0)
        self.assertIn('Not imaged: hand', ' '.join(t.TextValue for t in children(children(none, '121072')[0])))

    def test_pdf_is_a_pdf_of_one_page(self):
        dataset = pydicom.dcmread(path('prior', 'report-pdf.dcm'))
        self.assertEqual(dataset.MIMETypeOfEncapsulatedDocument, 'application/pdf')
        pdf = dataset.EncapsulatedDocument[:dataset.EncapsulatedDocumentLength]
        self.assertTrue(pdf.startswith(b'%PDF-') and pdf.rstrip().endswith(b'%%EOF'))

    def test_codes_are_those_of_the_standard(self):
        known = {}
        for scheme, names in _concepts_dict.concepts.items():
            for by_code in names.values():
                for value, (meaning, _) in by_code.items():
                    known.setdefault((scheme, value), set()).add(meaning.replace(' (procedure)', '').replace(
                        ' (observable entity)', ''))
        for case in CASES:
            for item in walk(pydicom.dcmread(path(case, 'sr.dcm'))):
                for keyword in ('ConceptNameCodeSequence', 'ConceptCodeSequence'):
                    for code in item.get(keyword, []):
                        meanings = known.get((code.CodingSchemeDesignator, code.CodeValue))
                        if meanings is not None and name_of(item) != '363698007':
                            self.assertIn(code.CodeMeaning, meanings, code.CodeValue)

    def test_findings_json_fits_its_schema(self):
        with open(os.path.join(SOURCE, 'config', 'findings.schema.json'), encoding='utf-8') as f:
            schema = json.load(f)
        for case in CASES:
            fits(load_json(case, 'findings.json'), schema, schema, case)
        broken = load_json('classic', 'findings.json')
        broken['lesions'][0]['volume_ml'] = 'much'
        with self.assertRaises(AssertionError):
            fits(broken, schema, schema, 'broken')


def panel_pixel(panel, axis, point):
    step, origin = np.array(panel[axis]), np.array(panel['origin'])
    return (np.array(point) - origin) @ step / (step @ step)


def is_outline(pixels):
    """The colours of outlines: far from grey."""
    pixels = pixels.astype(int)
    return pixels.max(axis=-1) - pixels.min(axis=-1) > 60


def outline_centre(page, panel):
    box = page[panel['top']:panel['top'] + panel['height'], panel['left']:panel['left'] + panel['width']]
    rows, columns = np.nonzero(is_outline(box))
    x = (columns.min() + columns.max()) / 2 + panel['left']
    y = (rows.min() + rows.max()) / 2 + panel['top']
    return np.array(panel['origin']) + x * np.array(panel['step_x']) + y * np.array(panel['step_y'])


TYPES = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'null': type(None)}


def has_type(value, name):
    if name == 'number':
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == 'integer':
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def fits(value, schema, root, where):
    """The part of JSON Schema that config/findings.schema.json uses (no package for it in the base system)."""
    while '$ref' in schema:
        schema = root['$defs'][schema['$ref'].rsplit('/', 1)[1]]
    unknown = set(schema) - {'type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const', 'minimum',
                             'maximum', 'minItems', 'maxItems', 'pattern', 'description', 'title', '$schema', '$id', '$defs'}
    assert not unknown, f'{where}: schema words this test does not know: {unknown}'
    if 'type' in schema:
        names = schema['type'] if isinstance(schema['type'], list) else [schema['type']]
        assert any(has_type(value, n) for n in names), f'{where}: {value!r} is not {names}'
    assert 'const' not in schema or value == schema['const'], where
    assert 'enum' not in schema or value in schema['enum'], f'{where}: {value!r}'
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        assert schema.get('minimum', value) <= value <= schema.get('maximum', value), f'{where}: {value}'
    if isinstance(value, list):
        assert schema.get('minItems', 0) <= len(value) <= schema.get('maxItems', len(value)), where
        for n, item in enumerate(value):
            fits(item, schema.get('items', {}), root, f'{where}[{n}]')
    if isinstance(value, dict):
        missing = set(schema.get('required', [])) - set(value)
        assert not missing, f'{where}: missing {missing}'
        for key, item in value.items():
            inner = schema.get('properties', {}).get(key, schema.get('additionalProperties', {}))
            assert inner is not False, f'{where}: {key} is not in the schema'
            fits(item, {} if inner is True else inner, root, f'{where}.{key}')


if __name__ == '__main__':
    unittest.main(verbosity=2)
