#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A service of the machine that tests/systemd.sh starts: installs by README.md, then looks at the services: systemd_inside.sh FOLDER
set -euo pipefail
cd "$1"

say() { echo "systemd: $*"; }
fail() {
  echo "systemd: FAILED: $*"
  systemctl --no-pager --full status osteond orthanc || :
  exit 1
}
eventually() {
  local end=$((SECONDS + 120))
  until "$@" >/tmp/eventually.log 2>&1; do
    [ $SECONDS -lt $end ] || { cat /tmp/eventually.log; fail "waited in vain for: $*"; }
    read -r -t 0.5 <> <(:) || :
  done
}
property() { systemctl show --property "$2" --value "$1"; }
is() { [ "$2" = "$3" ] || fail "$1 is '$2' and should be '$3'"; }
apt() { apt-get "$1" -y --no-install-recommends "${@:2}" >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail "apt $1"; }; }

say "README.md, line by line, under $(systemctl --version | head -n 1)"
readme=$(awk '/^## / { here = $0 == "## Install it" } here && /^```sh/ { on = 1; next } /^```$/ { on = 0 } here && on' README.md)
while IFS= read -r line <&3; do
  line=${line%%  #*}
  line=${line%"${line##*[![:space:]]}"}
  case $line in
    'apt update') continue ;;  # There is no network here.
    'osteon doctor') eventually osteon doctor ;;
    'osteon selftest'*)
      eventually osteon doctor
      $line >/tmp/selftest.log 2>&1 || { cat /tmp/selftest.log; fail "$line"; }
      grep '^ok: ' /tmp/selftest.log || fail "there is no report"
      ;;
    *) eval "$line" ;;
  esac
  say "  $SECONDS s: $line"
done 3<<<"$readme"

say "both services run and have not been started again"
for unit in orthanc osteond; do
  is "$unit" "$(property $unit ActiveState)" active
  is "restarts of $unit" "$(property $unit NRestarts)" 0
done
is "user of the worker" "$(ps -o user= -p "$(property osteond MainPID)")" osteon
curl -fsS http://127.0.0.1:9742/metrics | grep -q '^osteon' || fail "the worker has no metrics"
journalctl --no-pager -q -u osteond | grep -q 'committed' || fail "the journal does not tell of the study"

say "a killed worker comes back by itself"
systemctl kill --signal KILL osteond
# shellcheck disable=SC2016 # Expanded each time.
eventually bash -c '[ "$(systemctl show --property NRestarts --value osteond)" = 1 ] && osteon doctor'

say "it stops when asked, without an error"
systemctl stop osteond
is "result of the worker" "$(property osteond Result)" success
systemctl start osteond
eventually osteon doctor

say "removed and purged"
apt purge osteon-orthanc osteon-worker osteon-tools
[ "$(property osteond LoadState)" = not-found ] || fail "the unit of the worker is left"
is "orthanc" "$(property orthanc ActiveState)" active
failed=$(systemctl --failed --plain --no-legend | awk '{ print $1 }')
is "failed units" "$failed" ""
echo 'systemd: ok'
