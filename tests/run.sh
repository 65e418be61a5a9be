#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs packages, builds, and runs every test, unit to end-to-end; says at the end how many ran.
#   tests/run.sh                 everything, and each fuzz target for 20 s
#   tests/run.sh --fast          only what takes under a minute together
#   tests/run.sh --only REGEX    the tests whose name matches
#   tests/run.sh --sanitize      the whole suite under ASan+UBSan, then the concurrent parts under TSan;
#                                --sanitize=asan or --sanitize=tsan: only that
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# Debian keeps Orthanc in /usr/sbin, which users other than root do not search.
export PATH=$PATH:/usr/sbin:/sbin

select=()
presets=(dev)
fuzz=1
while [ $# -gt 0 ]; do
  case $1 in
    --fast) select=(-L fast); fuzz=0 ;;
    --only) select=(-R "${2:?--only needs a regular expression}"); fuzz=0; shift ;;
    --sanitize) presets=(asan tsan); fuzz=0 ;;
    --sanitize=asan|--sanitize=tsan) presets=("${1#*=}"); fuzz=0 ;;
    -h|--help) sed -n '3,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "tests/run.sh: unknown option $1; see --help" >&2; exit 2 ;;
  esac
  shift
done

started=$SECONDS
deploy/setup.sh build run test

# Studies for development may lie beside the checkout; the tests that want them say so when they are not there.
if [ -z "${OSTEON_SHARED:-}" ] && [ -d "$root/../shared/real-dicom" ]; then
  export OSTEON_SHARED=$root/../shared
fi

failed=0
counts=
for preset in "${presets[@]}"; do
  chosen=("${select[@]}")
  targets=()
  [ "$preset" != tsan ] || { chosen=(-L concurrent); targets=(concurrent_tests); }
  deploy/build.sh "$preset" "${targets[@]}"
  echo "tests: running ($preset)"
  report=$root/build/$preset/tests.xml
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j 2 --output-junit "$report" "${chosen[@]}" || failed=1
  # One plain line of counts, from what ctest wrote of each test.
  counts+=$(/usr/bin/python3 - "$report" <<'PY'
import sys, xml.etree.ElementTree as tree
cases = tree.parse(sys.argv[1]).getroot().iter('testcase')
counts = {'run': 0, 'fail': 0, 'notrun': 0}
for case in cases:
    status = case.get('status')
    counts['notrun' if status in ('notrun', 'disabled') else 'fail' if status == 'fail' else 'run'] += 1
print(f"{counts['run']} passed, {counts['fail']} failed, {counts['notrun']} skipped")
PY
)$'\n'
done
[ $fuzz = 0 ] || tests/fuzz/run.sh 20 || failed=1
printf %s "$counts"
echo "tests: $((SECONDS - started)) s in all"
exit $failed
