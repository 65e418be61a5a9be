#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows of page_flows.py in a real browser, with the real Orthanc, plugin and worker.

Look at the screenshots: OSTEON_SCREENSHOTS=FOLDER keeps them, as OSTEON_KEEP_LAB=1 keeps everything.
"""
import glob
import os
import unittest

import mini
import pydicom
from browser import Browser
from lab import Lab, phantom
from page_flows import FLOWS, Flows
from pydicom.uid import generate_uid

COARSE = ('--in-plane', '3', '--slice', '8', '--gap', '2')  # Some seconds a study.
OWN_UIDS = ('StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID', 'FrameOfReferenceUID')


def with_accession(number):
    def change(d, _):
        d.AccessionNumber = number
    return change


def copy_of(folder, name, out):
    """The study under UIDs and an accession number of its own; its Study Instance UID."""
    os.makedirs(out)
    for n, path in enumerate(sorted(glob.glob(os.path.join(folder, '**', '*.dcm'), recursive=True))):
        d = pydicom.dcmread(path)
        for keyword in OWN_UIDS:
            if keyword in d:
                setattr(d, keyword, generate_uid(entropy_srcs=[name, str(d[keyword].value)]))
        d.file_meta.MediaStorageSOPInstanceUID = d.SOPInstanceUID
        d.AccessionNumber, d.PatientID = name, 'PAGE-' + name
        d.save_as(os.path.join(out, f'{n:04}.dcm'))
    return str(d.StudyInstanceUID)


class Page(unittest.TestCase):
    def test_each_flow(self):
        with Lab(StableQuietSeconds=1) as lab, Browser(lab.folder) as browser:
            lab.shots = os.environ.get('OSTEON_SCREENSHOTS') or lab.path('screenshots')
            os.makedirs(lab.shots, exist_ok=True)
            lab.start_orthanc()
            phantom(lab.path('phantom'), '--seed', '5', '--lesions', '3', *COARSE)
            lab.uids = {'A-CT': mini.image_series(lab.path('A-CT'), 'ct', modality='CT', change=with_accession('A-CT'))}
            lab.send(lab.path('A-CT'))
            lab.wait_for_state(lab.uids['A-CT'], 'skipped')
            for name in ('A-1', 'A-2'):
                lab.uids[name] = copy_of(lab.path('phantom'), name, lab.path(name))
                lab.send(lab.path(name))
                lab.wait_for_state(lab.uids[name], 'ready')
            flows = Flows(lab, browser)
            for name in FLOWS:
                with self.subTest(name):
                    flows.run(name)


if __name__ == '__main__':
    unittest.main(verbosity=2)
