# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the report, their language, the patient they name, and the PDF as pdftotext reads it."""
import glob
import os
import re
import subprocess
import tempfile
import unittest

from objects_cases import CASES, SOURCE, load_json, read
from objects_sr import children, groups_of, name_of, numbers_of, walk

# Words that only English has; a German report has none of them.
ENGLISH = set("""the of and not with were is are than from which by this that no new lesion lesions bone bones
study prior series slice slices other side muscle found seen could been imaged assessed years right left height loss stable worse
improved resolved soft tissue growth plate marrow""".split())
# Texts for programs, English in every language (concepts.h): words of closed sets, tracking ids, device.
FOR_PROGRAMS = {'112039', '121015', '111001', '111003', 'values'}


def said(sr):
    """Texts for people, without those for programs."""
    for item in walk(sr):
        if item.ValueType == 'TEXT' and name_of(item) not in FOR_PROGRAMS:
            yield item.TextValue


def pdf_text(case):
    dataset = read(case, 'report-pdf.dcm')
    with tempfile.NamedTemporaryFile(suffix='.pdf') as f:
        f.write(dataset.EncapsulatedDocument[:dataset.EncapsulatedDocumentLength])
        f.flush()
        info = subprocess.run(['pdfinfo', f.name], capture_output=True, text=True, check=True).stdout
        text = subprocess.run(['pdftotext', '-layout', f.name, '-'], capture_output=True, text=True, check=True).stdout
    return info, re.sub(r'[\s\u2066-\u2069]+', ' ', text)


class Words(unittest.TestCase):

    def test_not_evaluable_says_so_and_counts_nothing(self):
        sr = read('not-evaluable', 'sr.dcm')
        impression = ' '.join(t.TextValue for t in children(children(sr, '121072')[0]))
        self.assertIn('Not evaluable', impression)
        self.assertIn('not a negative result', impression)
        self.assertEqual(numbers_of(groups_of(sr)[0]), {})
        none = read('none', 'sr.dcm')
        self.assertEqual(numbers_of(groups_of(none)[0])['total_count'], 0)
        self.assertIn('Not imaged or not recognised: hand', ' '.join(t.TextValue for t in children(children(none, '121072')[0])))

    def test_criteria_are_named_without_a_score(self):
        text = ' '.join(said(read('prior-english', 'sr.dcm')))
        self.assertIn('(no score): Jansson 2009: more than one lesion.', text)
        self.assertIn('(kein Score)', ' '.join(said(read('prior', 'sr.dcm'))))

    def test_a_german_report_has_no_english_words(self):
        checked = 0
        for case in CASES:
            sr = read(case, 'sr.dcm')
            if children(sr, '121049')[0].ConceptCodeSequence[0].CodeValue != 'de':
                continue
            for text in said(sr):
                words = set(re.findall(r"[a-zäöüß]+", text.replace('UNVERIFIED', '').lower()))
                self.assertEqual(words & ENGLISH, set(), f'{case}: {text}')
                checked += 1
        self.assertGreater(checked, 30)

    def test_the_two_languages_say_the_same_and_not_in_the_same_words(self):
        german, english = read('prior', 'sr.dcm'), read('prior-english', 'sr.dcm')
        pairs = list(zip(said(german), said(english), strict=True))
        same = {a for a, b in pairs if a == b and re.search('[a-z]{3}', a)}
        self.assertEqual(same, set())
        for a, b in pairs:  # The same numbers, with the comma of the language.
            digits = [sorted(re.findall(r'\d+', re.sub(r'\d{1,2}\.\d\d\.\d{4}|\d{1,2} \w{3} \d{4}', '', t))) for t in (a, b)]
            self.assertEqual(*digits, f'{a} | {b}')

    def test_every_text_of_the_stages_has_its_german(self):
        table = open(os.path.join(SOURCE, 'pipelines/report/translate.cc'), encoding='utf-8').read()
        table = re.sub(r'"\s*\n\s*"', '', table)
        known = set(re.findall(r'\{"((?:[^"\\\\]|\\\\.)*)",', table))
        codes, reasons = set(), set()
        for name in glob.glob(os.path.join(SOURCE, 'pipelines', '**', '*.cc'), recursive=True):
            if '/training/' in name or name.endswith('translate.cc'):
                continue
            text = re.sub(r'"\s*\n\s*"', '', open(name, encoding='utf-8').read())
            codes |= set(re.findall(r'(?:AddCaveat|caveats\.push_back|refuse|Then)\(\s*\{?\s*"([a-z_0-9]+)"', text))
            reasons |= set(re.findall(r'NotAssessed\(\s*"([^"]+)"', text))
            if name.endswith('lesion_site.cc'):
                reasons |= set(re.findall(r'return "([a-z ]+)";', text))
        self.assertGreater(len(codes), 15)
        self.assertGreater(len(reasons), 15)
        self.assertEqual((codes | reasons) - known, set())

    def test_pdf_is_one_page_that_says_what_the_report_says(self):
        for case in ('prior', 'prior-english'):
            info, text = pdf_text(case)
            self.assertRegex(info, r'Pages:\s+1\n')
            self.assertIn('UNVERIFIED', text)
            for line in load_json(case, 'findings.json')['report']['impression']:
                for word in line.split():
                    self.assertIn(word, text, f'{case}: {line}')
            self.assertEqual(read(case, 'report-pdf.dcm').MIMETypeOfEncapsulatedDocument, 'application/pdf')

    def test_pages_name_the_patient_in_any_script(self):
        for case, names in (('prior', ['Müller, Jörg', 'T-0815', '01.05.2014', 'ACC4711']),
                            ('prior-english', ['Παπαδοπούλου, Ελένη Μαρία', '1 May 2014']),
                            ('japanese', ['Yamada, Tarou', '山田', '太郎']), ('korean', ['Hong, Gildong', '洪', '吉洞']),
                            ('markup', ['<b>Ev&il</b>, "X"'])):
            _, text = pdf_text(case)
            for name in names:
                self.assertIn(name, text, case)
            self.assertEqual(read(case, 'report-pdf.dcm').BurnedInAnnotation, 'YES')
            self.assertEqual(read(case, 'sc-01.dcm').BurnedInAnnotation, 'YES')

    def test_a_page_without_a_name_says_that_it_has_none(self):
        _, text = pdf_text('nobody')
        self.assertIn('T-0815', text)  # An ID alone is still somebody.
        self.assertEqual(read('nobody', 'sc-01.dcm').BurnedInAnnotation, 'YES')

    def test_nobody_is_named_outside_the_pages(self):
        for case in CASES:
            text = str(load_json(case, 'findings.json'))
            for secret in ('T-0815', 'ACC4711', '20140501', 'Test', 'Müller', '山田', 'Ev&il'):
                self.assertNotIn(secret, text, case)
