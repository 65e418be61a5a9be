#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes again, by pydicom, the objects that lie in a folder: write_pydicom.py FOLDER prints the seconds of building and encoding them.

What they hold is taken apart before, uncounted, into plain lists and strings, and masks of bytes: the form in which a program that has findings
would have them.
"""
import glob
import io
import os
import sys
import time

import numpy as np
import pydicom
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence


def apart(d):
    return [(e.tag, e.VR, [apart(item) for item in e.value] if e.VR == 'SQ' else e.value) for e in d]


def together(elements):
    d = Dataset()
    for tag, vr, value in elements:
        d.add(DataElement(tag, vr, Sequence([together(item) for item in value]) if vr == 'SQ' else value))
    return d


def taken_apart(path):
    d = pydicom.dcmread(path)
    mask = None
    if d.get('BitsAllocated') == 1:
        count = int(d.NumberOfFrames) * d.Rows * d.Columns
        mask = np.unpackbits(np.frombuffer(d.PixelData, 'u1'), bitorder='little')[:count]
        del d.PixelData
    return apart(d), mask, d.file_meta


def write(elements, mask, meta):
    d = FileDataset('', together(elements), file_meta=meta, preamble=b'\0' * 128)
    d.is_little_endian, d.is_implicit_VR = True, False
    if mask is not None:
        bits = np.packbits(mask, bitorder='little').tobytes()
        d.add(DataElement(0x7fe00010, 'OB', bits + bytes(len(bits) % 2)))
    out = io.BytesIO()
    pydicom.dcmwrite(out, d, write_like_original=False)
    return len(out.getvalue())


def main():
    objects = [taken_apart(path) for path in sorted(glob.glob(os.path.join(sys.argv[1], '*.dcm')))]
    start = time.perf_counter()
    written = sum(write(*one) for one in objects)
    print(f'{time.perf_counter() - start:.4f}')
    if not written:
        sys.exit('no objects')


main()
