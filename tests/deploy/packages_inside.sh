#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The life of the three packages, in a machine that may be broken (a chroot with a network of its own, see packages_test.py):
#   packages_inside.sh FOLDER       *.deb of this version there, those of the next version in FOLDER/next
# There is no systemd here: what the units would start is started from their ExecStart and User lines.
set -euo pipefail
debs=$1
export DEBIAN_FRONTEND=noninteractive
ledger=/var/lib/orthanc/db-v6/osteon-ledger.sqlite

say() { echo "packages: $*"; }
fail() { echo "packages: FAILED: $*" >&2; exit 1; }
is() { [ "$2" = "$3" ] || fail "$1 is '$2' and should be '$3'"; }
of_unit() { sed -n "s/^$2=//p" "$1" | head -n 1; }

pids=()
start() {
  local unit=$1 user command
  user=$(of_unit "$unit" User)
  command=$(of_unit "$unit" ExecStart)
  # shellcheck disable=SC2086 # A command line of words.
  setpriv --reuid "$user" --regid "$user" --clear-groups $command >"/tmp/$(basename "$unit").log" 2>&1 &
  pids+=($!)
}
stop_all() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || :; done
  for pid in "${pids[@]}"; do wait "$pid" || :; done
  pids=()
}
trap 'stop_all; tail -n 30 /tmp/*.service.log >&2 || :' ERR
start_both() {
  start /lib/systemd/system/orthanc.service
  start /lib/systemd/system/osteond.service
}
# Until it succeeds, at the longest two minutes.
eventually() {
  local end=$((SECONDS + ${OSTEON_WAIT:-120}))
  until "$@" >/tmp/eventually.log 2>&1; do
    [ $SECONDS -lt $end ] || { cat /tmp/eventually.log >&2; fail "waited in vain for: $*"; }
    read -r -t 0.5 <> <(:) || :
  done
}

say "install: apt install ./*.deb is all"
apt-get install -y --no-install-recommends "$debs"/*.deb >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail install; }
grep -q 'http://localhost:8042/osteon/app/' /tmp/apt.log || fail "the installation does not say where to look"
for file in server.key worker.key; do is "mode of $file" "$(stat -c %a /etc/osteon/$file)" 600; done
is "owner of server.key" "$(stat -c %U /etc/osteon/server.key)" orthanc
is "owner of worker.key" "$(stat -c %U /etc/osteon/worker.key)" osteon
is "owner and mode of the spool" "$(stat -c '%U %a' /var/lib/osteon)" "osteon 700"
grep -qxF "$(cat /etc/osteon/worker.pub)" /etc/osteon/allowed_workers.txt || fail "the plugin does not know the worker"
[ -e /etc/systemd/system/multi-user.target.wants/osteond.service ] || fail "osteond is not enabled"

say "run: silent mode, and doctor is content"
start_both
eventually osteon doctor
osteon status | grep -q '^mode: silent$' || fail "not in silent mode"
curl -fsS http://localhost:8042/osteon/app/ | grep -qi osteon || fail "there is no page"
osteon jobs >/dev/null
sqlite3 $ledger ".backup /tmp/ledger-copy.sqlite"
is "the live copy of the ledger" "$(sqlite3 /tmp/ledger-copy.sqlite 'PRAGMA integrity_check')" ok
bash -c 'source /usr/share/bash-completion/completions/osteon; COMP_WORDS=(osteon ana); COMP_CWORD=1; _osteon; echo "${COMPREPLY[0]}"' | grep -qx analyze ||
  fail "bash does not complete 'osteon ana'"
man -l /usr/share/man/man1/osteon.1.gz 2>/dev/null | grep -q selftest || zgrep -q selftest /usr/share/man/man1/osteon.1.gz || fail "no man page"

say "upgrade: configuration that was changed and keys stay"
sed -i 's/"silent"/"off"/' /etc/orthanc/osteon.json
before=$(cat /etc/osteon/*.key /etc/osteon/allowed_workers.txt /etc/orthanc/osteon.json | sha256sum)
apt-get install -y --no-install-recommends "$debs"/next/*.deb >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail upgrade; }
is "keys and configuration" "$(cat /etc/osteon/*.key /etc/osteon/allowed_workers.txt /etc/orthanc/osteon.json | sha256sum)" "$before"
stop_all
start_both
eventually osteon doctor
osteon status | grep -q '^mode: off$' || fail "the changed configuration is not in force"
stop_all

say "remove: Orthanc goes on without; configuration, keys and ledger stay"
apt-get remove -y osteon-orthanc osteon-worker osteon-tools >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail remove; }
[ ! -e /usr/share/orthanc/plugins/libOsteonPlugin.so ] && [ ! -e /usr/bin/osteond ] && [ ! -e /usr/bin/osteon ] || fail "programs stayed"
[ -e /etc/orthanc/osteon.json ] && [ -e /etc/osteon/server.key ] && [ -e $ledger ] || fail "too much was removed"
start /lib/systemd/system/orthanc.service
eventually curl -fsS http://localhost:8042/system
stop_all

say "purge: nothing stays but the user"
apt-get purge -y osteon-orthanc osteon-worker osteon-tools >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail purge; }
left=$(find /etc /usr /var/lib /var/log -xdev -iname '*osteon*' -not -path '/var/lib/apt/*' -newer "$debs" 2>/dev/null || :)
is "what is left" "$left" ""
getent passwd osteon >/dev/null || fail "the user is gone, and its number may become another's"

say "again: a machine that had it before"
apt-get install -y --no-install-recommends "$debs"/*.deb >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail "install again"; }
start_both
eventually osteon doctor
stop_all
say "ok"
