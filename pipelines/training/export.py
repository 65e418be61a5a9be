# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a trained network as ONNX with its card: export.py CHECKPOINT OUT_DIR [--version V] [--name skeleton]"""
import argparse
import hashlib
import json
import os

import torch

import labels
import network


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("checkpoint")
    ap.add_argument("out_dir")
    ap.add_argument("--version", default="1")
    ap.add_argument("--name", default="skeleton")
    a = ap.parse_args()
    net = network.SkeletonNet()
    net.load_state_dict(torch.load(a.checkpoint, map_location="cpu")["mean"])
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
