# SPDX-License-Identifier: GPL-3.0-or-later
"""Many studies from one phantom, which takes some seconds to make."""
import glob
import hashlib
import os

import pydicom
from field_study import OWN_UIDS, renamed


def copy_of(folder, name, out, change=None):
    """Copies the study to the new folder `out`, with UIDs and a patient of its own; change(dataset) alters each image. Its Study Instance UID."""
    os.makedirs(out)
    for n, path in enumerate(sorted(glob.glob(os.path.join(folder, '**', '*.dcm'), recursive=True))):
        d = pydicom.dcmread(path)
        for keyword in OWN_UIDS:
            if keyword in d:
                setattr(d, keyword, renamed(d[keyword].value, name))
        d.file_meta.MediaStorageSOPInstanceUID = d.SOPInstanceUID
        d.PatientID = d.PatientName = name
        if change:
            change(d)
        d.save_as(os.path.join(out, f'{n:04}.dcm'))
    return str(d.StudyInstanceUID)


class Original:
    """A phantom in memory, for many copies: its UIDs and its patient's name are overwritten by others of the same length, so nothing is parsed."""

    def __init__(self, folder):
        self.files = []     # Of each: its bytes, and the values that a copy must have of its own.
        for path in sorted(glob.glob(os.path.join(folder, '**', '*.dcm'), recursive=True)):
            d = pydicom.dcmread(path, stop_before_pixels=True)
            with open(path, 'rb') as f:
                self.files.append((f.read(), [str(d[keyword].value) for keyword in OWN_UIDS if keyword in d]))
            self.patient, self.study = d.PatientID, str(d.StudyInstanceUID)

    def copy(self, number, out):
        """Writes it to the new folder `out` as the study of patient `number`. Its Study Instance UID."""
        os.makedirs(out)
        patient = f'{number:0{len(self.patient)}}'
        for n, (data, uids) in enumerate(self.files):
            for uid in uids:
                data = data.replace(uid.encode(), same_length(uid, number).encode())
            with open(os.path.join(out, f'{n:04}.dcm'), 'wb') as f:
                f.write(data.replace(self.patient.encode(), patient.encode()))
        return same_length(self.study, number)


def same_length(uid, number):
    tail = int.from_bytes(hashlib.sha256(f'{uid} {number}'.encode()).digest()[:8], 'big') % 10**12
    return f'{uid[:-12]}{tail:012}'
