"""One synapse, and a neuron that spikes when it is told to, in the float reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from lahar.compiler.demonstration import neuron_for
from lahar.rules.network import Group, Network, Projection
from lahar.rules.rule import LearningRule
from lahar.sim.reference import run_reference
from lahar.sim.stimulus import Stimulus

DT = 1e-3
THRESHOLD = 100.0
"""So large that the synapse itself hardly moves the neuron."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Told:
    """What a run gave: row t of each is the value after step t + 1."""

    w: Floats
    post: Floats
    variables: Mapping[str, Floats]

    @property
    def change(self) -> float:
        return float(self.w[-1] - self.w[0])


def train(times: Iterable[float], steps: int) -> npt.NDArray[np.uint8]:
    spikes = np.zeros((steps, 1), np.uint8)
    spikes[[round(t) for t in times if t < steps]] = 1
    return spikes


@pytest.fixture
def told() -> Callable[..., Told]:
    """Run a rule on pre and post spikes at given steps, counted from 0.

    ``lift`` holds the membrane at that share of its threshold, ``neuron`` are the
    neuron's parameters, ``modulators`` arrays of a value for each step.
    """

    def run(
        rule: LearningRule,
        pre: Iterable[float],
        post: Iterable[float],
        steps: int,
        *,
        weight: float = 0.5,
        lift: float = 0.0,
        modulators: Mapping[str, Floats] | None = None,
        record: tuple[str, ...] = (),
        **neuron: float,
    ) -> Told:
        cell = neuron_for(rule).with_params(threshold=THRESHOLD, **neuron)
        held = lift * THRESHOLD * DT / cell.param_values["tau"]
        strengths = {"clock": 3 * THRESHOLD, "lift": held}
        groups = (Group("pre", 1), Group("clock", 1), Group("lift", 1))
        synapse = Projection(
            "synapse", "pre", "post", np.array([[weight]]), "current", rule
        )
        drives = (
            Projection(f"{name}_in", name, "post", np.array([[strength]]), "current")
            for name, strength in strengths.items()
        )
        network = Network(
            "told", (*groups, Group("post", 1, cell)), (synapse, *drives), DT
        )
        spikes = {
            "pre": train(pre, steps),
            # What is sent in a step arrives in the next.
            "clock": train((t - 1 for t in post if t >= 1), steps),
            "lift": np.ones((steps, 1), np.uint8),
        }
        names = {"synapse.weights", "post.s_out", *record}
        stimulus = Stimulus(spikes, dict(modulators or {}))
        got = run_reference(network, stimulus, steps, record=frozenset(names))
        return Told(
            got.variables["synapse.weights"][:, 0, 0],
            got.variables["post.s_out"][:, 0],
            {name: got.variables[name].reshape(steps, -1)[:, 0] for name in record},
        )

    return run
