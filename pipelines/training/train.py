# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the networks on the studies of studies.py (see README.md), up to a number of steps, in pieces of any length.

  train.py --data DIR [--data DIR ...] --out DIR --steps N [--minutes N] [--start DIR] [--seed N] [--threads N] [--workers N]

Each DIR of --data gives the same share of the patches. Every network of network.SHAPES learns from the same patches, since cutting them takes a quarter of the time, and
has its checkpoint OUT/SHAPE.pt. Checkpoints that are there are resumed, at the step they were saved at (every 3 minutes, at the
end of --minutes and when it is asked to end); --start gives the weights to begin with when there are none. On a GPU when torch has one, else on --threads of the processor;
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
CLASS_ROWS = 4          # The classes are compared in one row of so many.
LEAST_CLASS_PX = 10      # of a class in those rows, for its Dice
TIME_IS_UP = 3
RAMP_STEPS, DECAY_SHARE = 100, .2       # of the rate: up over the first steps, down over the last fifth of all of them


def loss_of(logits, target, lesion, lesion_weight, weights, first_row=0):
    """The classes are compared in every fourth row, which takes a third of the time that every second one took; `first_row` (0 to 3) says in which."""
    rows = slice(first_row, None, CLASS_ROWS)
    class_logits, z = logits.split([LESION_AT, logits.shape[1] - LESION_AT], 1)
    log_prob = class_logits[:, :, rows].permute(0, 2, 3, 1).reshape(-1, LESION_AT).float().log_softmax(1)
    lesion_here = F.avg_pool2d(lesion.amax(1, keepdim=True), 3, 1, 1)[:, 0, rows].flatten()
    target = target[:, rows].flatten()
    # Where a lesion hides the bone's own look its name is hardest to tell, and matters most.
    other = torch.tensor([c for c in range(LESION_AT) if not 1 <= c <= len(labels.BONES)], device=target.device)
    known = torch.cat([log_prob, log_prob[:, other].logsumexp(1, keepdim=True)], 1)     # the last one is labels.NOT_BONE
    of_target = known.gather(1, target[:, None])[:, 0]
    pixel = weights[target] * (1 + LESION_NAME_WEIGHT * lesion_here)
    ce = -(of_target * pixel).sum() / pixel.sum()
    inter = torch.zeros(LESION_AT + 1, device=target.device).index_add(0, target, of_target.exp())[:LESION_AT]
    pixels = torch.bincount(target, minlength=LESION_AT + 1)[:LESION_AT]
    is_other = torch.zeros(LESION_AT, device=target.device).index_fill(0, other, 1.0)
    prob = log_prob.exp()
    unknown = prob.mul((target == labels.NOT_BONE)[:, None]).sum(0) * is_other      # no soft tissue is wrong where none is known
    dice = 1 - ((2 * inter + 10) / (prob.sum(0) - unknown + pixels + 10))[pixels > LEAST_CLASS_PX].mean()
    z = z.float()
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


class Learner:
    """One network, the running mean of its weights, and the state of its optimiser."""

    def __init__(self, shape, rate, device):
        self.shape = shape
        self.net = network.SHAPES[shape]().to(device, memory_format=torch.channels_last)
        self.mean = copy.deepcopy(self.net)
        self.opt = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=1e-3)
        self.sums, self.count = np.zeros(4), 0

    def path(self, folder):
        return os.path.join(folder, self.shape + ".pt")

    def begin_with(self, folder):
        state = torch.load(self.path(folder), map_location="cpu")["mean"]
        self.net.load_state_dict(state)
        self.mean.load_state_dict(state)

    def resume(self, folder):
        """Steps done: those of the checkpoint, 0 without one."""
        if not os.path.exists(self.path(folder)):
            return 0
        state = torch.load(self.path(folder), map_location="cpu")
        self.net.load_state_dict(state["net"])
        self.mean.load_state_dict(state["mean"])
        self.opt.load_state_dict(state["opt"])
        return state["step"]

    def save(self, folder, done):
        state = dict(net=self.net.state_dict(), mean=self.mean.state_dict(), opt=self.opt.state_dict(), step=done)
        torch.save(state, self.path(folder) + ".tmp")
        os.replace(self.path(folder) + ".tmp", self.path(folder))

    def step(self, batch, weights, rate, keep, done):
        x, target, lesion, lesion_weight = batch
        for group in self.opt.param_groups:
            group["lr"] = rate
        with torch.autocast(x.device.type, dtype=torch.bfloat16):
            logits = self.net(x.contiguous(memory_format=torch.channels_last))
        loss, parts = loss_of(logits, target, lesion, lesion_weight, weights, done % CLASS_ROWS)
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.opt.step()
        follow(self.mean, self.net, keep)
        self.sums += parts
        self.count += 1

    def tell(self, done, minutes):
        ce, dice, bce, lesion_dice = self.sums / max(1, self.count)
        print(f"{done} {minutes:.1f} min, {self.shape}: ce {ce:.3f} dice {dice:.3f} lesion bce {bce:.4f} dice {lesion_dice:.3f}", flush=True)
        self.sums[:], self.count = 0, 0


def follow(mean, net, keep):
    with torch.no_grad():
        for m, p in zip(mean.state_dict().values(), net.state_dict().values()):
            m.lerp_(p, 1 - keep) if m.dtype.is_floating_point else m.copy_(p)


def save(learners, folder, done):
    for learner, steps in zip(learners, done):
        learner.save(folder, steps)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", action="append", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--steps", type=int, required=True)
    ap.add_argument("--minutes", type=float, default=1e9)
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
    learners = [Learner(shape, a.rate, device) for shape in network.SHAPES]
    os.makedirs(a.out, exist_ok=True)
    done = [learner.resume(a.out) for learner in learners]
    if not any(done) and a.start:
        for learner in learners:
            learner.begin_with(a.start)
    weights = class_weights().to(device)
    drawn = iter(torch.utils.data.DataLoader(patches.Patches(a.data, (a.seed, max(done)), a.first_studies), batch_size=a.batch, num_workers=a.workers))
    stop = []       # a polite end keeps what was learnt
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    while min(done) < a.steps and not stop and (time.monotonic() - start) / 60 < a.minutes:
        batch = [t.to(device) for t in next(drawn)]
        now = min(done)         # one that is behind, since its checkpoint was not saved any more, catches up
        for n, learner in enumerate(learners):
            if done[n] == now:
                done[n] += 1
                learner.step(batch, weights, rate_at(now, a.steps, a.rate), min(a.mean_keep, done[n] / (done[n] + 20)), now)
                if done[n] % 100 == 0:
                    learner.tell(done[n], (time.monotonic() - start) / 60)
        if time.monotonic() - last > 180:
            save(learners, a.out, done)
            last = time.monotonic()
    save(learners, a.out, done)
    return 0 if min(done) >= a.steps else TIME_IS_UP


if __name__ == "__main__":
    sys.exit(main())
