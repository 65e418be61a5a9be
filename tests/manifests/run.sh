#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks the files of deploy/kubernetes and deploy/containers without a cluster or an engine: tests/manifests/run.sh
#   manifests      kubectl builds the objects; each has the types of the Kubernetes and KEDA API (a key that these do not know is an error)
#   compose.yaml   the schema of the compose specification, and dclint's rules but two
#   Containerfile  the grammar of its instructions
# Run by hand, not by ctest: needs kubectl (Debian: kubernetes-client), node 20, npm and its registry. All output is in build/manifests.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$root/build/manifests
command -v kubectl >/dev/null || { echo "manifests: needs kubectl: apt-get install kubernetes-client" >&2; exit 2; }
mkdir -p "$out"
cp "$root"/tests/manifests/{package.json,package-lock.json} "$out"
cd "$out"
npm ci --ignore-scripts --no-audit --no-fund
PATH=$out/node_modules/.bin:$PATH

manifests() {
  /usr/bin/python3 "$root/tests/manifests/write_types.py" <"$1" >objects.ts &&
    tsc --noEmit --strict --skipLibCheck --module nodenext objects.ts
}
# The port for the scanners is open on purpose, and the images are made by who starts them.
compose() { dclint "$1" --quiet --disable-rule no-unbound-port-interfaces --disable-rule service-image-require-explicit-tag; }
containerfile() { dockerfile-utils lint "$1"; }

# A check passes the file, and finds each of the faults (programs of sed) when it is put in.
check() {
  local kind=$1 file=$2 fault broken=broken-${2##*/}
  "$kind" "$file"
  for fault in "${@:3}"; do
    sed "$fault" "$file" >"$broken"
    if cmp -s "$file" "$broken" || "$kind" "$broken" >/dev/null 2>&1; then
      echo "manifests: a fault of $file was not found: $fault" >&2
      exit 1
    fi
  done
}
kubectl kustomize "$root/deploy/kubernetes" >built.yaml
cp "$root"/deploy/containers/{compose.yaml,Containerfile} .
check manifests built.yaml s/readinessProbe:/readynessProbe:/ 's/replicas: 2/replicas: "2"/' s/minReplicaCount:/minReplicas:/ s/podSelector:/podSelectors:/
check compose compose.yaml s/healthcheck:/helthcheck:/ 's/restart: unless-stopped/restart: 3/'
check containerfile Containerfile s/STOPSIGNAL/STOPSIGNALL/ 's/EXPOSE 8042/EXPOSE 80x42/'
echo "manifests: $(grep -c '^kind:' built.yaml) objects, compose.yaml and Containerfile are sound"
