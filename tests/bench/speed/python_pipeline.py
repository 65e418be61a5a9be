#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main steps of an analysis as one would write them in Python in a week: python_pipeline.py STUDY OUT [SLICES]. It is a yardstick of time, not of findings.

It reads each series by pydicom into a float volume, brings it to 4 mm, removes a smooth gain (a Gaussian of the logarithm, in place of N4, which Debian has
no Python for), runs the same layers as our network by torch (random weights), labels bright components by scipy, measures each, and writes them as one
SEG-like object by pydicom. It does not choose series, look at other contrasts beyond reading them, judge candidates, compare, draw pages, write a structured report, or
check its objects. So it does less than osteon. SLICES: how many slices the network runs on, for a smoke; all by default.
"""
import glob
import os
import sys

import numpy as np
import pydicom
import scipy.ndimage as ndimage

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'pipelines', 'training'))

import torch  # noqa: E402

import network  # noqa: E402


def read(folder):
    """The series as (slices with their headers in order, volume), largest first."""
    series = {}
    for path in glob.glob(os.path.join(folder, '**', '*.dcm'), recursive=True):
        d = pydicom.dcmread(path)
        series.setdefault(str(d.SeriesInstanceUID), []).append(d)
    volumes = []
    for slices in series.values():
        normal = np.cross(*np.reshape(np.array(slices[0].ImageOrientationPatient, float), (2, 3)))
        slices.sort(key=lambda d: float(np.dot(normal, np.array(d.ImagePositionPatient, float))))
        pixels = [d.pixel_array.astype('f4') * float(d.get('RescaleSlope', 1)) + float(d.get('RescaleIntercept', 0)) for d in slices]
        volumes.append((slices, np.stack(pixels)))
    return sorted(volumes, key=lambda v: ('STIR' not in str(v[0][0].get('SeriesDescription', '')).upper(), -v[1].size))


def without_bias(volume, spacing):
    inside = volume > 0.1 * np.percentile(volume, 99)
    log = np.where(inside, np.log(np.maximum(volume, 1)), 0)
    sigma = [40 / s for s in spacing]
    gain = ndimage.gaussian_filter(log, sigma) / np.maximum(ndimage.gaussian_filter(inside.astype('f4'), sigma), 1e-3)
    return volume / np.exp(gain - np.median(gain[inside]))


def maps(volume, spacing, most):
    """The network's logits, slice by slice, at 4 mm."""
    torch.set_num_threads(2)
    net = network.MeanOf([network.PlainNet(), network.SlimNet()]).eval()
    coarse = ndimage.zoom(volume, (1, spacing[1] / 4, spacing[2] / 4), order=1)
    rows, columns = (16 * -(-n // 16) for n in coarse.shape[1:])
    padded = np.zeros((coarse.shape[0], rows, columns), 'f4')
    padded[:, :coarse.shape[1], :coarse.shape[2]] = coarse
    out = []
    with torch.no_grad():
        for n in range(min(most, len(padded))):
            x = torch.from_numpy(np.repeat(padded[n][None, None], network.IN_CHANNELS, 1))
            out.append(net(x)[0].argmax(0).numpy().astype('u1'))
    return np.stack(out)


def lesions(volume, spacing):
    """Bright connected parts: (labels, [(voxels, centre, mean)])."""
    marrow = np.median(volume[volume > 0.1 * np.percentile(volume, 99)])
    labels, _ = ndimage.label(volume > 2.5 * marrow, np.ones((3, 3, 3)))
    sizes = np.bincount(labels.ravel())
    least_voxels = 300 / np.prod(spacing)
    kept = [n for n in np.argsort(-sizes) if n and sizes[n] > least_voxels][:30]
    distance = ndimage.distance_transform_edt(volume > 0.1 * np.percentile(volume, 99), spacing)
    indices = kept
    measured = list(zip(sizes[kept], ndimage.center_of_mass(labels > 0, labels, indices), ndimage.mean(volume, labels, indices),
                        ndimage.maximum(distance, labels, indices))) if kept else []
    return np.where(np.isin(labels, kept), labels, 0), measured


def write(out, like, labels, measured):
    os.makedirs(out)
    d = pydicom.Dataset()
    for keyword in ('PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex', 'StudyInstanceUID', 'StudyDate', 'StudyTime'):
        setattr(d, keyword, like.get(keyword, ''))
    d.SOPClassUID, d.SOPInstanceUID = '1.2.840.10008.5.1.4.1.1.66.4', pydicom.uid.generate_uid()
    d.Modality, d.SeriesInstanceUID = 'SEG', pydicom.uid.generate_uid()
    d.Rows, d.Columns, d.NumberOfFrames = labels.shape[1], labels.shape[2], labels.shape[0]
    d.BitsAllocated = d.BitsStored = 1
    d.HighBit = d.PixelRepresentation = 0
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, 'MONOCHROME2'
    packed = np.packbits(labels.ravel() > 0, bitorder='little').tobytes()
    d.PixelData = packed + bytes(len(packed) % 2)
    d.ImageComments = '; '.join(f'{n} voxels, mean {mean:.0f}, depth {depth:.0f} mm' for n, _, mean, depth in measured)[:10000]
    d.file_meta = pydicom.dataset.FileMetaDataset()
    d.file_meta.MediaStorageSOPClassUID, d.file_meta.MediaStorageSOPInstanceUID = d.SOPClassUID, d.SOPInstanceUID
    d.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    d.is_little_endian, d.is_implicit_VR = True, False
    pydicom.dcmwrite(os.path.join(out, 'seg.dcm'), d, write_like_original=False)


def main():
    study, out = sys.argv[1:3]
    slices, volume = read(study)[0]
    spacing = [float(slices[0].get('SpacingBetweenSlices', slices[0].SliceThickness)), *map(float, slices[0].PixelSpacing)]
    volume = without_bias(volume, spacing)
    maps(volume, spacing, int(sys.argv[3]) if len(sys.argv) > 3 else len(volume))
    labels, measured = lesions(volume, spacing)
    write(out, slices[0], labels, measured)


main()
