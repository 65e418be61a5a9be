#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Measures Osteon beside what people would use instead, in one run, and writes RESULTS.md and results.json beside this file.
# Installs the packages, builds as for a release, makes the studies to measure with (kept in build/bench), about 45 minutes on two
# quiet cores after that. Needs a quiet machine; rows say when it was not.
#   tests/bench/run.sh                 everything; see README.md
#   tests/bench/run.sh --only ROW      one row, to build/bench-results
#   tests/bench/run.sh --smoke         tiny sizes: only that all works
#   tests/bench/run.sh --again         the rows for which the machine was not quiet in the last whole run
#   tests/bench/run.sh --help          the other options
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
# Debian keeps Orthanc in /usr/sbin, which users other than root do not search.
export PATH=$PATH:/usr/sbin:/sbin
case " $* " in
  *" --help "*|*" -h "*|*" --table "*) ;;
  *)
    deploy/setup.sh build run
    # Only what the product is compared with may be missing: its rows then say what to install.
    deploy/setup.sh bench || echo "bench: some programs to compare with are missing; their rows will say so" >&2
    deploy/build.sh bench bench_programs
    ;;
esac
export OSTEON_SOURCE_DIR=$root OSTEON_BUILD_DIR=$root/build/bench
exec /usr/bin/python3 -B tests/bench/speed/bench.py "$@"
