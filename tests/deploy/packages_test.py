#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian packages: made from this build, with what a release has beside them, checked by lintian, and installed, run, upgraded, removed and purged by apt and
dpkg in a throw-away layer over this machine's own root (overlayfs in memory, network and processes of its own).

In CI that is no empty Debian: Orthanc and the libraries are there already. tests/packages.sh gives it an empty one
(OSTEON_PACKAGES_ROOT) and packages that were made elsewhere (OSTEON_PACKAGES). Services are started as plain processes.
"""
import glob
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

import layer
from lab import BUILD, SOURCE, run

ROOT = os.environ.get('OSTEON_PACKAGES_ROOT', '/')
MADE = os.environ.get('OSTEON_PACKAGES')
OTHER_PLUGIN = os.environ.get('OSTEON_OTHER_PLUGIN')
BESIDE = ('changelog', 'sbom.txt')


def contents(deb):
    listed = run('dpkg-deb', '--contents', deb).stdout.splitlines()
    return [re.sub(r'^\./', '/', line.split(None, 5)[5].split(' -> ')[0]) for line in listed if not line.endswith('/')]


def file_in(deb, path):
    """The bytes of a file in a package."""
    packed = subprocess.run(['dpkg-deb', '--fsys-tarfile', deb], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        return files.extractfile('.' + path).read()


def text(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def as_next_version(deb, folder):
    """The same package with a higher version, as an upgrade brings it."""
    with tempfile.TemporaryDirectory(prefix='osteon-deb-') as tree:
        run('dpkg-deb', '--raw-extract', deb, tree)
        control = os.path.join(tree, 'DEBIAN', 'control')
        with open(control) as f:
            text = f.read()
        version = re.search(r'^Version: (.*)$', text, re.M)[1]
        with open(control, 'w') as f:
            f.write(text.replace(version, version + '.1'))
        run('dpkg-deb', '-Zgzip', '-z1', '--root-owner-group', '--build', tree, folder)


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='osteon-packages-')
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        if MADE:
            for file in [*glob.glob(f'{MADE}/*.deb'), *(f'{MADE}/{name}' for name in ('SHA256SUMS', *BESIDE))]:
                shutil.copy(file, cls.folder)
        else:
            run('cpack', '--config', f'{BUILD}/CPackConfig.cmake', '-B', cls.folder, '-D', 'CPACK_DEBIAN_COMPRESSION_TYPE=gzip',
                cwd=BUILD, timeout=900)
            shutil.rmtree(f'{cls.folder}/_CPack_Packages', ignore_errors=True)
            run(f'{SOURCE}/deploy/packages/describe.sh', BUILD, cls.folder)
        cls.debs = {re.match(r'osteon-(\w+)_', os.path.basename(d))[1]: d for d in glob.glob(f'{cls.folder}/*.deb')}

    def test_each_package_has_what_it_should(self):
        self.assertEqual(sorted(self.debs), ['orthanc', 'tools', 'worker'])
        expected = {
            'orthanc': ['/usr/lib/orthanc/libOsteonPlugin.so', '/usr/share/orthanc/plugins/libOsteonPlugin.so', '/etc/orthanc/osteon.json',
                        '/usr/bin/osteon-move-ledger', '/usr/share/man/man1/osteon-move-ledger.1.gz'],
            'worker': ['/usr/bin/osteond', '/usr/share/osteon/models/skeleton.onnx', '/etc/osteon/osteond.toml',
                       '/usr/share/man/man8/osteond.8.gz'],
            'tools': ['/usr/bin/osteon', '/usr/share/man/man1/osteon.1.gz', '/usr/share/bash-completion/completions/osteon',
                      '/usr/share/zsh/vendor-completions/_osteon', '/usr/share/fish/vendor_completions.d/osteon.fish',
                      '/usr/share/doc/osteon/MANUAL.md', '/usr/share/osteon/machine-keys']}
        for part, paths in expected.items():
            there = contents(self.debs[part])
            for path in [*paths, f'/usr/share/doc/osteon-{part}/copyright', f'/usr/share/doc/osteon-{part}/changelog.gz']:
                self.assertIn(path, there)
        self.assertIn('/usr/lib/systemd/system/osteond.service', contents(self.debs['worker']))

    def test_the_checksums_are_of_all_files_and_right(self):
        run('sha256sum', '--check', '--strict', 'SHA256SUMS', cwd=self.folder)
        listed = [line.split('  ')[1] for line in text(f'{self.folder}/SHA256SUMS').splitlines()]
        self.assertEqual(sorted(listed), sorted([*BESIDE, *map(os.path.basename, self.debs.values())]))

    def test_the_bill_of_materials_has_every_library_tool_and_network(self):
        lines = [line.split(' ', 2) for line in text(f'{self.folder}/sbom.txt').splitlines() if not line.startswith('#')]
        listed = {kind: {name: version for k, name, version in lines if k == kind} for kind, _, _ in lines}
        self.assertEqual(sorted(listed), ['built-with', 'loads', 'model', 'osteon'])
        self.assertRegex(listed['osteon']['osteon'], r'^\d+\.\d+\.\d+ ([0-9a-f]{40}|no git)$')
        fields = [run('dpkg-deb', '--field', deb, 'Version', 'Depends').stdout for deb in self.debs.values()]
        needed = {name for field in fields for name in re.findall(r'(?:: |, )(lib[\w.+-]+)', field)}
        self.assertGreater(len(needed), 10)
        # Also by a name that is only provided: libspdlog1.10-fmt9 by libspdlog1.10.
        self.assertEqual([n for n in needed if not any((n + '-').startswith(one + '-') for one in listed['loads'])], [], 'packages that ours depend on')
        for field in fields:
            self.assertIn(f'Version: {listed["osteon"]["osteon"].split()[0]}+deb', field)
        wanted = re.findall(r'(?m)^build (\S+)$', text(f'{SOURCE}/deploy/packages.txt'))
        self.assertEqual(sorted(listed['built-with']), sorted(wanted))
        for name, version in {**listed['built-with'], **listed['loads']}.items():
            self.assertRegex(version, r'^[\w.+:~-]*\d[\w.+:~-]*$', name)
        for name in ('skeleton.onnx', 'skeleton.json', 'lesion.json'):
            content = file_in(self.debs['worker'], f'/usr/share/osteon/models/{name}')
            self.assertEqual(listed['model'].pop(name), 'sha256:' + hashlib.sha256(content).hexdigest())
        self.assertEqual(listed['model'], {})

    def test_the_changelog_says_what_changelog_md_says(self):
        for part, deb in self.debs.items():
            self.assertEqual(gzip.decompress(file_in(deb, f'/usr/share/doc/osteon-{part}/changelog.gz')).decode(), text(f'{self.folder}/changelog'))
        parsed = run('dpkg-parsechangelog', '--all', '-l', f'{self.folder}/changelog')
        self.assertEqual(parsed.stderr, '')
        version = run('dpkg-deb', '--field', self.debs['tools'], 'Version').stdout.strip()
        self.assertIn(f'\nVersion: {version}\n', parsed.stdout)
        said = ' '.join(text(f'{self.folder}/changelog').split())
        points = re.findall(r'(?m)^\* (.*(?:\n  .*)*)', text(f'{SOURCE}/CHANGELOG.md'))
        self.assertGreater(len(points), 10)
        self.assertEqual([point for point in points if ' '.join(point.split()) not in said], [])

    def test_lintian_finds_no_error(self):
        done = subprocess.run(['lintian', '--fail-on', 'error', *self.debs.values()], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_install_run_upgrade_remove_purge(self):
        folder = f'{self.folder}/installed'
        os.makedirs(f'{folder}/next')
        for deb in {**self.debs, 'orthanc': OTHER_PLUGIN or self.debs['orthanc']}.values():
            shutil.copy(deb, folder)
            as_next_version(deb, f'{folder}/next')
        shutil.copy(f'{SOURCE}/README.md', folder)
        done = layer.run_in(ROOT, folder, 'packages_inside.sh')
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('packages: ok', done.stdout)
        print(done.stdout)


if __name__ == '__main__':
    layer.namespaces()
    unittest.main(verbosity=2)
