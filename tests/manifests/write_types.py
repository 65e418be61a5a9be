#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the objects of a YAML stream as TypeScript of the Kubernetes API's types, in which an unknown key or a value of another type is an
error: write_types.py <built.yaml >objects.ts
"""
import json
import sys

import yaml

for number, one in enumerate(yaml.safe_load_all(sys.stdin)):
    package = '@kubernetes-models/keda' if one['apiVersion'].startswith('keda.sh/') else 'kubernetes-models'
    print(f'import type {{ I{one["kind"]} as Type{number} }} from "{package}/{one["apiVersion"]}/{one["kind"]}";')
    print(f'export const object{number}: Type{number} = {json.dumps(one, indent=1)};')
