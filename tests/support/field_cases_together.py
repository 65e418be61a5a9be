# SPDX-License-Identifier: GPL-3.0-or-later
"""Field cases of what belongs together: stations, packages, rounding, Frames of Reference, UIDs."""
import copy

import numpy as np

from field_cases import Right, TOGETHER, case, sibling
from field_study import pixels, regrid, renamed, set_all, stations


@case('station-pixel-size', TOGETHER, 'stations', 'legs with a smaller field of view: pixels of 1.35 instead of 1.5 mm')
def station_pixel_size(study):
    for images in stations(study)[-2:]:
        for d in images:
            regrid(d, 0.9, 0.9)


@sibling('station-pixel-size', 'station-matrix', 'two stations with a matrix of 320 where the others have 384, same field of view')
def station_matrix(study):
    for images in stations(study)[1:3]:
        for d in images:
            regrid(d, 1.2)


@sibling('station-pixel-size', 'station-pixel-rounding', 'each station with a pixel of its own: 1.50, 1.56, 1.45 mm')
def station_pixel_rounding(study):
    for n, images in enumerate(stations(study)):
        for d in images:
            regrid(d, (1.0, 1.04, 0.97)[n % 3])


@sibling('station-pixel-size', 'legs-with-fewer-slices', 'the legs need fewer slices: those in the air are not acquired', Right(evidence=False))
def legs_with_fewer_slices(study):
    roles = [role for role in study if role.startswith('stir')][-2:]
    for role in roles:
        body = [n for n, d in enumerate(study[role]) if np.percentile(pixels(d), 99) > 0.15 * np.percentile(pixels(study[role][len(study[role]) // 2]), 99)]
        study[role] = study[role][max(0, body[0] - 1):body[-1] + 2]
        for n, d in enumerate(study[role]):
            d.InstanceNumber = str(n + 1)


@case('echo-time-rounding', TOGETHER, 'composed', 'Echo Time 70 and 70.001 in one series')
def echo_time_rounding(study):
    for n, d in enumerate(study['stir']):
        d.EchoTime = '70.001' if n % 3 == 0 else '70'


@sibling('echo-time-rounding', 'repetition-and-inversion-time-rounding', 'TR 4500 and 4500.02, TI 165 and 164.999 from slice to slice')
def repetition_and_inversion_time_rounding(study):
    for n, d in enumerate(study['stir']):
        d.RepetitionTime, d.InversionTime = (('4500', '165'), ('4500.02', '164.999'), ('4499.99', '165.0004'))[n % 3]


@sibling('echo-time-rounding', 'echo-time-in-some', 'a workstation lost the Echo Time of some slices')
def echo_time_in_some(study):
    for n, d in enumerate(study['stir']):
        if n % 4 == 1:
            d.EchoTime = None


@sibling('echo-time-rounding', 'geometry-rounding', 'cosines off by 2e-5, Pixel Spacing in ten digits in every second slice')
def geometry_rounding(study):
    for n, d in enumerate(study['stir']):
        o = np.array(d.ImageOrientationPatient, float) + 2e-5 * np.array([0, 1, -1, 1, -1, 0]) * (n % 2)
        d.ImageOrientationPatient = [f'{v:.7g}' for v in o]
        if n % 2:
            d.PixelSpacing = [f'{float(v) * 1.0000004:.10g}' for v in d.PixelSpacing]


def as_packages(study, role, count):
    """Moves every count-th slice to its own series."""
    images = study.pop(role)
    pitch = count * float(images[0].SpacingBetweenSlices)
    for package in range(count):
        part = images[package::count]
        set_all(part, SpacingBetweenSlices=f'{pitch:g}')
        for n, d in enumerate(part):
            d.InstanceNumber = str(n + 1)
            if package:
                d.SeriesInstanceUID = renamed(d.SeriesInstanceUID, f'package {package}')
                d.SeriesNumber, d.SeriesDescription = int(d.SeriesNumber) + 40 * package, f'{d.SeriesDescription}_{"ABC"[package]}'
        study[f'{role}-{package}'] = part


PACKAGES = Right(or_says='package|half|interleav|not used')


@case('two-packages', TOGETHER, 'composed', 'odd and even slices as two series, against cross-talk', PACKAGES)
def two_packages(study): as_packages(study, 'stir', 2)


@sibling('two-packages', 'three-packages', 'three of them')
def three_packages(study): as_packages(study, 'stir', 3)


@sibling('two-packages', 'packages-as-acquisitions', 'one series, odd slices are acquisition 1, even ones acquisition 2, numbered in that order')
def packages_as_acquisitions(study):
    images = study['stir']
    for n, d in enumerate(images[0::2] + images[1::2]):
        d.InstanceNumber = str(n + 1)
        d.AcquisitionNumber = 1 if n < (len(images) + 1) // 2 else 2
        d.SpacingBetweenSlices = f'{2 * float(d.SpacingBetweenSlices):g}'


@sibling('two-packages', 'packages-of-stations', 'two packages at each of the stations', base='stations')
def packages_of_stations(study):
    for role in [role for role in study if role.startswith('stir')]:
        as_packages(study, role, 2)


NAMED_FRAME = 'Frame of Reference|0020,0052'


@case('frame-of-reference-per-station', TOGETHER, 'stations', 'moved or re-registered series: a Frame of Reference for each station',
      Right(or_refused=NAMED_FRAME, or_says=NAMED_FRAME))
def frame_of_reference_per_station(study):
    for n, images in enumerate(stations(study)):
        set_all(images, FrameOfReferenceUID=renamed(images[0].FrameOfReferenceUID, f'station {n}'))


@sibling('frame-of-reference-per-station', 'frame-of-reference-of-one-station', 'one station was repeated after the patient had moved')
def frame_of_reference_of_one_station(study):
    set_all(stations(study)[1], FrameOfReferenceUID=renamed(stations(study)[1][0].FrameOfReferenceUID, 'one'))


@sibling('frame-of-reference-per-station', 'frames-contradict-table', 'a Frame of Reference for each station, all at the same table position',
         Right(like='nothing', or_refused=NAMED_FRAME + '|table|same place|overlap'))
def frames_contradict_table(study):
    heads = [float(images[0].ImagePositionPatient[2]) for images in stations(study)]
    for n, images in enumerate(stations(study)):
        set_all(images, FrameOfReferenceUID=renamed(images[0].FrameOfReferenceUID, f'station {n}'))
        for d in images:
            x, y, z = (float(v) for v in d.ImagePositionPatient)
            d.ImagePositionPatient = [f'{x:g}', f'{y:g}', f'{z - heads[n] + heads[2]:g}']


@sibling('frame-of-reference-per-station', 'frame-of-reference-of-t1', 'T1 after a second positioning', Right(like='pair', t1='same or said', says=NAMED_FRAME, evidence=False), 'pair')
def frame_of_reference_of_t1(study):
    set_all(study['t1'], FrameOfReferenceUID=renamed(study['t1'][0].FrameOfReferenceUID, 't1'))


NAMED_SOP = 'SOP Instance UID|0008,0018|same UID'


@case('same-sop-uids', TOGETHER, 'pair', 'a workstation\'s T1 kept the SOP Instance UIDs of the STIR', Right(like='pair', t1='same or said', or_says=NAMED_SOP, or_refused=NAMED_SOP))
def same_sop_uids(study):
    for a, b in zip(study['stir'], study['t1']):
        b.SOPInstanceUID = a.SOPInstanceUID


@sibling('same-sop-uids', 'same-sop-uids-in-series', 'two neighbouring slices share a SOP Instance UID',
         Right(like='nothing', or_says=NAMED_SOP + '|missing', or_refused=NAMED_SOP + '|missing'), 'composed')
def same_sop_uids_in_series(study):
    for n in range(0, 10, 2):
        study['stir'][n + 21].SOPInstanceUID = study['stir'][n + 20].SOPInstanceUID


@sibling('same-sop-uids', 'every-file-twice', 'the export holds every file twice, byte for byte', Right(), 'composed')
def every_file_twice(study):
    study['again'] = [copy.deepcopy(d) for d in study['stir']]


@sibling('same-sop-uids', 'adc-with-uids-of-b800', 'a workstation\'s ADC kept the UIDs of b800', Right(adc='same or said', or_says=NAMED_SOP, or_refused=NAMED_SOP), 'full')
def adc_with_uids_of_b800(study):
    for a, b in zip(study['b800'], study['adc']):
        b.SOPInstanceUID = a.SOPInstanceUID
