#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The packages on an empty Debian (debootstrap, minbase): installed with all they depend on, run, upgraded, removed, purged. By hand, as
# root, not in CI: it downloads some 200 MB.
#   tests/packages.sh SUITE [FOLDER]     for example: tests/packages.sh bookworm build/release/packages
# The empty Debian stays in /var/tmp/osteon-empty-SUITE (or OSTEON_CHROOT) for the next time; what is tested runs in a layer over it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
case ${1:-} in
  ''|-h|--help) sed -n '3,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac
suite=$1
debs=$(cd "${2:-$root/build/release/packages}" && pwd)
empty=${OSTEON_CHROOT:-/var/tmp/osteon-empty-$suite}
# shellcheck source=deploy/packages/chroot.sh
. "$root/deploy/packages/chroot.sh"

make_chroot "$suite" "$empty"
mkdir -p "$empty/tmp/debs"
cp "$debs"/*.deb "$empty/tmp/debs/"
# What the network is needed for; the layer has none. curl and sqlite3 are the test's own.
in_chroot "$empty" bash -euo pipefail -c '
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends curl sqlite3
  apt-get install -y -qq --no-install-recommends --download-only /tmp/debs/*.deb
  rm -r /tmp/debs'
OSTEON_SOURCE_DIR=$root OSTEON_PACKAGES=$debs OSTEON_PACKAGES_ROOT=$empty PYTHONPATH=$root/tests/support \
  /usr/bin/python3 -B "$root/tests/deploy/packages_test.py"
