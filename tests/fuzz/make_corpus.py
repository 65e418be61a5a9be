#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeds for the fuzz targets: make_corpus.py FOLDER writes FOLDER/{dicom,seg,sr,config}. wire_seeds.cc makes those of the wire."""
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'pipelines', 'dicom')]

import numpy as np  # noqa: E402
from pydicom import dcmread  # noqa: E402
from pydicom.uid import RLELossless  # noqa: E402

import mini  # noqa: E402
import seg_files  # noqa: E402


def dicom(folder):
    scratch = os.path.join(folder, 'scratch')
    for name, options in {'stir': {'stir': True}, 'head': {}, 'ct': {'modality': 'CT'}}.items():
        mini.image_series(os.path.join(scratch, name), name, slices=1, size=8, **options)
        shutil.copy(os.path.join(scratch, name, '0000.dcm'), os.path.join(folder, name))
    packed = dcmread(os.path.join(folder, 'stir'))
    packed.compress(RLELossless, packed.pixel_array.astype(np.uint16))
    packed.save_as(os.path.join(folder, 'rle'), write_like_original=False)
    enhanced = dcmread(os.path.join(folder, 'stir'))
    enhanced.SOPClassUID = enhanced.file_meta.MediaStorageSOPClassUID = '1.2.840.10008.5.1.4.1.1.4.1'
    enhanced.NumberOfFrames = 2
    enhanced.PixelData = enhanced.PixelData * 2
    groups = dcmread(os.path.join(folder, '..', 'seg', 'explicit.dcm'))
    enhanced.SharedFunctionalGroupsSequence = groups.SharedFunctionalGroupsSequence
    enhanced.PerFrameFunctionalGroupsSequence = groups.PerFrameFunctionalGroupsSequence[:2]
    enhanced.save_as(os.path.join(folder, 'enhanced'), write_like_original=False)
    shutil.rmtree(scratch)


def main(root):
    for name in ('seg', 'dicom', 'sr', 'config'):
        os.makedirs(os.path.join(root, name), exist_ok=True)
    seg_files.main(os.path.join(root, 'seg'))
    dicom(os.path.join(root, 'dicom'))
    mini.report_only(os.path.join(root, 'sr'), 'report')
    shutil.copy(os.path.join(HERE, '..', '..', 'config', 'osteond.toml'), os.path.join(root, 'config'))


if __name__ == '__main__':
    main(sys.argv[1])
