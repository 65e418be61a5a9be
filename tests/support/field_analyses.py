# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the studies of the field cases (field_cases.py) and analyses them by `osteon analyze`, each once."""
import json
import os
import shutil

import empty_network
import field_study
from all_field_cases import CASES
from field_outcome import Outcome
from field_study import BASES
from lab import OSTEON, SOURCE, run

MODELS = os.path.join(SOURCE, 'config', 'models')


class Analyses:
    """Runs `osteon analyze` once on each study; the phantoms and studies are in one folder.

    Whole: with the real network on fine phantoms; otherwise with the empty network on coarse ones.
    """

    def __init__(self, folder):
        self.folder, self.done, self.phantoms = folder, {}, set()
        self.empty = empty_network.write(self.path('no-body'), MODELS)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def phantoms_for(self, base, fine):
        """The folder of the phantoms; makes that of the base when it is missing."""
        folder, name = self.path('fine' if fine else 'coarse'), BASES[base][0]
        if (name, fine) not in self.phantoms:
            run(OSTEON, 'phantom', '--out', os.path.join(folder, name), *field_study.PHANTOMS[name],
                *(field_study.FINE if fine else field_study.COARSE), timeout=900)
            self.phantoms.add((name, fine))
        return folder

    def study(self, name, fine):
        """Writes the case, the base, or a plane; (folder, Study Instance UID)."""
        folder = self.path('studies', name)
        base = CASES[name].base if name in CASES else name if name in BASES else 'composed'
        study = field_study.base_study(self.phantoms_for(base, fine), base, name)
        if name in CASES:
            CASES[name].change(study)
        elif name not in BASES:
            study = field_study.reformatted(study, name)
        return folder, field_study.write(study, folder)

    def of(self, name, whole):
        key = (name, whole)
        if key not in self.done:
            folder, _ = self.study(name, whole)
            self.done[key] = self.analyze(folder, self.path('out', f'{name}-{"whole" if whole else "empty"}'), whole)
            shutil.rmtree(folder)
        return self.done[key]

    def analyze(self, folder, out, whole):
        done = run(OSTEON, 'analyze', folder, '--out', out, *(() if whole else ('--model-dir', self.empty)), ok=None, timeout=900)
        outcome = Outcome(done.returncode, done.stderr + done.stdout, folder=out)
        if os.path.isfile(os.path.join(out, 'findings.json')):
            with open(os.path.join(out, 'findings.json')) as f:
                outcome.findings = json.load(f)
        return outcome

    def bases(self, case, whole):
        names = {case.base, case.right.like or case.base, *case.right.apart[:1]} - {'nothing'}
        return {name: self.of(name, whole) for name in names}
