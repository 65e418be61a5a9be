# SPDX-License-Identifier: GPL-3.0-or-later
"""findings.json against its JSON Schema."""
import json
import os
import unittest

from objects_cases import CASES, SOURCE, load_json

TYPES = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'null': type(None)}


def has_type(value, name):
    if name == 'number':
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == 'integer':
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def fits(value, schema, root, where):
    """The part of JSON Schema that config/findings.schema.json uses (no package for it in the base system)."""
    while '$ref' in schema:
        schema = root['$defs'][schema['$ref'].rsplit('/', 1)[1]]
    unknown = set(schema) - {'type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const', 'minimum',
                             'maximum', 'minItems', 'maxItems', 'pattern', 'description', 'title', '$schema', '$id', '$defs'}
    assert not unknown, f'{where}: schema words this test does not know: {unknown}'
    if 'type' in schema:
        names = schema['type'] if isinstance(schema['type'], list) else [schema['type']]
        assert any(has_type(value, n) for n in names), f'{where}: {value!r} is not {names}'
    assert 'const' not in schema or value == schema['const'], where
    assert 'enum' not in schema or value in schema['enum'], f'{where}: {value!r}'
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        assert schema.get('minimum', value) <= value <= schema.get('maximum', value), f'{where}: {value}'
    if isinstance(value, list):
        assert schema.get('minItems', 0) <= len(value) <= schema.get('maxItems', len(value)), where
        for n, item in enumerate(value):
            fits(item, schema.get('items', {}), root, f'{where}[{n}]')
    if isinstance(value, dict):
        missing = set(schema.get('required', [])) - set(value)
        assert not missing, f'{where}: missing {missing}'
        for key, item in value.items():
            inner = schema.get('properties', {}).get(key, schema.get('additionalProperties', {}))
            assert inner is not False, f'{where}: {key} is not in the schema'
            fits(item, {} if inner is True else inner, root, f'{where}.{key}')


class Schema(unittest.TestCase):

    def test_findings_json_fits_its_schema(self):
        with open(os.path.join(SOURCE, 'config', 'findings.schema.json'), encoding='utf-8') as f:
            schema = json.load(f)
        for case in CASES:
            fits(load_json(case, 'findings.json'), schema, schema, case)
        broken = load_json('classic', 'findings.json')
        broken['lesions'][0]['volume_ml'] = 'much'
        with self.assertRaises(AssertionError):
            fits(broken, schema, schema, 'broken')
