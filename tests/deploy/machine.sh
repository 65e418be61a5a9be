# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# A machine that may be broken, without systemd: what its units would start is started from their ExecStart and User lines. To be sourced by what
# packages_test.py and sources_test.py run in a layer; `debs` is the folder with the documents, `name` begins each line of output.

say() { echo "$name: $*"; }
fail() { echo "$name: FAILED: $*" >&2; exit 1; }
is() { [ "$2" = "$3" ] || fail "$1 is '$2' and should be '$3'"; }
of_unit() { sed -n "s/^$2=//p" "$1" | head -n 1; }

declare -A pids=()
start() {
  local unit=/lib/systemd/system/$1.service user command
  user=$(of_unit "$unit" User)
  command=$(of_unit "$unit" ExecStart)
  # shellcheck disable=SC2086 # A command line of words.
  setpriv --reuid "$user" --regid "$user" --clear-groups $command >"/tmp/$1.service.log" 2>&1 &
  pids[$1]=$!
}
stop() {
  local pid=${pids[$1]:-}
  [ -n "$pid" ] || return 0
  unset "pids[$1]"
  kill "$pid" 2>/dev/null || :
  wait "$pid" || :
}
stop_all() { local unit; for unit in "${!pids[@]}"; do stop "$unit"; done; }
trap 'stop_all; tail -n 30 /tmp/*.service.log >&2 || :' ERR
start_both() { start orthanc; start osteond; }
# Until it succeeds, at the longest two minutes.
eventually() {
  local end=$((SECONDS + ${OSTEON_WAIT:-120}))
  until "$@" >/tmp/eventually.log 2>&1; do
    [ $SECONDS -lt $end ] || { cat /tmp/eventually.log >&2; fail "waited in vain for: $*"; }
    read -r -t 0.5 <> <(:) || :
  done
}

# Whether doctor calls all of it ok; its exit code allows warnings.
doctor() {
  osteon doctor --json >/tmp/doctor.json || return 1
  sqlite3 :memory: "SELECT json_extract(value, '$.verdict') || ': ' || json_extract(value, '$.what')
    FROM json_each(readfile('/tmp/doctor.json'))" >/tmp/doctor.txt
  grep -q '^ok: ' /tmp/doctor.txt && ! grep -v '^ok: ' /tmp/doctor.txt
}

# The commands of a document as they stand there: the n-th block of a section. What they would ask and start is answered here.
block_of() {
  local block
  block=$(awk -v title="## $2" -v wanted="$3" '
    /^## / { here = $0 == title }
    here && /^ *```sh/ { if (++n == wanted) { on = 1; next } }
    on && /^ *```$/ { exit }
    on' "$debs/$1")
  [ -n "$block" ] || fail "$1 has no block $3 in '$2'"
  echo "$block"
}
manual() { local block; block=$(block_of MANUAL.md "$1" "$2"); eval "$block"; }
systemctl() {
  local action=$1 unit
  shift
  [ "$1" != --now ] || shift
  for unit; do
    [ "$action" = start ] || [ "$action" = enable ] || stop "$unit"
    [ "$action" = stop ] || start "$unit"
  done
}
