# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes small series of any kind: studies that are no whole-body MRI, or one that is broken in one way."""
import os

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, UID, generate_uid

MR = '1.2.840.10008.5.1.4.1.1.4'
CT = '1.2.840.10008.5.1.4.1.1.2'
BASIC_TEXT_SR = '1.2.840.10008.5.1.4.1.1.88.11'


def dataset(sop_class, modality, study, series, number, seed):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(sop_class)
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[seed, series, str(number)])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = generate_uid(entropy_srcs=['osteon-tests'])
    d = FileDataset('', {}, file_meta=meta, preamble=b'\0' * 128)
    d.is_little_endian, d.is_implicit_VR = True, False
    d.SOPClassUID, d.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    d.StudyInstanceUID, d.SeriesInstanceUID, d.Modality = study, series, modality
    d.PatientName, d.PatientID, d.PatientBirthDate, d.PatientSex = 'Mini^Test', 'MINI1', '20150101', 'O'
    d.StudyDate, d.StudyTime, d.AccessionNumber, d.ReferringPhysicianName, d.StudyID = '20260301', '080000', '', '', '1'
    d.SeriesNumber, d.InstanceNumber = 1, number + 1
    return d


def image_series(folder, seed, modality='MR', slices=12, size=32, spacing=2.0, slice_step=5.0, stir=False, change=None):
    """An axial series. change(dataset, n) may damage slice n, or return False to leave it out. Returns the study UID."""
    study = generate_uid(entropy_srcs=[seed, 'study'])
    series = generate_uid(entropy_srcs=[seed, 'series'])
    frame = generate_uid(entropy_srcs=[seed, 'frame'])
    rng = np.random.default_rng(len(seed))
    os.makedirs(folder, exist_ok=True)
    for n in range(slices):
        d = dataset(MR if modality == 'MR' else CT, modality, study, series, n, seed)
        d.ImageType, d.Manufacturer = ['ORIGINAL', 'PRIMARY', 'M'], 'TEST'
        d.SeriesDescription = 't2_tirm' if stir else 'head'
        d.FrameOfReferenceUID, d.PositionReferenceIndicator, d.PatientPosition = frame, '', 'HFS'
        d.ImagePositionPatient, d.ImageOrientationPatient = [-32, -32, n * slice_step], [1, 0, 0, 0, 1, 0]
        d.PixelSpacing, d.SliceThickness = [spacing, spacing], slice_step
        if modality == 'MR':
            d.ScanningSequence, d.SequenceVariant, d.ScanOptions, d.MRAcquisitionType = (['SE', 'IR'] if stir else 'SE'), 'SK', '', '2D'
            d.RepetitionTime, d.EchoTime, d.EchoTrainLength, d.MagneticFieldStrength = 4500, 70, 20, 1.5
            if stir:
                d.InversionTime = 165
        else:
            d.RescaleIntercept, d.RescaleSlope, d.KVP, d.AcquisitionNumber = -1024, 1, 120, 1
        d.SamplesPerPixel, d.PhotometricInterpretation = 1, 'MONOCHROME2'
        d.Rows, d.Columns, d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = size, size, 16, 12, 11, 0
        d.PixelData = rng.integers(0, 1000, (size, size), dtype='<u2').tobytes()
        if change is not None and change(d, n) is False:
            continue
        d.save_as(os.path.join(folder, f'{n:04d}.dcm'), write_like_original=False)
    return study


def blank_body(folder):
    """A STIR of 1,080 mm without any signal, as a coil that was not plugged in leaves it: it cannot be evaluated."""
    def blank(d, _):
        d.PixelData = bytes(len(d.PixelData))
    return image_series(folder, 'blank', stir=True, slices=180, slice_step=6, size=64, spacing=6.0, change=blank)


def report_only(folder, seed):
    """A study with one Basic Text SR of another vendor. Returns the study UID."""
    study = generate_uid(entropy_srcs=[seed, 'study'])
    d = dataset(BASIC_TEXT_SR, 'SR', study, generate_uid(entropy_srcs=[seed, 'series']), 0, seed)
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence
    title = Dataset()
    title.CodeValue, title.CodingSchemeDesignator, title.CodeMeaning = '18748-4', 'LN', 'Diagnostic imaging study'
    d.ValueType, d.ContinuityOfContent, d.ConceptNameCodeSequence = 'CONTAINER', 'SEPARATE', Sequence([title])
    d.CompletionFlag, d.VerificationFlag, d.ContentDate, d.ContentTime = 'COMPLETE', 'UNVERIFIED', '20260301', '080000'
    d.ReferencedPerformedProcedureStepSequence, d.PerformedProcedureCodeSequence = Sequence(), Sequence()
    os.makedirs(folder, exist_ok=True)
    d.save_as(os.path.join(folder, 'sr.dcm'), write_like_original=False)
    return study
