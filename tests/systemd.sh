#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The packages under a real systemd: an empty Debian is started in namespaces of its own (network, processes, control group), installs
# them as README.md says, and tests/deploy/systemd_inside.sh looks at the services. By hand, as root, not in CI: it downloads some 200 MB.
#   tests/systemd.sh SUITE [FOLDER [OLDER]]     FOLDER: of the packages, if not where deploy/release.sh puts them; OLDER: of those of an
#                                               earlier version, which are installed first and upgraded; else they are upgraded to themselves
# The empty Debian is that of tests/packages.sh; all that is written lies in memory.
set -euo pipefail
# shellcheck source=tests/deploy/empty_debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/deploy/empty_debian.sh"
download_for_tests systemd systemd-sysv dbus procps curl

layer=$(mktemp -d /tmp/osteon-systemd-XXXXXX)
group=$layer/cgroup/$(basename "$layer")
clean() {
  find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || :
  umount "$layer/cgroup" || :
  rm -rf "$layer"
}
mkdir "$layer/memory" "$layer/cgroup"
mount -t cgroup2 none "$layer/cgroup"
trap clean EXIT
mkdir "$group"
# The child joins the control group and then makes it the root of its own view, which systemd takes for the whole machine.
# shellcheck disable=SC2016 # Expanded by the inner shells.
bash -c 'echo $$ >"$0/cgroup.procs"
  exec unshare --mount --pid --net --ipc --uts --cgroup --fork --kill-child bash "$@"' \
  "$group" "$root/tests/deploy/systemd_boot.sh" "$layer" "$empty" "$debs" "$root" "${3:-$debs}" || :  # A machine that is turned off ends by a signal.
if ! grep -qx 'systemd: ok' "$layer/result"; then
  tail -n 30 "$layer/result" >&2  # Where the machine was off before all was shown.
  exit 1
fi
echo "systemd: ok"
