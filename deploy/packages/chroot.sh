# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Functions for a Debian in a folder, to build or test for another release. To be sourced. Needs root and debootstrap.
#   make_chroot SUITE FOLDER       makes it once; apt starts no services in it
#   copy_sources ROOT FOLDER       copies all files that git tracks or would add
#   in_chroot FOLDER COMMAND...    runs a command with /proc and /dev in its own mount namespace, so that nothing stays mounted
# CMAKE_BUILD_PARALLEL_LEVEL is passed on; ccache's cache is the chroot's own (/root/.cache/ccache in it), kept for the next time.

make_chroot() {
  local suite=$1 folder=$2
  [ "$(id -u)" -eq 0 ] || { echo "chroot.sh: needs root" >&2; return 1; }
  [ ! -e "$folder/.made" ] || return 0
  command -v debootstrap >/dev/null || { echo "chroot.sh: needs debootstrap (apt-get install debootstrap)" >&2; return 1; }
  debootstrap --variant=minbase "$suite" "$folder" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
  printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
  chmod 755 "$folder/usr/sbin/policy-rc.d"
  # It can be made again: nothing waits for a disk.
  echo force-unsafe-io >"$folder/etc/dpkg/dpkg.cfg.d/unsafe-io"
  touch "$folder/.made"
}

in_chroot() {
  local folder=$1
  shift
  cp -L /etc/resolv.conf "$folder/etc/resolv.conf"
  # shellcheck disable=SC2016 # Expanded by the inner shell.
  unshare --mount --pid --fork --kill-child bash -c '
    mount --make-rprivate /
    mount -t proc proc "$0/proc"
    mount --rbind /dev "$0/dev"
    exec chroot "$0" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
      ${CMAKE_BUILD_PARALLEL_LEVEL:+CMAKE_BUILD_PARALLEL_LEVEL="$CMAKE_BUILD_PARALLEL_LEVEL"} "$@"
  ' "$folder" "$@"
}

# Copies the sources of a checkout without its builds. Earlier builds in the folder stay; earlier sources go, since one that is no longer in
# the checkout would stop the build. All are as new as now: a file that was edited while an earlier build ran would be older than what was
# made without it. What did not change comes from ccache.
copy_sources() {
  mkdir -p "$2"
  find "$2" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
  (cd "$1" && git ls-files -z --cached --others --exclude-standard | tar --ignore-failed-read --null -T - -cf -) | tar -C "$2" -xmf -
}
