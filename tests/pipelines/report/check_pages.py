# SPDX-License-Identifier: GPL-3.0-or-later
"""The look of a page: its colours for the colour-blind and in grey, its size, the note that it is unverified."""
import itertools
import os
import re
import unittest

import numpy as np
from objects_cases import SHOWN, SOURCE, documents, load_json, read

# Linear RGB as seen without red or green cones (Vienot, Brettel, Mollon 1999) or blue ones (Brettel 1997, one plane).
BLINDNESS = {
    'none': np.eye(3),
    'protanopia': np.array([[.11238, .88762, 0], [.11238, .88762, 0], [.00401, -.00401, 1]]),
    'deuteranopia': np.array([[.29275, .70725, 0], [.29275, .70725, 0], [-.02234, .02234, 1]]),
    'tritanopia': np.array([[1, .14461, -.14461], [0, .85924, .14076], [0, .85924, .14076]]),
}
JUST_APART = 10  # CIELAB distance; about 2.3 is the least that can be told apart side by side.


def colours():
    """Colour names of style.h with their values, and the colour of each class of change."""
    with open(os.path.join(SOURCE, 'pipelines', 'report', 'pages', 'style.h'), encoding='utf-8') as f:
        text = f.read()
    values = {name: np.array([float(v) for v in rgb.split(',')])
              for name, rgb in re.findall(r'Colour (k\w+)\{([^}]*)\}', text)}
    return values, dict(re.findall(r'case Change::(k\w+):\s*return (k\w+);', text))


def lab(rgb, matrix):
    linear = np.where(rgb <= .04045, rgb / 12.92, ((rgb + .055) / 1.055) ** 2.4)
    xyz = np.array([[.4124, .3576, .1805], [.2126, .7152, .0722], [.0193, .1192, .9505]]) @ np.clip(matrix @ linear, 0, 1)
    t = xyz / [.9505, 1, 1.089]
    f = np.where(t > .008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


class Pages(unittest.TestCase):

    def test_classes_of_change_can_be_told_apart_by_the_colour_blind(self):
        values, of_change = colours()
        classes = ['kNew', 'kWorse', 'kStable', 'kImproved', 'kResolved']
        for blindness, matrix in BLINDNESS.items():
            for a, b in itertools.combinations(classes, 2):
                apart = np.linalg.norm(lab(values[of_change[a]], matrix) - lab(values[of_change[b]], matrix))
                self.assertGreater(apart, JUST_APART, f'{blindness}: {a} and {b}')

    def test_every_page_says_in_colour_that_it_is_unverified(self):
        values, _ = colours()
        banner = np.round(values['kVermillion'] * 255)
        pages = 0
        for case in SHOWN:
            for name in documents(case):
                if name.startswith('sc-'):
                    top = read(case, name).pixel_array[:60, -300:].astype(int)
                    self.assertGreater((np.abs(top - banner).max(axis=-1) <= 1).mean(), .2, f'{case}/{name}')
                    pages += 1
        self.assertGreater(pages, 15)

    def test_then_is_shown_beside_now_as_large_and_as_grey(self):
        shown = {k['lesion']: k for k in load_json('then', 'truth.json')['key_images']}
        pages = {n: read('then', f'sc-{at + 2:02d}.dcm').pixel_array for at, n in enumerate(shown)}
        findings = load_json('then', 'findings.json')
        fresh = [l['number'] for l in findings['lesions'] if l['change'] == 'new']
        gone = [l['number'] for l in findings['prior']['resolved']]
        self.assertTrue(fresh and gone)
        for number, picture in shown.items():
            now, then = picture['plain'], picture['then']
            cuts = [pages[number][p['top']:p['top'] + p['height'], p['left']:p['left'] + p['width']].astype(int) for p in (then, now)]
            self.assertEqual(cuts[0].shape, cuts[1].shape)
            np.testing.assert_allclose(then['step_x'], now['step_x'])
            self.assertEqual(picture['outlined']['width'], 0 if number in gone else now['width'])
            # By likeness a place is found to some 3 mm; the slice is a whole one.
            near = [4, 9, 4] if number in fresh + gone else [.1, .1, .1]
            # The same place of the body, kThen away in the other coordinates.
            away = np.array(then['origin']) - now['origin'] + np.array(now['step_x']) * (then['left'] - now['left'])
            self.assertTrue((np.abs(away - [24, 16, -36]) <= near).all(), f'lesion {number}: {away}')
            rows = slice(now['height'] // 3, 2 * now['height'] // 3)  # Without captions and scale.
            apart = np.abs(cuts[0][rows, 40:-40] - cuts[1][rows, 40:-40])
            if number in gone:  # The lesion is in one of them only.
                self.assertGreater(apart.max(), 60)
            self.assertLess(np.median(apart), 3 if max(near) < 1 else 20, f'lesion {number}')

    def test_pages_fit_a_screen_and_a_sheet(self):
        for case in SHOWN:
            sizes = {read(case, n).pixel_array.shape for n in documents(case) if n.startswith('sc-')}
            self.assertLessEqual(sizes, {(1131, 1600, 3), (976, 1320, 3)}, case)
