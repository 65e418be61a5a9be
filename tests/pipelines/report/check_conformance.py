# SPDX-License-Identifier: GPL-3.0-or-later
"""What independent tools and the standard say of the objects."""
import os
import shutil
import subprocess
import unittest

import pydicom
from objects_cases import CASES, OUT, WRITE_CASE, documents, load_json, path, setting
from objects_sr import children, name_of, template_of, walk
from pydicom.sr import _concepts_dict

SR_CLASSES = {'comprehensive3d': '1.2.840.10008.5.1.4.1.1.88.34', 'comprehensive': '1.2.840.10008.5.1.4.1.1.88.33',
              'enhanced': '1.2.840.10008.5.1.4.1.1.88.22'}
MOST_KEY_IMAGES = 12        # ReportOptions::max_key_images


class Conformance(unittest.TestCase):

    def test_dciodvfy_has_no_error_and_no_warning_that_could_be_avoided(self):
        checked, warned = 0, set()
        for case in CASES:
            for name in documents(case):
                run = subprocess.run(['dciodvfy', path(case, name)], capture_output=True, text=True, errors='replace')
                errors = [l for l in (run.stdout + run.stderr).splitlines() if l.startswith('Error')]
                if case == 'leading-zeros':  # Those of the images, as they are, and the sum of it.
                    errors = [l for l in errors if 'Leading zeroes' not in l and 'contains invalid data values' not in l]
                self.assertEqual(errors, [], f'{case}/{name}')
                # It knows no private coding scheme.
                warned |= {l for l in (run.stdout + run.stderr).splitlines() if l.startswith('Warning') and '<99OSTEON>' not in l
                           and case != 'leading-zeros'}
                checked += 1
        self.assertEqual(warned, set())
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
            gone = setting(case, 'then', '0') == '1'  # Shown beside what is there now.
            pages = 1 + min(lesions, MOST_KEY_IMAGES) + gone
            want = {'sr.dcm'} | {f'sc-{n + 1:02d}.dcm' for n in range(pages)}
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

    def test_templates_context_and_lengths(self):
        for case in CASES:
            sr = pydicom.dcmread(path(case, 'sr.dcm'))
            self.assertEqual(template_of(sr), '1500')
            for library in children(sr, '111028'):
                self.assertEqual(template_of(library), '1600')
            language = children(sr, '121049')[0].ConceptCodeSequence[0].CodeValue
            self.assertEqual(language, setting(case, 'language', 'en'))
            self.assertEqual(children(sr, '121005')[0].ConceptCodeSequence[0].CodeValue, '121007')
            first = [c for c in children(sr) if c.RelationshipType == 'CONTAINS'][0]
            self.assertEqual(name_of(first), '121072', 'the impression comes first')
            self.assertEqual(children(children(sr, '126011')[0], '111003')[0].TextValue, '0.1.0')
            for item in walk(sr):
                for keyword in ('ConceptNameCodeSequence', 'ConceptCodeSequence'):
                    for code in item.get(keyword, []):
                        self.assertLessEqual(len(code.CodeMeaning), 64)
                        self.assertIn(code.CodingSchemeDesignator, ('SCT', 'DCM', 'UCUM', 'RFC5646', '99OSTEON'))
                        if code.CodingSchemeDesignator == '99OSTEON':
                            self.assertEqual(sr.CodingSchemeIdentificationSequence[0].CodingSchemeDesignator, '99OSTEON')
                for measured in item.get('MeasuredValueSequence', []):
                    self.assertLessEqual(len(str(measured.NumericValue)), 16)

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
