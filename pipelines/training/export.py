# SPDX-License-Identifier: GPL-3.0-or-later
"""Write trained networks as one ONNX file with its card, the mean of their logits: export.py CHECKPOINT [CHECKPOINT ...] OUT_DIR --data DIR [--data DIR ...] [--version V] [--name skeleton]

The weights are the running mean over training steps. Their activations vary less than those of the steps, so the
statistics of batch normalisation are measured anew with them; without that the network is far too unsure.
"""
import argparse
import hashlib
import json
import os

import numpy as np
import torch

import labels
import network
import patches


def measure_statistics(net, folders, batches, threads):
    """Batch-normalisation statistics of these weights over fresh training patches."""
    torch.set_num_threads(threads)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None      # plain average over the batches
    sources = [patches.Studies(f) for f in folders]
    for s in sources:
        s.refresh(60)
    rng = np.random.default_rng(7)
    net.train()
    with torch.no_grad():
        for _ in range(batches):
            batch = [patches.draw(sources[i % len(sources)], rng)[0] for i in range(6)]
            net(torch.stack(batch))


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("checkpoints", nargs="+")
    ap.add_argument("out_dir")
    ap.add_argument("--version", default="1")
    ap.add_argument("--name", default="skeleton")
    ap.add_argument("--data", action="append", required=True, help="as in train.py")
    ap.add_argument("--batches", type=int, default=40)
    ap.add_argument("--threads", type=int, default=1)
    a = ap.parse_args()
    net = network.MeanOf([network.with_weights(torch.load(c, map_location="cpu")["mean"]) for c in a.checkpoints])
    measure_statistics(net, a.data, a.batches, a.threads)
    net.eval()
    path = os.path.join(a.out_dir, a.name + ".onnx")
    torch.onnx.export(net, torch.zeros(1, network.IN_CHANNELS, 64, 64), path, opset_version=11, input_names=["input"],
                      output_names=["logits"], do_constant_folding=True)
    with open(path, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    card = dict(version=a.version, file=a.name + ".onnx", sha256=digest, input_channels=network.IN_CHANNELS,
                outputs=labels.CLASSES + [f"lesion_{i}" for i in range(4)])
    with open(os.path.join(a.out_dir, a.name + ".json"), "w") as f:
        json.dump(card, f, indent=1)
        f.write("\n")
    print(path, os.path.getsize(path), digest)


if __name__ == "__main__":
    main()
