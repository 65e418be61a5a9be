# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole-body studies as hospitals send them: a good phantom study, changed in one respect each, with the right result.

    case = CASES['image-filter']
    study = base_study(folder_of_phantoms, case.base, case.name)     # {role: [datasets]}, with UIDs of its own
    case.change(study)
    write(study, folder)

A case is what a real scanner, workstation or archive was reported to do; a sibling (`of` names its case) is another
header of the same kind, invented here, so that a kind is tested and not an example. What the tests ask of all of them
is in e2e/field_cases_test.py, the table with outcomes in tests/README.md. The changes are in the module of each group,
field_cases_*.py, which add themselves to CASES (`import all_field_cases`).
"""
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Right:
    """The right result. Without anything: lesions and parts not imaged as of the unchanged base, and no new red flag."""
    like: str = ''         # The base whose result it is; '' is the base of the case.
    says: str = ''         # A caveat must match this.
    or_says: str = ''      # Another result is right, too, when a caveat or the reason matches this.
    or_refused: str = ''   # No result is right, too, when the error or reason matches this.
    t1: str = ''           # 'same': T1 signal of the lesions as in the base; 'same or said': or a caveat says why not.
    adc: str = ''          # The same for their ADC.
    apart: tuple = ()      # (base, regex of units): certainty of these lesions is that of this base.
    pages: bool = False    # SR and SEG are checked by dciodvfy, too, and the patient's name by eye of pydicom.
    undated: bool = False  # Study Date of SR and findings is empty.
    evidence: bool = True  # As many images are evidence of the SR as of the base's.


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
    """Group, and what is not given, as of its case."""
    def register(change):
        first = CASES[of]
        CASES[name] = Case(name, first.group, base or first.base, met, first.right if right is None else right, change, of)
        return change
    return register
