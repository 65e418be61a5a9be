#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`osteon analyze` without any server: its output, its messages for bad input, and equal bytes when it is repeated."""
import glob
import json
import math
import os
import shutil
import subprocess
import tempfile
import unittest

import mini
import pydicom
from lab import OSTEON, SOURCE, phantom, run
from objects import check_object, read_folder


class Analyze(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='osteon-analyze-')
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.study = os.path.join(cls.folder, 'phantom')
        cls.truth = phantom(cls.study, '--seed', '3', '--lesions', '6')
        cls.out = os.path.join(cls.folder, 'out')
        cls.done = run(OSTEON, 'analyze', cls.study, '--out', cls.out)

    def path(self, name):
        return os.path.join(self.folder, name)

    def copy_of_study(self, name):
        copy = self.path(name)
        shutil.copytree(self.study, copy)
        return copy, sorted(glob.glob(os.path.join(copy, '**', '*.dcm'), recursive=True))

    def refused(self, folder, *words, code=2):
        done = run(OSTEON, 'analyze', folder, '--out', self.path('refused'), ok=None)
        self.assertEqual(done.returncode, code, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr + done.stdout)
        self.assertFalse(os.path.exists(self.path('refused')), 'nothing half-written')
        return done

    def test_writes_what_the_contract_lists(self):
        names = set(os.listdir(self.out))
        self.assertLessEqual({'sr.dcm', 'seg.dcm', 'findings.json', 'overview.png'}, names)
        self.assertTrue(any(n.startswith('sc-') for n in names), names)
        for objects in read_folder(self.out).values():
            for path, dataset in objects:
                with self.subTest(os.path.basename(path)):
                    check_object(self, path, dataset)

    def test_the_report_grades_a_mark_as_the_detector_did(self):
        """By the same anchors, also where the coils see less: no rule can then call normal what the report grades, or the other way round."""
        explained = self.path('explained')
        run(OSTEON, 'analyze', self.study, '--out', explained, '--explain')
        with open(os.path.join(explained, 'explain', 'candidates.json')) as f:
            candidates = json.load(f)
        found = self.findings(explained)
        dimmed = 0
        for mark in found['lesions'] + found['other_marks']:
            nearest = min(candidates, key=lambda c: math.dist(c['centroid_lps_mm'], mark['centroid_mm']))
            self.assertLess(math.dist(nearest['centroid_lps_mm'], mark['centroid_mm']), 1, mark['tracking_id'])
            self.assertAlmostEqual(mark['stir_position'], nearest['features']['stir_position'], places=4, msg=mark['tracking_id'])
            dimmed += nearest['coil_share'] < .99
        self.assertGreater(dimmed, 0, 'a phantom whose coils see some marks less')

    def test_findings_follow_their_schema(self):
        import jsonschema
        with open(os.path.join(SOURCE, 'config', 'findings.schema.json')) as f:
            schema = json.load(f)
        with open(os.path.join(self.out, 'findings.json')) as f:
            jsonschema.validate(json.load(f), schema)

    def test_again_with_one_thread_gives_the_same_bytes(self):
        again = self.path('again')
        run(OSTEON, 'analyze', self.study, '--out', again, '--threads', '1')
        self.assertEqual(sorted(os.listdir(again)), sorted(os.listdir(self.out)))
        for name in os.listdir(self.out):
            with open(os.path.join(self.out, name), 'rb') as a, open(os.path.join(again, name), 'rb') as b:
                first, second = a.read(), b.read()
            if name == 'findings.json':     # Only the times may differ.
                first, second = ({**json.loads(text), 'stage_seconds': None} for text in (first, second))
            self.assertEqual(first, second, name)

    def findings(self, folder):
        with open(os.path.join(folder, 'findings.json')) as f:
            return json.load(f)

    def same_lesions(self, out):
        usual, other = self.findings(self.out), self.findings(out)
        self.assertEqual([x['site'] for x in other['lesions']], [x['site'] for x in usual['lesions']])
        for one, two in zip(other['lesions'], usual['lesions']):
            self.assertAlmostEqual(one['volume_ml'] / two['volume_ml'], 1, delta=.01, msg=one['site'])

    def test_opencv_finds_the_same_lesions_as_the_fastest_library(self):
        self.assertRegex(self.findings(self.out)['inference'], 'oneDNN|OpenCV')
        config, out = self.path('opencv.toml'), self.path('opencv')
        with open(config, 'w') as f:
            f.write('[pipeline]\ninference = "opencv"\n')
        run(OSTEON, 'analyze', self.study, '--out', out, '--config', config)
        self.assertIn('OpenCV', self.findings(out)['inference'])
        self.same_lesions(out)

    def test_a_processor_without_avx512_finds_the_same_lesions(self):
        # Both libraries of networks, and the mathematics of the C library without FMA.
        older = {'DNNL_MAX_CPU_ISA': 'AVX2', 'OPENCV_CPU_DISABLE': 'AVX512-SKX', 'GLIBC_TUNABLES': 'glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA'}
        out = self.path('older')
        run(OSTEON, 'analyze', self.study, '--out', out, env={**os.environ, **older})
        self.same_lesions(out)

    def test_empty_folder(self):
        os.makedirs(self.path('empty'))
        self.refused(self.path('empty'), 'empty')

    def test_folder_that_is_not_there(self):
        self.refused(self.path('nowhere'), 'nowhere')

    def test_folder_of_text_files(self):
        os.makedirs(self.path('texts'))
        for n in range(3):
            with open(os.path.join(self.path('texts'), f'{n}.txt'), 'w') as f:
                f.write('not DICOM\n' * 100)
        self.refused(self.path('texts'), 'DICOM')

    def test_two_studies_are_listed(self):
        two = self.path('two')
        a = mini.image_series(os.path.join(two, 'a'), 'first')
        b = mini.image_series(os.path.join(two, 'b'), 'second')
        self.refused(two, a, b)

    def test_a_brain_is_not_a_whole_body(self):
        mini.image_series(self.path('brain'), 'brain')
        self.refused(self.path('brain'), 'whole-body', code=4)

    def test_truncated_file_is_named(self):
        copy, files = self.copy_of_study('truncated')
        victim = files[len(files) // 2]
        with open(victim, 'r+b') as f:
            f.truncate(os.path.getsize(victim) // 2)
        self.refused(copy, os.path.basename(victim))

    def test_pixel_data_shorter_than_the_header_says_is_named(self):
        copy, files = self.copy_of_study('short')
        dataset = pydicom.dcmread(files[3])
        dataset.PixelData = dataset.PixelData[:len(dataset.PixelData) // 2]
        dataset.save_as(files[3])
        self.refused(copy, os.path.basename(files[3]), 'Pixel')

    def test_missing_slice_is_told(self):
        copy, files = self.copy_of_study('missing')
        os.remove(files[len(files) // 2])
        done = run(OSTEON, 'analyze', copy, '--out', self.path('missing-out'), ok=None)
        self.assertIn('missing', (done.stderr + done.stdout).lower())
        if done.returncode == 0:  # When it was repaired, the report must say so.
            with open(os.path.join(self.path('missing-out'), 'findings.json')) as f:
                self.assertIn('missing', json.dumps(json.load(f)['caveats']).lower())

    def test_usage_errors_exit_with_2(self):
        for arguments in ([], ['--out', self.path('x')], [self.study, '--no-such-option']):
            self.assertEqual(subprocess.run([OSTEON, 'analyze', *arguments], capture_output=True).returncode, 2)


if __name__ == '__main__':
    unittest.main(verbosity=2)
