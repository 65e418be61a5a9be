#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Reads synthetic reports by the code of JavaScript viewers, then opens some of them in OHIF: tests/viewers/run.sh [PRESET]
# Run by hand, not by ctest: needs node 20, npm and its registry, and for OHIF the Debian packages orthanc, orthanc-dicomweb and
# chromium. All output is below build/PRESET/viewers; look at the screenshots in viewers/ohif/*.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build/${1:-dev}
write_case=$build/bin/report_write_case
osteon=$build/bin/osteon
for program in "$write_case" "$osteon"; do
  [ -x "$program" ] || { echo "viewers: no $program: deploy/build.sh ${1:-dev} report_write_case osteon" >&2; exit 2; }
done
out=$build/viewers
rm -rf "$out/cases"
mkdir -p "$out/cases"
cp "$root"/tests/viewers/{package.json,package-lock.json,read_reports.js,ohif.js} "$out"
(cd "$out" && npm ci --ignore-scripts --no-audit --no-fund)

make_case() { local name=$1; shift; "$write_case" "$out/cases/$name" voxel=6 "$@"; }
make_case classic lesions=7
make_case stations stations=1 lesions=8
make_case enhanced enhanced=1
make_case none lesions=0
make_case one lesions=1
make_case not-evaluable evaluable=0
make_case follow-up prior=1 lesions=8 language=de
make_case comprehensive sr=comprehensive prior=1
make_case enhanced-sr sr=enhanced stations=1
make_case no-frame frame=
make_case contrasts contrasts=1 lesions=7
# One patient three times, each analysed with the one before.
make_point() {
  local name=$1 course=$2 date=$3 prior=${4:-} images
  images=$(mktemp -d "$out/images-XXXXXX")
  "$osteon" phantom --out "$images/source" --seed 7 --lesions 6 --child --patient-id P7 --course "$course" --study-date "$date"
  "$osteon" analyze "$images/source" --out "$out/cases/$name" ${prior:+--prior "$out/cases/$prior"}
  mv "$images/source" "$out/cases/$name/source"
  rmdir "$images"
}
make_point point-1 baseline 20260110
make_point point-2 mixed 20260510 point-1
make_point point-3 grow 20260920 point-2
(cd "$out" && node read_reports.js cases)

# The package contains the built viewer; its dependencies are not needed (and not all in the registry).
ohif=$out/ohif-3.12.10
if [ ! -d "$ohif" ]; then
  (cd "$out" && npm pack @ohif/app@3.12.10 --silent && mkdir -p "$ohif" && tar xzf ohif-app-3.12.10.tgz -C "$ohif" && rm ohif-app-3.12.10.tgz)
fi
for file in /usr/bin/chromium /usr/share/orthanc/plugins/libOrthancDicomWeb.so; do
  [ -e "$file" ] || { echo "viewers: no $file: apt-get install orthanc orthanc-dicomweb chromium" >&2; exit 2; }
done
(cd "$out" && node ohif.js "$ohif/package/dist" cases classic one stations contrasts none not-evaluable follow-up comprehensive enhanced-sr point-3)
