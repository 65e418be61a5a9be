#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks format, clang-tidy and locks by LLVM 14 of Debian 12; stops after the first check with a finding.
#   .ci/lint.sh [BASE]      format of all files, locks of all files that use them, clang-tidy on files changed since BASE. BASE is a
#                           commit, by default the merge base with origin/main, or the previous commit; with more than 40 changed
#                           files only those of the last commit are checked
#   .ci/lint.sh --all       the same with clang-tidy on all files: about an hour of processor time
#   .ci/lint.sh --fix       formats all files, and checks nothing
# Needs build/dev configured: cmake --preset dev.
set -euo pipefail
most_files=40
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Other versions format differently and have other findings.
tool() {
  local name
  for name in "$1-14" "$1"; do
    if command -v "$name" >/dev/null && "$name" --version | grep -q 'version 14\.'; then
      echo "$name"
      return
    fi
  done
  echo "lint: needs $1 of LLVM 14: deploy/setup.sh test on Debian 12" >&2
  exit 1
}
sources() { git ls-files -co --exclude-standard -- "$@" | while read -r name; do [ ! -f "$name" ] || echo "$name"; done; }

format=$(tool clang-format)
if [ "${1:-}" = --fix ]; then
  sources '*.cc' '*.h' | xargs -P 2 -n 50 "$format" -i
  exit 0
fi

echo "lint: format"
sources '*.cc' '*.h' | xargs -P 2 -n 50 "$format" --dry-run -Werror ||
  { echo "lint: .ci/lint.sh --fix formats them" >&2; exit 1; }

[ -f build/dev/compile_commands.json ] || { echo "lint: configure first: cmake --preset dev" >&2; exit 1; }
# ITK's headers refuse LLVM's parser, so the one file that includes them is not read.
compiled() { /usr/bin/python3 -c '
import json, os, sys
known = {os.path.relpath(entry["file"]) for entry in json.load(open("build/dev/compile_commands.json"))}
print("\n".join(name for name in sys.stdin.read().split() if name in known and name != "tests/bench/speed/itk_speed.cc"))'; }

tidy=$(tool clang-tidy)
without_counts() { grep -v 'warnings\? generated\.$' >&2 || true; }      # Of warnings that are suppressed.
if [ "${1:-}" = --all ]; then
  changed=$(sources '*.cc')
else
  changed_since() {  # A header is checked with the source of the same name.
    (git diff --name-only --diff-filter=d "$1"; git ls-files -o --exclude-standard) | sed -n 's/\.h$/.cc/p; /\.cc$/p' | sort -u
  }
  last=$(git rev-parse --quiet --verify HEAD~1 || git rev-parse HEAD)     # A shallow clone has no previous commit.
  base=${1:-$(git merge-base HEAD origin/main 2>/dev/null || echo "$last")}
  [ "$(git rev-parse "$base")" != "$(git rev-parse HEAD)" ] || base=$last
  changed=$(changed_since "$base")
  # After a move of whole folders the check would take hours, so it then reads only what the last commit changed.
  if [ -z "${1:-}" ] && [ "$(grep -c . <<<"$changed")" -gt "$most_files" ]; then
    echo "lint: more than $most_files sources changed since $base: clang-tidy reads those of the last commit only (all: .ci/lint.sh --all)"
    changed=$(changed_since "$last")
  fi
fi
changed=$(compiled <<<"$changed")
echo "lint: clang-tidy on $(grep -c . <<<"$changed" || true) files"
[ -z "$changed" ] || xargs -P 2 -n 1 "$tidy" -p build/dev --quiet --warnings-as-errors='*' --extra-arg=-Wthread-safety \
  --extra-arg=-Wno-unknown-warning-option <<<"$changed" 2> >(without_counts)

echo "lint: locks"
locks=$(grep -lE '\b(Mutex|MutexLock|ReaderLock|WriterLock|REQUIRES_LOCK)\b' $(sources '*.cc') | compiled)
# (clang-tidy needs at least one check of its own.)
xargs -P 2 -n 1 "$tidy" -p build/dev --quiet --checks='-*,clang-diagnostic-thread-safety*,google-build-using-namespace' --warnings-as-errors='*' \
  --extra-arg=-Wthread-safety --extra-arg=-Wno-unknown-warning-option <<<"$locks" 2> >(without_counts)
echo "lint: nothing found"
