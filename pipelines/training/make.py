#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""All of the training in one script, in pieces: call it again until it says that it is done.

  make.py --work DIR --simulator wbmri_sim.py --anatomy AM=AM.npz --anatomy AF=AF.npz --build BUILD/dev [--minutes 10] [--steps N]

Makes studies of each anatomy and of the product's phantom; trains a plain and a slim network for each anatomy left out, and both on all of them that go on from
the first of these; makes candidates of every body, and of whole DICOM studies of it, with the network that never saw it; fits the judge with one body left out at a time, calibrates it
on those, fits the final one; writes DIR/models (skeleton.onnx, lesion.json and their cards) and DIR/left-out-BODY (the same, for
`tests/bench/detection/run.py --leave-out BODY --model-dir ...`). What is there is kept, so it can be stopped at any moment. Exit code 0: all
done; 3: time is up. On a GPU when torch has one; otherwise with as many processes as there are cores, or --cores.
"""
import argparse
import glob
import json
import os
import shutil
import subprocess
import sys
import time

import network

HERE = os.path.dirname(os.path.abspath(__file__))
TIME_IS_UP = 3
PHANTOM = "phantom"
PHANTOM_SEEDS = 61
BODY_SEEDS = 1_000_000
DRAWS = 3       # examinations of each body
BODY_SHARE = 2  # patches of each body for one of the phantom
SEEDS_BETWEEN_SETS = 300        # of whole DICOM studies: tests/bench/detection/run.py --seed-offset
BENCH = os.path.join(HERE, "..", "..", "tests", "bench", "detection", "run.py")
# glibc would give the memory of every tensor back to the system, which fetches it again, filled with zeros: a tenth of the time.
KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 35), "MALLOC_TOP_PAD_": str(1 << 28)}


class OutOfTime(Exception):
    pass


class Clock:
    def __init__(self, minutes):
        self.end = time.monotonic() + 60 * minutes

    def left(self):
        left = self.end - time.monotonic()
        if left <= 0:
            raise OutOfTime
        return left


def run(clock, *commands, environment=None):
    """Runs the commands side by side to their end or until time is up; their outputs appear whole or not at all."""
    for command in commands:
        print("+", " ".join(command), flush=True)
    running = [subprocess.Popen(command, env={**os.environ, **(environment or {})}) for command in commands]
    try:
        while any(process.poll() is None for process in running):
            for command, process in zip(commands, running):     # one that fails ends the others, which may run for hours
                fail_on(command, process.poll())
            clock.left()
            time.sleep(.2)
    finally:
        for process in running:
            process.terminate()
            process.wait()
    for command, process in zip(commands, running):
        fail_on(command, process.returncode)
    if any(process.returncode == TIME_IS_UP for process in running):
        raise OutOfTime


def fail_on(command, code):
    if code not in (None, 0, TIME_IS_UP):
        sys.exit(f"failed with {code}: {' '.join(command)}")


def python(script, *arguments):
    return ["/usr/bin/python3", os.path.join(HERE, script), *map(str, arguments)]


def make_studies(a, clock, body, anatomy, folder, first, count):
    """Split over the cores: each process makes its own share of the seeds."""
    if len(glob.glob(os.path.join(folder, "s*_*.json"))) >= DRAWS * count:
        return
    share = -(-count // a.cores)
    commands = [python("studies.py", "--simulator", a.simulator, "--anatomy", anatomy, "--out", folder, "--bodies", min(share, count - n),
                       "--draws", DRAWS, "--first-seed", first + n) for n in range(0, count, share)]
    run(clock, *commands, environment={"OMP_NUM_THREADS": "1"})


def make_phantoms(a, clock, folder, count):
    for seed in range(PHANTOM_SEEDS, PHANTOM_SEEDS + count):
        if os.path.exists(os.path.join(folder, f"s{seed}_0.json")):
            continue
        study = os.path.join(a.work, "phantom", str(seed))
        kind = [["--child"], [], ["--child", "--stations"], ["--child", "--lesions", "0"]][seed % 4]
        kind += ["--snr", str(8 + seed % 20), "--fat-failure", f"{seed % 5 / 10}"]      # other looks from one to the next
        run(clock, [os.path.join(a.build, "bin", "osteon"), "phantom", "--out", study, "--seed", str(seed), *kind])
        run(clock, python("phantom_studies.py", "--out", folder, study))


def train(a, clock, folders_of, steps, start=None):
    """{name: folder}: DIR/models or DIR/left-out-BODY with the networks of all the steps in it, begun with the weights of the folder `start` or with random ones.

    Those of several names are trained side by side: two of one thread do more in an hour than one of two threads.
    """
    outs = {name: os.path.join(a.work, name) for name in folders_of}
    todo = [name for name in folders_of if not os.path.exists(os.path.join(outs[name], "skeleton.json"))]
    if not todo:
        return outs
    data = {name: [x for f in folders_of[name] for x in ("--data", f) * (1 if os.path.basename(f) == PHANTOM else BODY_SHARE)] for name in todo}
    threads = max(1, a.cores // len(todo))
    begun = time.monotonic()
    for name in todo:
        os.makedirs(outs[name], exist_ok=True)
    try:
        run(clock, *[python("train.py", *data[name], "--out", outs[name], "--steps", steps, "--seed", a.seed, "--threads", threads, "--workers", threads // 4,
                            "--minutes", f"{max(.5, clock.left() / 60 - .5):.2f}", *(["--start", start] if start else [])) for name in todo],
            environment=KEEP_MEMORY)
    finally:
        for name in todo:
            note(outs[name], seconds=time.monotonic() - begun)
    for name in todo:
        checkpoints = [os.path.join(outs[name], shape + ".pt") for shape in network.SHAPES]
        run(clock, python("export.py", *checkpoints, outs[name], *data[name], "--version", a.version))
        # The detector wants a judge beside the network; what this one says of the candidates is not used.
        shutil.copy(os.path.join(HERE, "..", "..", "config", "models", "lesion.json"), outs[name])
        counts = {os.path.basename(f): len(glob.glob(os.path.join(f, "s*_*.json"))) for f in folders_of[name]}
        note(outs[name], data=counts, steps=steps, seed=a.seed, start=os.path.basename(start or ""))
    return outs


def note(out, seconds=0.0, **facts):
    """training.json: what the weights were trained on, for how long, with which seeds."""
    path = os.path.join(out, "training.json")
    known = {}
    if os.path.exists(path):
        with open(path) as f:
            known = json.load(f)
    known.update(facts, seconds=round(known.get("seconds", 0) + seconds))
    with open(path, "w") as f:
        json.dump(known, f, indent=1)
        f.write("\n")


def simulate(a, clock, body):
    """Folders of whole DICOM studies of the body, for its candidates as they are after series and composition."""
    folders = [os.path.join(a.work, "simulated", f"{body}-{n}") for n in range(a.simulated_sets)]
    for n, folder in enumerate(folders):
        if os.path.exists(os.path.join(folder, "all")):
            continue
        run(clock, ["/usr/bin/python3", BENCH, "--leave-out", body, "--work", folder, "--seed-offset", str(n * SEEDS_BETWEEN_SETS), "--prepare"],
            environment={"OSTEON_SHARED": os.path.dirname(os.path.dirname(os.path.abspath(a.simulator)))})
        open(os.path.join(folder, "all"), "w").close()
    return folders


def judge(a, clock, name, judged, networks):
    """The judge of a folder, fitted to the candidates of these bodies, each of them by a network that never saw it."""
    out = os.path.join(a.work, name)
    if os.path.exists(os.path.join(out, "lesion_card.json")):
        return
    command = python("candidates.py", "--detect-volume", os.path.join(a.build, "bin", "detect_volume"), "--work", os.path.join(a.work, "candidates"),
                     "--out", out, "--version", a.version)
    for body, folder in judged.items():
        command += ["--data", f"{body}={folder}", "--models", f"{body}={networks[body]}"]
        for studies in simulate(a, clock, body):
            command += ["--simulated", f"{body}={studies}"]
    run(clock, command)


def everything(a, clock):
    anatomies = dict(pair.split("=", 1) for pair in a.anatomy)
    bodies = {body: os.path.join(a.work, "studies", body) for body in anatomies}
    for body, anatomy in anatomies.items():
        make_studies(a, clock, body, anatomy, bodies[body], BODY_SEEDS, a.bodies)
    folders = dict(bodies)
    folders[PHANTOM] = os.path.join(a.work, "studies", PHANTOM)
    make_phantoms(a, clock, folders[PHANTOM], a.phantoms)
    left_out = train(a, clock, {f"left-out-{left}": [f for body, f in folders.items() if body != left] for left in anatomies}, a.steps)
    networks = {left: left_out[f"left-out-{left}"] for left in anatomies}
    train(a, clock, {"models": list(folders.values())}, a.last_steps, next(iter(networks.values())))
    for left in anatomies:      # a judge for each direction, which has not seen the body either
        others = {body: f for body, f in bodies.items() if body != left}
        judge(a, clock, f"left-out-{left}", others, networks)
    judge(a, clock, "models", bodies, networks)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--work", required=True)
    ap.add_argument("--simulator", required=True)
    ap.add_argument("--anatomy", action="append", required=True, metavar="BODY=FILE")
    ap.add_argument("--build", required=True, help="of osteon and detect_volume")
    ap.add_argument("--minutes", type=float, default=10)
    ap.add_argument("--steps", type=int, default=10000, help="of each network that leaves a body out")
    ap.add_argument("--last-steps", type=int, default=2500, help="of the network on all bodies, on top of those of the one that it begins with")
    ap.add_argument("--bodies", type=int, default=23, help=f"of each anatomy, {DRAWS} studies each")
    ap.add_argument("--phantoms", type=int, default=20)
    ap.add_argument("--simulated-sets", type=int, default=2, help="sets of 24 whole DICOM studies of each anatomy, for the judge")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--version", default="9")
    ap.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    a = ap.parse_args()
    os.makedirs(a.work, exist_ok=True)
    try:
        everything(a, Clock(a.minutes))
    except OutOfTime:
        print("time is up: call it again", flush=True)
        return TIME_IS_UP
    print("done:", os.path.join(a.work, "models"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
