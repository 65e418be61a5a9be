#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the fuzz targets (clang, ASan, UBSan) and runs each for SECONDS; non-zero when one finds something.
#   tests/fuzz/run.sh SECONDS [TARGET...]     targets: wire dicom seg sr config
# The corpus grows in build/fuzz/corpus, findings are kept in build/fuzz/findings.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [TARGET...]}
shift
targets=("$@")
[ $# -gt 0 ] || targets=(wire dicom seg sr config)
cd "$root"

deploy/build.sh fuzz fuzz_wire_seeds "${targets[@]/#/fuzz_}"
build=$root/build/fuzz
corpus=$build/corpus
findings=$build/findings
mkdir -p "$corpus/wire" "$findings"
/usr/bin/python3 -B tests/fuzz/make_corpus.py "$corpus"
"$build/bin/fuzz_wire_seeds" "$corpus/wire"

# The readers want files: in memory, where that is possible.
memory=/dev/shm
[ -d "$memory" ] && [ -w "$memory" ] || memory=${TMPDIR:-/tmp}
TMPDIR=$(mktemp -d "$memory/osteon-fuzz-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

declare -A longest=([wire]=4096 [dicom]=8192 [seg]=16384 [sr]=8192 [config]=8192)
failed=0
for target in "${targets[@]}"; do
  log=$build/$target.log
  known=()
  [ ! -d "tests/fuzz/findings/$target" ] || known=("tests/fuzz/findings/$target")
  # Leaks are not looked for: DCMTK leaks on some damaged files, and a job is one short-lived process.
  if "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len="${longest[$target]}" -timeout=20 \
      -rss_limit_mb=2048 -detect_leaks=0 -print_final_stats=1 -seed=1 -artifact_prefix="$findings/$target-" \
      "$corpus/$target" "${known[@]}" >"$log" 2>&1; then
    echo "fuzz: $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") executions, nothing found"
  else
    failed=1
    echo "fuzz: $target: FOUND something, see build/fuzz/$target.log and build/fuzz/findings" >&2
    tail -n 25 "$log" >&2
  fi
done
exit $failed
