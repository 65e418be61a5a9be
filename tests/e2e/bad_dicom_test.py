#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`osteon analyze` on damaged studies: each must give a named error or a caveat, within limits of time and memory, and without patient data."""
import glob
import os
import shutil
import subprocess
import tempfile
import unittest
import warnings

import mini
import pydicom
from lab import BUILD, OSTEON, phantom
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

NOT_A_WHOLE_BODY, UNREADABLE = 4, 2
MOST_SECONDS, MOST_MIB = 20, 512  # Measured: 0.6 s of processor and 200 MiB for the worst.
SECRETS = ('Mini', 'MINI1')         # The patient of mini.py.


def sanitized():
    with open(os.path.join(BUILD, 'CMakeCache.txt')) as f:
        return any(line.startswith('OSTEON_SANITIZE:') and line.strip()[-1] != '=' for line in f)


def setting(**values):
    """A change that gives slice 3 these values."""
    def change(dataset, n):
        if n == 3:
            for key, value in values.items():
                setattr(dataset, key, value)
    return change


def without(*names):
    def change(dataset, n):
        if n == 3:
            for name in names:
                delattr(dataset, name)
    return change


def wrong_vr(dataset, n):
    """Numbers as text and text as numbers, in every slice."""
    for name, vr, value in (('Rows', 'LO', 'thirty'), ('PixelSpacing', 'FD', [1.0]), ('ImageOrientationPatient', 'UT', 'up')):
        del dataset[name]
        dataset.add_new(pydicom.datadict.tag_for_keyword(name), vr, value)


def many_frames(dataset, n):
    """A valid enhanced object of 10,000 frames; the other slices are left out."""
    if n != 0:
        return False
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = UID('1.2.840.10008.5.1.4.1.1.4.1')
    dataset.NumberOfFrames = 10_000
    dataset.PixelData = dataset.PixelData * 10_000
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = dataset.PixelSpacing, dataset.SliceThickness
    orientation.ImageOrientationPatient = dataset.ImageOrientationPatient
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Sequence([measures]), Sequence([orientation])
    frames = []
    for at in range(10_000):
        frame, position = Dataset(), Dataset()
        position.ImagePositionPatient = [0, 0, at * 0.1]
        frame.PlanePositionSequence = Sequence([position])
        frames.append(frame)
    dataset.SharedFunctionalGroupsSequence, dataset.PerFrameFunctionalGroupsSequence = Sequence([shared]), Sequence(frames)
    return True


def bad_charset(dataset, n):
    """An unknown character set, a truncated escape sequence, bytes that are no text."""
    dataset.SpecificCharacterSet = ['ISO_IR 999', '\\ISO 2022 IR 87', 'no such thing'][n % 3]
    for tag, value in ((0x00100010, b'Mini^\x1b$B\xff\xfe'), (0x0008103E, b'\x1b$)C\xc3\x28\xff t2_tirm '), (0x00181030, b'\xf0\x28\x8c')):
        dataset[tag] = pydicom.dataelem.RawDataElement(pydicom.tag.Tag(tag), 'LO', len(value), value, 0, False, True)


# Name -> the change, the exit code, a word that the output must have.
CHANGES = {
    'wrong VR': (wrong_vr, UNREADABLE, 'Rows (0028,0010)'),
    'absurd rows and columns': (setting(Rows=65535, Columns=65535), UNREADABLE, 'Rows (0028,0010) is 65535'),
    'no geometry': (without('ImagePositionPatient', 'ImageOrientationPatient', 'PixelSpacing'), UNREADABLE, 'is missing'),
    'NaN spacing': (setting(PixelSpacing=['nan', 'nan']), UNREADABLE, 'Pixel Spacing (0028,0030)'),
    '10,000 frames': (many_frames, NOT_A_WHOLE_BODY, 'whole-body'),
    'two patients': (setting(PatientID='MINI1-2'), UNREADABLE, 'Patient ID (0010,0020)'),
    'nonsense for a character set': (bad_charset, NOT_A_WHOLE_BODY, 'whole-body'),
}


class BadDicom(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='osteon-bad-')
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        warnings.simplefilter('ignore')  # pydicom also warns about these.

    def analyse(self, folder, code, *words):
        """Runs `osteon analyze --explain`; checks what must hold for every bad study."""
        said = os.path.join(self.folder, 'said.txt')
        with open(said, 'w') as f:
            process = subprocess.Popen([OSTEON, 'analyze', folder, '--out', os.path.join(self.folder, 'out'), '--explain'], stdout=f, stderr=f)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        with open(said, errors='replace') as f:
            text = f.read()
        self.assertEqual(process.returncode, code, text)
        for word in words:
            self.assertIn(word, text)
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        if not sanitized():
            self.assertLess(usage.ru_utime + usage.ru_stime, MOST_SECONDS)
            self.assertLess(usage.ru_maxrss / 1024, MOST_MIB)
        out = os.path.join(self.folder, 'out')
        written = os.listdir(out) if os.path.exists(out) else []
        self.assertEqual(written, ['explain'] if code == NOT_A_WHOLE_BODY else [], 'nothing half-written')
        shutil.rmtree(out, True)

    def test_headers(self):
        for name, (change, code, word) in CHANGES.items():
            with self.subTest(name):
                folder = os.path.join(self.folder, name)
                mini.image_series(folder, name, stir=True, change=change)
                self.analyse(folder, code, word)

    def test_files(self):
        def cut(path):
            os.truncate(path, 600)

        def nest(path):
            """100,000 nested sequences before the pixels: too many for the stack of a recursive reader."""
            with open(path, 'rb') as f:
                head, pixels, rest = f.read().partition(b'\xe0\x7f\x10\x00')
            begin = b'\x40\x00\x30\xa7SQ\0\0' + b'\xff' * 4 + b'\xfe\xff\x00\xe0' + b'\xff' * 4
            end = b'\xfe\xff\x0d\xe0' + bytes(4) + b'\xfe\xff\xdd\xe0' + bytes(4)
            with open(path, 'wb') as f:
                f.write(head + begin * 100_000 + end * 100_000 + pixels + rest)

        for name, spoil, word in (('truncated', cut, '0003.dcm'), ('all empty', lambda path: os.truncate(path, 0), 'empty'),
                                  ('nested', nest, '0003.dcm: the DICOM header cannot be read to its end (sequences are nested')):
            with self.subTest(name):
                folder = os.path.join(self.folder, name)
                mini.image_series(folder, name, stir=True)
                for path in sorted(glob.glob(f'{folder}/*.dcm'))[slice(None) if name == 'all empty' else slice(3, 4)]:
                    spoil(path)
                self.analyse(folder, UNREADABLE, word)

    def test_pixels_of_a_whole_body(self):
        """Faults that are found only when voxels are loaded, so the study must be one that is analysed."""
        study = os.path.join(self.folder, 'phantom')
        phantom(study, '--seed', '3')
        victim = next(p for p in sorted(glob.glob(f'{study}/**/*.dcm', recursive=True))
                      if 'InversionTime' in pydicom.dcmread(p, stop_before_pixels=True))
        name, whole = os.path.basename(victim), pydicom.dcmread(victim)

        whole.NumberOfFrames = 10_000
        whole.save_as(victim)
        self.analyse(study, UNREADABLE, name)
        del whole.NumberOfFrames

        whole.PixelData = whole.PixelData[:-100]
        whole.save_as(victim)
        self.analyse(study, UNREADABLE, name, 'Pixel Data (7FE0,0010) has')

        whole.file_meta.TransferSyntaxUID = pydicom.uid.JPEGLosslessSV1
        whole.PixelData = pydicom.encaps.encapsulate([b'\xff\xd8\xff\xc3' + b'\x7e' * 400])
        whole['PixelData'].is_undefined_length = True
        whole.save_as(victim, write_like_original=False)
        self.analyse(study, UNREADABLE, name, 'cannot be decoded')


if __name__ == '__main__':
    unittest.main(verbosity=2)
