#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of the skeleton network in torch: torch_network.py float32|bfloat16 ROWS COLUMNS SLICES prints ms of processor time a slice.

Random weights: the time does not depend on them. What a user of torch would do for speed is done: no gradients, traced, frozen (which
joins BatchNorm with the convolutions), features with channels last, one thread, as for the other sides.
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'pipelines', 'training'))

import torch  # noqa: E402

import network  # noqa: E402


def main():
    precision, (rows, columns, slices) = sys.argv[1], map(int, sys.argv[2:5])
    torch.manual_seed(1)
    torch.set_num_threads(1)
    kind = torch.bfloat16 if precision == 'bfloat16' else torch.float32
    net = network.MeanOf([network.PlainNet(), network.SlimNet()]).eval().to(kind).to(memory_format=torch.channels_last)
    x = torch.rand(1, network.IN_CHANNELS, rows, columns).to(kind).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        try:
            net = torch.jit.freeze(torch.jit.trace(net, x))
            net(x)
        except RuntimeError as error:  # An older torch cannot freeze every precision.
            print(f'not frozen: {str(error).splitlines()[-1]}', file=sys.stderr)
        for _ in range(2):
            net(x)
        start = time.process_time()
        for _ in range(slices):
            net(x)
    print(f'{1000 * (time.process_time() - start) / slices:.2f}')


main()
