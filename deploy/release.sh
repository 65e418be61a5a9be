#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes a release for this machine's Debian, or for another one in a chroot: three packages, their checksums, a software bill
# of materials (SBOM) and the changelog.
#   deploy/release.sh                    into build/release/packages
#   deploy/release.sh --suite trixie     the same, built in a chroot of that Debian (root, debootstrap, about 8 GB, an hour on two cores);
#                                        OSTEON_CHROOT names its folder (default: /var/tmp/osteon-SUITE)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
out=build/release/packages

case ${1:-} in
  '') ;;
  --suite)
    suite=${2:?--suite needs a name, for example bookworm or trixie}
    # shellcheck source=deploy/packages/chroot.sh
    . deploy/packages/chroot.sh
    chroot=${OSTEON_CHROOT:-/var/tmp/osteon-$suite}
    make_chroot "$suite" "$chroot"
    copy_sources "$root" "$chroot/osteon"
    # shellcheck disable=SC2016 # Expanded in the chroot, which has the sources without .git.
    in_chroot "$chroot" bash -euo pipefail -c 'cd /osteon && OSTEON_COMMIT=$0 deploy/release.sh' "$(git rev-parse HEAD 2>/dev/null || :)"
    mkdir -p "build/release-$suite"
    cp "$chroot/osteon/$out"/{*.deb,SHA256SUMS,sbom.txt,changelog} "build/release-$suite/"
    echo "release: in build/release-$suite"
    exit 0
    ;;
  -h|--help) sed -n '3,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "deploy/release.sh: unknown option $1; see --help" >&2; exit 2 ;;
esac

deploy/setup.sh build
deploy/build.sh release
rm -rf "$out"/*.deb
(cd build/release && cpack >cpack.log 2>&1) || { cat build/release/cpack.log >&2; exit 1; }
rm -rf "$out/_CPack_Packages"

deploy/packages/describe.sh build/release "$out"
if command -v lintian >/dev/null; then
  lintian --fail-on error "$out"/*.deb
else
  echo "release: the packages were not checked, since lintian is not installed: apt-get install lintian" >&2
fi
echo "release: in $out"
ls -l "$out"/*.deb
