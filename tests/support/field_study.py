# SPDX-License-Identifier: GPL-3.0-or-later
"""A phantom study in memory, and functions that change it as real sites do: pixels, grids, parts of a series, enhanced objects, raw bytes."""
import copy
import glob
import os

import numpy as np
import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import UID, generate_uid

ENHANCED_MR = '1.2.840.10008.5.1.4.1.1.4.1'
OWN_UIDS = ('StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID', 'FrameOfReferenceUID')
# Options of each phantom: both clavicles, thoracic spine, right proximal tibia and both feet have a lesion.
PHANTOMS = {name: ('--seed', '11', '--lesions', '6', *more) for name, more in (
    ('composed', ()), ('stations', ('--stations',)), ('pair', ('--series', 'stir,t1')), ('full', ('--series', 'stir,t1,dwi')))}
FINE = ('--in-plane', '2')                                        # The lesions are those of the default, 1.5 mm.
COARSE = ('--in-plane', '3', '--slice', '8', '--gap', '2')        # Fast, for tests that need no lesions.
# The studies that the cases start from or are compared with: phantom, and the series of it that are kept.
BASES = {
    'composed': ('composed', None),
    'stations': ('stations', None),
    'full': ('full', None),
    'pair': ('pair', None),
    'no-t1': ('full', ('stir', 'b50', 'b800', 'adc')),
    'pair-in-phase': ('pair', None),     # The T1 is the in-phase image of Dixon below.
}


def role_of(d):
    words = str(d.SeriesDescription).lower()
    return next((role for role in ('adc', 'b800', 'b50', 'stir', 't1') if role in words or (role == 'stir' and 'tirm' in words)), 'other')


def renamed(uid, name):
    return UID(generate_uid(entropy_srcs=[name, str(uid)]))


def base_study(phantoms, base, name):
    """Reads the base from the folder `phantoms`, which has each of PHANTOMS in a subfolder of its name."""
    phantom, roles = BASES[base]
    study = load(os.path.join(phantoms, phantom), name, roles)
    if base == 'pair-in-phase':
        parts = Dixon(study)
        for n, d in enumerate(study['t1']):
            put12(d, parts.ip(n))
    return study


def load(folder, name, keep=None):
    """{role: [datasets in order of instance]}; stations are stir1 (head) to stirN. Every UID is new and derived from `name`."""
    series = []
    for below in sorted(glob.glob(os.path.join(folder, 'dicom', '*'))):
        paths = sorted(glob.glob(os.path.join(below, '*.dcm')))
        role = role_of(pydicom.dcmread(paths[0], stop_before_pixels=True))
        if keep is None or role in keep:
            series.append((role, [pydicom.dcmread(path) for path in paths]))
    study = {}
    for role, images in series:
        for d in images:
            for keyword in OWN_UIDS:
                setattr(d, keyword, renamed(d[keyword].value, name))
            d.PatientID, d.PatientName, d.AccessionNumber = 'FC-' + name[:50].upper(), 'FIELD^CASE', ''
        several = sum(r == role for r, _ in series) > 1
        study[role + str(1 + sum(k.startswith(role) for k in study)) if several else role] = images
    return study


def write(study, folder):
    """Writes one file per image, in a folder per series. Returns the Study Instance UID."""
    n = 0
    for role, images in study.items():
        os.makedirs(os.path.join(folder, role), exist_ok=True)
        for d in images:
            d.file_meta.MediaStorageSOPInstanceUID, d.file_meta.MediaStorageSOPClassUID = d.SOPInstanceUID, d.SOPClassUID
            d.save_as(os.path.join(folder, role, f'{n:05d}.dcm'), write_like_original=False)
            n += 1
    return str(next(iter(study.values()))[0].StudyInstanceUID)


def everything(study):
    return [d for images in study.values() for d in images]


def stations(study):
    """The STIR stations, head first."""
    return [images for role, images in study.items() if role.startswith('stir')]


def keep(study, *roles):
    for role in list(study):
        if role not in roles:
            del study[role]


def describe(images, text):
    for d in images:
        d.SeriesDescription = d.ProtocolName = text


def set_all(images, **values):
    for d in images:
        for keyword, value in values.items():
            setattr(d, keyword, value)


def remove(images, *keywords):
    for d in images:
        for keyword in keywords:
            if keyword in d:
                delattr(d, keyword)


def pixels(d):
    return d.pixel_array.astype(float)


def put(d, values, dtype='<u2'):
    """Rounds and clips to the type's range."""
    info = np.iinfo(np.dtype(dtype))
    d.Rows, d.Columns = values.shape
    d.PixelData = np.clip(np.round(values), info.min, info.max).astype(dtype).tobytes()


def put12(d, values):
    put(d, np.clip(values, 0, 4095))


def as_bytes(d, keyword, vr, value):
    """Sets the element's bytes unchanged, whatever the character set says."""
    tag = Tag(pydicom.datadict.tag_for_keyword(keyword))
    value += b' ' * (len(value) % 2)
    d[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
    # Otherwise pydicom would write characters that it could not decode as '?'.
    d.read_encoding = d._character_set


def regrid(d, share, width_share=1.0):
    """Pixels of `share` their length over the same height; over the middle `width_share` of the width."""
    a = pixels(d)
    rows, columns = round(a.shape[0] / share), round(a.shape[1] * width_share / share)
    first = (a.shape[1] - columns * share) / 2      # Left edge of the new image, in old pixels.
    at_row, at_column = (np.arange(rows) + 0.5) * share - 0.5, first + (np.arange(columns) + 0.5) * share - 0.5
    a = np.array([np.interp(at_column, np.arange(a.shape[1]), line) for line in a])
    put12(d, np.array([np.interp(at_row, np.arange(a.shape[0]), line) for line in a.T]).T)
    pitch = [float(v) for v in d.PixelSpacing]
    row, column = np.split(np.array(d.ImageOrientationPatient, float), 2)
    origin = np.array(d.ImagePositionPatient, float) + row * at_column[0] * pitch[1] + column * at_row[0] * pitch[0]
    d.ImagePositionPatient = [f'{v:.6g}' for v in origin]
    d.PixelSpacing = [f'{v * share:.6g}' for v in pitch]


def item(**values):
    d = Dataset()
    for keyword, value in values.items():
        setattr(d, keyword, value)
    return Sequence([d])


MOVED_TO_GROUPS = (
    'ImagePositionPatient', 'ImageOrientationPatient', 'PixelSpacing', 'SliceThickness', 'SpacingBetweenSlices',
    'RepetitionTime', 'EchoTime', 'InversionTime', 'EchoTrainLength', 'FlipAngle', 'ScanningSequence', 'SequenceVariant',
    'ScanOptions', 'SequenceName', 'RescaleSlope', 'RescaleIntercept', 'RescaleType', 'WindowCenter', 'WindowWidth',
    'DiffusionBValue', 'SliceLocation', 'RealWorldValueMappingSequence', 'EchoNumbers', 'MRAcquisitionType')


def frame_groups(d, number):
    f = Dataset()
    f.FrameContentSequence = item(StackID='1', InStackPositionNumber=number, DimensionIndexValues=[1, number], FrameAcquisitionNumber=1)
    f.PlanePositionSequence = item(ImagePositionPatient=d.ImagePositionPatient)
    f.PlaneOrientationSequence = item(ImageOrientationPatient=d.ImageOrientationPatient)
    f.PixelMeasuresSequence = item(PixelSpacing=d.PixelSpacing, SliceThickness=d.SliceThickness,
                                   SpacingBetweenSlices=d.get('SpacingBetweenSlices', d.SliceThickness))
    f.MRImageFrameTypeSequence = item(FrameType=list(d.ImageType), PixelPresentation='MONOCHROME', VolumetricProperties='VOLUME',
                                      VolumeBasedCalculationTechnique='NONE', ComplexImageComponent='MAGNITUDE', AcquisitionContrast='UNKNOWN')
    f.MRTimingAndRelatedParametersSequence = item(RepetitionTime=d.RepetitionTime, FlipAngle=d.get('FlipAngle', 90),
                                                  EchoTrainLength=d.get('EchoTrainLength', 1))
    f.MREchoSequence = item(EffectiveEchoTime=float(d.EchoTime))
    inversion = 'IR' in d.ScanningSequence
    f.MRModifierSequence = item(InversionRecovery='YES' if inversion else 'NO', SpectrallySelectedSuppression='NONE')
    if inversion and d.get('InversionTime') is not None:
        f.MRModifierSequence[0].InversionTimes = [float(d.InversionTime)]
    if 'DiffusionBValue' in d:
        f.MRDiffusionSequence = item(DiffusionBValue=float(d.DiffusionBValue), DiffusionDirectionality='ISOTROPIC')
    f.PixelValueTransformationSequence = item(RescaleSlope=d.get('RescaleSlope', 1), RescaleIntercept=d.get('RescaleIntercept', 0),
                                              RescaleType=d.get('RescaleType', 'US'))
    if 'RealWorldValueMappingSequence' in d:
        f.RealWorldValueMappingSequence = copy.deepcopy(d.RealWorldValueMappingSequence)
    return f


def enhanced(images, image_type=None):
    """Makes one Enhanced MR object of these images, in their order; each frame keeps its Image Type as Frame Type."""
    first = images[0]
    e = copy.deepcopy(first)
    e.SOPClassUID, e.SOPInstanceUID = UID(ENHANCED_MR), renamed(first.SOPInstanceUID, 'enhanced')
    frames = [frame_groups(d, n + 1) for n, d in enumerate(images)]
    sequence = first.ScanningSequence
    remove([e], *MOVED_TO_GROUPS)
    e.EchoPulseSequence = 'GRADIENT' if 'GR' in sequence and 'SE' not in sequence else 'SPIN'
    e.EchoPlanarPulseSequence = 'YES' if 'EP' in sequence else 'NO'
    e.ImageType = image_type or list(first.ImageType)
    e.InstanceNumber, e.NumberOfFrames = '1', len(images)
    e.SharedFunctionalGroupsSequence, e.PerFrameFunctionalGroupsSequence = Sequence([Dataset()]), Sequence(frames)
    e.PixelData = b''.join(d.PixelData for d in images)
    return e


def another_series(images, name, number, **values):
    """Copies the images into a new series."""
    out = copy.deepcopy(images)
    for d in out:
        d.SeriesInstanceUID, d.SOPInstanceUID = renamed(d.SeriesInstanceUID, name), renamed(d.SOPInstanceUID, name)
        d.SeriesNumber = number
    set_all(out, **values)
    return out


def interleaved(study, images, parts):
    """All parts of each image, in one series: [(Image Type, values of image n)]."""
    out = []
    for n, d in enumerate(images):
        for p, (image_type, values) in enumerate(parts):
            part = copy.deepcopy(d)
            part.ImageType, part.SOPInstanceUID = image_type, renamed(d.SOPInstanceUID, f'part {p}')
            part.InstanceNumber = str(p * len(images) + n + 1)
            put12(part, values(n))
            out.append(part)
    return out


class Dixon:
    """Water and fat of each slice, from the STIR and the T1 of a study."""

    def __init__(self, study):
        self.water = [pixels(d) for d in study['stir']]
        self.fat = [np.clip(2.5 * pixels(d) - 0.4 * w, 0, 4095) for d, w in zip(study['t1'], self.water)]

    def w(self, n): return self.water[n]
    def f(self, n): return self.fat[n]
    def ip(self, n): return self.fat[n] + self.water[n]
    def op(self, n): return np.abs(self.fat[n] - self.water[n])


T2_DIXON = dict(ScanningSequence='SE', SequenceVariant='SK', RepetitionTime='3500', EchoTime='80')
T1_DIXON = dict(ScanningSequence='GR', SequenceVariant='SP', RepetitionTime='6.6', EchoTime='2.3', EchoTrainLength='1')


def dixon_series(study, images, name, number, words, image_type, values, **physics):
    out = another_series(images, name, number, ImageType=image_type, **physics)
    remove(out, 'InversionTime')
    describe(out, words)
    for n, d in enumerate(out):
        put12(d, values(n))
    return out


def reformatted(study, plane, slice_mm=6.0):
    """Turns the composed coronal STIR into a sagittal or axial one."""
    images = study['stir']
    first = images[0]
    pitch = float(first.PixelSpacing[0])
    origins = np.array([d.ImagePositionPatient for d in images], float)
    volume = np.array([pixels(d) for d in images])                     # [front to back or back to front, down, to the left]
    if origins[-1][1] < origins[0][1]:
        volume, origins = volume[::-1], origins[::-1]
    y = np.arange(origins[0][1], origins[-1][1], pitch)
    depths = origins[:, 1]
    at = np.clip(np.searchsorted(depths, y, side='right') - 1, 0, len(depths) - 2)
    part = ((y - depths[at]) / (depths[at + 1] - depths[at]))[:, None, None]
    volume = volume[at] * (1 - part) + volume[at + 1] * part           # [y, row down, column left]
    thick = max(1, round(slice_mm / pitch))
    along = 1 if plane == 'axial' else 2
    out = []
    for n in range(volume.shape[along] // thick):
        cut = [slice(None)] * 3
        cut[along] = slice(n * thick, (n + 1) * thick)
        mean = volume[tuple(cut)].mean(axis=along)                     # axial: [y, x]; sagittal: [y, z down]
        d = copy.deepcopy(first)
        d.SOPInstanceUID, d.InstanceNumber = renamed(first.SOPInstanceUID, f'{plane} {n}'), str(n + 1)
        middle = (n * thick + (thick - 1) / 2) * pitch
        x0, z0 = origins[0][0], origins[0][2]
        if plane == 'axial':
            d.ImageOrientationPatient, d.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [f'{x0:g}', f'{y[0]:g}', f'{z0 - middle:g}']
            put12(d, mean)
        else:
            d.ImageOrientationPatient, d.ImagePositionPatient = [0, 1, 0, 0, 0, -1], [f'{x0 + middle:g}', f'{y[0]:g}', f'{z0:g}']
            put12(d, mean.T)
        d.PixelSpacing, d.SliceThickness, d.SpacingBetweenSlices = [f'{pitch:g}', f'{pitch:g}'], f'{thick * pitch:g}', f'{thick * pitch:g}'
        out.append(d)
    return {'stir': out}
