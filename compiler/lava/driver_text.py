"""The generated script that builds the Lava network, runs it and ends.

It works alone in a folder that holds settings.json and arrays.npz, and leaves
result.npz there. Lava hangs for ever when one of its processes dies, so a thread
watches them; another ends everything when whoever started the script is gone.
"""

from __future__ import annotations

HEAD = '''\
"""Run {program} on Lava's CPU backend. Written by lahar."""

import json
import os
import shutil
import signal
import sys
import threading
import traceback
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "processes"))

from lava.magma.core.learning.learning_rule import (
    Loihi2FLearningRule,
    Loihi3FLearningRule,
)
from lava.magma.core.process.variable import Var
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.dense.process import Dense, LearningDense
from lava.proc.io.source import RingBuffer
from lava.proc.lif.process import LIF
from lava.utils.weightutils import SignMode

{imports}


def check(rule, **wanted):
    """Compare Lava's parse of a rule with (gate, mantissa, exponent, factors)."""
    for target, products in wanted.items():
        parsed = tuple(
            (
                p.dependency,
                p.s_mantissa,
                p.s_exp - 7,
                tuple((f.state_var, f.const, f.is_sgn) for f in p.factors),
            )
            for p in getattr(rule, target).products
        )
        if parsed != products:
            raise ValueError(f"Lava read {{target}} as {{parsed}}, not {{products}}")
    return rule


def build(arrays, seed):
    """Make and connect all processes; name what can be recorded."""
'''

TAIL = '''

def record(probes, settings):
    """Connect a recorder to everything."""
    names, members, counts = {}, {}, {"ref": 0, "in": 0}
    for name, member in probes.items():
        kind = "ref" if isinstance(member, Var) else "in"
        port = f"{kind}_{counts[kind]}"
        counts[kind] += 1
        names[port], members[port] = name, member
    recorder = Recorder(
        shapes={port: member.shape for port, member in members.items()},
        names=names,
        types=settings["types"],
        record=settings["record"],
        steps=settings["steps"],
        folder=str(HERE),
    )
    for port, member in members.items():
        if isinstance(member, Var):
            getattr(recorder, port).connect_var(member)
        else:
            member.connect(getattr(recorder, port))
    return recorder


def fail(text):
    """Leave word of what happened, and go without waiting for anybody."""
    (HERE / "failure.txt").write_text(text)
    os._exit(1)


def blame(actors):
    """Say which of Lava's processes failed, if one did."""
    for actor in actors:
        if actor.exception:
            return actor.exception[1]
        if not actor._is_done and actor.exitcode:
            return f"a Lava process ended with exit code {actor.exitcode}"
    return ""


def watch(actors, ended):
    """Fail when one of Lava's processes does: Lava itself would wait for ever."""
    while not ended.wait(0.1):
        if blame(actors):
            fail(blame(actors))


def leave_with_parent():
    """End all our processes, and this folder, when who started us is gone."""
    os.read(0, 1)
    shutil.rmtree(HERE, ignore_errors=True)
    os.killpg(0, signal.SIGTERM)


def run(recorder, settings):
    """Run all steps, and stop."""
    recorder.create_runtime(run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
    ended = threading.Event()
    actors = recorder.runtime._messaging_infrastructure.actors
    watcher = threading.Thread(target=watch, args=(actors, ended), daemon=True)
    watcher.start()
    try:
        recorder.run(condition=RunSteps(num_steps=settings["steps"]))
    except RuntimeError:
        fail(blame(actors) or traceback.format_exc())
    ended.set()
    watcher.join()
    recorder.stop()


def main():
    if "--leave-with-parent" in sys.argv:
        threading.Thread(target=leave_with_parent, daemon=True).start()
    settings = json.loads((HERE / "settings.json").read_text())
    with np.load(HERE / "arrays.npz") as arrays:
        recorder = record(build(arrays, settings["seed"]), settings)
    run(recorder, settings)


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        fail(traceback.format_exc())
'''


def driver_text(program: str, imports: str, build: list[str]) -> str:
    """Write the script around the statements of its function ``build``."""
    body = "".join(f"    {line}\n" if line else "\n" for line in build)
    return HEAD.format(program=program, imports=imports) + body + TAIL
