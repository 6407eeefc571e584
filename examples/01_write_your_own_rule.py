"""Write a rule as in the paper, and let a simulated chip learn with it.

The rule is that of Diehl & Cook 2015 (Frontiers in Computational Neuroscience 9:99):
a post spike strengthens the synapses whose input was active shortly before, and
weakens the others. Half of the inputs below spike, half are silent; the weights of
the two halves must part.
"""

from __future__ import annotations

import numpy as np

import lahar
from lahar import Hz, Param, Rule, Stimulus, Trace, ms, post, pre, w

STEPS = 2000
INPUTS = 100
ACTIVE = slice(0, 50)
SILENT = slice(50, 100)


# A rule is a class. Its attributes are symbols, not numbers: `x` is a trace that every
# pre spike raises by 1, `post` is 1 in a step in which the neuron spikes, and `dw` is
# what the weight changes by. The names of the symbols are those you give them.
class PostGated(Rule):
    """At a post spike: strengthen inputs that were active, weaken the others."""

    tau = Param(20 * ms)
    eta = Param(0.05)
    target = Param(0.4)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau)
    dw = eta * post * (x - target) * (w_max - w)
    bounds = (0.0, w_max)


def half_of_the_inputs_at(rate: float) -> Stimulus:
    """Random spikes for the first half of the inputs, silence for the second."""
    random = np.random.default_rng(1)
    spikes = np.zeros((STEPS, INPUTS), np.uint8)
    spikes[:, ACTIVE] = random.random((STEPS, 50)) < rate * (1 * ms)
    return Stimulus({"pre": spikes})


def main() -> None:
    # A rule alone is compiled in the smallest network that shows it: inputs `pre`,
    # all to all, onto leaky integrate-and-fire neurons `post`; the projection between
    # them is called `synapse`.
    program = lahar.compile(PostGated, chip="loihi2", dt=1 * ms, pre=INPUTS, post=20)

    # The bracket was multiplied out, and the trace got a register of the chip.
    print("What the chip computes:")
    for line in program.text().splitlines():
        if line.strip().startswith(("trace x1", "dw +=")):
            print(line)

    # Run it. The weights are integers from 0 to 255; (stored - offset) / scale gives
    # the rule's own units.
    recording = lahar.run(program, half_of_the_inputs_at(40 * Hz), steps=STEPS)
    view = recording.view("synapse.weights")
    before = program.connection("synapse").weights / view.scale
    after = np.asarray(recording.final["synapse.weights"], float) / view.scale

    spikes = int(recording["post.s_out"].sum())
    print(f"\nAfter {STEPS} steps and {spikes} post spikes, the mean weight of the")
    for name, half in (("active", ACTIVE), ("silent", SILENT)):
        start, end = before[:, half].mean(), after[:, half].mean()
        print(f"    {name} inputs went from {start:.2f} to {end:.2f}")


if __name__ == "__main__":
    main()
