"""Backends snntorch and norse: all that their cells keep, and the rest by name."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar import ms
from lahar.rules.library import snntorch_neurons as models
from lahar.rules.library.neurons import LIF, CubaLIF
from lahar.rules.library.norse_neurons import RestingCubaLIF, RestingLIF, SubtractLIF
from lahar.rules.library.standard_neurons import IF, LI, CubaLI
from lahar.rules.network import Group, Network, Projection

pytestmark = pytest.mark.frontends
STEPS = 200

NORSE = [LIF(), IF(), LI(), CubaLIF(), CubaLI()]
NORSE += [RestingLIF(rest=0.2), RestingCubaLIF(rest=0.2), SubtractLIF()]
SNNTORCH = [LIF(), IF(), LI(), CubaLIF(), CubaLI()]
SNNTORCH += [models.LateSubtractLIF(), models.PromptSubtractLIF(), models.NoResetLIF()]
SNNTORCH += [models.LateZeroLIF(), models.LateSubtractCubaLIF()]
SNNTORCH += [models.PromptSubtractCubaLIF(), models.LateZeroCubaLIF()]
SNNTORCH += [models.NoResetCubaLIF()]
EACH = [("norse", m) for m in NORSE] + [("snntorch", m) for m in SNNTORCH]
# Beside v_pre_reset: what a model has between its states, and a cell does not keep.
NOT_KEPT = {
    ("norse", "SubtractLIF"): {"a.m"},
    ("snntorch", "PromptSubtractLIF"): {"a.m"},
    ("snntorch", "PromptSubtractCubaLIF"): {"a.m"},
}


def network_of(neuron):
    rng = np.random.default_rng(8)
    groups = [Group("input", 15), Group("a", 10, neuron)]
    projections = [
        Projection("fc", "input", "a", rng.normal(0.2, 0.5, (10, 15))),
    ]
    if neuron.can_send:
        loop = Projection("loop", "a", "a", rng.normal(0, 0.3, (10, 10)), delay=1)
        projections.append(loop)
    return Network("net", tuple(groups), tuple(projections), 1 * ms)


@pytest.mark.parametrize(
    ("backend", "neuron"), EACH, ids=[f"{b}-{n.name}" for b, n in EACH]
)
def test_all_that_a_cell_keeps_is_recorded_and_agrees(torch, backend, neuron):
    program = lahar.compile(network_of(neuron))

    found = lahar.validate(
        program,
        ("reference", backend),
        "poisson:rate=100Hz",
        STEPS,
        seed=5,
        record=["*.s_out", "*.a_out", "a.*"],
    )

    (verdict,) = found.verdicts.values()
    assert verdict.passed
    assert verdict.floats.largest < 1e-11
    states = {f"a.{s.name}" for s in neuron.states}
    missing = NOT_KEPT.get((backend, neuron.name), set())
    named = {n for n in verdict.not_kept.get(backend, ()) if "_pre_reset" not in n}
    assert named == missing
    compared = {v.name: v.count for v in verdict.variables}
    for name in states - missing:
        assert compared[name] == STEPS * 10


def test_a_current_that_norse_forgets_at_once_is_named(torch):
    program = lahar.compile(network_of(CubaLIF(tau_u=1 * ms)))

    found = lahar.validate(
        program, ("reference", "norse"), "poisson:rate=100Hz", STEPS, record="all"
    )

    (verdict,) = found.verdicts.values()
    assert verdict.passed
    assert "a.u" in verdict.not_kept["norse"]
    assert "not kept by norse, so not compared:" in verdict.render()
