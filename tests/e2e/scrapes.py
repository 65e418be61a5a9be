# SPDX-License-Identifier: GPL-3.0-or-later
"""What Prometheus would have of programs that answer it, as the series of a test by promtool: real answers, each held for some minutes."""
import json
import os
import re

from lab import run


def samples(text):
    """[(name, labels, value)] of an answer in Prometheus' text format; without the time stamps, which Orthanc gives."""
    return [(name, labels or '', float(value)) for name, labels, value in re.findall(r'^(\w+)(?:\{(.*)\})? (\S+)', text, re.M)]


class Recording:
    """One sample a minute. Only series of Osteon."""

    def __init__(self):
        self.series, self.minutes = {}, 0

    def hold(self, answers, minutes):
        """answers: {the target's job: its text}. A target that is not there does not answer."""
        now = {}
        for job, text in answers.items():
            for name, labels, value in samples(text):
                if name.startswith('osteon'):
                    now[f'{name}{{{labels + "," if labels else ""}job="{job}",instance="{job}.example:1"}}'] = f'{value:f}'
        for name in {*self.series, *now}:
            values = self.series.setdefault(name, ['_'] * self.minutes)
            values += [now[name]] * minutes if name in now else ['stale'] + ['_'] * (minutes - 1)
        self.minutes += minutes

    def names(self):
        return {name.split('{')[0] for name in self.series}

    def check_alerts(self, rules, folder, expected):
        """expected: {minute: the alerts of `rules` that fire then, and no other}."""
        path = os.path.join(folder, 'recorded.yml')
        tests = [{'expr': 'group by (alertname) (ALERTS{alertstate="firing"})', 'eval_time': f'{minute}m',
                  'exp_samples': [{'labels': f'{{alertname="{alert}"}}', 'value': 1} for alert in sorted(alerts)]}
                 for minute, alerts in expected.items()]
        with open(path, 'w') as f:  # JSON is YAML.
            json.dump({'rule_files': [rules], 'evaluation_interval': '1m', 'tests': [{
                'interval': '1m', 'promql_expr_test': tests,
                'input_series': [{'series': name, 'values': ' '.join(values)} for name, values in sorted(self.series.items())]}]}, f)
        run('promtool', 'test', 'rules', path)
