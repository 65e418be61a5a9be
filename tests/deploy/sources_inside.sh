#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the manual says of an installation from the sources, in a machine that may be broken (see sources_test.py):
#   sources_inside.sh FOLDER       in FOLDER/installed what `cmake --install` has written
# There is no systemd here: what its units would start and make is done from their lines.
set -euo pipefail
debs=$1
name=sources
# shellcheck source=tests/deploy/machine.sh
. "$debs/machine.sh"
section='Install from the sources instead'

rm -rf /etc/osteon /etc/orthanc/osteon.json
userdel osteon 2>/dev/null || :  # Where somebody has installed it.
cp -a "$debs/installed/." /

say "keys and configuration, by the manual"
manual "$section" 2
awk -v title="## $section" '/^## / { here = $0 == title } here && /^ *```json/ { on = 1; next } on && /^ *```$/ { exit } on' \
  "$debs/MANUAL.md" >/etc/orthanc/osteon.json
start orthanc
install -d -o osteon -g osteon -m 0700 "/var/lib/$(of_unit /usr/lib/systemd/system/osteond.service StateDirectory)"
manual "$section" 3
eventually doctor
osteon selftest | grep '^ok: ' || fail "the self-test"

say "uninstall: without its section the plugin is off, even when it is loaded"
stop_all
rm /etc/orthanc/osteon.json
start orthanc
eventually curl -fsS http://localhost:8042/system
curl -fsS http://localhost:8042/plugins | grep -qi osteon || fail "the plugin is not loaded"
code=$(curl -sS -o /dev/null -w '%{http_code}' http://localhost:8042/osteon/status)
is "what /osteon/status answers" "$code" 404
stop_all
say ok
