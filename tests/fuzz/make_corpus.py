#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeds for the fuzz targets: make_corpus.py FOLDER writes FOLDER/TARGET for each target except `wire`, for which wire_seeds.cc does."""
import json
import os
import shutil
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, '..', '..')
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'pipelines', 'dicom', 'seg')]

import numpy as np  # noqa: E402
from pydicom import dcmread  # noqa: E402
from pydicom.dataset import Dataset  # noqa: E402
from pydicom.sequence import Sequence  # noqa: E402
from pydicom.uid import RLELossless  # noqa: E402

import mini  # noqa: E402
import seg_files  # noqa: E402
from segs import code  # noqa: E402

KEY = 'rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7'  # RFC 32's own example.


def compressed(folder):
    """The STIR slice in every transfer syntax that a PACS keeps, by three encoders."""
    stir, eight = os.path.join(folder, 'stir'), os.path.join(folder, 'eight')
    packed = dcmread(stir)
    packed.PixelData = (packed.pixel_array >> 4).astype(np.uint8).tobytes()
    packed.BitsAllocated = packed.BitsStored = 8
    packed.HighBit = 7
    packed.save_as(eight, write_like_original=False)
    for name, command in {
            'jpeg-baseline': ['dcmcjpeg', '+eb', eight], 'jpeg-extended': ['dcmcjpeg', '+ee', stir],
            'jpeg-lossless': ['dcmcjpeg', '+e1', stir], 'jpeg-lossless-any': ['dcmcjpeg', '+el', '+sv', '6', stir],
            'jpeg-ls': ['dcmcjpls', '+el', stir], 'jpeg-ls-near': ['dcmcjpls', '+en', stir],
            'jpeg-2000': ['gdcmconv', '--j2k', '-i', stir, '-o'],
            'deflated': ['dcmconv', '+td', stir], 'big-endian': ['dcmconv', '+tb', stir],
            'implicit': ['dcmconv', '+ti', stir]}.items():
        subprocess.run(command + [os.path.join(folder, name)], check=True, stderr=subprocess.DEVNULL)
    packed = dcmread(stir)
    packed.compress(RLELossless, packed.pixel_array.astype(np.uint16))
    packed.save_as(os.path.join(folder, 'rle'), write_like_original=False)


def enhanced(folder):
    d = dcmread(os.path.join(folder, 'stir'))
    d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = '1.2.840.10008.5.1.4.1.1.4.1'
    d.NumberOfFrames = 2
    d.PixelData = d.PixelData * 2
    groups = dcmread(os.path.join(folder, '..', 'seg', 'explicit.dcm'))
    d.SharedFunctionalGroupsSequence = groups.SharedFunctionalGroupsSequence
    d.PerFrameFunctionalGroupsSequence = groups.PerFrameFunctionalGroupsSequence[:2]
    d.save_as(os.path.join(folder, 'enhanced'), write_like_original=False)


def dicom(folder):
    scratch = os.path.join(folder, 'scratch')
    for name, options in {'stir': {'stir': True}, 'head': {}, 'ct': {'modality': 'CT'}}.items():
        mini.image_series(os.path.join(scratch, name), name, slices=1, size=8, **options)
        shutil.copy(os.path.join(scratch, name, '0000.dcm'), os.path.join(folder, name))
    shutil.rmtree(scratch)
    compressed(folder)
    enhanced(folder)


def item(value_type, name, relation='CONTAINS', **members):
    d = Dataset()
    d.RelationshipType, d.ValueType, d.ConceptNameCodeSequence = relation, value_type, code(*name)
    for key, value in members.items():
        setattr(d, key, value)
    return d


def number(label, value):
    measured = Dataset()
    measured.NumericValue, measured.MeasurementUnitsCodeSequence = value, code('ml', 'UCUM', 'ml')
    text = item('TEXT', ('125309', 'DCM', 'Short label'), 'HAS CONCEPT MOD', TextValue=label)
    return item('NUM', ('118565006', 'SCT', 'Volume'), MeasuredValueSequence=Sequence([measured]), ContentSequence=Sequence([text]))


def own_report(folder):
    """A report with one lesion in the form of our writer, reduced to what the reader needs."""
    d = dcmread(os.path.join(folder, 'sr.dcm'))
    d.Manufacturer, d.ManufacturerModelName = 'Osteon project', 'Osteon'
    d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = '1.2.840.10008.5.1.4.1.1.88.34'
    d.ConceptNameCodeSequence = code('126000', 'DCM', 'Imaging Measurement Report')
    side = item('CODE', ('272741003', 'SCT', 'Laterality'), 'HAS CONCEPT MOD', ConceptCodeSequence=code('7771000', 'SCT', 'Left'))
    point = item('SCOORD3D', ('111010', 'DCM', 'Center'), GraphicType='POINT', GraphicData=[1.0, 2.0, 3.0],
                 ReferencedFrameOfReferenceUID='1.2.3')
    group = item('CONTAINER', ('125007', 'DCM', 'Measurement Group'), ContinuityOfContent='SEPARATE', ContentSequence=Sequence([
        item('TEXT', ('112039', 'DCM', 'Tracking Identifier'), 'HAS OBS CONTEXT', TextValue='L1'),
        item('UIDREF', ('112040', 'DCM', 'Tracking Unique Identifier'), 'HAS OBS CONTEXT', UID='1.2.3.4'),
        item('CODE', ('121071', 'DCM', 'Finding'), ConceptCodeSequence=code('52988006', 'SCT', 'Lesion')),
        item('CODE', ('363698007', 'SCT', 'Finding Site'), ConceptCodeSequence=code('51299004', 'SCT', 'Clavicle'),
             ContentSequence=Sequence([side])), point, number('volume_ml', '1.5'), number('stir_to_muscle', '3')]))
    d.ContentSequence = Sequence([item('CONTAINER', ('126010', 'DCM', 'Imaging Measurements'), ContinuityOfContent='SEPARATE',
                                       ContentSequence=Sequence([group]))])
    d.save_as(os.path.join(folder, 'own.dcm'), write_like_original=False)


def keys(folder):
    for name, text in {'pair': f'public {KEY}\nsecret {KEY}\n', 'two-pairs': f'public {KEY}\nsecret {KEY}\n' * 2,
                       'list': f'# workers\n{KEY} ward-1\n\n{KEY} ward-2\n', 'endpoint': 'tcp://[::1]:5742'}.items():
        with open(os.path.join(folder, name), 'w') as file:
            file.write(text)
    with open(os.path.join(folder, 'zap'), 'wb') as file:
        file.write(frames(b'1.0', b'1', b'', b'10.0.0.1', b'', b'CURVE', b'k' * 32))


def frames(*parts):
    return b''.join(struct.pack('<I', len(part)) + part for part in parts)


def archive(folder):
    """Orthanc's answers about a study with a STIR series and a CT."""
    tags = {'0008,0016': mini.MR, '0018,0020': 'SE\\IR', '0018,0082': '165', '0018,0081': '70', '0018,0080': '4200',
            '0008,0008': 'ORIGINAL\\PRIMARY', '0020,0037': '1\\0\\0\\0\\0\\-1', '0020,0032': '0\\0\\0', '0028,0030': '1\\1',
            '0018,0050': '5', '0028,0010': '900', '0028,0011': '400', '0010,1020': '1.4', '0010,1010': '009Y', '0018,9087': '0'}
    multi = dict(tags, **{'0028,0008': '2', '5200,9229': [{
        '0018,9114': [{'0018,9082': '70'}], '0028,9110': [{'0028,0030': '1\\1', '0018,0050': '5'}],
        '0018,9115': [{'0018,9009': 'YES', '0018,9079': '165'}], '0020,9116': [{'0020,0037': '1\\0\\0\\0\\0\\-1'}]}],
        '5200,9230': [{'0020,9113': [{'0020,0032': f'0\\{y}\\0'}], '0018,9226': [{'0008,9007': 'DERIVED\\PRIMARY\\DIXON\\WATER'}]} for y in (0, 5)]})
    study = {'ID': 's', 'ParentPatient': 'p', 'LastUpdate': '20260101T000000', 'MainDicomTags': {'StudyInstanceUID': '1.2', 'StudyDate': '20260101'},
             'PatientMainDicomTags': {'PatientID': 'P'}}
    series = [{'ID': name, 'MainDicomTags': {'SeriesInstanceUID': '1.2.' + name, 'Modality': modality, 'Manufacturer': 'SIEMENS',
                                             'SeriesDescription': 't2_tirm cor', 'ProtocolName': 'wb'}} for name, modality in (('1', 'MR'), ('2', 'CT'))]
    instances = [{'ID': f'i{n}', 'ParentSeries': str(n % 2 + 1), 'FileSize': 99, 'MainDicomTags': {'SOPInstanceUID': f'1.2.3.{n}'}} for n in range(4)]
    for name, header in (('classic', tags), ('enhanced', multi)):
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(frames(*(json.dumps(part).encode() for part in (study, series, instances, header))))


def without_comments(name, mark, folder):
    """A file of config/ with only one comment: the others would be most of the bytes and test nothing new."""
    with open(os.path.join(SOURCE, 'config', name)) as file:
        lines = [line for line in file if line.strip()]
    comments = [line for line in lines if line.lstrip().startswith(mark)]
    with open(os.path.join(folder, name), 'w') as file:
        file.writelines(comments[:1] + [line for line in lines if line not in comments])


def main(root):
    for name in ('seg', 'dicom', 'sr', 'config', 'keys', 'settings', 'archive'):
        os.makedirs(os.path.join(root, name), exist_ok=True)
    seg_files.main(os.path.join(root, 'seg'))
    dicom(os.path.join(root, 'dicom'))
    mini.report_only(os.path.join(root, 'sr'), 'report')
    own_report(os.path.join(root, 'sr'))
    keys(os.path.join(root, 'keys'))
    archive(os.path.join(root, 'archive'))
    without_comments('osteond.toml', '#', os.path.join(root, 'config'))
    for name in ('orthanc-osteon.json', 'selection_rules.json'):
        without_comments(name, '//', os.path.join(root, 'settings'))


if __name__ == '__main__':
    main(sys.argv[1])
