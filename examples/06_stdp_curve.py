"""Measure the STDP window of the chip's integers, and draw it over the closed form.

Every pair of spikes, from 60 ms apart in one order to 60 ms in the other, is shown to
synapses of their own, in one run. The weights are 8-bit integers, and the traces too
are rounded at random in every step, so each synapse gives a whole number; the mean
over many is what the rule does. "Bit-accurate" here says: to docs/semantics.md, the
profile `loihi2`, as the interpreter computes it.

    python 06_stdp_curve.py [PICTURE]        the picture is stdp_curve.png by default
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

import lahar
from lahar import Group, Network, Projection, Stimulus, ms
from lahar.rules.library import LIF, STDP

FURTHEST = 60
COPIES = 8  # inputs of the same timing: traces are rounded for each of them alone
NEURONS = 50
POST_SPIKE = 80
STEPS = 160
RULE = STDP(a_plus=0.04, a_minus=0.048)

Curve = npt.NDArray[np.float64]
DELAYS = np.arange(-FURTHEST, FURTHEST + 1)  # post minus pre, in steps of 1 ms


def network() -> Network:
    """Inputs of every timing onto neurons that only the teacher makes spike."""
    inputs = len(DELAYS) * COPIES
    # So high that eight plastic inputs at a time never reach it.
    neuron = LIF(tau=2 * ms, threshold=40.0)
    return Network(
        "window",
        (
            Group("input", inputs),
            Group("teacher", 1),
            Group("cell", NEURONS, neuron),
        ),
        (
            Projection("teach", "teacher", "cell", np.full((NEURONS, 1), 100.0)),
            Projection(
                "synapse", "input", "cell", np.full((NEURONS, inputs), 0.5), rule=RULE
            ),
        ),
        dt_seconds=1 * ms,
    )


def stimulus() -> Stimulus:
    """One spike of each input, and one of every neuron in step 80."""
    spikes = np.zeros((STEPS, len(DELAYS) * COPIES), np.uint8)
    for position, delay in enumerate(DELAYS):
        copies = slice(position * COPIES, (position + 1) * COPIES)
        spikes[POST_SPIKE - delay, copies] = 1
    teacher = np.zeros((STEPS, 1), np.uint8)
    teacher[POST_SPIKE - 1] = 1  # its spike arrives a step later
    return Stimulus({"input": spikes, "teacher": teacher})


def closed_form() -> Curve:
    """A pre spike first strengthens, a post spike first weakens; together, both."""
    p = RULE.param_values
    distance = np.abs(DELAYS) * (1 * ms)
    up = p["a_plus"] * np.exp(-distance / p["tau_plus"])
    down = p["a_minus"] * np.exp(-distance / p["tau_minus"])
    curve: Curve = np.where(DELAYS >= 0, up, 0.0) - np.where(DELAYS <= 0, down, 0.0)
    return curve


def draw(path: Path, wanted: Curve, mean: Curve, spread: Curve) -> None:
    """Save the two curves as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    axes.errorbar(DELAYS, mean, spread, fmt=".", label="integers: mean and spread")
    axes.plot(DELAYS, wanted, "k-", linewidth=1, label="closed form")
    axes.set_xlabel("post spike after pre spike (ms)")
    axes.set_ylabel("change of weight")
    axes.legend()
    figure.savefig(path, dpi=120)


def main() -> None:
    program = lahar.compile(network(), chip="loihi2")
    fast = lahar.run(program, stimulus(), STEPS, backend="sim")
    slow = lahar.run(program, stimulus(), STEPS, backend="interpreter")
    print(lahar.compare(fast, slow).render())

    scale = fast.view("synapse.weights").scale
    before = program.connection("synapse").weights
    change = (np.asarray(fast.final["synapse.weights"], float) - before) / scale
    by_delay = change.reshape(NEURONS, len(DELAYS), COPIES)
    mean, spread = by_delay.mean(axis=(0, 2)), by_delay.std(axis=(0, 2))
    wanted = closed_form()

    print(f"\n{'delay':>6} {'closed form':>12} {'integers':>10}     in weight LSB")
    for delay in (-40, -20, -5, -1, 0, 1, 5, 20, 40):
        k = FURTHEST + delay
        print(f"{delay:+6} {wanted[k] * scale:+12.2f} {mean[k] * scale:+10.2f}")
    worst, height = np.abs(mean - wanted).max() * scale, np.ptp(wanted) * scale
    print(f"largest difference of the means: {worst:.2f} of {height:.1f}")

    picture = Path(sys.argv[1] if len(sys.argv) > 1 else "stdp_curve.png")
    draw(picture, wanted, mean, spread)
    print(f"drawn: {picture}")


if __name__ == "__main__":
    main()
