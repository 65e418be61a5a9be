# SPDX-License-Identifier: GPL-3.0-or-later
"""Field cases of identifiers, dates and character sets."""
from pydicom.uid import UID

from field_cases import Right, WORDS, case, sibling
from field_cases_together import NAMED_FRAME
from field_study import as_bytes, everything, remove, set_all


@case('uid-leading-zeros', WORDS, 'composed', 'UIDs with components such as .007', Right(pages=True))
def uid_leading_zeros(study):
    root = '1.2.826.0.1.3680043.10.9999.0020260301.007'
    for n, d in enumerate(study['stir']):
        d.StudyInstanceUID, d.SeriesInstanceUID = UID(root), UID(root + '.02')
        d.SOPInstanceUID, d.FrameOfReferenceUID = UID(f'{root}.02.{n + 1:04d}'), UID(root + '.09')


@sibling('uid-leading-zeros', 'uid-too-long', 'SOP Instance UIDs of 70 characters', Right(pages=True, or_refused='UID'))
def uid_too_long(study):
    for n, d in enumerate(study['stir']):
        d.SOPInstanceUID = UID(f'1.2.826.0.1.3680043.10.9999.{"1234567890" * 4}{n + 10}')


@sibling('uid-leading-zeros', 'uid-with-spaces', 'UIDs filled with spaces, as for text')
def uid_with_spaces(study):
    for d in study['stir']:
        for keyword in ('StudyInstanceUID', 'SeriesInstanceUID', 'FrameOfReferenceUID'):
            value = str(d[keyword].value)
            as_bytes(d, keyword, 'UI', value.encode() + (b' ' if len(value) % 2 else b'  '))


@sibling('uid-leading-zeros', 'uid-of-frame-malformed', 'a Frame of Reference UID with an empty component', Right(pages=True, or_refused=NAMED_FRAME))
def uid_of_frame_malformed(study): set_all(study['stir'], FrameOfReferenceUID=UID('1.2.826..77.'))


NO_FRAME = Right(says=NAMED_FRAME, or_refused=NAMED_FRAME, pages=True)


@case('no-frame-of-reference', WORDS, 'composed', 'a de-identifier removed it', NO_FRAME)
def no_frame_of_reference(study): remove(everything(study), 'FrameOfReferenceUID', 'PositionReferenceIndicator')


@sibling('no-frame-of-reference', 'empty-frame-of-reference', 'it left the element, empty', base='stations')
def empty_frame_of_reference(study): set_all(everything(study), FrameOfReferenceUID='')


@sibling('no-frame-of-reference', 'no-frame-of-reference-of-others', 'only T1, diffusion and ADC lack it',
         Right(like='full', t1='same or said', adc='same or said', or_says=NAMED_FRAME), 'full')
def no_frame_of_reference_of_others(study):
    remove([d for role, images in study.items() if role != 'stir' for d in images], 'FrameOfReferenceUID')


@sibling('no-frame-of-reference', 'no-dates', 'it emptied Study Date, Birth Date and the times', Right(pages=True, undated=True))
def no_dates(study):
    set_all(everything(study), StudyDate='', StudyTime='', PatientBirthDate='')
    remove(everything(study), 'SeriesDate', 'SeriesTime', 'ContentDate', 'ContentTime', 'AcquisitionDate', 'AcquisitionTime')


NAMED_SET = 'haracter|0008,0005|0010,0010'
REPAIRED = Right(says=NAMED_SET, or_refused=NAMED_SET, pages=True)


@case('latin1-as-utf8', WORDS, 'composed', 'ISO_IR 192 declared, Latin 1 sent', REPAIRED)
def latin1_as_utf8(study):
    for d in everything(study):
        d.SpecificCharacterSet = 'ISO_IR 192'
        as_bytes(d, 'PatientName', 'PN', 'BÄRENTÖTER^JÖRG'.encode('latin-1'))
        as_bytes(d, 'StudyDescription', 'LO', 'MR Ganzkörper'.encode('latin-1'))


@sibling('latin1-as-utf8', 'shift-jis-undeclared', 'Shift_JIS bytes and no Specific Character Set')
def shift_jis_undeclared(study):
    for d in everything(study):
        remove([d], 'SpecificCharacterSet')
        as_bytes(d, 'PatientName', 'PN', 'YAMADA^TAROU=山田^太郎'.encode('shift_jis'))


@sibling('latin1-as-utf8', 'utf8-cut', 'a name in UTF-8, cut in the middle of a character')
def utf8_cut(study):
    for d in everything(study):
        d.SpecificCharacterSet = 'ISO_IR 192'
        as_bytes(d, 'PatientName', 'PN', 'HÄUSLERÜ'.encode()[:-1])


@sibling('latin1-as-utf8', 'latin1-undeclared', 'Latin 1 and no Specific Character Set')
def latin1_undeclared(study):
    for d in everything(study):
        remove([d], 'SpecificCharacterSet')
        as_bytes(d, 'PatientName', 'PN', 'BÄRENTÖTER^JÖRG'.encode('latin-1'))


@case('charset-misspelt', WORDS, 'composed', 'ISO_IR_100, all text is ASCII', Right(pages=True))
def charset_misspelt(study):
    for d in everything(study):
        d.StudyDescription = 'MR whole body'
        as_bytes(d, 'SpecificCharacterSet', 'CS', b'ISO_IR_100')


@sibling('charset-misspelt', 'charset-without-spaces', 'ISO2022IR100, with umlauts in Latin 1', REPAIRED)
def charset_without_spaces(study):
    for d in everything(study):
        as_bytes(d, 'PatientName', 'PN', 'BÄRENTÖTER^JÖRG'.encode('latin-1'))
        as_bytes(d, 'SpecificCharacterSet', 'CS', b'ISO2022IR100')


@sibling('charset-misspelt', 'charset-utf-8', 'utf-8, with umlauts in UTF-8', REPAIRED)
def charset_utf_8(study):
    for d in everything(study):
        as_bytes(d, 'PatientName', 'PN', 'BÄRENTÖTER^JÖRG'.encode())
        as_bytes(d, 'SpecificCharacterSet', 'CS', b'utf-8')


@sibling('charset-misspelt', 'charset-of-two', 'ISO_IR 192\\ISO_IR 100, which may not stand together; ASCII text', Right(pages=True))
def charset_of_two(study):
    for d in everything(study):
        d.StudyDescription = 'MR whole body'
        as_bytes(d, 'SpecificCharacterSet', 'CS', b'ISO_IR 192\\ISO_IR 100')
