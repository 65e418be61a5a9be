# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that a test may break: a layer in memory over a Debian, with network and processes of its own."""
import os
import shutil
import subprocess
import sys
import tempfile

from lab import SOURCE, TIME_SCALE

# Of the folder, the folder of what is given to it, the script, the seconds to wait, the Debian, and apt's options.
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
printf '#!/bin/sh\\nexit 101\\n' >"$0/root/usr/sbin/policy-rc.d"
chmod 755 "$0/root/usr/sbin/policy-rc.d"
exec chroot "$0/root" env -i HOME=/root PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 OSTEON_WAIT="$3" OSTEON_APT="$5" bash "/tmp/debs/$2" /tmp/debs
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


def run_in(root, folder, script):
    """Runs the script of tests/deploy there with the files of the folder, which gets the manual, too."""
    for name in (script, 'machine.sh'):
        shutil.copy(f'{SOURCE}/tests/deploy/{name}', folder)
    shutil.copy(f'{SOURCE}/deploy/README.md', f'{folder}/MANUAL.md')  # Where Debian's images leave documents out.
    # There is no network: an empty Debian has downloaded all that README.md brings, this machine has not.
    apt = '--no-install-recommends' if root == '/' else ''
    layer = tempfile.mkdtemp(prefix='osteon-layer-')
    try:
        return subprocess.run([*namespaces(), LAYER, layer, folder, script, str(int(120 * TIME_SCALE)), root, apt],
                              capture_output=True, text=True, timeout=900 * TIME_SCALE)
    finally:
        os.rmdir(layer)
