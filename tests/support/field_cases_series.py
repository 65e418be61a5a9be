# SPDX-License-Identifier: GPL-3.0-or-later
"""Field cases of what a series is: contrast, Dixon parts, words of the description."""
import numpy as np

from field_cases import Right, SELECTION, case, sibling
from field_study import (Dixon, T1_DIXON, T2_DIXON, describe, dixon_series, enhanced, everything, interleaved, keep,
                         pixels, remove, set_all, stations)


@case('image-filter', SELECTION, 'stations', 'Siemens with the image filter on: Image Type ends in FM\\FIL')
def image_filter(study):
    set_all(everything(study), ImageType=['ORIGINAL', 'PRIMARY', 'M', 'ND', 'NORM', 'FM', 'FIL'])


@sibling('image-filter', 'image-filter-numbered', 'the filter of another strength: FM4_1\\FIL, with distortion correction')
def image_filter_numbered(study):
    set_all(everything(study), ImageType=['ORIGINAL', 'PRIMARY', 'M', 'NORM', 'DIS2D', 'FM4_1', 'FIL'])


@sibling('image-filter', 'image-filter-enhanced', 'enhanced multi-frame, FM\\FIL in Image Type and Frame Type', Right(evidence=False))
def image_filter_enhanced(study):
    kind = ['ORIGINAL', 'PRIMARY', 'M', 'NONE', 'FM', 'FIL']
    for role, images in study.items():
        set_all(images, ImageType=kind)
        study[role] = [enhanced(images)]


@sibling('image-filter', 'phase-in-one-series', 'magnitude and phase in one series')
def phase_in_one_series(study):
    for role, images in study.items():
        arrays = [pixels(d) for d in images]
        study[role] = interleaved(study, images, [
            (['ORIGINAL', 'PRIMARY', 'P', 'ND', 'PHASE'], lambda n, a=arrays: 2048 + 2000 * np.sin(a[n] / 40)),
            (['ORIGINAL', 'PRIMARY', 'M', 'ND', 'NORM'], lambda n, a=arrays: a[n])])


@case('station-named-exp', SELECTION, 'stations', 'breath-hold stations named "_exp"')
def station_named_exp(study):
    for number, words in ((1, 'thorax'), (2, 'abdomen')):
        describe(stations(study)[number], f'STIR_cor_{words}_BH_exp')


@sibling('station-named-exp', 'station-named-regions', 'regions whose words are words of localisers: "hip loc", "plantar", "planum"')
def station_named_regions(study):
    for images, words in zip(stations(study), ('planum head', 'STIR cor chest', 'STIR hip loc left+right', 'STIR knee survey area', 'STIR_plantar_feet')):
        describe(images, words)


@sibling('station-named-exp', 'station-named-direction', 'dir as direction, "fl" and "map" of the site\'s own naming')
def station_named_direction(study):
    for n, images in enumerate(stations(study)):
        describe(images, ('STIR dir HF', 'MAP2 STIR dir FH', 'STIR fl pt 3', 'STIR field2 map', 'STIR dir HF feet')[n % 5])


@sibling('station-named-exp', 'station-named-block', 'stations called block B1 to B5, "diff pos", at Waterford')
def station_named_block(study):
    for n, images in enumerate(stations(study)):
        describe(images, f'Waterford STIR diff pos B{n + 1} trace')


@case('inversion-time-zero', SELECTION, 'composed', 'an archive or de-identifier wrote Inversion Time 0')
def inversion_time_zero(study):
    set_all(everything(study), InversionTime='0')
    describe(everything(study), 'COR STIR WB')


@sibling('inversion-time-zero', 'inversion-time-absurd', 'Inversion Time 99999, name STIR')
def inversion_time_absurd(study):
    set_all(everything(study), InversionTime='99999')
    describe(everything(study), 'COR STIR WB')


@sibling('inversion-time-zero', 'inversion-time-many', 'Inversion Time 0\\165')
def inversion_time_many(study):
    set_all(everything(study), InversionTime=['0', '165'])
    describe(everything(study), 'COR STIR WB')


@sibling('inversion-time-zero', 'inversion-and-echo-time-empty', 'Inversion Time empty and Echo Time 0')
def inversion_and_echo_time_empty(study):
    set_all(everything(study), InversionTime=None, EchoTime='0')
    describe(everything(study), 'TIRM cor Ganzkoerper')


GE_WATER = dict(Manufacturer='GE MEDICAL SYSTEMS', ScanningSequence='SE', SequenceVariant='SK', RepetitionTime='4000', EchoTime='85')
GE_TYPE = ['ORIGINAL', 'PRIMARY', 'OTHER']


@case('ge-water-prefix', SELECTION, 'composed', 'GE IDEAL or Flex: one series per component, "WATER: ..."')
def ge_water_prefix(study):
    images = everything(study)
    set_all(images, ImageType=GE_TYPE, **GE_WATER)
    remove(images, 'InversionTime')
    set_all(images, SeriesDescription='WATER: Cor T2 IDEAL WB', ProtocolName='WB')


@sibling('ge-water-prefix', 'ge-four-components', 'all four of them: FAT:, InPhase:, OutPhase: beside WATER:, fat first', Right(like='composed'), 'pair')
def ge_four_components(study):
    parts, stir = Dixon(study), study['stir']
    made = {word: dixon_series(study, stir, word, 20 + n, f'{word}: Cor T2 IDEAL WB', GE_TYPE, values, **GE_WATER)
            for n, (word, values) in enumerate((('FAT', parts.f), ('InPhase', parts.ip), ('OutPhase', parts.op), ('WATER', parts.w)))}
    study.clear()
    study.update(made)


@sibling('ge-water-prefix', 'siemens-dixon-suffix', 'Siemens: _F, _in, _opp, _W behind the name, all with Image Type M', Right(like='composed'), 'pair')
def siemens_dixon_suffix(study):
    parts, stir = Dixon(study), study['stir']
    made = {word: dixon_series(study, stir, word, 20 + n, f't2_tse_dixon_cor_320_{word}', ['ORIGINAL', 'PRIMARY', 'M', 'NORM', 'DIS2D'], values, **T2_DIXON)
            for n, (word, values) in enumerate((('F', parts.f), ('in', parts.ip), ('opp', parts.op), ('W', parts.w)))}
    study.clear()
    study.update(made)


@sibling('ge-water-prefix', 'enhanced-dixon-series', 'enhanced, one object per part, distinguished only by the Frame Type: DIXON\\WATER', Right(like='composed', evidence=False), 'pair')
def enhanced_dixon_series(study):
    parts, stir = Dixon(study), study['stir']
    made = {}
    for n, (word, values) in enumerate((('FAT', parts.f), ('IN_PHASE', parts.ip), ('OUT_PHASE', parts.op), ('WATER', parts.w))):
        images = dixon_series(study, stir, word, 20 + n, 'T2 TSE COR GK', ['DERIVED', 'PRIMARY', 'DIXON', word], values, **T2_DIXON)
        made[word.lower()] = [enhanced(images)]
    study.clear()
    study.update(made)


def one_series_dixon(study, order, words, physics, types):
    """Replaces the STIR (T2) or the T1 by Dixon parts in one series, in this order."""
    parts = Dixon(study)
    values = {'W': parts.w, 'F': parts.f, 'IP': parts.ip, 'OP': parts.op}
    images = study['stir' if physics is T2_DIXON else 't1']
    set_all(images, **physics)
    remove(images, 'InversionTime')
    describe(images, words)
    return interleaved(study, images, [(types(p), values[p]) for p in order])


def philips_type(part): return ['DERIVED', 'PRIMARY', part, part, 'DERIVED']


STANDARD_WORD = {'W': 'WATER', 'F': 'FAT', 'IP': 'IN_PHASE', 'OP': 'OUT_PHASE'}


@case('t2-mdixon-in-one-series', SELECTION, 'pair', 'Philips T2 mDIXON: W, F, IP, OP in one series', Right(like='composed'))
def t2_mdixon_in_one_series(study):
    made = one_series_dixon(study, ('W', 'F', 'IP', 'OP'), 'T2W_TSE_mDIXON_COR', T2_DIXON, philips_type)
    keep(study)
    study['dixon'] = made


@sibling('t2-mdixon-in-one-series', 't2-dixon-water-last', 'the same in standard terms, water last')
def t2_dixon_water_last(study):
    made = one_series_dixon(study, ('F', 'OP', 'IP', 'W'), 'T2 TSE Dixon', T2_DIXON, lambda p: ['DERIVED', 'PRIMARY', 'DIXON', STANDARD_WORD[p]])
    keep(study)
    study['dixon'] = made


@sibling('t2-mdixon-in-one-series', 't2-dixon-one-enhanced-object', 'all four parts in one enhanced object, Image Type MIXED', Right(like='composed', evidence=False))
def t2_dixon_one_enhanced_object(study):
    made = one_series_dixon(study, ('OP', 'W', 'IP', 'F'), 'COR GK', T2_DIXON, lambda p: ['DERIVED', 'PRIMARY', 'DIXON', STANDARD_WORD[p]])
    made.sort(key=lambda d: int(d.InstanceNumber))
    keep(study)
    study['dixon'] = [enhanced(made, ['DERIVED', 'PRIMARY', 'DIXON', 'MIXED'])]


@sibling('t2-mdixon-in-one-series', 't2-dixon-without-words', 'water and fat in one series, distinguished only by Image Type')
def t2_dixon_without_words(study):
    made = one_series_dixon(study, ('F', 'W'), 'TSE COR GK', T2_DIXON, lambda p: ['ORIGINAL', 'PRIMARY', p, 'NONE'])
    keep(study)
    study['dixon'] = made


IN_PHASE = Right(like='pair-in-phase', t1='same')


@case('t1-mdixon-in-one-series', SELECTION, 'pair', 'Philips T1 mDIXON: IP is the T1, the others are not', IN_PHASE)
def t1_mdixon_in_one_series(study):
    study['t1'] = one_series_dixon(study, ('IP', 'OP', 'W', 'F'), 'T1_mDIXON_WB', T1_DIXON, philips_type)
    keep(study, 'stir', 't1')


@sibling('t1-mdixon-in-one-series', 't1-dixon-in-phase-last', 'the in-phase image last, out-of-phase first')
def t1_dixon_in_phase_last(study):
    study['t1'] = one_series_dixon(study, ('OP', 'F', 'W', 'IP'), 'T1_mDIXON_WB', T1_DIXON, philips_type)
    keep(study, 'stir', 't1')


@sibling('t1-mdixon-in-one-series', 't1-dixon-four-series', 'Siemens VIBE Dixon, four series, out-of-phase the newest')
def t1_dixon_four_series(study):
    parts, t1 = Dixon(study), study['t1']
    keep(study, 'stir')
    for n, (word, values) in enumerate((('in', parts.ip), ('W', parts.w), ('F', parts.f), ('opp', parts.op))):
        study[word] = dixon_series(study, t1, word, 20 + n, f't1_vibe_dixon_cor_{word}', ['DERIVED', 'PRIMARY', 'M', 'DIXON'], values, **T1_DIXON)


@sibling('t1-mdixon-in-one-series', 't1-dual-echo', 'GE dual echo, two echo times in one series: 2.3 ms is out of phase, 4.6 ms in phase at 1.5 T',
         Right(like='pair-in-phase', t1='same or said', evidence=False))
def t1_dual_echo(study):
    parts, t1 = Dixon(study), study['t1']
    set_all(t1, Manufacturer='GE MEDICAL SYSTEMS', **{**T1_DIXON, 'RepetitionTime': '150'})
    describe(t1, 'COR T1 DUAL ECHO')
    both = interleaved(study, t1, [(GE_TYPE, parts.op), (GE_TYPE, parts.ip)])
    for n, d in enumerate(both):
        d.EchoTime, d.EchoNumbers = (('2.3', '1'), ('4.6', '2'))[n % 2]
    keep(study, 'stir')
    study['t1'] = both
