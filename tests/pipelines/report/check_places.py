# SPDX-License-Identifier: GPL-3.0-or-later
"""Coordinates of SR, SEG and pictures against the truth: all planes, all patient positions."""
import unittest

import numpy as np
import pydicom
from objects_cases import CASES, cases_with_seg, load_json, path, setting, sources
from objects_sr import groups_of, point_of, segment_points, tracking_uid, within


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


class Places(unittest.TestCase):

    def test_sr_seg_and_pictures_agree_within_half_a_voxel(self):
        compared = 0
        for case in cases_with_seg():
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
                point = point_of(group)
                if point.ValueType == 'SCOORD3D':
                    self.assertTrue(within(np.array(point.GraphicData) - drawn, halves), f'{case} SR')
                picture = next((k for k in truth['key_images'] if k['lesion'] == lesion['number']), None)
                if not picture:  # There are twelve at most.
                    self.assertGreaterEqual(len(truth['key_images']), 12, case)
                    continue
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

    def test_seg_is_small_and_lies_on_its_source_images(self):
        for case in cases_with_seg():
            seg = pydicom.dcmread(path(case, 'seg.dcm'))
            pixels = seg.pixel_array
            self.assertTrue(0 < seg.NumberOfFrames < 400)
            self.assertTrue(all(frame.any() for frame in pixels), f'{case}: an empty frame')
            images = sources(case)
            for frame in seg.PerFrameFunctionalGroupsSequence:
                derivation = frame.DerivationImageSequence[0]
                image = derivation.SourceImageSequence[0]
                # On the composed grid: too many frames for the source slices, and stations, whose slices are on several grids.
                composed = setting(case, 'stations', '0') == '1' and setting(case, 'frame', '2.25.1') != ''
                if case == 'thin-slices' or composed:
                    self.assertEqual(image.SpatialLocationsPreserved, 'NO')
                    continue
                self.assertEqual(image.SpatialLocationsPreserved, 'YES')
                source = next(s for s in images if image.ReferencedSOPInstanceUID in s['uids'])
                n = int(image.get('ReferencedFrameNumber', 0)) or source['uids'].index(image.ReferencedSOPInstanceUID) + 1
                dataset = source['datasets'][n - 1]
                np.testing.assert_allclose(np.array(frame.PlanePositionSequence[0].ImagePositionPatient, float),
                                           np.array(dataset.ImagePositionPatient, float), atol=1e-3)
                shared = seg.SharedFunctionalGroupsSequence[0]
                np.testing.assert_allclose(
                    np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float),
                    np.array(dataset.ImageOrientationPatient, float), atol=1e-5)
                self.assertEqual(dataset.get('FrameOfReferenceUID', ''), seg.get('FrameOfReferenceUID', ''))
            if case != 'stations':
                continue
            # No lesion is drawn twice in the overlap.
            points, _ = segment_points(seg)
            for number, at in points.items():
                self.assertEqual(len(np.unique(at.round(1), axis=0)), len(at), f'segment {number}')
