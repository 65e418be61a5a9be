# SPDX-License-Identifier: GPL-3.0-or-later
"""All kinds of faults, in the order in which seeds choose them; tests/README.md has a table of them."""
import fault_kinds_pacs as pacs
import fault_kinds_power as power
import fault_kinds_programs as programs
import fault_kinds_world as world
from fault_run import TURN

KINDS = {kind.name: kind for kind in (
    programs.KillOrthanc(), programs.KillWorker(), programs.KillChild(), programs.KilledAtWrite(), programs.RestartInStableAge(),
    programs.StoppedWorker(), programs.MessagesLost(), programs.MessagesRepeated(), programs.MessagesReordered(),
    programs.MessagesDelayed(), programs.Partition(), programs.SameIdentity(), programs.WrongKey(), programs.RevokedKey(),
    world.FullLedger(), world.FullSpool(), world.FullStorage(), world.ClockJump(), pacs.PacsDown(), pacs.PacsRefuses(), pacs.PacsForgets(),
    world.Deleted(), world.DeletedAndBack(), world.LateSeries(), world.SentTwice(), world.ChildFails(), world.DeadlyStudy(), world.DeadlyNeighbour(),
    programs.Drain(), power.PowerCut(), power.KilledWhileStarting())}
assert len(KINDS) == TURN
