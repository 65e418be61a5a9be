# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the objects that we write by independent readers: dciodvfy, dsrdump, pydicom."""
import os
import re

import pydicom

from lab import run

SR = '1.2.840.10008.5.1.4.1.1.88.'
SEG = '1.2.840.10008.5.1.4.1.1.66.4'
SC = '1.2.840.10008.5.1.4.1.1.7'
PDF = '1.2.840.10008.5.1.4.1.1.104.1'


def kind(dataset):
    uid = str(dataset.SOPClassUID)
    return 'SR' if uid.startswith(SR) else {SEG: 'SEG', SC: 'SC', PDF: 'PDF'}.get(uid, uid)


def read_folder(folder):
    """{kind: [(path, dataset)]} of the DICOM files in the folder, by file name."""
    found = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith('.dcm'):
            path = os.path.join(folder, name)
            dataset = pydicom.dcmread(path)
            found.setdefault(kind(dataset), []).append((path, dataset))
    return found


def dciodvfy_errors(path):
    """The lines in which dciodvfy reports an error."""
    done = run('dciodvfy', '-new', path, ok=None)
    return [line for line in (done.stdout + done.stderr).splitlines() if re.match(r'\s*Error', line)]


def check_object(test, path, dataset, foreign=None):
    """dciodvfy reports no error except those that match the pattern `foreign`, which are the images' own; dsrdump can read an SR; every object
    is in its study and says that it is unverified."""
    test.assertEqual([e for e in dciodvfy_errors(path) if not (foreign and foreign.search(e))], [], path)
    test.assertTrue(dataset.StudyInstanceUID)
    test.assertIn('UNVERIFIED', str(dataset.get('SeriesDescription', '')))
    if kind(dataset) == 'SR':
        text = run('dsrdump', '+Pl', path).stdout     # Shortened, it cuts characters in two.
        test.assertIn('Imaging Measurement Report', text)
        test.assertEqual(dataset.VerificationFlag, 'UNVERIFIED')
    elif kind(dataset) in ('SEG', 'SC'):
        test.assertGreater(dataset.pixel_array.size, 0)
