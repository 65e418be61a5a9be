#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the fuzz targets (clang, ASan, UBSan) and runs each for SECONDS, two at a time; non-zero when one finds something.
#   tests/fuzz/run.sh SECONDS [TARGET...]
# The corpus grows in build/fuzz/corpus, findings are kept in build/fuzz/findings.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Each target with its longest input in bytes.
declare -A longest=([wire]=4096 [dicom]=4096 [seg]=8192 [sr]=8192 [config]=2048 [keys]=1024 [settings]=4096 [archive]=4096)
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [TARGET...], targets: ${!longest[*]}}
shift
targets=("$@")
[ $# -gt 0 ] || targets=(dicom seg sr archive wire config keys settings)
for target in "${targets[@]}"; do
  [ -n "${longest[$target]:-}" ] || { echo "tests/fuzz/run.sh: no target '$target'; there are ${!longest[*]}" >&2; exit 2; }
done
cd "$root"

deploy/build.sh fuzz fuzz_wire_seeds "${targets[@]/#/fuzz_}"
build=$root/build/fuzz
corpus=$build/corpus
findings=$build/findings
mkdir -p "$corpus/wire" "$findings"
/usr/bin/python3 -B tests/fuzz/make_corpus.py "$corpus"
"$build/bin/fuzz_wire_seeds" "$corpus/wire"

# The readers need files; these are in memory where possible.
memory=/dev/shm
[ -d "$memory" ] && [ -w "$memory" ] || memory=${TMPDIR:-/tmp}
TMPDIR=$(mktemp -d "$memory/osteon-fuzz-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
# A quarantine of 16 MiB of freed memory instead of 256 is a third faster and still larger than what one input allocates.
export ASAN_OPTIONS=quarantine_size_mb=16

fuzz() {
  local target=$1 log=$build/$1.log known=()
  [ ! -d "tests/fuzz/findings/$target" ] || known=("tests/fuzz/findings/$target")
  # Leaks are not checked: DCMTK leaks on some damaged files, and each job is a short-lived process.
  if "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len="${longest[$target]}" -timeout=60 \
      -rss_limit_mb=2048 -detect_leaks=0 -print_final_stats=1 -seed=1 -artifact_prefix="$findings/$target-" \
      "$corpus/$target" "${known[@]}" >"$log" 2>&1; then
    echo "fuzz: $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") executions, nothing found"
  else
    echo "fuzz: $target: FOUND something, see build/fuzz/$target.log and build/fuzz/findings" >&2
    tail -n 25 "$log" >&2
    touch "$TMPDIR/found"
  fi
}

for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
  fuzz "$target" &
done
wait
[ ! -e "$TMPDIR/found" ]
