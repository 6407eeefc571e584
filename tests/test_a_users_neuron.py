"""A neuron that a user writes in ten lines runs on all backends."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

import lahar
from lahar import NeuronModel, Noise, Output, Port, Rule, State, Trace, ms, post, pre
from lahar import sigmoid as phi


class Gated(NeuronModel):
    """The apical dendrite multiplies what the basal one brings; spikes are noisy."""

    current = Port()
    apical = Port()
    xi = Noise(0.0, 1.0)
    basal = State(leak=20 * ms)
    gate = State(leak=50 * ms)
    dbasal = current
    dgate = apical
    spike = phi(4.0 * (basal * phi(gate) - 1.0)) > xi
    drive = Output(basal * phi(gate), low=0.0, high=2.0)


class Follows(Rule):
    """Learns where the gated drive is large."""

    x = Trace(pre, tau=20 * ms)
    dw = 0.01 * x * post.drive - 0.02 * pre


def program() -> lahar.Program:
    random = np.random.default_rng(2)
    weights = random.uniform(0.2, 0.8, (6, 20))
    network = lahar.Network(
        "user",
        (lahar.Group("in", 20), lahar.Group("cells", 6, Gated.declared)),
        (
            lahar.Projection("learn", "in", "cells", weights, rule=Follows.declared),
            lahar.Projection("gate", "in", "cells", weights / 5, port="apical"),
        ),
        1 * ms,
    )
    return lahar.compile(network)


@pytest.mark.skipif(find_spec("lava") is None, reason="Lava is not installed")
def test_a_neuron_of_ten_lines_runs_alike_on_all_backends() -> None:
    compiled = program()
    stimulus = lahar.poisson(compiled, 40.0, 150, 1 * ms, seed=1)
    runs = {
        backend: lahar.run(
            compiled, stimulus, 150, backend, profile, record="all", seed=3
        )
        for backend, profile in {
            "sim": "lava-0.10",
            "interpreter": "lava-0.10",
            "lava": "lava-0.10",
            "reference": None,
        }.items()
    }

    assert lahar.compare(runs["sim"], runs["interpreter"]).level == "identical"
    assert lahar.compare(runs["sim"], runs["lava"]).level == "identical"
    ours, exact = (runs[b]["cells.s_out"] for b in ("sim", "reference"))
    assert ours.sum() == pytest.approx(exact.sum(), rel=0.05)
    assert (ours == exact).mean() > 0.95
    assert (runs["sim"]["learn.weights"][-1] != runs["sim"]["learn.weights"][0]).any()
