# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks config/bones_and_cutoffs.json and writes its cut-offs as constants of C++: cutoffs.py FILE HEADER

config/bones_and_cutoffs.schema.json says the same to editors. A fault ends it with a line that names the entry and what is allowed.
"""
import decimal
import difflib
import json
import os
import re
import sys

GROUPS = ('mark', 'normal finding', 'signal', 'surroundings', 'height', 'site', 'patient', 'flag', 'follow-up')
SHARES = ('probability', 'q', 'share')
UNITS = (*SHARES, 'count', 'ml', 'mm', 'percent', 'ratio', 'um2/s', 'years')


class Fault(Exception):
    pass


def need(true, where, what):
    if not true:
        raise Fault(f'{where}: {what}')


def keys(entry, where, needed, optional=()):
    need(isinstance(entry, dict), where, 'must be an object')
    known = [*needed, *optional]
    for key in entry:
        nearest = (difflib.get_close_matches(key, known, 1, 0) or known)[0]
        need(key in known, where, f"unknown key '{key}', the nearest known one is '{nearest}'")
    for key in needed:
        need(key in entry, where, f"'{key}' is missing")


def word(entry, key, where, allowed=()):
    need(isinstance(entry[key], str) and (not allowed or entry[key] in allowed), where,
         f"'{key}' must be one of {', '.join(map(repr, allowed))}" if allowed else f"'{key}' must be a text")


def named(entries, what):
    """Each with its name for a message; names are of their own."""
    need(isinstance(entries, list) and entries, f"'{what}s'", 'must be a list')
    seen = set()
    for number, entry in enumerate(entries, 1):
        name = entry.get('id') if isinstance(entry, dict) else None
        where = f"{what} {number}"
        need(isinstance(name, str) and re.fullmatch('[a-z][a-z0-9_]*', name), where, "'id' must be a name as 'femur_distal_left'")
        need(name not in seen, where, f"there is another '{name}'")
        seen.add(name)
        yield entry, f"{what} '{name}'"


def check_unit(unit, where):
    keys(unit, where, ('id', 'bone', 'part', 'side', 'name', 'name_de', 'code', 'meaning', 'group'))
    for key in unit:
        word(unit, key, where)
        need(unit[key] or key in ('part', 'side'), where, f"'{key}' is empty")
    word(unit, 'part', where, ('', 'proximal', 'diaphysis', 'distal'))
    word(unit, 'side', where, ('', 'right', 'left'))
    need(re.fullmatch(r'\d{6,18}', unit['code']), where, "'code' must be a SNOMED CT code")


def check_cutoff(cutoff, where):
    keys(cutoff, where, ('id', 'group', 'value', 'unit', 'meaning', 'source'), ('setting',))
    word(cutoff, 'group', where, GROUPS)
    word(cutoff, 'unit', where, UNITS)
    for key in ('meaning', 'source', 'setting'):
        if key in cutoff:
            word(cutoff, key, where)
            need(cutoff[key], where, f"'{key}' is empty")
    value, unit = cutoff['value'], cutoff['unit']
    whole = isinstance(value, int) and not isinstance(value, bool)
    need((whole or isinstance(value, decimal.Decimal)) and value >= 0, where, "'value' must be a number from 0 on")
    need(unit not in SHARES or value <= 1, where, f"'value' of a {unit} must be a number from 0 to 1")
    need(unit != 'count' or whole, where, "'value' of a count must be a whole number")


def read(text):
    """Version and cut-offs."""
    try:
        all_of_it = json.loads(text, parse_float=decimal.Decimal)
    except ValueError as error:
        raise Fault(str(error)) from None
    keys(all_of_it, 'the file', ('comment', 'version', 'units_comment', 'units', 'cutoffs_comment', 'cutoffs'))
    version = all_of_it['version']
    need(isinstance(version, int) and not isinstance(version, bool) and version >= 1, "'version'", 'must be a whole number from 1 on')
    for unit, where in named(all_of_it['units'], 'unit'):
        check_unit(unit, where)
    for cutoff, where in named(all_of_it['cutoffs'], 'cutoff'):
        check_cutoff(cutoff, where)
    return version, all_of_it['cutoffs']


def constant(name):
    """kLeastVariantMl of least_variant_ml."""
    return 'k' + ''.join(part.capitalize() for part in name.split('_'))


def header(name, version, cutoffs):
    lines = ''.join(f'// {one["meaning"]} ({one["unit"]}).\n'
                    f'inline constexpr {"std::size_t" if one["unit"] == "count" else "double"} {constant(one["id"])} = {one["value"]};\n' for one in cutoffs)
    return f'// Generated from {name}.\n#pragma once\n#include <cstddef>\nnamespace osteon::cutoffs {{\ninline constexpr int kVersion = {version};\n{lines}}}\n'


def main(path, target):
    name = '/'.join(path.split(os.sep)[-2:])
    try:
        with open(path, encoding='utf-8') as f:
            made = header(name, *read(f.read()))
    except Fault as fault:
        sys.exit(f'{name}: {fault}')
    if os.path.exists(target):
        with open(target, encoding='utf-8') as f:
            if f.read() == made:
                return  # So that nothing is compiled again.
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, 'w', encoding='utf-8') as f:
        f.write(made)


if __name__ == '__main__':
    main(*sys.argv[1:])
