#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The life of the three packages, in a machine that may be broken (a chroot with a network of its own, see packages_test.py):
#   packages_inside.sh FOLDER       *.deb of this version there, those of the next version in FOLDER/next
# There is no systemd here (tests/systemd.sh has one).
set -euo pipefail
debs=$1
export DEBIAN_FRONTEND=noninteractive
ledger=/var/lib/orthanc/db-v6/osteon-ledger.sqlite

name=packages
# shellcheck source=tests/deploy/machine.sh
. "$debs/machine.sh"
# shellcheck disable=SC2086 # Options, or none.
apt() { apt-get "$1" -y ${OSTEON_APT-} "${@:2}" >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail "apt $1"; }; }

say "README.md, line by line: from nothing to a report"
began=$SECONDS
cd "$debs"
readme=$(block_of README.md 'Install it' 1)
while IFS= read -r line <&3; do
  line=$(sed 's/ *#.*//' <<<"$line")
  case $line in
    'apt update') continue ;;  # There is no network here; tests/packages.sh has done it.
    'osteon doctor')
      cp /tmp/apt.log /tmp/installed.log
      start_both
      doctor || { cat /tmp/doctor.json; fail "$line"; }
      osteon status | grep -q '^mode: silent$' || fail "not in silent mode"
      ;;
    'osteon selftest'*)
      $line >/tmp/selftest.log 2>&1 || { cat /tmp/selftest.log; fail "$line"; }
      ;;
    *) eval "$line" ;;
  esac
  say "  $((SECONDS - began)) s: $line"
done 3<<<"$readme"
cd /
[ $((SECONDS - began)) -le 300 ] || fail "that took more than five minutes"
of_package() { dpkg-deb --fsys-tarfile "$debs"/osteon-orthanc_*.deb | tar -xO "./$1"; }
is "what README.md changes" "$(diff <(of_package etc/orthanc/osteon.json) /etc/orthanc/osteon.json | grep '^>')" '>     "Mode": "assist",'
grep '^ok: ' /tmp/selftest.log || fail "there is no report"
osteon status | grep -q '^mode: assist$' || fail "not in assist mode"
stop_all

say "what the installation has made"
cp /tmp/installed.log /tmp/apt.log
grep -q 'http://localhost:8042/osteon/app/' /tmp/apt.log || fail "the installation does not say where to look"
for file in server.key worker.key; do is "mode of $file" "$(stat -c %a /etc/osteon/$file)" 600; done
is "owner of server.key" "$(stat -c %U /etc/osteon/server.key)" orthanc
is "owner of worker.key" "$(stat -c %U /etc/osteon/worker.key)" osteon
is "owner and mode of the spool" "$(stat -c '%U %a' /var/lib/osteon)" "osteon 700"
grep -qxF -e "$(cat /etc/osteon/worker.pub)" /etc/osteon/allowed_workers.txt || fail "the plugin does not know the worker"
[ -e /etc/systemd/system/multi-user.target.wants/osteond.service ] || fail "osteond is not enabled"

say "a key that begins with a dash is added once"
cp -a /etc/osteon /tmp/osteon.etc
echo '-.a key' >/etc/osteon/worker.pub
for _ in 1 2; do /usr/share/osteon/machine-keys worker; done
is "lines of the key" "$(grep -cxF -e '-.a key' /etc/osteon/allowed_workers.txt)" 1
cp -a /tmp/osteon.etc/. /etc/osteon/
rm -r /tmp/osteon.etc

say "run: doctor is content"
start_both
eventually doctor
curl -fsS http://localhost:8042/osteon/app/ | grep -qi osteon || fail "there is no page"
osteon jobs >/dev/null
osteon config check >/tmp/config.txt || { cat /tmp/config.txt; fail "osteon config check, without options"; }
sqlite3 $ledger ".backup /tmp/ledger-copy.sqlite"
is "the live copy of the ledger" "$(sqlite3 /tmp/ledger-copy.sqlite 'PRAGMA integrity_check')" ok
bash -c 'source /usr/share/bash-completion/completions/osteon; COMP_WORDS=(osteon ana); COMP_CWORD=1; _osteon; echo "${COMPREPLY[0]}"' | grep -qx analyze ||
  fail "bash does not complete 'osteon ana'"

say "man page and completions know each command and option"
gzip -cd /usr/share/man/man1/osteon.1.gz | sed 's/\\-/-/g' >/tmp/osteon.man
commands=$(osteon --help | sed '1,/ubcommands/d' | grep -oE '^  [a-z-]+ ' || :)
[ "$(wc -w <<<"$commands")" -gt 10 ] || fail "osteon --help lists no commands"
for file in /tmp/osteon.man /usr/share/bash-completion/completions/osteon /usr/share/zsh/vendor-completions/_osteon /usr/share/fish/vendor_completions.d/osteon.fish; do
  for command in $commands; do
    for word in "$command" $(osteon "$command" --help | grep -oE '^  (-\w,)?--[a-z0-9-]+' | sed 's/.*--//'); do
      grep -qF -e "$word" "$file" || fail "$file does not know '$word' of osteon $command"
    done
  done
done

say "back up, lose all, restore, by the manual"
sqlite3 $ledger "INSERT INTO meta VALUES ('mark', 'kept')"
manual "Back up and restore" 1
keys=$(cat /etc/osteon/*.key | sha256sum)
stop_all
rm -r /etc/osteon /etc/orthanc/osteon.json
rm $ledger*
manual "Back up and restore" 2
eventually doctor
is "the restored ledger" "$(sqlite3 $ledger "SELECT value FROM meta WHERE key = 'mark'")" kept
is "the restored keys" "$(cat /etc/osteon/*.key | sha256sum)" "$keys"

say "new keys, by the manual"
for n in 1 2; do
  before=$(cat /etc/osteon/*.key | sha256sum)
  manual Keys $n
  eventually doctor
  [ "$(cat /etc/osteon/*.key | sha256sum)" != "$before" ] || fail "the keys are the old ones"
done
is "lines of server.pub" "$(wc -l </etc/osteon/server.pub)" 1
is "lines of allowed_workers.txt" "$(wc -l </etc/osteon/allowed_workers.txt)" 1
is "owner of allowed_workers.txt" "$(stat -c '%U %a' /etc/osteon/allowed_workers.txt)" "root 644"

say "upgrade: configuration that was changed and keys stay"
sed -i 's/"assist"/"off"/' /etc/orthanc/osteon.json
before=$(cat /etc/osteon/*.key /etc/osteon/allowed_workers.txt /etc/orthanc/osteon.json | sha256sum)
apt-get install -y --no-install-recommends "$debs"/next/*.deb >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail upgrade; }
is "keys and configuration" "$(cat /etc/osteon/*.key /etc/osteon/allowed_workers.txt /etc/orthanc/osteon.json | sha256sum)" "$before"
stop_all
start_both
eventually doctor
osteon status | grep -q '^mode: off$' || fail "the changed configuration is not in force"
stop_all

say "downgrade, by the manual"
cd "$debs"
manual "Upgrade and downgrade" 1
cd /
start_both
eventually doctor
stop_all
is "keys and configuration" "$(cat /etc/osteon/*.key /etc/osteon/allowed_workers.txt /etc/orthanc/osteon.json | sha256sum)" "$before"

say "the ledger of a newer version: Orthanc stops and says so; the backup helps"
sqlite3 $ledger 'PRAGMA user_version = 99'
start orthanc
code=0
wait "${pids[orthanc]}" || code=$?
[ $code -ne 0 ] || fail "Orthanc took the ledger of a newer version"
grep -rqF "written by a newer Osteon (schema 99, this program knows" /var/log/orthanc /tmp/orthanc.service.log || fail "it does not say why it stopped"
is "the ledger, which was left as it is" "$(sqlite3 $ledger 'PRAGMA user_version')" 99
manual "Back up and restore" 2
eventually doctor
stop_all

say "remove: Orthanc goes on without; configuration, keys and ledger stay"
apt-get remove -y osteon-orthanc osteon-worker osteon-tools >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail remove; }
[ ! -e /usr/share/orthanc/plugins/libOsteonPlugin.so ] && [ ! -e /usr/bin/osteond ] && [ ! -e /usr/bin/osteon ] || fail "programs stayed"
[ -e /etc/orthanc/osteon.json ] && [ -e /etc/osteon/server.key ] && [ -e $ledger ] || fail "too much was removed"
start orthanc
eventually curl -fsS http://localhost:8042/system
stop_all

say "purge: nothing stays but the user"
apt-get purge -y osteon-orthanc osteon-worker osteon-tools >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail purge; }
left=$(find /etc /usr /var/lib /var/log -xdev -iname '*osteon*' -not -path '/var/lib/apt/*' -newer "$debs" 2>/dev/null || :)
is "what is left" "$left" ""
getent passwd osteon >/dev/null || fail "the user is gone, and its number may become another's"

say "a worker alone: it says how it comes to its plugin"
apt-get install -y --no-install-recommends "$debs"/osteon-worker_*.deb "$debs"/osteon-tools_*.deb >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail "install the worker"; }
grep -q 'its plugin is on another machine' /tmp/apt.log || fail "the installation does not say what is missing"
grep -q 'osteon doctor, there, shows this worker' /tmp/apt.log || fail "the installation does not say how to check it"

say "again: a machine that had it before"
apt-get install -y --no-install-recommends "$debs"/*.deb >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; fail "install again"; }
start_both
eventually doctor
stop_all
say "ok"
