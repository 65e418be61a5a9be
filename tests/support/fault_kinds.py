# SPDX-License-Identifier: GPL-3.0-or-later
"""All kinds of faults, in the order in which seeds go through them; tests/README.md has them as a table."""
import fault_kinds_programs as programs
import fault_kinds_world as world
from fault_run import TURN

KINDS = {kind.name: kind for kind in (
    programs.KillOrthanc(), programs.KillWorker(), programs.KillChild(), programs.KilledAtWrite(), programs.RestartInStableAge(),
    programs.StoppedWorker(), programs.MessagesLost(), programs.MessagesRepeated(), programs.MessagesReordered(),
    programs.MessagesDelayed(), programs.Partition(), programs.SameIdentity(), programs.WrongKey(), programs.RevokedKey(),
    world.FullLedger(), world.FullSpool(), world.FullStorage(), world.ClockJump(), world.PacsDown(), world.PacsRefuses(),
    world.Deleted(), world.DeletedAndBack(), world.LateSeries(), world.SentTwice(), world.ChildFails(), world.DeadlyStudy(),
    programs.Drain())}
assert len(KINDS) == TURN
