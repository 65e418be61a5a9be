#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a release has beside its packages: sbom.txt, changelog and SHA256SUMS of the packages in a folder, which were made from a build.
#   deploy/packages/describe.sh BUILD FOLDER
# OSTEON_COMMIT names the commit where there is no git.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(cd "$1" && pwd)
cd "$2"

# shellcheck disable=SC2016 # ${Package} is dpkg-query's.
# Package and version of every library that the programs load, of the compiler and of header-only libraries.
{
  echo "# What is in these packages, and what they were built with. Columns: kind, package, version."
  echo "osteon osteon $(sed -n 's/^project(osteon VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt") ${OSTEON_COMMIT:-$(git -C "$root" rev-parse HEAD 2>/dev/null || echo 'no git')}"
  ldd "$build"/bin/{osteon,osteond,libOsteonPlugin.so} | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' |
    sort -u | xargs -r realpath | sed 'p; s/^\/usr//' | { xargs -r dpkg -S 2>/dev/null || :; } | sed '/^diversion by /d; s/:.*//' | sort -u |
    xargs -r dpkg-query -W -f 'loads ${Package} ${Version}\n'
  awk '$1 == "build" { print $2 }' "$root/deploy/packages.txt" | xargs dpkg-query -W -f 'built-with ${Package} ${Version}\n'
  (cd "$root/config/models" && sha256sum -- *.onnx *.json) | awk '{ print "model " $2 " sha256:" $1 }'
} >sbom.txt
dpkg-deb --fsys-tarfile osteon-tools_*.deb | tar -xO ./usr/share/doc/osteon-tools/changelog.gz | gzip -cd >changelog
sha256sum -- *.deb sbom.txt changelog >SHA256SUMS
