#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The images of deploy/containers, built by buildah on an empty Debian (debootstrap, since no registry is asked), and their entry points
# run as compose.yaml and deploy/kubernetes say, without an engine: chroots, in a network of their own. By hand, as root, not in CI.
#   tests/containers.sh SUITE [FOLDER]     FOLDER: of the packages, if not where deploy/release.sh puts them
# The empty Debian is the one of tests/packages.sh, in /var/tmp/osteon-empty-SUITE (or OSTEON_CHROOT).
set -euo pipefail
# shellcheck source=tests/deploy/empty_debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/deploy/empty_debian.sh"
command -v buildah >/dev/null || { echo "tests/containers.sh: needs buildah (apt-get install buildah crun)" >&2; exit 1; }

store=$(mktemp -d /var/tmp/osteon-images-XXXXXX)
trap 'rm -rf "$store"' EXIT
export BUILDAH_ISOLATION=chroot
export OSTEON_BUILDAH="buildah --root $store/images --runroot $store/run"

base=$($OSTEON_BUILDAH from scratch)
tar -C "$empty" --one-file-system --exclude ./var/cache/apt --exclude ./var/lib/apt/lists -cf "$store/base.tar" .
$OSTEON_BUILDAH add -q "$base" "$store/base.tar" / >/dev/null
rm "$store/base.tar"
$OSTEON_BUILDAH commit -q --rm "$base" osteon-base >/dev/null
for target in orthanc worker; do
  echo "containers: building $target"
  $OSTEON_BUILDAH build --pull-never --build-arg BASE=localhost/osteon-base --target "$target" -t "osteon-$target" \
    -f "$root/deploy/containers/Containerfile" "$debs" >"$store/build.log" 2>&1 || { tail -n 40 "$store/build.log" >&2; exit 1; }
done
OSTEON_SOURCE_DIR=$root PYTHONPATH=$root/tests/support \
  unshare --net --pid --fork --kill-child --mount-proc /usr/bin/python3 -B "$root/tests/deploy/images_test.py"
