# SPDX-License-Identifier: GPL-3.0-or-later
"""The classes the skeleton network tells apart. The C++ side has the same list (pipelines/stages/skeleton/skeleton_classes.h)."""
import numpy as np

BONES = ["skull", "mandible", "clavicle", "scapula", "sternum", "ribs", "cervical_spine", "thoracic_spine", "lumbar_spine",
         "sacrum", "pelvis", "humerus", "forearm", "hand", "femur", "leg", "foot"]
OTHERS = ["brain", "spinal_canal", "kidney", "spleen", "bowel", "blood", "fluid", "organ"]
CLASSES = ["background"] + BONES + OTHERS
NOT_BONE = len(CLASSES)   # a label of training data only: any class but a bone


def site_to_class(sim):
    """Class index for every site index of the simulator; sides and halves are not learnt."""
    out = np.zeros(len(sim.SITE_NAMES), np.uint8)
    for i, name in enumerate(sim.SITE_NAMES):
        base = name[:-2] if name[-2:] in ("_R", "_L") else name
        base = base.replace("_proximal", "").replace("_distal", "")
        if base:
            out[i] = CLASSES.index(base)
    return out


def class_map(sim, body):
    """Class of every voxel of a body: bone by site, other bright tissues by tissue class."""
    lut = np.zeros(32, np.uint8)
    for name, tissues in (("brain", [sim.BRAIN]), ("spinal_canal", [sim.CORD, sim.CSF]), ("kidney", [sim.KIDNEY]), ("spleen", [sim.SPLEEN]),
                          ("bowel", [sim.BOWEL]), ("blood", [sim.BLOOD]), ("fluid", [sim.FLUID]),
                          ("organ", [sim.LIVER, sim.GLAND, sim.NODE, sim.GONAD])):
        lut[tissues] = CLASSES.index(name)
    out = lut[body.cls]
    rows = np.nonzero((body.cls == sim.BRAIN).any((1, 2)))[0]
    if len(rows):   # the fluid around the brain goes with the brain
        head = out[:rows.max() + 1]
        head[head == CLASSES.index("spinal_canal")] = CLASSES.index("brain")
    bone = site_to_class(sim)[body.site]
    return np.where(bone > 0, bone, out)
