#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian packages: made from this build, checked by lintian, and installed, run, upgraded, removed and purged by apt and
dpkg in a throw-away layer over this machine's own root (overlayfs in memory, network and processes of its own).

In CI that is no empty Debian: Orthanc and the libraries are there already. tests/packages.sh gives it an empty one
(OSTEON_PACKAGES_ROOT) and packages that were made elsewhere (OSTEON_PACKAGES). Services are started as plain processes.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from lab import BUILD, SOURCE, TIME_SCALE, run

ROOT = os.environ.get('OSTEON_PACKAGES_ROOT', '/')
MADE = os.environ.get('OSTEON_PACKAGES')

LAYER = '''
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$0"
mkdir "$0/upper" "$0/work" "$0/root"
mount -t overlay overlay -o "lowerdir=$4,upperdir=$0/upper,workdir=$0/work" "$0/root"
ip link set lo up 2>/dev/null || :
mount -t proc proc "$0/root/proc"
mount --rbind /dev "$0/root/dev"
mount -t tmpfs tmpfs "$0/root/run"
mount -t tmpfs tmpfs "$0/root/tmp"
mkdir "$0/root/tmp/debs"
cp -r "$1"/. "$0/root/tmp/debs"
cp "$2" "$0/root/tmp/inside.sh"
printf '#!/bin/sh\\nexit 101\\n' >"$0/root/usr/sbin/policy-rc.d"
chmod 755 "$0/root/usr/sbin/policy-rc.d"
exec chroot "$0/root" env -i HOME=/root PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 OSTEON_WAIT="$3" bash /tmp/inside.sh /tmp/debs
'''


def namespaces():
    """The command that runs LAYER apart from this machine; ends this program where that is not allowed."""
    command = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', 'bash', '-c']
    probe = tempfile.mkdtemp(prefix='osteon-probe-')
    script = 'mount --make-rprivate / && mount -t tmpfs tmpfs "$0" && mkdir "$0/u" "$0/w" "$0/m" && ' \
             'mount -t overlay overlay -o "lowerdir=/,upperdir=$0/u,workdir=$0/w" "$0/m"'
    try:
        done = subprocess.run([*command, script, probe], capture_output=True, text=True, timeout=60)
    finally:
        os.rmdir(probe)
    if done.returncode:
        print('skipped: needs root and an overlayfs in a mount namespace:', done.stderr.strip())
        sys.exit(77)
    return command


def contents(deb):
    listed = run('dpkg-deb', '--contents', deb).stdout.splitlines()
    return [re.sub(r'^\./', '/', line.split(None, 5)[5].split(' -> ')[0]) for line in listed if not line.endswith('/')]


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
            for deb in glob.glob(f'{MADE}/*.deb'):
                shutil.copy(deb, cls.folder)
        else:
            run('cpack', '--config', f'{BUILD}/CPackConfig.cmake', '-B', cls.folder, '-D', 'CPACK_DEBIAN_COMPRESSION_TYPE=gzip',
                cwd=BUILD, timeout=900)
            shutil.rmtree(f'{cls.folder}/_CPack_Packages', ignore_errors=True)
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

    def test_lintian_finds_no_error(self):
        done = subprocess.run(['lintian', '--fail-on', 'error', *self.debs.values()], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_install_run_upgrade_remove_purge(self):
        os.mkdir(f'{self.folder}/next')
        for deb in self.debs.values():
            as_next_version(deb, f'{self.folder}/next')
        shutil.copy(f'{SOURCE}/README.md', self.folder)
        shutil.copy(f'{SOURCE}/deploy/README.md', f'{self.folder}/MANUAL.md')  # Where Debian's images leave documents out.
        layer = tempfile.mkdtemp(prefix='osteon-layer-')
        self.addCleanup(os.rmdir, layer)
        done = subprocess.run([*namespaces(), LAYER, layer, self.folder, f'{SOURCE}/tests/deploy/packages_inside.sh',
                               str(int(120 * TIME_SCALE)), ROOT],
                              capture_output=True, text=True, timeout=900 * TIME_SCALE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('packages: ok', done.stdout)
        print(done.stdout)


if __name__ == '__main__':
    namespaces()
    unittest.main(verbosity=2)
