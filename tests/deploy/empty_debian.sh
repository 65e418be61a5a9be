# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For the tests by hand that put the packages on an empty Debian (debootstrap, minbase). To be sourced with their arguments, SUITE [FOLDER].
# Sets `root` (the checkout), `suite`, `debs` (the packages: FOLDER, or where deploy/release.sh put those of that suite) and `empty` (the
# empty Debian, made if it is not there: OSTEON_CHROOT or /var/tmp/osteon-empty-SUITE), and has the functions of deploy/packages/chroot.sh.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
case ${1:-} in
  ''|-h|--help) sed -n '3,/^set /{/^set /!s/^# \{0,1\}//p}' "$0"; exit 0 ;;
esac
suite=$1
debs=${2:-$root/build/release-$suite}
[ $# -gt 1 ] || [ -d "$debs" ] || debs=$root/build/release/packages
compgen -G "$debs/*.deb" >/dev/null || { echo "$0: no packages in $debs; deploy/release.sh makes them" >&2; exit 1; }
debs=$(cd "$debs" && pwd)
empty=${OSTEON_CHROOT:-/var/tmp/osteon-empty-$suite}
# shellcheck source=deploy/packages/chroot.sh
. "$root/deploy/packages/chroot.sh"
make_chroot "$suite" "$empty"

# Downloads our packages' dependencies and the named packages into the empty Debian's cache: what is tested there has no network.
download_for_tests() {
  mkdir -p "$empty/tmp/debs"
  cp "$debs"/*.deb "$empty/tmp/debs/"
  # shellcheck disable=SC2016 # Expanded in the chroot.
  in_chroot "$empty" bash -euo pipefail -c '
    apt-get update -qq
    apt-get install -y -qq --download-only "$@" /tmp/debs/*.deb
    rm -r /tmp/debs' bash "$@"
}
