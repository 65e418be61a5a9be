# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the network on the studies of studies.py (see README.md), up to a number of steps, in pieces of any length.

  train.py --data DIR [--data DIR ...] --out CHECKPOINT --steps N [--shape plain|slim] [--minutes N] [--start CHECKPOINT] [--seed N] [--threads N] [--workers N]

Each DIR gives the same share of the patches. A checkpoint that is there is resumed, at the step it was saved at (every 3 minutes, at the
end of --minutes and when it is asked to end); --start gives the weights to begin with when there is none. On a GPU when torch has one, else on --threads of the processor;
--workers processes cut the patches beside it. Exit code 0: all steps are done; 3: time is up, call again.
"""
import argparse
import copy
import os
import signal
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

import labels
import network
import patches

LESION_AT = len(labels.CLASSES)
LESION_NAME_WEIGHT = 6.0
TIME_IS_UP = 3
RAMP_STEPS, DECAY_SHARE = 100, .2       # of the rate: up over the first steps, down over the last fifth of all of them


def loss_of(logits, target, lesion, lesion_weight, weights, first_row=0):
    """The classes are compared in every second row, which halves the time of the loss; `first_row` (0 or 1) says in which."""
    rows = slice(first_row, None, 2)
    log_prob = logits[:, :LESION_AT, rows].float().log_softmax(1)
    lesion_here = F.avg_pool2d(lesion.amax(1, keepdim=True), 3, 1, 1)[:, 0, rows]
    target = target[:, rows]
    # Where a lesion hides the bone's own look its name is hardest to tell, and matters most.
    other = [c for c in range(LESION_AT) if not 1 <= c <= len(labels.BONES)]
    known = torch.cat([log_prob, log_prob[:, other].logsumexp(1, keepdim=True)], 1)     # the last one is labels.NOT_BONE
    pixel = weights[target] * (1 + LESION_NAME_WEIGHT * lesion_here)
    ce = (F.nll_loss(known, target, reduction="none") * pixel).sum() / pixel.sum()
    prob = log_prob.exp()
    flat = target.flatten()
    inter = torch.zeros(LESION_AT + 1, device=flat.device).index_add(0, flat, known.exp().gather(1, target[:, None]).flatten())[:LESION_AT]
    pixels = torch.bincount(flat, minlength=LESION_AT + 1)[:LESION_AT]
    counted = torch.ones(1, LESION_AT, 1, 1, device=flat.device).index_fill(1, torch.tensor(other, device=flat.device), 0.0)
    counted = torch.maximum(counted, (target != labels.NOT_BONE)[:, None].float())    # no soft tissue is wrong where none is known
    dice = 1 - ((2 * inter + 10) / ((prob * counted).sum((0, 2, 3)) + pixels + 10))[pixels > 20].mean()
    z = logits[:, LESION_AT:].float()
    bce = F.binary_cross_entropy_with_logits(z, lesion, pos_weight=torch.tensor(8.0, device=z.device), weight=lesion_weight)
    p = z.sigmoid() * lesion_weight
    lesion_dice = 1 - (2 * (p * lesion).sum() + 20) / (p.sum() + (lesion * lesion_weight).sum() + 20)
    return ce + dice + 4 * bce + .5 * lesion_dice, (ce.item(), dice.item(), bce.item(), lesion_dice.item())


def class_weights():
    w = np.ones(LESION_AT + 1, np.float32) * 2.0
    w[0] = w[labels.NOT_BONE] = .5
    w[1 + len(labels.BONES):LESION_AT] = 1.0
    for rare in ("clavicle", "sternum", "mandible", "hand", "scapula", "ribs", "forearm", "foot", "cervical_spine", "sacrum"):
        w[labels.CLASSES.index(rare)] = 3.0
    return torch.from_numpy(w)


def rate_at(step, steps, rate):
    left = (steps - step) / max(1.0, DECAY_SHARE * steps)
    return rate * min(1.0, (step + 1) / RAMP_STEPS) * min(1.0, max(.01, left))


def load(path, net, mean, opt, device):
    """Steps done: those of a checkpoint, 0 without one."""
    if not os.path.exists(path):
        return 0
    state = torch.load(path, map_location=device)
    net.load_state_dict(state["net"])
    mean.load_state_dict(state["mean"])
    opt.load_state_dict(state["opt"])
    return state["step"]


def save(path, net, mean, opt, done):
    torch.save(dict(net=net.state_dict(), mean=mean.state_dict(), opt=opt.state_dict(), step=done), path + ".tmp")
    os.replace(path + ".tmp", path)


def follow(mean, net, keep):
    with torch.no_grad():
        for m, p in zip(mean.state_dict().values(), net.state_dict().values()):
            m.lerp_(p, 1 - keep) if m.dtype.is_floating_point else m.copy_(p)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", action="append", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--steps", type=int, required=True)
    ap.add_argument("--minutes", type=float, default=1e9)
    ap.add_argument("--shape", choices=network.SHAPES, default="slim")
    ap.add_argument("--start", default="")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--workers", type=int, default=0)
    ap.add_argument("--batch", type=int, default=6)
    ap.add_argument("--first-studies", type=int, default=400, help="studies of each folder to begin with")
    ap.add_argument("--rate", type=float, default=2e-3)
    ap.add_argument("--mean-keep", type=float, default=.998, help="of the running mean, each step; less for short runs")
    a = ap.parse_args()
    start = last = time.monotonic()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = network.SHAPES[a.shape]().to(device, memory_format=torch.channels_last)
    mean = copy.deepcopy(net)
    opt = torch.optim.AdamW(net.parameters(), lr=a.rate, weight_decay=1e-3)
    done = load(a.out, net, mean, opt, device)
    if done == 0 and a.start:
        state = torch.load(a.start, map_location=device)["mean"]
        net.load_state_dict(state)
        mean.load_state_dict(state)
    weights = class_weights().to(device)
    drawn = iter(torch.utils.data.DataLoader(patches.Patches(a.data, (a.seed, done), a.first_studies), batch_size=a.batch, num_workers=a.workers))
    sums, count = np.zeros(4), 0
    stop = []       # a polite end keeps what was learnt
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    while done < a.steps and not stop and (time.monotonic() - start) / 60 < a.minutes:
        for group in opt.param_groups:
            group["lr"] = rate_at(done, a.steps, a.rate)
        x, target, lesion, lesion_weight = (t.to(device) for t in next(drawn))
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits = net(x.contiguous(memory_format=torch.channels_last))
        loss, parts = loss_of(logits, target, lesion, lesion_weight, weights, done % 2)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        done += 1
        follow(mean, net, min(a.mean_keep, done / (done + 20)))
        sums += parts
        count += 1
        if done % 25 == 0:
            print(f"{done} {(time.monotonic() - start) / 60:.1f} min: ce {sums[0]/count:.3f} dice {sums[1]/count:.3f} "
                  f"lesion bce {sums[2]/count:.4f} dice {sums[3]/count:.3f}", flush=True)
            sums[:] = 0
            count = 0
        if time.monotonic() - last > 180:
            save(a.out, net, mean, opt, done)
            last = time.monotonic()
    save(a.out, net, mean, opt, done)
    return 0 if done >= a.steps else TIME_IS_UP


if __name__ == "__main__":
    sys.exit(main())
