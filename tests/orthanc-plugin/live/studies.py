# SPDX-License-Identifier: GPL-3.0-or-later
"""Small DICOM studies as a scanner would send them, with the right geometry and physics, but few pixels."""
import math
import os

import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

MR = '1.2.840.10008.5.1.4.1.1.4'
CT = '1.2.840.10008.5.1.4.1.1.2'
BASIC_TEXT_SR = '1.2.840.10008.5.1.4.1.1.88.11'

# What tells the contrasts apart.
STIR = {'ScanningSequence': ['SE', 'IR'], 'InversionTime': '165', 'EchoTime': '70', 'RepetitionTime': '4200'}
FLAIR = {'ScanningSequence': ['SE', 'IR'], 'InversionTime': '2500', 'EchoTime': '90', 'RepetitionTime': '9000'}
T1 = {'ScanningSequence': 'SE', 'EchoTime': '11', 'RepetitionTime': '550'}

CORONAL = [1, 0, 0, 0, 0, -1]
AXIAL = [1, 0, 0, 0, 1, 0]


class Study:
    """One study being made; series are added one by one, so that a test can send them at different times."""

    def __init__(self, patient='PLUGIN01', name='PHANTOM^PLUGIN'):
        self.patient, self.name = patient, name
        self.uid = generate_uid()
        self.frame = generate_uid()
        self.numbers = 0

    def _dataset(self, sop_class, modality, description):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds = FileDataset('', {}, file_meta=meta, preamble=b'\0' * 128)
        ds.is_little_endian, ds.is_implicit_VR = True, False
        ds.SOPClassUID, ds.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
        ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = self.name, self.patient, '20140210', 'F'
        ds.StudyInstanceUID, ds.StudyDate, ds.StudyTime, ds.StudyID = self.uid, '20260901', '083000', '1'
        ds.Modality, ds.SeriesDescription, ds.Manufacturer = modality, description, 'SIEMENS'
        ds.AccessionNumber, ds.ReferringPhysicianName = '', ''
        return ds

    def images(self, out, description, physics, top_mm=0, rows=64, spacing_mm=14.0, slices=4, plane=CORONAL,
               sop_class=MR, modality='MR', image_type=('ORIGINAL', 'PRIMARY', 'M', 'ND')):
        """One series; its extent along the body is rows * spacing_mm when coronal. Returns its SeriesInstanceUID."""
        self.numbers += 1
        series = generate_uid()
        folder = os.path.join(out, f'{self.numbers}')
        os.makedirs(folder)
        for i in range(slices):
            ds = self._dataset(sop_class, modality, description)
            ds.ImageType, ds.SeriesInstanceUID, ds.SeriesNumber, ds.InstanceNumber = list(image_type), series, self.numbers, i + 1
            for key, value in physics.items():
                setattr(ds, key, value)
            ds.FrameOfReferenceUID, ds.ImageOrientationPatient = self.frame, plane
            ds.ImagePositionPatient = [-200, 10.0 * i, top_mm] if plane == CORONAL else [-200, -200, top_mm + 10.0 * i]
            ds.PixelSpacing, ds.SliceThickness = [spacing_mm, spacing_mm], '10'
            columns = max(32, math.ceil(320 / spacing_mm))  # As wide as a trunk.
            ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = rows, columns, 1, 'MONOCHROME2'
            ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
            ds.PixelData = bytes(n % 256 for n in range(rows * columns * 2))
            pydicom.dcmwrite(os.path.join(folder, f'{i}.dcm'), ds, write_like_original=False)
        return series

    def whole_body(self, out, **options):
        return self.images(out, 'STIR_cor_comp', STIR, **options)

    def text_report(self, out):
        self.numbers += 1
        folder = os.path.join(out, f'{self.numbers}')
        os.makedirs(folder)
        ds = self._dataset(BASIC_TEXT_SR, 'SR', 'Report')
        ds.SeriesInstanceUID, ds.SeriesNumber, ds.InstanceNumber = generate_uid(), self.numbers, 1
        ds.ContentDate, ds.ContentTime, ds.CompletionFlag, ds.VerificationFlag = '20260901', '090000', 'COMPLETE', 'UNVERIFIED'
        ds.ValueType, ds.ContinuityOfContent = 'CONTAINER', 'SEPARATE'
        pydicom.dcmwrite(os.path.join(folder, 'sr.dcm'), ds, write_like_original=False)
