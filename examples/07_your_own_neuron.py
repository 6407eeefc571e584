"""Write a neuron model, and let a rule read what it computes.

The neuron has a soma that a teacher drives, and a dendrite that hears the inputs. It
offers one graded value to its synapses: by how much the soma's firing exceeds what the
dendrite expects. Synapses that carry a spike change by it, until the dendrite foretells
the soma (the idea of Urbanczik & Senn 2014, Neuron 81:521, in its plainest form).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

import lahar
from lahar import (
    Group,
    Network,
    NeuronModel,
    Output,
    Param,
    Port,
    Projection,
    Recording,
    Rule,
    State,
    Stimulus,
    Trace,
    ms,
    post,
    pre,
)

PATTERNS = 4
INPUTS_EACH = 10
SHOWN = 50  # steps that a pattern lasts
ROUNDS = 40
STEPS = ROUNDS * PATTERNS * SHOWN
TAUGHT = (0, 1)  # patterns in which the teacher drives the soma


# States update in the order in which they are declared: s <- s * (1 - dt/leak) + ds.
# The trace of the neuron's own spikes and the outputs come after the reset.
class TwoCompartments(NeuronModel):
    """A spiking soma, and a dendrite that only listens."""

    tau = Param(10 * ms)
    threshold = Param(1.0)
    gain = Param(2.0)
    inputs = Port()
    teacher = Port()
    dendrite = State(leak=tau)
    ddendrite = inputs
    v = State(leak=tau, reset=0.0)
    dv = teacher
    spike = v > threshold
    rate = Trace(spike, tau=tau)
    surprise = Output(gain * rate - dendrite, low=-8.0, high=8.0)


class Foretell(Rule):
    """A pre spike moves the weight by the neuron's surprise."""

    eta = Param(0.004)
    dw = eta * pre * post.surprise
    bounds = (0.0, 1.0)


def network() -> Network:
    """Forty inputs onto the dendrite of ten neurons, one teacher onto their somas."""
    inputs = PATTERNS * INPUTS_EACH
    return Network(
        "foretelling",
        (
            Group("cue", inputs),
            Group("signal", 1),
            Group("cell", 10, TwoCompartments()),
        ),
        (
            Projection(
                "learn", "cue", "cell", np.full((10, inputs), 0.5), "inputs", Foretell()
            ),
            Projection("teach", "signal", "cell", np.full((10, 1), 0.5), "teacher"),
        ),
        dt_seconds=1 * ms,
    )


def pattern_of_each_step() -> npt.NDArray[np.int64]:
    """Patterns 0, 1, 2, 3 in turn."""
    return (np.arange(STEPS) // SHOWN) % PATTERNS


def stimulus() -> Stimulus:
    """Each pattern makes its own ten inputs spike; the teacher joins in two of them."""
    random = np.random.default_rng(2)
    shown = pattern_of_each_step()
    group_of_input = np.arange(PATTERNS * INPUTS_EACH) // INPUTS_EACH
    active = shown[:, None] == group_of_input
    cue = active & (random.random(active.shape) < 0.1)
    signal = np.isin(shown, TAUGHT)[:, None]
    return Stimulus({"cue": cue.astype(np.uint8), "signal": signal.astype(np.uint8)})


def mean_of(recording: Recording, name: str, pattern: int, part: slice) -> float:
    """Mean of a variable in the rule's units, while a pattern is shown."""
    view = recording.view(name)
    values = (np.asarray(recording[name][part], float) - view.offset) / view.scale
    return float(values[pattern_of_each_step()[part] == pattern].mean())


def main() -> None:
    program = lahar.compile(network(), chip="loihi2")
    neuron = program.population("cell").neuron
    assert neuron is not None
    print(f"The chip computes the neuron in {len(neuron.ops)} integer operations:")
    for op in neuron.ops:
        print(f"    {op.target:15} = {op.code} {', '.join(map(str, op.args))}")

    recording = lahar.run(
        program, stimulus(), steps=STEPS, record=["cell.dendrite", "cell.rate"]
    )
    first, last = slice(0, STEPS // ROUNDS), slice(-5 * STEPS // ROUNDS, None)
    print("\npattern    soma wants    dendrite at first    in the end")
    for pattern in range(PATTERNS):
        wanted = 2.0 * mean_of(recording, "cell.rate", pattern, last)
        before = mean_of(recording, "cell.dendrite", pattern, first)
        after = mean_of(recording, "cell.dendrite", pattern, last)
        print(f"{pattern:7}    {wanted:10.2f}    {before:17.2f}    {after:10.2f}")


if __name__ == "__main__":
    main()
