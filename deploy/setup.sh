#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs the missing packages of deploy/packages.txt: deploy/setup.sh build run test
# Does nothing, and uses no network, when all are installed. Needs Debian 12 or 13 and root or sudo.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[ $# -gt 0 ] || { echo "usage: deploy/setup.sh GROUP... (build, run, test, bench)" >&2; exit 2; }
wanted=()
for group in "$@"; do
  mapfile -t of_group < <(awk -v g="$group" '$1 == g { print $2 }' "$here/packages.txt")
  [ ${#of_group[@]} -gt 0 ] || { echo "deploy/setup.sh: no group '$group' in packages.txt; known: build, run, test, bench" >&2; exit 2; }
  wanted+=("${of_group[@]}")
done

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || echo none)
  [ "$state" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "packages: all ${#wanted[@]} are installed"
  exit 0
fi

command -v apt-get >/dev/null || { echo "deploy/setup.sh: needs Debian 12 or 13 (apt-get); install these by hand: ${missing[*]}" >&2; exit 1; }
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "deploy/setup.sh: run as root, or install sudo; missing: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi

# Installing Debian's orthanc would start it as a service on ports 8042 and 4242. The demo and the tests do not need that, so
# service starts are denied during this installation, unless there is a policy already.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
  "${as_root[@]}" chmod 755 $policy
  trap '"${as_root[@]}" rm -f $policy' EXIT
fi
echo "packages: installing ${#missing[@]} of ${#wanted[@]}: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "packages: done"
