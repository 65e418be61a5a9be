# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks: 2-D U-Nets of BatchNorm, max pooling and nearest upsampling, which OpenCV 4.6 can run. The product runs the mean of both.

Input  [N, 10, H, W] on the 4 mm grid: the slice's four 2 mm sub-pixels, the slices 1 and 2 before and after (means of
       the sub-pixels), and the signed distances from the body's middle in x and y.
Output [N, 30, H, W]: logits of the 26 classes of labels.py, then the lesion logits of the four sub-pixels.

PlainNet has two convolutions on each level, down and up, and stacked skips. SlimNet takes a third of its time: layers at full resolution are bound by memory, so each level
but the deepest ones has one convolution on the way down and one on the way up, and skips are added (README.md has the times). They err in different places: together
they make about a quarter of the false marks of either at the same sensitivity (config/models/README.md).
"""
import torch
from torch import nn

import labels

IN_CHANNELS = 10
OUT_CHANNELS = len(labels.CLASSES) + 4
PLAIN_WIDTHS = (16, 32, 64, 96, 128)
SLIM_WIDTHS = (16, 24, 48, 112, 160)
SLIM_DEPTHS = (1, 1, 2, 2, 2)       # convolutions of each level on the way down


def block(i, o, depth=1, activation=nn.ReLU):
    layers = []
    for n in range(depth):
        layers += [nn.Conv2d(o if n else i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), activation()]
    return nn.Sequential(*layers)


def leaky():
    """For the last block: with plain ReLU the rare lesion pixels end where all features are 0 and no gradient flows."""
    return nn.LeakyReLU(.1)


class Twice(torch.autograd.Function):
    """Nearest upsampling by 2. Its own backward pass takes half the time of torch's on a processor."""

    @staticmethod
    def forward(ctx, x):
        return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")

    @staticmethod
    def backward(ctx, gradient):
        return nn.functional.avg_pool2d(gradient, 2, divisor_override=1)


def twice(x):
    return Twice.apply(x) if torch.is_grad_enabled() else nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")


class PlainNet(nn.Module):
    def __init__(self, widths=PLAIN_WIDTHS):
        super().__init__()
        ins = (IN_CHANNELS,) + widths[:-1]
        self.down = nn.ModuleList(block(i, o, 2) for i, o in zip(ins, widths))
        self.up = nn.ModuleList(block(a + b, a, 2) for a, b in zip(widths[-2::-1], widths[:0:-1]))
        self.out = nn.Conv2d(widths[0], OUT_CHANNELS, 1)

    def forward(self, x):
        skips = []
        for level, down in enumerate(self.down):
            x = down(nn.functional.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for level, up in enumerate(self.up):
            x = twice(x)
            x = up(torch.cat([x, skips[-2 - level]], 1))
        return self.out(x)


class SlimNet(nn.Module):
    def __init__(self, widths=SLIM_WIDTHS, depths=SLIM_DEPTHS):
        super().__init__()
        ins = (IN_CHANNELS,) + widths[:-1]
        self.down = nn.ModuleList(block(i, o, d) for i, o, d in zip(ins, widths, depths))
        self.lift = nn.ModuleList(nn.Conv2d(b, a, 1, bias=False) for a, b in zip(widths[-2::-1], widths[:0:-1]))
        self.up = nn.ModuleList(block(a, a, 1, leaky if a == widths[0] else nn.ReLU) for a in widths[-2::-1])
        self.out = nn.Conv2d(widths[0], OUT_CHANNELS, 1)

    def forward(self, x):
        skips = []
        for level, down in enumerate(self.down):
            x = down(nn.functional.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for level, (lift, up) in enumerate(zip(self.lift, self.up)):
            x = twice(lift(x))
            x = up(x + skips[-2 - level])
        return self.out(x)


class MeanOf(nn.Module):
    """Mean of the logits of several networks."""

    def __init__(self, networks):
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, x):
        return sum(net(x) for net in self.networks) / len(self.networks)


SHAPES = {"plain": PlainNet, "slim": SlimNet}


def with_weights(state):
    """The network that a checkpoint's weights belong to; only the slim one lifts its deeper levels by convolutions of their own."""
    net = SHAPES["slim" if any(name.startswith("lift.") for name in state) else "plain"]()
    net.load_state_dict(state)
    return net
