#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the whole system on this machine: installs packages, builds, starts a real Orthanc with the plugin and one worker on
# loopback, sends a synthetic whole-body study, waits for the report, prints it, and stops everything again.
#   deploy/demo.sh             as above
#   deploy/demo.sh --keep      leaves Orthanc and the worker running, and says how to stop them
#   deploy/demo.sh --study DIR sends that folder of DICOM instead of a synthetic study
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# Debian keeps Orthanc in /usr/sbin, which users other than root do not search.
export PATH=$PATH:/usr/sbin:/sbin

keep=no study=
while [ $# -gt 0 ]; do
  case $1 in
    --keep) keep=yes ;;
    --study) study=$(cd "${2:?--study needs a folder}" && pwd); shift ;;
    -h|--help) sed -n '3,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "deploy/demo.sh: unknown option $1; see --help" >&2; exit 2 ;;
  esac
  shift
done

deploy/setup.sh build run
deploy/build.sh dev osteon osteond OsteonPlugin
bin=$root/build/dev/bin

lab=$(mktemp -d "${TMPDIR:-/tmp}/osteon-demo-XXXXXX")
orthanc_pid= worker_pid=
finish() {
  code=$?
  trap - EXIT INT TERM
  if [ "$code" -ne 0 ]; then
    for log in "$lab"/*.log; do [ ! -s "$log" ] || { echo "---- last lines of $log" >&2; tail -n 25 "$log" >&2; }; done
  fi
  if [ "$keep" = yes ] && [ "$code" -eq 0 ]; then
    echo
    echo "Left running. Stop with: kill $worker_pid $orthanc_pid; then rm -r $lab"
    exit 0
  fi
  # First the worker, which finishes or gives back its study; then Orthanc, which closes its database.
  for pid in $worker_pid $orthanc_pid; do
    kill "$pid" 2>/dev/null || continue
    for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || :
  done
  rm -rf "$lab"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() { local port=$1; while taken "$port"; do port=$((port + 1)); done; echo "$port"; }
http=$(free_port 8042)
dicom=$(free_port 4242)
wire=$(free_port 5742)

# The report as `concept: value` lines, without the lists of images, UIDs and anchors.
readable_report() {
  dsrdump -Er -Ec +Pl "$1" 2>/dev/null | sed -E '
    /IMAGE:=|Pixel Data|Pixel Spacing|UIDREF|"Short Label"|"MR signal intensity"|of normal marrow/d
    s/<(has|contains|inferred|selected)[a-z ]* [A-Z0-9]+:\(,,"([^"]*)"\)=/\2: /
    s/<CONTAINER:\(,,"([^"]*)"\)=SEPARATE>/\1/
    s/: \(([^,]*),[A-Z0-9]+,"([^"]*)"\)>$/: \2/
    s/"? \(\{?[^}]*\}?,UCUM,"([^"]*)"\)>$/ \1/
    s/ no units$//
    s/: "/: /
    s/"?>$//
    s/: SEPARATE$//'
}

echo "demo: keys and configuration in $lab"
"$bin/osteon" keygen --out "$lab/keys" >/dev/null
mkdir -p "$lab/orthanc"
cat >"$lab/orthanc.json" <<JSON
{
  "Name": "Osteon demo", "StorageDirectory": "$lab/orthanc", "IndexDirectory": "$lab/orthanc",
  "HttpPort": $http, "DicomPort": $dicom, "DicomAet": "OSTEONDEMO", "DicomCheckCalledAet": false,
  "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "StableAge": 2,
  "Plugins": ["$bin/libOsteonPlugin.so"],
  "Osteon": {
    "Endpoint": "tcp://127.0.0.1:$wire",
    "ServerKeyFile": "$lab/keys/server.key",
    "AllowedWorkersFile": "$lab/keys/allowed_workers.txt",
    "StableQuietSeconds": 3
  }
}
JSON
cat >"$lab/osteond.toml" <<TOML
[worker]
endpoint = "tcp://127.0.0.1:$wire"
key_file = "$lab/keys/worker.key"
server_public_key_file = "$lab/keys/server.pub"
spool_dir = "$lab/spool"
TOML

echo "demo: starting Orthanc (http $http, DICOM $dicom) and one worker"
Orthanc "$lab/orthanc.json" >"$lab/orthanc.log" 2>&1 &
orthanc_pid=$!
url=http://127.0.0.1:$http
for _ in $(seq 300); do
  kill -0 $orthanc_pid 2>/dev/null || { echo "demo: Orthanc stopped at start" >&2; exit 1; }
  curl -fsS "$url/osteon/status" >/dev/null 2>&1 && break
  sleep 0.1
done
curl -fsS "$url/osteon/status" >/dev/null || { echo "demo: the plugin does not answer at $url/osteon/status" >&2; exit 1; }
"$bin/osteond" --config "$lab/osteond.toml" >"$lab/osteond.log" 2>&1 &
worker_pid=$!

if [ -z "$study" ]; then
  echo "demo: making a synthetic whole-body study"
  study=$lab/study
  "$bin/osteon" phantom --out "$study" --seed 11 --lesions 6
fi
echo "demo: sending it to Orthanc by C-STORE"
dcmsend +sd +r --no-halt -aec OSTEONDEMO 127.0.0.1 "$dicom" "$study" >"$lab/dcmsend.log" 2>&1 || { echo "demo: sending failed" >&2; exit 1; }

echo "demo: waiting for the report"
last= state=
deadline=$((SECONDS + 600))
while [ $SECONDS -lt $deadline ]; do
  job=$("$bin/osteon" jobs --json --url "$url" 2>/dev/null | tr -d '\n' || :)
  state=$(sed -n 's/.*"state": *"\([a-z_]*\)".*/\1/p' <<<"$job")
  if [ "$state" != "$last" ]; then echo "demo: the study is ${state:-not seen yet}"; last=$state; fi
  case $state in
    done) break ;;
    not_evaluable|stuck|skipped|cancelled) "$bin/osteon" jobs --url "$url"; echo "demo: no report; see the reason above" >&2; exit 1 ;;
  esac
  kill -0 $worker_pid 2>/dev/null || { echo "demo: the worker stopped" >&2; exit 1; }
  sleep 0.5
done
[ "$state" = done ] || { echo "demo: no report within 10 minutes" >&2; exit 1; }

report=$(curl -fsS -X POST "$url/tools/find" -d '{"Level":"Instance","Query":{"Modality":"SR"}}' | tr -d '[]" \n' | cut -d, -f1)
curl -fsS "$url/instances/$report/file" >"$lab/sr.dcm"
echo
readable_report "$lab/sr.dcm"
echo
"$bin/osteon" jobs --url "$url"
echo
echo "Orthanc Explorer: $url/app/explorer.html    Osteon: $url/osteon/app/"
