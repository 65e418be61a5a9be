# SPDX-License-Identifier: GPL-3.0-or-later
"""The network: a 2-D U-Net of BatchNorm, max pooling and nearest upsampling, which OpenCV 4.6 can run.

Input  [N, 10, H, W] on the 4 mm grid: the slice's four 2 mm sub-pixels, the slices 1 and 2 before and after (means of
       the sub-pixels), and the signed distances from the body's middle in x and y.
Output [N, 30, H, W]: logits of the 26 classes of labels.py, then the lesion logits of the four sub-pixels.
"""
import torch
from torch import nn

import labels

IN_CHANNELS = 10
OUT_CHANNELS = len(labels.CLASSES) + 4
WIDTHS = (16, 32, 64, 96, 128)


def block(i, o, activation=nn.ReLU):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), activation(),
                         nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), activation())


def leaky():
    """For the last block: with plain ReLU the rare lesion pixels end where all features are 0 and no gradient flows."""
    return nn.LeakyReLU(.1)


class SkeletonNet(nn.Module):
    def __init__(self, widths=WIDTHS):
        super().__init__()
        ins = (IN_CHANNELS,) + widths[:-1]
        self.down = nn.ModuleList(block(i, o) for i, o in zip(ins, widths))
        self.up = nn.ModuleList(block(a + b, a, leaky if a == widths[0] else nn.ReLU)
                                for a, b in zip(widths[-2::-1], widths[:0:-1]))
        self.out = nn.Conv2d(widths[0], OUT_CHANNELS, 1)

    def forward(self, x):
        skips = []
        for level, down in enumerate(self.down):
            x = down(nn.functional.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for level, up in enumerate(self.up):
            x = nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = up(torch.cat([x, skips[-2 - level]], 1))
        return self.out(x)
