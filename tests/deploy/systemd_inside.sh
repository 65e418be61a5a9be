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
trap 'fail "line $LINENO: $BASH_COMMAND"' ERR
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

# Whether packages of an earlier version are installed first; their doctor and self-test did not wait for Orthanc.
is_earlier() { ! cmp -s osteon-orthanc_*.deb newer/osteon-orthanc_*.deb; }

failed_units() { systemctl --failed --plain --no-legend | awk '{ print $1 }'; }
failed_before=$(failed_units)  # Some of Debian's own, which want a machine of their own.

say "README.md, line by line, under $(systemctl --version | head -n 1)"
readme=$(awk '/^## / { here = $0 == "## Install it" } here && /^```sh/ { on = 1; next } /^```$/ { on = 0 } here && on' README.md)
while IFS= read -r line <&3; do
  line=${line%%  #*}
  line=${line%"${line##*[![:space:]]}"}
  case $line in
    'apt update') continue ;;  # There is no network here.
    'osteon selftest'*)
      ! is_earlier || eventually osteon doctor
      $line >/tmp/selftest.log 2>&1 || { cat /tmp/selftest.log; fail "$line"; }
      grep '^ok: ' /tmp/selftest.log || fail "there is no report"
      ;;
    'osteon doctor') if is_earlier; then eventually osteon doctor; else osteon doctor; fi ;;
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

say "an upgrade while a study is analysed"
mkdir next
for deb in newer/*.deb; do
  dpkg-deb --raw-extract "$deb" tree
  sed -i "s/$(dpkg-deb --field "$deb" Version)/&.1/" tree/DEBIAN/control  # Its own, and of those that it needs.
  dpkg-deb -Zgzip -z1 --root-owner-group --build tree next >/dev/null
  rm -r tree
done
curl -fsS -o /dev/null -X PUT http://localhost:8042/tools/log-level -d verbose  # Until its restart; else Orthanc logs warnings only.
osteon phantom --out /tmp/body --child --lesions 3 --seed 5 >/dev/null
find /tmp/body -name '*.dcm' -exec curl -fsS -o /dev/null --data-binary '@{}' http://localhost:8042/instances ';'
in_state() { osteon jobs --state "$1" --json | grep -o '"id": *[0-9]*' | grep -o '[0-9]*$' | sort -n | tail -n 1; }
is_in_state() { [ "$(in_state "$1")" = "$job" ]; }
eventually bash -c 'osteon jobs --state collecting --json | grep -q id'
job=$(in_state collecting)
osteon run-now "$job" >/dev/null
eventually is_in_state leased
apt install ./next/*.deb
eventually is_in_state 'done'
eventually osteon doctor
[ "$(property osteond NRestarts)" -le 1 ] || fail "the worker ended by itself during the upgrade"
reports=$(curl -fsS http://localhost:8042/tools/find -d '{"Level": "Series", "Query": {"Modality": "SR"}}' | grep -o '"[0-9a-f-]*"' | wc -l)
is "reports of the self-test and of this study" "$reports" 2

say "osteon logs tells what plugin and worker said of it, before the upgrade and after"
# The lines below the headings that begin so.
of_source() { awk -v heading="---- $1" '/^---- / { on = index($0, heading) == 1 } on' /tmp/job.log; }
both_logs_tell() {
  osteon logs "$job" >/tmp/job.log && cat /tmp/job.log &&
    of_source /var/log/orthanc/Orthanc.log. | grep "Osteon: job $job, study [0-9.]*: ready, " &&
    of_source 'the journal of ' | grep -E " osteond\[[0-9]+\]: .*job $job-[0-9a-f]+ attempt [0-9]+: committed\$"
}
eventually both_logs_tell

if is_earlier; then
  say "the older version refuses the newer one's ledger, and the newer one goes on with it"
  apt install --allow-downgrades ./*.deb
  eventually grep -rq 'written by a newer Osteon (schema ' /var/log/orthanc
  ! curl -fsS http://localhost:8042/system >/dev/null 2>&1 || fail "Orthanc runs with a ledger that it does not know"
  apt install ./next/*.deb
  systemctl restart orthanc
  eventually osteon doctor
  is_in_state 'done' || fail "the job is gone"
fi

say "it stops when asked, without an error"
systemctl stop osteond
is "result of the worker" "$(property osteond Result)" success
systemctl start osteond
eventually osteon doctor

say "removed and purged"
apt purge osteon-orthanc osteon-worker osteon-tools
[ "$(property osteond LoadState)" = not-found ] || fail "the unit of the worker is left"
is "orthanc" "$(property orthanc ActiveState)" active
is "failed units" "$(failed_units)" "$failed_before"
say ok
