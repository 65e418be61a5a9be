#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the house that a compiler does not check: who may include whom, what every folder and file carries.

The tables here are design; the README.md of each folder shows them to people. Change both together.
"""
import collections
import os
import re
import statistics
import subprocess
import unittest

ROOT = os.environ.get('OSTEON_SOURCE_DIR') or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Folder -> the folders of ours it may include beside itself.
MAY_INCLUDE = {
    'pipelines/base': [],
    'pipelines/model': ['pipelines/base'],
    'pipelines/settings': ['pipelines/base'],
    'pipelines/imaging': ['pipelines/base', 'pipelines/model'],
    'pipelines/inference': ['pipelines/base', 'pipelines/model'],
    'pipelines/selection': ['pipelines/base', 'pipelines/model'],
    'pipelines/rules': ['pipelines/base', 'pipelines/selection'],
    'pipelines/dicom/dataset': ['pipelines/base', 'pipelines/model'],
    'pipelines/dicom/images': ['pipelines/base', 'pipelines/model', 'pipelines/dicom/dataset'],
    'pipelines/dicom/headers': ['pipelines/base', 'pipelines/model', 'pipelines/selection', 'pipelines/dicom/dataset', 'pipelines/dicom/images'],
    'pipelines/dicom/objects': ['pipelines/base', 'pipelines/model', 'pipelines/dicom/dataset'],
    'pipelines/dicom/seg': ['pipelines/base', 'pipelines/model', 'pipelines/dicom/dataset', 'pipelines/dicom/images', 'pipelines/dicom/objects'],
    'pipelines/dicom/pages': ['pipelines/base', 'pipelines/model', 'pipelines/dicom/objects'],
    'pipelines/dicom/sr': ['pipelines/base', 'pipelines/model', 'pipelines/dicom/dataset', 'pipelines/dicom/objects', 'pipelines/dicom/pages',
                           'pipelines/dicom/seg'],
    'pipelines/dicom/prior': ['pipelines/base', 'pipelines/model', 'pipelines/dicom/dataset', 'pipelines/dicom/sr'],
    'pipelines/dicom': ['pipelines/base', 'pipelines/model', 'pipelines/dicom/objects', 'pipelines/dicom/pages', 'pipelines/dicom/seg',
                        'pipelines/dicom/sr'],
    'pipelines/drawing': ['pipelines/base', 'pipelines/model'],
    'pipelines/report': ['pipelines/base', 'pipelines/model'],
    'pipelines/report/pages': ['pipelines/base', 'pipelines/model', 'pipelines/drawing', 'pipelines/report'],
    'pipelines/stages/series': ['pipelines/base', 'pipelines/model', 'pipelines/imaging'],
    'pipelines/stages/skeleton': ['pipelines/base', 'pipelines/model', 'pipelines/imaging', 'pipelines/inference'],
    'pipelines/stages/detect': ['pipelines/base', 'pipelines/model', 'pipelines/imaging', 'pipelines/inference', 'pipelines/stages/skeleton'],
    'pipelines/stages/lesion': ['pipelines/base', 'pipelines/model', 'pipelines/imaging', 'pipelines/stages/skeleton', 'pipelines/stages/detect'],
    'pipelines/stages/followup': ['pipelines/base', 'pipelines/model'],
    'pipelines/phantom': ['pipelines/base', 'pipelines/model', 'pipelines/dicom/images'],
    'pipelines/evaluate': ['pipelines/base', 'pipelines/model', 'pipelines/dicom/seg'],
    'pipelines': ['pipelines/base', 'pipelines/model', 'pipelines/settings', 'pipelines/selection', 'pipelines/rules', 'pipelines/imaging',
                  'pipelines/inference', 'pipelines/dicom', 'pipelines/dicom/headers', 'pipelines/dicom/images', 'pipelines/dicom/objects',
                  'pipelines/dicom/prior', 'pipelines/drawing', 'pipelines/report', 'pipelines/report/pages', 'pipelines/stages/series',
                  'pipelines/stages/skeleton', 'pipelines/stages/detect', 'pipelines/stages/lesion', 'pipelines/stages/followup'],
    'daemon/protocol': ['pipelines/base'],
    'daemon/worker': ['pipelines/base', 'pipelines/model', 'pipelines/settings', 'pipelines', 'daemon/protocol'],
    'daemon/cli': ['pipelines/base', 'pipelines/model', 'pipelines', 'pipelines/phantom', 'pipelines/report',
                   'daemon/protocol', 'daemon/worker', 'pipelines/evaluate'],
    'orthanc-plugin/archive': ['pipelines/base', 'pipelines/selection'],
    'orthanc-plugin/ledger': ['pipelines/base'],
    'orthanc-plugin/intake': ['pipelines/base', 'pipelines/selection', 'pipelines/rules', 'orthanc-plugin/archive', 'orthanc-plugin/ledger'],
    'orthanc-plugin/dispatch': ['pipelines/base', 'orthanc-plugin/archive', 'orthanc-plugin/ledger', 'orthanc-plugin/intake',
                                'daemon/protocol'],
    'orthanc-plugin/web': ['pipelines/base', 'pipelines/rules', 'orthanc-plugin/archive', 'orthanc-plugin/ledger', 'orthanc-plugin/intake',
                           'orthanc-plugin/dispatch'],
    'orthanc-plugin': ['pipelines/base', 'pipelines/rules', 'orthanc-plugin/archive', 'orthanc-plugin/ledger', 'orthanc-plugin/intake',
                       'orthanc-plugin/dispatch', 'orthanc-plugin/web', 'daemon/protocol'],
}

# Header of a third party (pattern of the include) -> the only folders that may see it, with their rooms.
THIRD_PARTIES = {
    r'itk\w+\.h': ['pipelines/imaging'],
    r'opencv2/dnn': ['pipelines/inference'],
    r'dcmtk/': ['pipelines/dicom'],
    r'openjpeg': ['pipelines/dicom/images'],
    r'orthanc/': ['orthanc-plugin'],
    r'sqlite3\.h': ['orthanc-plugin/ledger'],
    r'libpq': ['orthanc-plugin/ledger'],
    r'(pango|cairo)': ['pipelines/drawing'],
    r'toml\+\+': ['pipelines/settings'],
    r'zmq': ['daemon/worker', 'daemon/cli', 'orthanc-plugin/dispatch'],
    r'CLI/': ['daemon/cli', 'daemon/worker'],
    r'httplib': ['daemon/cli'],
}

CODE = ('.cc', '.h')
TEXT = CODE + ('.py', '.sh', '.md', '.cmake', '.txt', '.json', '.toml', '.js', '.html', '.css', '.yml', '.yaml', '.service')


def files(*endings):
    """Tracked and new files below ROOT that end so, as paths relative to it."""
    listed = subprocess.run(['git', '-C', ROOT, 'ls-files', '-co', '--exclude-standard'], capture_output=True, text=True)
    names = listed.stdout.splitlines()
    if listed.returncode:  # A release archive without .git.
        names = [os.path.relpath(os.path.join(d, f), ROOT) for d, _, fs in os.walk(ROOT) for f in fs if '/build/' not in d + '/']
    return [n for n in names if n.endswith(endings) and os.path.isfile(os.path.join(ROOT, n))]


def read(name):
    with open(os.path.join(ROOT, name), encoding='utf-8', errors='replace') as f:
        return f.read()


def product_sources():
    return [n for n in files(*CODE) if n.split('/')[0] in ('pipelines', 'daemon', 'orthanc-plugin')]


class Includes(unittest.TestCase):
    def test_each_folder_includes_only_what_the_table_allows(self):
        wrong = []
        for name in product_sources():
            folder = os.path.dirname(name)
            self.assertIn(folder, MAY_INCLUDE, f'{folder} is not in the table of tests/house/house_test.py')
            allowed = {folder, *MAY_INCLUDE[folder]}
            for target in re.findall(r'^\s*#include "([^"]+)"', read(name), re.M):
                if '/' in target and os.path.dirname(target) not in allowed:
                    wrong.append(f'{name} includes {target}')
        self.assertEqual(wrong, [])

    def test_third_parties_stay_behind_their_folder(self):
        wrong = []
        for name in product_sources():
            folder = os.path.dirname(name)
            for target in re.findall(r'^\s*#include [<"]([^>"]+)[>"]', read(name), re.M):
                for pattern, folders in THIRD_PARTIES.items():
                    if re.match(pattern, target) and not (folder + '/').startswith(tuple(f + '/' for f in folders)):
                        wrong.append(f'{name} includes {target}')
        self.assertEqual(wrong, [])

    def test_public_headers_show_no_third_party_type_of_dcmtk_itk_or_orthanc(self):
        allowed = {'orthanc-plugin/orthanc.h'}
        wrong = [n for n in product_sources() if n.endswith('.h') and n not in allowed
                 and re.search(r'#include [<"](orthanc/|libpq|sqlite3)', read(n))]
        self.assertEqual(wrong, [])

    def test_headers_are_guarded(self):
        self.assertEqual([n for n in product_sources() if n.endswith('.h') and '#pragma once' not in read(n)], [])


class Files(unittest.TestCase):
    def test_top_level_is_the_agreed_one(self):
        allowed = {'CMakeLists.txt', 'daemon', 'orthanc-plugin', 'pipelines', 'config', 'tests', 'deploy', 'README.md',
                   'CMakePresets.json', 'LICENSE', 'CONTRIBUTING.md', 'CHANGELOG.md'}
        top = {n.split('/')[0] for n in files('')}
        self.assertEqual({t for t in top if not t.startswith('.')} - allowed, set())

    def test_every_folder_of_code_opens_with_a_readme(self):
        folders = {os.path.dirname(n) for n in product_sources()} | {'daemon', 'orthanc-plugin', 'pipelines', 'config', 'tests', 'deploy', ''}
        self.assertEqual([f for f in sorted(folders) if not os.path.isfile(os.path.join(ROOT, f, 'README.md'))], [])

    def test_every_source_names_its_licence(self):
        wrong = [n for n in files('.cc', '.h', '.py', '.sh', '.cmake', 'CMakeLists.txt', '.toml', '.js', '.html')
                 if 'SPDX-License-Identifier: GPL-3.0-or-later' not in read(n)[:400]]
        self.assertEqual(wrong, [])

    def test_no_path_of_a_build_machine(self):
        pattern = re.compile(r'(?<![\w.~$})/-])/(work|home|root|farm)/\w')
        wrong = [n for n in files(*TEXT) if n != 'tests/house/house_test.py' and pattern.search(read(n))]
        self.assertEqual(wrong, [])

    def test_paths_that_a_text_names_exist(self):
        """From the root, from pipelines/ ("stages/lesion/red_flags.h"), or from the folder of the text."""
        tops = {n.split('/')[0] for n in files('') if '/' in n and not n.startswith('.')}
        rooms = {os.path.dirname(n).split('/')[1] for n in product_sources() if n.startswith('pipelines/') and n.count('/') > 1}
        path = re.compile(r'(?<![\w./<-])((?:' + '|'.join(sorted(tops | rooms)) + r')/[\w./-]+\.(?:h|cc|py|md|json|toml|sh))(?!\w)')
        wrong = [f'{name} names {target}' for name in files('.h', '.cc', '.md', '.py')
                 for target in sorted(set(path.findall(read(name))))
                 if not any(os.path.exists(os.path.join(ROOT, place, target + made)) for made in ('', '.in')
                            for place in ('', 'pipelines', os.path.dirname(name)))
                 and not target.endswith('_json.h')]
        self.assertEqual(wrong, [])

    def test_the_version_stands_in_one_place(self):
        version = re.search(r'project\(osteon VERSION (\S+)', read('CMakeLists.txt'))[1]
        stated = re.compile(r'(?<![\d.])' + re.escape(version) + r'(?![\d.])')
        places = [n for n in files(*TEXT, '.in') if not n.startswith('tests/') and n != 'CHANGELOG.md' and stated.search(read(n))]
        self.assertEqual(places, ['CMakeLists.txt'])

    def test_folders_of_code_stay_small(self):
        counts = collections.Counter(os.path.dirname(n) for n in files(''))
        code = {os.path.dirname(n) for n in files(*CODE, '.py', '.js')}
        self.assertEqual([f'{folder}: {counts[folder]} files' for folder in sorted(code) if counts[folder] > 32], [])

    def test_sources_stay_short(self):
        lengths = {n: read(n).count('\n') for n in product_sources()}
        self.assertLess(statistics.median(lengths.values()), 100)
        self.assertEqual([f'{n}: {length}' for n, length in lengths.items() if length > 320], [])

    def test_identity_of_the_patient_stays_out_of_the_model(self):
        wrong = [n for n in product_sources() if n.startswith(('pipelines/model', 'pipelines/stages', 'pipelines/imaging'))
                 and re.search(r'patient_(name|id|birth)', read(n))]
        self.assertEqual(wrong, [])


if __name__ == '__main__':
    unittest.main(verbosity=2)
