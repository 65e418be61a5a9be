#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""House rules that a compiler does not check: which folder may include which, and what every folder and file must have.

The tables of pipelines/README.md, daemon/README.md and orthanc-plugin/README.md say which folder may include which, and
which third parties.
"""
import collections
import os
import re
import statistics
import subprocess
import typing
import unittest

ROOT = os.environ.get('OSTEON_SOURCE_DIR') or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Name of the third party in the READMEs -> pattern of its headers.
THIRD_PARTIES = {
    'Cairo': r'cairo', 'CLI11': r'CLI/', 'cpp-httplib': r'httplib\.h', 'DCMTK': r'dcmtk/', 'Eigen': r'Eigen/', 'iconv': r'iconv\.h',
    'libcurl': r'curl/', 'libpq': r'libpq', 'nlohmann-json': r'nlohmann/',
    'oneDNN': r'oneapi/dnnl/', 'ONNX': r'onnx/',
    'OpenCV': r'opencv2/(core|imgproc|imgcodecs)', 'OpenCV dnn': r'opencv2/dnn', 'OpenJPEG': r'openjpeg', 'OpenSSL': r'openssl/',
    'Orthanc': r'orthanc/', 'Pango': r'pango', 'spdlog': r'spdlog/', 'SQLite': r'sqlite3\.h', 'toml++': r'toml\+\+', 'ZeroMQ': r'zmq',
    'zlib': r'zlib\.h',
}
# Headers of the compiler and the system, and fmt, which stands in for std::format.
SYSTEM = r'([a-z_]+|(sys/\w+|fcntl|poll|unistd|fmt/core|fmt/format)\.h)$'

CODE = ('.cc', '.h')
TEXT = CODE + ('.py', '.sh', '.md', '.cmake', '.txt', '.json', '.toml', '.js', '.html', '.css', '.yml', '.yaml', '.service')


def files(*endings):
    """Tracked and new files below ROOT with one of these endings, relative to ROOT."""
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


class Rights(typing.NamedTuple):
    folders: set[str]
    third_parties: set[str]


def rights():
    """Folder -> what it may include besides itself, by the README of its top folder. Rows that name files are about the top folder.

    A cell lists folders, "all above", or "all above but" those that follow.
    """
    table = {}
    for top in ('pipelines', 'daemon', 'orthanc-plugin'):
        def full(name, top=top):
            """`base` is pipelines/base in pipelines/README.md; `pipelines/base` is that everywhere."""
            return next((f for f in (f'{top}/{name}', name) if os.path.isdir(os.path.join(ROOT, f))), f'no folder {name}')
        above = []
        for row in re.findall(r'^\| `(.*) \|$', read(f'{top}/README.md'), re.M):
            cells = [cell.strip() for cell in row.split('|')]
            if len(cells) != 4:
                continue  # Another table.
            folder = f'{top}/{cells[0][:-2]}' if cells[0].endswith('/`') else top
            everything, _, excepted = cells[2].partition(' but ')
            listed = [name for name in re.split(', ', everything) if name and name != 'all above']
            allowed = {full(name) for name in listed} | (set(above) if 'all above' in everything else set())
            allowed -= {full(name) for name in excepted.split(', ') if name}
            known = table.setdefault(folder, Rights(set(), set()))
            table[folder] = Rights(known.folders | allowed, known.third_parties | {t for t in cells[3].split(', ') if t})
            above += [folder] if folder != top else []
    return table


class Includes(unittest.TestCase):
    def test_tables_name_folders_and_third_parties_that_are_there(self):
        table, sources = rights(), product_sources()
        self.assertEqual({f for f in map(os.path.dirname, sources)} - set(table), set(), 'in no table')
        wrong = [f'{folder}: {name}' for folder, (folders, parties) in table.items()
                 for name in folders | {p for p in parties if p not in THIRD_PARTIES} if not os.path.isdir(os.path.join(ROOT, name))]
        self.assertEqual(wrong, [])
        for folder, (_, parties) in table.items():
            texts = [read(n) for n in sources if os.path.dirname(n) == folder]
            for party in parties:
                self.assertTrue(any(re.search(r'#include <' + THIRD_PARTIES[party], t) for t in texts), f'{folder} does not include {party}')

    def test_each_folder_includes_only_what_its_table_allows(self):
        table, wrong = rights(), []
        for name in product_sources():
            folder = os.path.dirname(name)
            for target in re.findall(r'^\s*#include "([^"]+)"', read(name), re.M):
                if '/' in target and os.path.dirname(target) not in table[folder].folders | {folder}:
                    wrong.append(f'{name} includes {target}')
        self.assertEqual(wrong, [])

    def test_third_parties_stay_behind_their_folders(self):
        table, wrong = rights(), []
        for name in product_sources():
            seen = table[os.path.dirname(name)].third_parties
            for target in re.findall(r'^\s*#include <([^>]+)>', read(name), re.M):
                if not re.match(SYSTEM, target) and not any(re.match(THIRD_PARTIES[party], target) for party in seen):
                    wrong.append(f'{name} includes {target}')
        self.assertEqual(wrong, [])

    def test_public_headers_show_no_third_party_type_of_sql_or_orthanc(self):
        allowed = {'orthanc-plugin/orthanc.h'}
        wrong = [n for n in product_sources() if n.endswith('.h') and n not in allowed
                 and re.search(r'#include [<"](orthanc/|libpq|sqlite3)', read(n))]
        self.assertEqual(wrong, [])

    def test_headers_have_names_of_their_own(self):
        counts = collections.Counter(os.path.basename(n) for n in product_sources() if n.endswith('.h'))
        self.assertEqual([name for name, count in sorted(counts.items()) if count > 1], [])

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
        lengths |= {n: read(n).count('\n') for n in files(*CODE, '.py', '.js', '.sh')}
        self.assertEqual([f'{n}: {length}' for n, length in lengths.items() if length >= 320], [])

    def test_text_is_made_by_fmt(self):
        """printf's family and streams write numbers as the locale of the process says; fmt does not."""
        other = re.compile(r'\b(v?s(n)?printf|o?stringstream|setprecision)\b')
        self.assertEqual([n for n in files(*CODE) if other.search(read(n))], [])

    def test_identity_of_the_patient_stays_out_of_the_model(self):
        wrong = [n for n in product_sources() if n.startswith(('pipelines/model', 'pipelines/stages', 'pipelines/imaging'))
                 and re.search(r'patient_(name|id|birth)', read(n))]
        self.assertEqual(wrong, [])


if __name__ == '__main__':
    unittest.main(verbosity=2)
