# SPDX-License-Identifier: GPL-3.0-or-later
"""A network that finds no body: the analysis reads, chooses, composes and reports as usual, but says "not evaluable" at once.

For tests of a study's headers: the real network takes most of the time of an analysis.
"""
import hashlib
import json
import os
import shutil
import struct


def number(field, value):
    """One varint field of a protocol buffer."""
    return varint(field << 3) + varint(value)


def varint(value):
    out = b''
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def block(field, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def tensor(name, dims, values):
    return b''.join(number(1, d) for d in dims) + number(2, 1) + block(8, name) + block(9, struct.pack(f'<{len(values)}f', *values))


def image(name, channels):
    dims = block(1, number(1, 1)) + block(1, number(1, channels)) + block(1, block(2, 'rows')) + block(1, block(2, 'columns'))
    return block(1, name) + block(2, block(1, number(1, 1) + block(2, dims)))


def onnx(inputs, outputs):
    """One 1 x 1 convolution with weights 0 (field numbers: onnx.proto); the first class is the largest everywhere."""
    kernel = block(1, 'kernel_shape') + number(8, 1) + number(8, 1) + number(20, 7)
    node = block(1, 'x') + block(1, 'w') + block(1, 'b') + block(2, 'y') + block(4, 'Conv') + block(5, kernel)
    bias = [9.0] + [-9.0] * (outputs - 1)
    graph = (block(1, node) + block(2, 'empty') + block(5, tensor('w', (outputs, inputs, 1, 1), [0.0] * (outputs * inputs))) +
             block(5, tensor('b', (outputs,), bias)) + block(11, image('x', inputs)) + block(12, image('y', outputs)))
    return number(1, 6) + block(7, graph) + block(8, number(2, 11))


def write(folder, models):
    """Writes it next to copies of the other cards of `models`, the folder of the real networks."""
    shutil.copytree(models, folder)
    with open(os.path.join(models, 'skeleton.json')) as f:
        card = json.load(f)
    content = onnx(card['input_channels'], len(card['outputs']))
    with open(os.path.join(folder, card['file']), 'wb') as f:
        f.write(content)
    with open(os.path.join(folder, 'skeleton.json'), 'w') as f:
        json.dump({**card, 'sha256': hashlib.sha256(content).hexdigest()}, f)
    return folder
