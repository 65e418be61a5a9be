# SPDX-License-Identifier: GPL-3.0-or-later
"""DICOM Segmentations written with pydicom: as another vendor, or a site's own readers, would make them.

    grid = Grid(origin=(-10, -20, 30), row=(1, 0, 0), column=(0, 0, -1), pixel=(2, 1.5), slice_step=5)
    write_seg('seg.dcm', 'some-study', grid, [Lesion(mask, region='Femur', side='Left')])
"""
from dataclasses import dataclass, field

import numpy as np
from pydicom.dataset import Dataset
from pydicom.pixel_data_handlers.numpy_handler import pack_bits
from pydicom.sequence import Sequence
from pydicom.uid import (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian,
                         ImplicitVRLittleEndian, RLELossless, UID, generate_uid)

import mini

SEG = '1.2.840.10008.5.1.4.1.1.66.4'
SYNTAXES = {'explicit': ExplicitVRLittleEndian, 'implicit': ImplicitVRLittleEndian, 'deflated': DeflatedExplicitVRLittleEndian,
            'big_endian': ExplicitVRBigEndian, 'rle': RLELossless}
SIDES = {'Left': '7771000', 'Right': '24028007'}


@dataclass
class Grid:
    """Voxel (column, row, slice) of a mask [slice, row, column] in the patient, LPS mm."""
    origin: tuple = (0, 0, 0)
    row: tuple = (1, 0, 0)          # Direction along which the column index grows.
    column: tuple = (0, 1, 0)
    pixel: tuple = (1, 1)           # DICOM order: between rows, between columns.
    slice_step: float = 1           # Along row x column.

    def position(self, k):
        return (np.array(self.origin) + k * self.slice_step * np.cross(self.row, self.column)).tolist()


@dataclass
class Lesion:
    mask: np.ndarray                # bool, or 0..255 for a fractional segmentation; [slice, row, column]
    region: str = ''
    side: str = ''                  # '', 'Left', 'Right': as Anatomic Region Modifier.
    label: str = 'Lesion'
    tracking_uid: str = ''
    extra: dict = field(default_factory=dict)  # Attributes to add to the item of Segment Sequence unchanged.


def code(value, scheme, meaning):
    c = Dataset()
    c.CodeValue, c.CodingSchemeDesignator, c.CodeMeaning = value, scheme, meaning
    return Sequence([c])


def segment_item(number, lesion):
    s = Dataset()
    s.SegmentNumber, s.SegmentLabel, s.SegmentAlgorithmType = number, lesion.label, 'MANUAL'
    s.SegmentedPropertyCategoryCodeSequence = code('49755003', 'SCT', 'Morphologically Abnormal Structure')
    s.SegmentedPropertyTypeCodeSequence = code('52988006', 'SCT', 'Lesion')
    if lesion.region:
        s.AnatomicRegionSequence = code('1', '99TEST', lesion.region)
        if lesion.side:
            s.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = code(SIDES[lesion.side], 'SCT', lesion.side)
    if lesion.tracking_uid:
        s.TrackingID, s.TrackingUID = lesion.label, lesion.tracking_uid
    for name, value in lesion.extra.items():
        setattr(s, name, value)
    return s


def one(**attributes):
    d = Dataset()
    for name, value in attributes.items():
        setattr(d, name, value)
    return Sequence([d])


def frame_item(grid, number, k):
    f = Dataset()
    f.SegmentIdentificationSequence = one(ReferencedSegmentNumber=number)
    f.PlanePositionSequence = one(ImagePositionPatient=[f'{v:.8g}' for v in grid.position(k)])
    return f


def write_seg(path, study_uid, grid, lesions, fractional=False, syntax='explicit', keep_empty=False, change=None):
    """Writes one file. change(dataset) may damage it first."""
    d = mini.dataset(SEG, 'SEG', study_uid, generate_uid(entropy_srcs=[study_uid, 'seg']), 0, study_uid + str(path))
    d.file_meta.TransferSyntaxUID = UID(SYNTAXES['explicit' if syntax == 'rle' else syntax])
    d.is_implicit_VR, d.is_little_endian = syntax == 'implicit', syntax != 'big_endian'
    d.ImageType, d.Manufacturer, d.ContentLabel = ['DERIVED', 'PRIMARY'], 'Readers', 'TRUTH'
    d.FrameOfReferenceUID = generate_uid(entropy_srcs=[study_uid, 'frame'])
    d.SegmentSequence = Sequence([segment_item(n + 1, lesion) for n, lesion in enumerate(lesions)])
    shared = Dataset()
    shared.PlaneOrientationSequence = one(ImageOrientationPatient=[f'{v:.8g}' for v in (*grid.row, *grid.column)])
    shared.PixelMeasuresSequence = one(PixelSpacing=list(grid.pixel), SliceThickness=grid.slice_step,
                                       SpacingBetweenSlices=grid.slice_step)
    d.SharedFunctionalGroupsSequence = Sequence([shared])
    planes = [(n + 1, k, lesion.mask[k]) for n, lesion in enumerate(lesions) for k in range(len(lesion.mask))
              if keep_empty or lesion.mask[k].any()]
    d.PerFrameFunctionalGroupsSequence = Sequence([frame_item(grid, number, k) for number, k, _ in planes])
    pixels = np.array([mask for _, _, mask in planes], np.uint8)
    d.NumberOfFrames = len(planes)
    d.Rows, d.Columns = (pixels.shape[1:] if planes else lesions[0].mask.shape[1:])
    d.SamplesPerPixel, d.PhotometricInterpretation, d.PixelRepresentation = 1, 'MONOCHROME2', 0
    d.LossyImageCompression = '00'
    if fractional:
        d.SegmentationType, d.SegmentationFractionalType, d.MaximumFractionalValue = 'FRACTIONAL', 'PROBABILITY', 255
        d.BitsAllocated, d.BitsStored, d.HighBit = 8, 8, 7
        d.PixelData = pixels.tobytes() + b'\0' * (pixels.size % 2)
    else:
        d.SegmentationType = 'BINARY'
        d.BitsAllocated, d.BitsStored, d.HighBit = 1, 1, 0
        d.PixelData = pack_bits(pixels)
    d['PixelData'].VR = 'OW' if syntax == 'implicit' else 'OB'
    if syntax == 'rle':
        d.compress(RLELossless, pixels)
    if change is not None:
        change(d)
    d.save_as(path, write_like_original=False)
    return path
