#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The packages on an empty Debian (debootstrap, minbase): installed with all they depend on, run, upgraded, removed, purged. By hand, as
# root, not in CI: it downloads some 200 MB.
#   tests/packages.sh SUITE [FOLDER [PLUGIN.deb]]     FOLDER: of the packages, if not where deploy/release.sh puts them;
#                                                     PLUGIN.deb: osteon-orthanc of another Debian, installed instead of theirs
# The empty Debian stays in /var/tmp/osteon-empty-SUITE (or OSTEON_CHROOT) for the next time; what is tested runs in a layer over it.
set -euo pipefail
# shellcheck source=tests/deploy/empty_debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/deploy/empty_debian.sh"
download_for_tests curl sqlite3
in_chroot "$empty" apt-get install -y -qq --no-install-recommends curl sqlite3  # The test's own.
OSTEON_SOURCE_DIR=$root OSTEON_PACKAGES=$debs OSTEON_OTHER_PLUGIN=${3:-} OSTEON_PACKAGES_ROOT=$empty PYTHONPATH=$root/tests/support \
  /usr/bin/python3 -B "$root/tests/deploy/packages_test.py"
