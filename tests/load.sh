#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A night of 200 studies of real size, on one worker and then on two: 8 C-STORE associations at once, Orthanc restarted and a worker
# killed in the middle. Fails when an image or a report is lost or made twice; writes what it took of time, memory and disk to
# build/load-results/LOAD.md. By hand, not in CI: about an hour on two quiet cores, 5 GB of disk.
#   tests/load.sh                           both nights
#   tests/load.sh --studies 10 --small      only that all works; --help has the other options
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export PATH=$PATH:/usr/sbin:/sbin
case " $* " in
  *" --help "*|*" -h "*) ;;
  *)
    deploy/setup.sh build run test
    deploy/build.sh bench osteon osteond OsteonPlugin
    ;;
esac
export OSTEON_SOURCE_DIR=$root OSTEON_BUILD_DIR=$root/build/bench
exec /usr/bin/python3 -B tests/deploy/load_night.py "$@"
