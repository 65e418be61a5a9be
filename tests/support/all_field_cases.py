# SPDX-License-Identifier: GPL-3.0-or-later
"""CASES of field_cases.py with the cases of all modules."""
import field_cases_series     # noqa: F401
import field_cases_together   # noqa: F401
import field_cases_pixels     # noqa: F401
import field_cases_words      # noqa: F401
from field_cases import CASES  # noqa: F401
