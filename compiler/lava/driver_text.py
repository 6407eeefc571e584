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

from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg

'''

NETWORK = '''\
from lava.magma.core.learning.constants import GradedSpikeCfg
from lava.magma.core.learning.learning_rule import (
    Loihi2FLearningRule,
    Loihi3FLearningRule,
    LoihiLearningRule,
)
from lava.proc.dense.process import DelayDense, Dense, LearningDense
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer
from lava.proc.lif.process import LIF, LIFReset, TernaryLIF
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


def record(probes, *, types, record, steps, folder):
    """Connect a recorder to everything: Vars, and tuples of OutPorts to be summed."""
    names, members, counts = {{}}, {{}}, {{"ref": 0, "in": 0}}
    for name, member in probes.items():
        kind = "in" if isinstance(member, tuple) else "ref"
        port = f"{{kind}}_{{counts[kind]}}"
        counts[kind] += 1
        names[port], members[port] = name, member
    firsts = {{p: m[0] if isinstance(m, tuple) else m for p, m in members.items()}}
    recorder = Recorder(
        shapes={{port: first.shape for port, first in firsts.items()}},
        names=names,
        types=types,
        record=record,
        steps=steps,
        folder=folder,
    )
    for port, member in members.items():
        if not isinstance(member, tuple):
            getattr(recorder, port).connect_var(member)
            continue
        for sender in member:
            sender.connect(getattr(recorder, port))
    return recorder


def build(arrays, seed):
    """Make and connect all processes; name what can be recorded."""
'''

TAIL = '''

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


def run(recorder, steps):
    """Run all steps, and stop."""
    recorder.create_runtime(run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
    ended = threading.Event()
    actors = recorder.runtime._messaging_infrastructure.actors
    watcher = threading.Thread(target=watch, args=(actors, ended), daemon=True)
    watcher.start()
    try:
        recorder.run(condition=RunSteps(num_steps=steps))
    except Exception:
        # Lava and the watcher read the same pipes: what failed may be in its hands.
        ended.set()
        watcher.join(1.0)
        fail(blame(actors) or traceback.format_exc())
    ended.set()
    watcher.join()
    recorder.stop()


def main():
    if "--leave-with-parent" in sys.argv:
        threading.Thread(target=leave_with_parent, daemon=True).start()
    settings = json.loads((HERE / "settings.json").read_text())
    with np.load(HERE / "arrays.npz") as arrays:
        probes = build(arrays, settings["seed"])
    recorder = record(
        probes,
        types=settings["types"],
        record=settings["record"],
        steps=settings["steps"],
        folder=str(HERE),
    )
    run(recorder, settings["steps"])


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        fail(traceback.format_exc())
'''


def network_text(imports: str, build: list[str]) -> str:
    """Write the function ``build`` around its statements, and what it needs."""
    body = "".join(f"    {line}\n" if line else "\n" for line in build)
    return NETWORK.format(imports=imports) + body


def driver_text(program: str, network: str) -> str:
    """Write the script around the network."""
    return HEAD.format(program=program) + network + TAIL
