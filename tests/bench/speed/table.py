# SPDX-License-Identifier: GPL-3.0-or-later
"""RESULTS.md from the raw numbers of results.json: nothing is measured here."""
import json
import os

from measure import median, quartiles, ratios, samples_of
from plan import plan_lines


def number(value, digits=3):
    if value is None:
        return 'not measured'
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f'{value:,.0f}' if abs(value) >= 1000 else f'{value:.{digits}g}'


def spread(values):
    low_high = quartiles(values)
    return f'{number(low_high[0])} to {number(low_high[1])}' if low_high and len(values) > 1 else ''


def goal_line(row, goal):
    wanted = ' and '.join(f'{word} {number(goal[key])}' for key, word in (('at_least', 'at least'), ('at_most', 'at most'))
                          if goal[key] is not None)
    reached = number(goal['value']) + (f' {goal["unit"]}' if goal['unit'] and goal['value'] is not None else '')
    quiet = 'no' if row['quiet']['not_quiet'] else 'yes'
    return f'| {row["row"]} | {goal["what"]} | {wanted} {goal["unit"]} | {reached} | {"yes" if goal["met"] else "**no**"} | {quiet} |'


def goals(rows):
    lines = ['| row | what | goal | reached | met | machine quiet |', '|---|---|---|---|---|---|']
    for row in rows:
        lines += [goal_line(row, goal) for goal in row['goals']]
        if not row['goals']:
            why = '; '.join(f'{n["side"]}: {n["why"]}' for n in row['not_run']) or 'no goal was set'
            lines.append(f'| {row["row"]} | {row["work"]} | | not run: {why} | **no** | |')
    return lines


def missed_lines(rows):
    """The reasons are written by hand, after profiling: by row and the first words of the goal."""
    with open(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'misses.json')) as f:
        misses = json.load(f)

    def why(row, what):
        return next((one['reason'] for one in misses['why'] if one['row'] == row and what.startswith(one['goal'])), 'not explained yet')
    missed = [(row['row'], goal['what']) for row in rows for goal in row['goals'] if not goal['met']]
    lines = [f'* {row}, {what}: {why(row, what)}' for row, what in missed]
    return ['## Missed, and what stands in the way', '', *lines, '', '## Mind', '', *(f'* {text}' for text in misses['mind']), ''] if lines else []


def case_lines(case):
    first = case['sides'][0]['side']
    lines = [f'### {case["case"]}', '', f'| side | median, {case["unit"]} | quartiles | times better is {first} (quartiles) | peak MiB | runs | how |',
             '|---|---|---|---|---|---|---|']
    for side in case['sides']:
        name = side['side']
        values, memory = samples_of(case, name), samples_of(case, name, 'mib')
        times = ratios(case, name)
        better = '' if name == first or not times else f'{number(median(times))} ({spread(times)})' if len(times) > 1 else number(median(times))
        peak = number(max(memory), 4) if memory else ''
        lines.append(f'| {name} | {number(median(values))} | {spread(values)} | {better} | {peak} | {len(values)} | {side["how"]} |')
    return lines + ['']


def row_lines(row):
    lines = [f'## {row["row"]}', '', f'{row["work"]}. Took {row["took_s"]:.0f} s.', '']
    for case in row['cases']:
        lines += case_lines(case)
    lines += [f'* {text}' for text in row['arithmetic'] + row['notes']]
    lines += [f'* Not run: {n["side"]}: {n["why"]}.' for n in row['not_run']]
    lines += [f'* The machine was not quiet: {text}.' for text in row['quiet']['not_quiet']]
    return lines + ['']


def machine_lines(machine):
    cpu, limits = machine['processor'], machine['limits']
    names = {'float32_gflops': 'float32 GFLOP/s of a core', 'bfloat16_gflops': 'bfloat16 GFLOP/s of a core',
             'memory_read_gbps': 'GB/s read from memory by a core', 'memory_copy_gbps': 'GB/s copied in memory by a core',
             'fsync_ms': 'ms for an append of 4 KiB and fdatasync', 'md5_gbps': 'GB/s MD5', 'sha256_gbps': 'GB/s SHA-256',
             'loopback_gbps': 'GB/s through TCP on loopback'}
    return [f'{cpu["model"]}, {cpu["cores"]} cores ({", ".join(cpu["flags"]) or "no AVX2"}), {machine["memory_gib"]:.0f} GiB, '
            f'Debian {machine["debian"]}, Linux {machine["kernel"]}; Osteon at {machine["commit"]}.', '',
            'At most (`machine_limits.cc`, registers, memory and disk, at the start of the run): ' +
            ', '.join(f'{number(limits[key])} {words}' for key, words in names.items() if limits.get(key)) + '.', '',
            'Versions: ' + ', '.join(f'{name} {version}' for name, version in sorted(machine['versions'].items())) + '.', '']


def results_md(results):
    """The whole text of RESULTS.md."""
    lines = ['<!-- SPDX-License-Identifier: GPL-3.0-or-later -->', '# Speed: results', '',
             f'Made by `{results["command"]}` on {results["date"]}, sizes `{results["size"]}`, {results["took_s"] / 60:.0f} minutes; from `results.json` beside it, '
             'which has every single number. Figures are medians, sides taken in turn in one run; ratios are taken round by round. '
             'How each row is measured: `speed/README.md`.', '']
    if any(row['quiet']['not_quiet'] for row in results['rows']):
        lines += ['**The machine was not quiet in rows that say so: measure these again.**', '']
    return '\n'.join(lines + machine_lines(results['machine']) + goals(results['rows']) + [''] + missed_lines(results['rows']) +
                     [line for row in results['rows'] for line in row_lines(row)] + plan_lines(results['rows'])).rstrip() + '\n'
