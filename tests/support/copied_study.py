# SPDX-License-Identifier: GPL-3.0-or-later
"""Many studies from one phantom, which takes some seconds to make."""
import glob
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
