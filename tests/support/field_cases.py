# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole-body studies as hospitals send them. Each is a good phantom study with one change, and its right result.

    case = CASES['image-filter']
    study = base_study(folder_of_phantoms, case.base, case.name)     # {role: [datasets]}, with UIDs of its own
    case.change(study)
    write(study, folder)

A case is a reported behaviour of a real scanner, workstation or archive; a sibling (`of` names its case) is an invented
header of the same kind, so that a kind is tested and not an example. The checks are in field_outcome.py, the runs in e2e/field_cases_test.py, the table of outcomes in tests/README.md. The changes are in one module per
group, field_cases_*.py; importing all_field_cases adds them to CASES.
"""
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Right:
    """The right result. By default lesions and parts that are not imaged are those of the unchanged base, without new red flags."""
    like: str = ''         # The base whose result is expected; '' is the base of the case.
    says: str = ''         # Pattern that a caveat must match.
    or_says: str = ''      # Another result is also right when a caveat or the reason matches this pattern.
    or_refused: str = ''   # A refusal is also right when the error or reason matches this pattern.
    t1: str = ''           # 'same': T1 signal of the lesions as in the base; 'same or said': or a caveat says why not.
    adc: str = ''          # The same for their ADC.
    apart: tuple = ()      # (base, regex of units): these lesions have the certainty of this base.
    pages: bool = False    # Also check SR and SEG by dciodvfy, and the patient's name by pydicom.
    undated: bool = False  # Study Date of SR and findings is empty.
    evidence: bool = True  # The SR has as many evidence images as that of the base.


@dataclass(frozen=True)
class Case:
    name: str
    group: str
    base: str
    met: str               # What real sites send.
    right: Right
    change: Callable
    of: str = ''           # The case it is a sibling of; '' for a case.


CASES = {}
SELECTION, TOGETHER, PIXELS, WORDS = 'which series is what', 'what belongs together', 'pixels', 'identifiers and words'


def case(name, group, base, met, right=Right()):
    def register(change):
        CASES[name] = Case(name, group, base, met, right, change)
        return change
    return register


def sibling(of, name, met, right=None, base=None):
    """A sibling takes the group, and everything that is not given, from its case."""
    def register(change):
        first = CASES[of]
        CASES[name] = Case(name, first.group, base or first.base, met, first.right if right is None else right, change, of)
        return change
    return register
