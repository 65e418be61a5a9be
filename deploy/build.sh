#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Configures and builds targets of one preset, and shows the progress: deploy/build.sh PRESET [TARGET...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=${1:?usage: deploy/build.sh PRESET [TARGET...]}
shift
targets=("${@:-all}")
build=$root/build/$preset
cd "$root"
# CMake refuses a build folder that was moved or copied, since it has absolute paths.
if [ -f "$build/CMakeCache.txt" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$build/CMakeCache.txt"; then
  rm -rf "$build"
fi
mkdir -p "$build"
# Paths below the root are relative for ccache, so that a second checkout can use what the first one compiled.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

echo "build: configuring $preset"
cmake --preset "$preset" >"$build/configure.log" 2>&1 || { cat "$build/configure.log" >&2; exit 1; }

echo "build: compiling $preset (whole log: build/$preset/build.log)"
# Prints every twentieth of Ninja's [12/345] lines; the log has all.
thin='/^\[[0-9]+\/[0-9]+\]/ { split(substr($1, 2), n, "/"); if (n[1] % 20 == 0) { print "build: " $1; fflush() } }'
if ! cmake --build "$build" --target "${targets[@]}" 2>&1 | tee "$build/build.log" | awk "$thin"; then
  grep -nE 'error|FAILED|undefined reference' "$build/build.log" | head -n 40 >&2 || tail -n 40 "$build/build.log" >&2
  echo "build: failed, see build/$preset/build.log" >&2
  exit 1
fi
echo "build: ready in build/$preset"
