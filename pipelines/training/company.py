# SPDX-License-Identifier: GPL-3.0-or-later
"""How many sure lesions a candidate has beside it in its study: as pipelines/stages/detect/company.cc."""
import numpy as np

SURE_LOG_ODDS, MOST_COMPANY = 2.0, 3


def company_of(log_odds, ruled_out):
    """Of the candidates of one study: how many of the others are sure, MOST_COMPANY at most."""
    sure = (np.asarray(log_odds) >= SURE_LOG_ODDS) & ~np.asarray(ruled_out, bool)
    return np.minimum(MOST_COMPANY, sure.sum() - sure).astype(float)
