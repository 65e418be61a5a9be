#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code of a reason that the sources write can be said in German on the page, and no other."""
import glob
import os
import re
import unittest

SOURCE = os.environ['OSTEON_SOURCE_DIR']
CODE = r'"([a-z0-9_]+)"'
PHRASES = rf'(?:\{{|Phrase\{{)\s*{CODE},|\? {CODE} : {CODE},'
PHRASE_FILES = ('orthanc-plugin/intake/gate.cc', 'orthanc-plugin/intake/selection.cc', 'pipelines/selection/choose.cc', 'pipelines/selection/reasons.cc',
                'pipelines/selection/whole_body.cc')
CONTRASTS = rf'(?:Other|Verdict)\(\s*(?:Contrast::\w+,\s*)?{CODE}'


def text(path):
    with open(os.path.join(SOURCE, path), encoding='utf-8') as f:
        return f.read()


def codes(pattern, *files):
    return {code for path in files for found in re.findall(pattern, text(path)) for code in ([found] if isinstance(found, str) else found) if code}


def names(path, function):
    """What a function that names the values of an enumeration returns."""
    return set(re.findall(r'return "(.+?)";', re.search(rf'{function}.*?\n}}\n', text(path), re.S)[0]))


def german(table):
    """Key -> words of one table of app.words.de.why.js."""
    found = re.search(rf'^  {table}: {{\n(.*?)^  }},\n', text('orthanc-plugin/web/app.words.de.why.js'), re.S | re.M)[1]
    return {(plain or quoted.replace("\\'", "'")): words for plain, quoted, words in re.findall(r"^    (?:(\w+)|'(.+?)'): '(.*)", found, re.M)}


class Words(unittest.TestCase):
    def same(self, table, expected):
        self.assertEqual(sorted(german(table)), sorted(expected), table)

    def test_phrases(self):
        found = codes(PHRASES, *PHRASE_FILES) - {'contrast'} | codes(CONTRASTS, 'pipelines/selection/contrast.cc')  # Replaced by what TellContrast said.
        self.assertGreater(len(found), 40)
        self.same('phrases', found)

    def test_values_that_are_words(self):
        self.same('values', (names('pipelines/model/study.cc', r'Name\(Contrast') | names('pipelines/selection/frame_kind.cc', r'Name\(FrameKind')) -
                  {'STIR', 'T1', 'ADC', 'other'})

    def test_causes_hints_events(self):
        errors = codes(rf'ErrorCode::k\w+, {CODE}', 'pipelines/base/result.cc')
        self.same('causes', errors)
        self.same('hints', errors)
        self.same('events', names('orthanc-plugin/ledger/states.cc', r'Name\(JobEvent') | {'opened'})

    def test_stages_and_modes(self):
        stages = codes(rf'Timed\({CODE}', 'pipelines/pipeline.cc') | codes(rf'stage = {CODE}', 'daemon/worker/worker.h', 'daemon/worker/job_child.cc')
        self.assertGreater(len(stages), 6)
        modes = names('orthanc-plugin/web/views.cc', r'Name\(DispatchMode')
        for table in ('en', 'de'):
            words = text(f'orthanc-plugin/web/app.words.{table}.js')
            self.assertEqual(set(re.findall(r'\bstage_(\w+):', words)), stages | {'times'}, table)
            self.assertEqual(set(re.findall(r'\bmode_(\w+):', words)), modes, table)

    def test_why_a_selftest_failed(self):
        said = codes(rf'\{{{CODE},\s*"', 'orthanc-plugin/selftest/course.cc')  # Its table of words.
        used = codes(rf'Failed\({CODE}[,)]|return {CODE};|\? {CODE} : ""|code = {CODE}', 'orthanc-plugin/selftest/course.cc', 'orthanc-plugin/selftest/selftest.cc')
        states = {'job_' + state for state in ('skipped', 'stuck', 'not_evaluable', 'cancelled')}
        self.assertEqual(said, used | states)
        self.assertGreater(len(used), 6)
        for table in ('en', 'de'):
            self.assertEqual(set(re.findall(r'selftest_why_(\w+):', text(f'orthanc-plugin/web/app.words.{table}.js'))), said, table)

    def test_texts_without_a_code_are_the_plugins(self):
        sources = ''.join(text(os.path.relpath(path, SOURCE)) for path in glob.glob(f'{SOURCE}/orthanc-plugin/**/*.cc', recursive=True))
        keys = german('texts')
        self.assertGreater(len(keys), 5)
        self.assertEqual([key for key in keys if f'"{key}"' not in sources], [])


if __name__ == '__main__':
    unittest.main(verbosity=2)
