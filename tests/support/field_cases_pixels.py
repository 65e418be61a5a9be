# SPDX-License-Identifier: GPL-3.0-or-later
"""Field cases of pixels: padding, bits, scaling, partly covered bodies."""
import numpy as np

from field_cases import PIXELS, Right, case, sibling
from field_study import describe, enhanced, everything, item, pixels, put, put12, remove, set_all


def air_beside_legs(shape):
    mask = np.zeros(shape, bool)
    edge = shape[1] // 13
    mask[3 * shape[0] // 5:, :edge] = mask[3 * shape[0] // 5:, -edge:] = True
    return mask


def padded(images, value, dtype, limit=None, **header):
    for d in images:
        a = pixels(d)
        air = air_beside_legs(a.shape)
        a[air] = value if limit is None else np.linspace(value, limit, int(air.sum())).round()
        put(d, a, dtype)
        vr = 'SS' if 'i' in dtype else 'US'
        d.add_new(0x00280120, vr, value)
        if limit is not None:
            d.add_new(0x00280121, vr, limit)
    set_all(images, PixelRepresentation=1 if 'i' in dtype else 0, **header)


@case('pixel-padding', PIXELS, 'composed', 'a workstation filled the air with Pixel Padding Value -32768')
def pixel_padding(study): padded(study['stir'], -32768, '<i2', BitsStored=16, HighBit=15)


@sibling('pixel-padding', 'pixel-padding-white', 'Pixel Padding Value 4095 of 12 bits')
def pixel_padding_white(study): padded(study['stir'], 4095, '<u2')


@sibling('pixel-padding', 'pixel-padding-range', 'a range: 3900 to 4095')
def pixel_padding_range(study): padded(study['stir'], 3900, '<u2', 4095)


@sibling('pixel-padding', 'pixel-padding-of-others', 'T1 and ADC padded with 32767, with a Rescale Slope of 0.5', Right(t1='same', adc='same'), 'full')
def pixel_padding_of_others(study):
    for role in ('t1', 'adc'):
        for d in study[role]:
            put(d, 2 * pixels(d))
            d.RescaleSlope, d.RescaleIntercept = '0.5', '0'
        padded(study[role], 32767, '<i2', BitsStored=16, HighBit=15)


@case('bits-above-high-bit', PIXELS, 'composed', 'Bits Stored 12, values to 9000')
def bits_above_high_bit(study):
    highest = max(d.pixel_array.max() for d in study['stir'])
    for d in study['stir']:
        put(d, pixels(d) * 9000 / highest)
    set_all(study['stir'], BitsStored=12, HighBit=11)


@sibling('bits-above-high-bit', 'ten-bits-promised', 'Bits Stored 10, values to 4095')
def ten_bits_promised(study): set_all(study['stir'], BitsStored=10, HighBit=9)


@sibling('bits-above-high-bit', 'overlay-in-the-pixels', 'an overlay in bit 12 of the pixels, as old stations write it')
def overlay_in_the_pixels(study):
    for d in study['stir']:
        a = d.pixel_array.astype('<u2')
        a[a.shape[0] // 3:a.shape[0] // 3 + 12, a.shape[1] // 3:a.shape[1] // 2] |= 1 << 12
        d.PixelData = a.tobytes()
        d.add_new(0x60000010, 'US', a.shape[0])
        d.add_new(0x60000011, 'US', a.shape[1])
        d.add_new(0x60000040, 'CS', 'G')
        d.add_new(0x60000050, 'SS', [1, 1])
        d.add_new(0x60000100, 'US', 16)
        d.add_new(0x60000102, 'US', 12)
    set_all(study['stir'], BitsStored=12, HighBit=11)


@sibling('bits-above-high-bit', 'bits-at-the-top', 'Bits Stored 12 and High Bit 15: the value is in the upper bits',
         Right(or_refused='High Bit|0028,0102'))
def bits_at_the_top(study):
    for d in study['stir']:
        put(d, pixels(d) * 16)
    set_all(study['stir'], BitsStored=12, HighBit=15)


SAME_ADC = Right(adc='same')


def philips_adc_of(images, slope=1.0808):
    describe(images, 'dADC')
    set_all(images, ImageType=['DERIVED', 'PRIMARY', 'ADC', 'ADC', 'UNSPECIFIED'])
    for d in images:
        put(d, pixels(d) / slope)


def private_scale(d, slope):
    block = d.private_block(0x2005, 'Philips MR Imaging DD 001', create=True)
    block.add_new(0x0D, 'FL', 0.0)
    block.add_new(0x0E, 'FL', slope)


def real_world(slope, code):
    units = item(CodeValue=code, CodingSchemeDesignator='UCUM', CodeMeaning=code)
    mapping = item(RealWorldValueIntercept=0.0, RealWorldValueSlope=slope, LUTExplanation='ADC', LUTLabel='ADC', MeasurementUnitsCodeSequence=units)
    mapping[0].add_new(0x00409216, 'US', 0)
    mapping[0].add_new(0x00409211, 'US', 4095)
    return mapping


@case('philips-adc', PIXELS, 'full', 'Philips ADC map: Rescale Slope gives the ADC, and there is also the private scale slope', SAME_ADC)
def philips_adc(study):
    set_all(everything(study), Manufacturer='Philips Medical Systems')
    philips_adc_of(study['adc'])
    set_all(study['adc'], RescaleSlope='1.0808', RescaleIntercept='0', RescaleType='normalized')
    for d in study['adc']:
        private_scale(d, 0.0190212)


@sibling('philips-adc', 'philips-slope-per-slice', 'Philips STIR: Rescale Slope and private scale slope differ from slice to slice, their product does not',
         Right(), 'composed')
def philips_slope_per_slice(study):
    set_all(everything(study), Manufacturer='Philips Medical Systems')
    for n, d in enumerate(study['stir']):
        slope = (1.0, 1.3, 1.6)[n % 3]
        put(d, pixels(d) / slope)
        d.RescaleSlope, d.RescaleIntercept, d.RescaleType = f'{slope:g}', '0', 'normalized'
        private_scale(d, 0.02 / slope)


@sibling('philips-adc', 'philips-adc-real-world-values', 'no Rescale Slope; the Real World Value Mapping has it', Right(adc='same or said'))
def philips_adc_real_world_values(study):
    philips_adc_of(study['adc'])
    remove(study['adc'], 'RescaleSlope', 'RescaleIntercept', 'RescaleType')
    for d in study['adc']:
        d.Manufacturer, d.RealWorldValueMappingSequence = 'Philips Medical Systems', real_world(1.0808, 'um2/s')
        private_scale(d, 0.0190212)


@sibling('philips-adc', 'philips-adc-enhanced', 'the map as one enhanced object, rescale per frame', Right(adc='same', evidence=False))
def philips_adc_enhanced(study):
    philips_adc_of(study['adc'])
    set_all(study['adc'], Manufacturer='Philips Medical Systems', RescaleSlope='1.0808', RescaleIntercept='0', RescaleType='normalized')
    study['adc'] = [enhanced(study['adc'])]
    private_scale(study['adc'][0], 0.0190212)


@case('adc-in-mm2-per-s', PIXELS, 'full', 'ADC map in 10-3 mm2/s', SAME_ADC)
def adc_in_mm2_per_s(study): set_all(study['adc'], RescaleSlope='0.001', RescaleIntercept='0')


@sibling('adc-in-mm2-per-s', 'adc-in-plain-mm2-per-s', 'in mm2/s: Rescale Slope 0.000001')
def adc_in_plain_mm2_per_s(study): set_all(study['adc'], RescaleSlope='0.000001', RescaleIntercept='0')


@sibling('adc-in-mm2-per-s', 'adc-with-rescale-type', 'Rescale Type says "10^-3 mm2/s", in an enhanced object', Right(adc='same', evidence=False))
def adc_with_rescale_type(study):
    set_all(study['adc'], RescaleSlope='0.001', RescaleIntercept='0', RescaleType='10^-3 mm2/s')
    study['adc'] = [enhanced(study['adc'])]


@sibling('adc-in-mm2-per-s', 'adc-with-units-code', 'Real World Value Mapping in mm2/s, no Rescale Slope; stored as 10-6 mm2/s')
def adc_with_units_code(study):
    remove(study['adc'], 'RescaleSlope', 'RescaleIntercept')
    for d in study['adc']:
        d.RealWorldValueMappingSequence = real_world(1e-6, 'mm2/s')


LEGS = 'tibia|foot'
NOT_COVERED = r'(ADC|T1|diffusion|b ?800).*(cover|outside|not imaged)'


@case('adc-of-the-trunk-only', PIXELS, 'full', 'diffusion covers the trunk; knees and feet have none',
      Right(apart=('pair', LEGS), says=NOT_COVERED, evidence=False))
def adc_of_the_trunk_only(study):
    for role in ('b50', 'b800', 'adc'):
        study[role] = [d for d in study[role] if float(d.ImagePositionPatient[2]) >= -100]


@sibling('adc-of-the-trunk-only', 't1-of-the-trunk-only', 'T1 covers the trunk only', Right(apart=('no-t1', LEGS), says=NOT_COVERED))
def t1_of_the_trunk_only(study):
    for d in study['t1']:
        a = pixels(d)
        rows = round(0.5 * a.shape[0])
        put12(d, a[:rows])


@sibling('adc-of-the-trunk-only', 'adc-masked', 'the ADC map is 0 where b50 is noise, and all of it is 0 below the knees', Right(apart=('pair', LEGS)))
def adc_masked(study):
    for d, low in zip(study['adc'], study['b50']):
        a, signal = pixels(d), pixels(low)
        a[signal < 0.05 * signal.max()] = 0
        put12(d, a * (float(d.ImagePositionPatient[2]) >= -350))


@sibling('adc-of-the-trunk-only', 'adc-narrow', 'diffusion with a field of view of the spine only: tibia and feet are beside it',
         Right(apart=('pair', 'tibia|foot'), says=NOT_COVERED))
def adc_narrow(study):
    for role in ('b50', 'b800', 'adc'):
        for d in study[role]:
            a = pixels(d)
            cut = round(0.4 * a.shape[1])
            pitch = float(d.PixelSpacing[1])
            row = np.array(d.ImageOrientationPatient[:3], float)
            d.ImagePositionPatient = [f'{v:.6g}' for v in np.array(d.ImagePositionPatient, float) + cut * pitch * row]
            put12(d, a[:, cut:-cut])
