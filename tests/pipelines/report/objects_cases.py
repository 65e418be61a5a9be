# SPDX-License-Identifier: GPL-3.0-or-later
"""The synthetic studies from which the tested reports are made, made by report_write_case below <build>/report-cases."""
import json
import os
import shutil
import struct
import subprocess
import zlib

import pydicom

BUILD = os.environ['OSTEON_BUILD_DIR']
SOURCE = os.environ['OSTEON_SOURCE_DIR']
WRITE_CASE = os.path.join(BUILD, 'bin', 'report_write_case')
OUT = os.path.join(BUILD, 'report-cases')
SHOWN = ('classic', 'stations', 'variants', 'prior', 'then', 'six-stations', 'not-evaluable')  # Their pages are left behind as PNG files for people to look at.

CASES = {
    'classic': ['voxel=3', 'lesions=7'],
    'stations': ['stations=1', 'lesions=8'],
    'enhanced': ['enhanced=1'],
    'sagittal': ['plane=sagittal'],
    'axial': ['plane=axial'],
    'oblique': ['plane=oblique'],
    'coronal-ffs': ['position=FFS'],
    'sagittal-ffs': ['plane=sagittal', 'position=FFS'],
    'axial-decubitus': ['plane=axial', 'position=DECUBITUS'],
    'coronal-decubitus': ['position=DECUBITUS'],
    'thin-slices': ['slice=0.4', 'lesions=8'],
    'oblique-ffs': ['plane=oblique', 'position=FFS'],
    'six': ['lesions=6', 'mark=0', 'voxel=6'],
    'six-german': ['lesions=6', 'mark=0', 'voxel=6', 'language=de'],
    'six-followed': ['lesions=5', 'mark=0', 'voxel=6', 'prior=1'],
    'six-followed-german': ['lesions=5', 'mark=0', 'voxel=6', 'prior=1', 'language=de'],
    'seven-followed': ['lesions=6', 'mark=0', 'voxel=6', 'prior=1'],
    'six-stations': ['lesions=6', 'mark=0', 'voxel=6', 'stations=1', 'contrasts=1'],
    'thirteen': ['lesions=36', 'mark=0', 'variants=23', 'voxel=6'],
    'thirty': ['lesions=30', 'mark=0', 'voxel=6'],
    'variants': ['lesions=8', 'variants=4', 'voxel=6'],
    'healthy': ['lesions=4', 'mark=0', 'variants=4', 'voxel=6', 'language=de'],
    'none': ['lesions=0'],
    'one': ['lesions=1'],
    'not-evaluable': ['evaluable=0'],
    'prior': ['prior=1', 'lesions=8', 'language=de', 'pdf=1', 'predecessor=2.25.13', 'name=Müller^Jörg'],
    'then': ['prior=1', 'then=1', 'lesions=8'],
    'prior-english': ['prior=1', 'lesions=8', 'pdf=1', 'name=Παπαδοπούλου^Ελένη^Μαρία'],
    'not-evaluable-german': ['evaluable=0', 'language=de'],
    'japanese': ['lesions=1', 'voxel=6', 'pdf=1', 'name=Yamada^Tarou=山田^太郎=やまだ^たろう'],
    'korean': ['lesions=1', 'voxel=6', 'pdf=1', 'name=Hong^Gildong=洪^吉洞=홍^길동'],
    'arabic': ['lesions=1', 'voxel=6', 'pdf=1', 'name=قباني^لنزار'],
    'markup': ['lesions=1', 'voxel=6', 'pdf=1', 'name=<b>Ev&il</b>^"X"'],
    'nobody': ['lesions=1', 'voxel=6', 'pdf=1', 'name='],
    'comprehensive': ['sr=comprehensive', 'prior=1'],
    'no-frame': ['frame='],
    'no-frame-stations': ['frame=', 'stations=1', 'prior=1'],
    'leading-zeros': ['frame=1.2.840.99999.0020260301.007.09', 'lesions=1'],
    'enhanced-sr': ['sr=enhanced', 'stations=1'],
    'enhanced-sr-multiframe': ['sr=enhanced', 'enhanced=1', 'plane=sagittal'],
}


def setting(case, key, default):
    return dict(a.split('=', 1) for a in CASES[case]).get(key, default)


def in_patient_space(case):
    """Whether the SR gives places as SCOORD3D, not on the images."""
    frame = setting(case, 'frame', '2.25.1')
    return setting(case, 'sr', 'comprehensive3d') == 'comprehensive3d' and frame and '.00' not in frame


def in_variants(mark):
    """Whether a mark is a normal variant that was no lesion before: one line names all of them, and it has no group."""
    return mark['class'] == 'normal_variant' and mark['change'] == 'no_prior'


def listed_marks(findings):
    return findings['lesions'] + [m for m in findings['other_marks'] if not in_variants(m)]


def make_cases():
    shutil.rmtree(OUT, ignore_errors=True)
    for case, arguments in CASES.items():
        subprocess.run([WRITE_CASE, os.path.join(OUT, case)] + arguments, check=True)


def write_png(file_name, pixels):
    height, width, _ = pixels.shape
    rows = b''.join(b'\0' + row.tobytes() for row in pixels)

    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    with open(file_name, 'wb') as f:
        f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)) +
                chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


def leave_pictures():
    """Keeps the body map (overview.png) of every case, and of three cases all objects and their pages as sc-01.png ...; the rest is
    half a gigabyte."""
    for case in SHOWN:
        for name in documents(case):
            if name.startswith('sc-'):
                write_png(path(case, name.replace('.dcm', '.png')), read(case, name).pixel_array)
    print('pages to look at: ' + ', '.join(path(case, 'sc-*.png') for case in SHOWN))
    for case in CASES:
        shutil.rmtree(path(case, 'source'), ignore_errors=True)
        for name in documents(case) if case not in SHOWN else []:
            os.remove(path(case, name))


def path(case, name):
    return os.path.join(OUT, case, name)


def documents(case):
    return sorted(n for n in os.listdir(os.path.join(OUT, case)) if n.endswith('.dcm'))


def load_json(case, name):
    with open(path(case, name), encoding='utf-8') as f:
        return json.load(f)


def read(case, name):
    return pydicom.dcmread(path(case, name))


def cases_with_seg():
    return [case for case in CASES if os.path.exists(path(case, 'seg.dcm'))]


def sources(case):
    found = []
    root = os.path.join(OUT, case, 'source')
    for series in sorted(os.listdir(root)):
        files = sorted(os.listdir(os.path.join(root, series)))
        datasets = [pydicom.dcmread(os.path.join(root, series, f), stop_before_pixels=True) for f in files]
        uids = [d.SOPInstanceUID for d in datasets]
        if setting(case, 'enhanced', '0') == '1':  # Referred to as frames of one instance.
            seg = pydicom.dcmread(path(case, 'seg.dcm'))
            reference = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0].ReferencedSOPInstanceUID
            uids = [reference] * len(uids)
        found.append({'uids': uids, 'datasets': datasets})
    return found
