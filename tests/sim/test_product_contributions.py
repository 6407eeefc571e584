"""The products behind a weight: what a recording shows that the rule did there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.hardware.profile import LOIHI2, Profile, find_profile
from lahar.hardware.program import Program
from lahar.hardware.variables import state_variables
from lahar.sim.compare import compare
from lahar.sim.initial_weights import initial_weights
from lahar.sim.interpreter import execute
from lahar.sim.product_contributions import explain
from lahar.sim.recording import Provenance, Recording

STEPS = 40
WEIGHTS = "synapse.weights"
Make = Callable[..., Program]


def record(
    program: Program,
    make_inputs: Make,
    backend: str = "sim",
    profile: Profile = LOIHI2,
) -> Recording:
    """Run the interpreter with everything recorded."""
    names = frozenset(v.name for v in state_variables(program))
    inputs = make_inputs(program, STEPS)
    trajectory = execute(program, inputs, STEPS, profile=profile, record=names, seed=3)
    provenance = Provenance(
        backend=backend,
        steps=STEPS,
        dt_seconds=1e-3,
        chip="loihi2",
        profile=profile.name,
        seed=3,
        program_checksum="program",
        stimulus_checksum="stimulus",
    )
    return Recording(dict(trajectory.variables), dict(trajectory.final), provenance)


@pytest.fixture(params=["stdp_program", "third_factor_program"])
def program(request: pytest.FixtureRequest) -> Program:
    made: Program = request.getfixturevalue(request.param)()
    return made


def test_products_add_up_to_what_every_synapse_did(
    program: Program, make_inputs: Make
) -> None:
    sim = record(program, make_inputs)
    start = initial_weights(program.connection("synapse"), LOIHI2)
    random = np.random.default_rng(2)
    moved = 0

    for suffix in ("weights", "tag_1"):
        name = f"synapse.{suffix}"
        if name not in sim.variables:
            continue
        values = sim.variables[name]
        first = start if suffix == "weights" else np.zeros_like(start)
        for _ in range(300):
            row, j, i = (int(random.integers(n)) for n in values.shape)
            old = int(values[row - 1, j, i] if row else first[j, i])
            amounts = [p.amount for p in explain(program, sim, name, row, j, i)]
            acc = old * 128
            for amount in amounts:
                assert amount is not None
                acc = min(max(acc + amount, -32768), 32767)  # section 7
            low, high = (0, 255) if suffix == "weights" else (-256, 255)
            rounded = (acc // 128, acc // 128 + (acc % 128 > 0))
            assert int(values[row, j, i]) in [min(max(k, low), high) for k in rounded]
            moved += bool(amounts)
    assert moved > 50


def test_a_diverging_weight_names_the_products_whose_gate_was_open(
    stdp_program: Make, make_inputs: Make
) -> None:
    program = stdp_program()
    sim = record(program, make_inputs)
    pre_only = np.argwhere(
        (sim["pre.s_out"][:, None, :] != 0) & (sim["post.s_out"][:, :, None] == 0)
    )
    row, j, i = (int(k) for k in pre_only[-1])
    weights = sim[WEIGHTS].copy()
    weights[row, j, i] += 1
    lava = replace(sim, variables={**sim.variables, WEIGHTS: weights}, final={})

    found = compare(sim, lava, program=program).divergence

    assert found is not None
    (product,) = found.products
    y1 = int(sim["synapse.y1"][row, j])
    assert product.product == "dw += x0 * y1 * -3 * 2^-2"
    assert product.factors == (("y1", y1),)
    assert product.amount == (-3 * y1) * 2**5
    assert compare(sim, lava).divergence.products == ()  # type: ignore[union-attr]


def test_what_was_not_recorded_is_unknown_and_not_guessed(
    stdp_program: Make, make_inputs: Make
) -> None:
    program = stdp_program()
    sim = record(program, make_inputs)
    kept = {
        n: v for n, v in sim.variables.items() if n not in ("synapse.y1", "post.s_out")
    }
    partial = replace(sim, variables=kept)

    row, j, i = (int(k) for k in np.argwhere(sim["pre.s_out"][:, None, :] != 0)[-1])
    products = list(explain(program, partial, WEIGHTS, row, j, i))

    assert [p.amount for p in products] == [None, None]
    assert products[1].factors == (("y1", None),)


def test_traces_within_a_longer_epoch_are_unknown(
    stdp_program: Make, make_inputs: Make
) -> None:
    program = stdp_program(epoch_steps=4)
    sim = record(program, make_inputs)

    assert list(explain(program, sim, WEIGHTS, 4, 0, 0)) == []  # no end of an epoch
    found = [
        p
        for j in range(4)
        for i in range(6)
        for p in explain(program, sim, WEIGHTS, 7, j, i)
    ]
    assert found
    assert all(p.amount is None for p in found)


def test_a_variant_of_a_profile_is_explained_as_it_computes(
    third_factor_program: Make, make_inputs: Make
) -> None:
    program = third_factor_program()
    shifted = record(program, make_inputs)
    variant = find_profile("loihi2:product_shift_base=none,accumulator_clips=no")
    unshifted = record(program, make_inputs, profile=variant)
    unknown = replace(
        unshifted, provenance=replace(unshifted.provenance, profile="somebody's")
    )

    def amounts(recording: Recording) -> set[int | None]:
        return {
            p.amount
            for row in range(STEPS)
            for j in range(4)
            for i in range(6)
            for p in explain(program, recording, WEIGHTS, row, j, i)
        }

    assert amounts(unknown) == {None}
    assert amounts(unshifted) != amounts(shifted)


def test_a_synapse_that_does_not_exist_has_no_products(
    stdp_program: Make, make_inputs: Make
) -> None:
    program = stdp_program()
    here = np.zeros((4, 6), np.int32)
    here[1, 2] = 1
    connection = replace(program.connection("synapse"), exists={"w": here})
    program = replace(program, connections=(connection,))
    sim = record(program, make_inputs)

    explained = {
        (j, i)
        for row in range(STEPS)
        for j in range(4)
        for i in range(6)
        if list(explain(program, sim, WEIGHTS, row, j, i))
    }

    assert explained == {(1, 2)}
