# SPDX-License-Identifier: GPL-3.0-or-later
"""Studies an hour of a larger installation, from the figures of one run: the model of deploy/README.md, "Plan past this machine".

Each part allows so many studies an hour; the least of them is the answer, and names the bottleneck. Workers overlap with each other, not with
themselves: a slot receives a study, analyses it, and hands the report over, one after another.
"""
from measure import median, samples_of

STUDY_MB = 100         # Of images: deploy/README.md, "Sizes", has 60 to 200.
RESULT_MB = 25         # Report, segmentation, body map and a few key images, uncompressed.
STORE_S = 0.5          # Orthanc stores and reads back one report: the upper end of orthanc-plugin/dispatch/README.md.
MB_A_GBIT = 118        # What a link of 1 Gbit/s carries a second, less the headers of Ethernet and TCP.
WORKERS = (1, 2, 4, 8, 16, 32, 64, 256)   # Slots of two cores.
SITES = ((1, 1), (1, 10), (2, 10), (4, 10))  # Orthancs; Gbit/s of the link of each.


def parameters(rows):
    """What was measured, or None where a row is missing: seconds of an analysis, MB/s to a worker, jobs/s of the ledger (SQLite, PostgreSQL)."""
    cases = {(row['row'], case['case']): case for row in rows for case in row['cases']}

    def one(row, case, side):
        found = cases.get((row, case))
        return median(samples_of(found, side)) if found else None
    return {'analysis_s': one('whole study', 'STIR of a child', 'osteon'), 'forward_mb_per_s': one('forward', 'one study', 'osteon, CURVE'),
            'sqlite_jobs_per_s': one('dispatch', 'the ledger by itself', 'osteon, SQLite'),
            'postgres_jobs_per_s': one('dispatch', 'the ledger by itself', 'osteon, PostgreSQL')}


def studies_per_hour(p, workers, orthancs, gbit):
    """(studies an hour, what limits them)."""
    link = gbit * MB_A_GBIT
    receive_s = STUDY_MB / min(link, p['forward_mb_per_s'])
    ledger = p['sqlite_jobs_per_s'] if orthancs == 1 else p['postgres_jobs_per_s']
    allowed = {'workers': workers * 3600 / (receive_s + p['analysis_s'] + STORE_S),
               'network': orthancs * 3600 * link / (STUDY_MB + RESULT_MB),
               'Orthanc': orthancs * 3600 / (STUDY_MB / p['forward_mb_per_s'] + STORE_S),
               'ledger': 3600 * ledger}
    least = min(allowed, key=allowed.get)
    return allowed[least], least


def plan_lines(rows):
    p = parameters(rows)
    if None in p.values():
        return []
    head = ' | '.join(f'{o} Orthanc{"s" if o > 1 else ""}, {g} Gbit/s' for o, g in SITES)
    lines = ['## Plan past this machine', '', f'By the model of deploy/README.md: studies of {STUDY_MB} MB, {p["analysis_s"]:.1f} s of analysis, {p["forward_mb_per_s"]:.0f} MB/s '
             f'from an Orthanc to its workers, ledgers of {p["sqlite_jobs_per_s"]:.0f} (SQLite) and {p["postgres_jobs_per_s"]:.0f} (PostgreSQL) jobs/s. Studies an hour, and what limits them:', '',
             f'| slots of two cores | {head} |', '|---' * (len(SITES) + 1) + '|']
    for workers in WORKERS:
        cells = [studies_per_hour(p, workers, *site) for site in SITES]
        lines.append(f'| {workers} | ' + ' | '.join(f'{rate:,.0f} ({limit})' for rate, limit in cells) + ' |')
    return lines + ['']
