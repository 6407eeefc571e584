"""Take a Lava script as it is, add one line, and get the same bits much sooner.

`lahar.from_lava` reads the network that a Lava process belongs to, before it has run.
What it returns runs in lahar's simulator and computes what Lava's fixed-point models
would. Without Lava (its last release runs on Python 3.10 only) this script says so.
"""

from __future__ import annotations

import time
from importlib.util import find_spec
from typing import Any

import numpy as np

import lahar
from lahar import Program, Recording

STEPS = 2000
MANY_STEPS = 200_000


def build() -> tuple[Any, Any, dict[str, Any]]:
    """An ordinary Lava script: 40 inputs, plastic synapses, 10 neurons, Monitors."""
    from lava.proc.dense.process import LearningDense
    from lava.proc.io.source import RingBuffer
    from lava.proc.learning_rules.stdp_learning_rule import STDPLoihi
    from lava.proc.lif.process import LIF
    from lava.proc.monitor.process import Monitor

    random = np.random.default_rng(0)
    rule = STDPLoihi(
        learning_rate=1, A_plus=1, A_minus=-1, tau_plus=10, tau_minus=10, rng_seed=3
    )
    source = RingBuffer(data=(random.random((40, 500)) < 0.05).astype(int))
    plastic = LearningDense(
        weights=random.integers(20, 60, (10, 40)), learning_rule=rule, name="plastic"
    )
    neurons = LIF(shape=(10,), du=2000, dv=400, vth=1200, name="neurons")
    source.s_out.connect(plastic.s_in)
    plastic.a_out.connect(neurons.a_in)
    neurons.s_out.connect(plastic.s_in_bap)

    monitors = {name: Monitor() for name in ("neurons.v", "neurons.s_out")}
    monitors["neurons.v"].probe(neurons.v, STEPS)
    monitors["neurons.s_out"].probe(neurons.s_out, STEPS)
    return neurons, plastic, monitors


def run_in_lava(neurons: Any, plastic: Any, monitors: dict[str, Any]) -> dict[str, Any]:
    """Run all steps in Lava; only the run itself is timed, not its start."""
    from lava.magma.core.run_conditions import RunSteps
    from lava.magma.core.run_configs import Loihi2SimCfg

    configuration = Loihi2SimCfg(select_tag="fixed_pt")
    neurons.run(condition=RunSteps(num_steps=1), run_cfg=configuration)
    start = time.perf_counter()
    neurons.run(condition=RunSteps(num_steps=STEPS - 1), run_cfg=configuration)
    seconds = time.perf_counter() - start
    seen: dict[str, Any] = {
        "seconds": seconds,
        "plastic.weights": plastic.weights.get(),
    }
    for name, monitor in monitors.items():
        owner, _, variable = name.partition(".")
        seen[name] = monitor.get_data()[owner][variable]
    neurons.stop()
    return seen


def timed(program: Program, steps: int) -> tuple[Recording, float]:
    """Run in lahar; the first run of a program compiles a kernel and keeps it."""
    start = time.perf_counter()
    recording = lahar.run(program, steps=steps)
    return recording, time.perf_counter() - start


def main() -> None:
    if find_spec("lava") is None:
        print("Lava is not installed here, so there is no Lava script to run.")
        return
    neurons, plastic, monitors = build()

    # The one line. It comes before the run: it reads the initial values.
    program = lahar.from_lava(neurons)

    # What Lava does without a word is in the report.
    for finding in program.report.findings:
        print(finding.message)

    lahar.run(program, steps=1)
    recording, ours = timed(program, STEPS)
    _, for_many = timed(program, MANY_STEPS)
    seen = run_in_lava(neurons, plastic, monitors)
    same = all(
        [
            np.array_equal(seen["neurons.v"], recording["neurons.v"]),
            np.array_equal(seen["neurons.s_out"], recording["neurons.s_out"]),
            np.array_equal(seen["plastic.weights"], recording.final["plastic.weights"]),
        ]
    )
    spikes = int(recording["neurons.s_out"].sum())
    print(f"\n{spikes} spikes of 10 neurons, 400 learning synapses, two Monitors")
    print(f"Lava   {STEPS} steps: {seen['seconds']:.3f} s")
    print(f"lahar  {STEPS} steps: {ours:.3f} s, {MANY_STEPS} steps: {for_many:.3f} s")
    a_step = seen["seconds"] / STEPS / (for_many / MANY_STEPS)
    print(
        f"{seen['seconds'] / ours:.0f} times sooner, {a_step:.0f} times in a long run"
    )
    print(f"membranes, spikes and weights: {'identical' if same else 'different'}")


# Lava starts processes; a script without this line would start itself again.
if __name__ == "__main__":
    main()
