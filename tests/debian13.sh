#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds and runs the demo and the fast tests on Debian 13, in a chroot made by debootstrap. By hand, as root, not in CI: it
# downloads about 1 GB, takes 8 GB of disk, and compiles everything but what ccache has from deploy/release.sh --suite trixie.
# A warning of its compiler ends it after the build.
#   tests/debian13.sh              makes what is missing, then builds and runs
#   tests/debian13.sh --shell      a shell in the chroot instead of the tests
# OSTEON_CHROOT names its folder (default: /var/tmp/osteon-trixie, as deploy/release.sh; it stays there, remove it by hand),
# DEBIAN_MIRROR the mirror.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
chroot=${OSTEON_CHROOT:-/var/tmp/osteon-trixie}
# shellcheck source=deploy/packages/chroot.sh
. "$root/deploy/packages/chroot.sh"

run='without_warnings() { if grep warning: build/dev/build.log; then exit 1; fi; }
deploy/setup.sh build run test
cmake --preset dev -DOSTEON_WERROR=OFF >/dev/null
deploy/demo.sh
without_warnings
deploy/build.sh dev
without_warnings
ctest --test-dir build/dev -L fast --output-on-failure --no-tests=error -j 2'
case ${1:-} in
  '') ;;
  --shell) run='exec bash -i' ;;
  -h|--help) sed -n '3,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "tests/debian13.sh: unknown option $1; see --help" >&2; exit 2 ;;
esac

make_chroot trixie "$chroot"
copy_sources "$root" "$chroot/osteon"
in_chroot "$chroot" bash -euo pipefail -c "cd /osteon && $run"
