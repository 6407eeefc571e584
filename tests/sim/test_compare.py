"""Comparing recordings: every bit counts, and the first one that differs is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.hardware.budget import Budget
from lahar.hardware.profile import LOIHI2
from lahar.hardware.program import Program, View
from lahar.hardware.variables import state_variables
from lahar.sim.compare import compare, compare_all
from lahar.sim.interpreter import execute
from lahar.sim.recording import Provenance, Recording
from lahar.sim.verdict import Divergence, ProductContribution, Verdict

STEPS = 40
Make = Callable[..., Program]


def record(program: Program, make_inputs: Make, backend: str = "sim") -> Recording:
    """Run the interpreter with everything recorded."""
    names = frozenset(v.name for v in state_variables(program))
    inputs = make_inputs(program, STEPS)
    trajectory = execute(program, inputs, STEPS, profile=LOIHI2, record=names, seed=3)
    provenance = Provenance(
        backend=backend,
        steps=STEPS,
        dt_seconds=1e-3,
        chip="loihi2",
        profile="loihi2",
        seed=3,
        program_checksum="program",
        stimulus_checksum="stimulus",
    )
    return Recording(dict(trajectory.variables), dict(trajectory.final), provenance)


def copy_of(
    recording: Recording, backend: str = "lava", **provenance: object
) -> Recording:
    """Copy all values, as another backend's."""
    return replace(
        recording,
        variables={n: v.copy() for n, v in recording.variables.items()},
        final={n: v.copy() for n, v in recording.final.items()},
        provenance=replace(recording.provenance, backend=backend, **provenance),  # type: ignore[arg-type]
    )


def flip_bit(values: np.ndarray, place: tuple[int, ...], bit: int) -> None:
    bits = values.view(f"u{values.dtype.itemsize}")
    bits[place] ^= bits.dtype.type(1 << bit)


@pytest.fixture(params=["stdp_program", "third_factor_program"])
def program(request: pytest.FixtureRequest) -> Program:
    made: Program = request.getfixturevalue(request.param)()
    return made


# --- bit for bit ------------------------------------------------------------------


def test_equal_recordings_are_identical_and_every_value_counts(
    program: Program, make_inputs: Make
) -> None:
    sim = record(program, make_inputs)
    lava = replace(copy_of(sim), lava_own=frozenset({"post.v", "synapse.weights"}))

    verdict = compare(sim, lava, program=program)

    assert verdict.level == "identical"
    verdict.require()
    assert set(sim.final) == set(sim.variables)
    assert verdict.values_compared == sum(v.size for v in sim.variables.values())
    assert {v.name for v in verdict.variables if v.by == "lava"} == lava.lava_own
    assert verdict.unchecked == ()


def test_one_flipped_bit_is_found_where_it_is(
    program: Program, make_inputs: Make
) -> None:
    sim = record(program, make_inputs)
    random = np.random.default_rng(11)

    for name, values in sim.variables.items():
        for _ in range(12):
            place = tuple(int(random.integers(n)) for n in values.shape)
            bit = int(random.integers(8 * values.dtype.itemsize))
            lava = copy_of(sim)
            flip_bit(lava.variables[name], place, bit)

            verdict = compare(sim, lava, program=program)

            assert verdict.level == "diverged"
            found = verdict.divergence
            assert found is not None
            assert (found.step - 1, *found.index) == place
            assert (found.variable, found.owner) == (name, name.rpartition(".")[0])
            assert found.first_value == values[place]
            assert found.second_value == lava.variables[name][place]
            assert found.differing == 1


def test_one_flipped_bit_of_a_final_value_is_found(
    program: Program, make_inputs: Make
) -> None:
    sim = record(program, make_inputs)
    random = np.random.default_rng(12)

    for name, values in sim.final.items():
        place = tuple(int(random.integers(n)) for n in values.shape)
        lava = copy_of(sim)
        flip_bit(lava.final[name], place, int(random.integers(8)))

        found = compare(sim, lava).divergence

        assert found is not None
        assert (found.step, found.variable, found.index) == (STEPS, name, place)


def test_the_earliest_of_several_differences_is_reported(
    stdp_program: Make, make_inputs: Make
) -> None:
    sim = record(stdp_program(), make_inputs)
    lava = copy_of(sim)
    lava.variables["post.v"][30, 1] += 1
    # Within a step what arrives comes first, the weights last (section 3).
    lava.variables["synapse.weights"][20, 1, 1] += 1
    lava.variables["synapse.a_out"][20, 2] += 5
    lava.variables["synapse.x1"][20, 3] += 1

    verdict = compare(sim, lava)

    found = verdict.divergence
    assert found is not None
    assert (found.step, found.variable, found.index) == (21, "synapse.a_out", (2,))
    assert found.also == ("synapse.x1", "synapse.weights")
    assert found.differing == 4


def test_integers_are_compared_by_value_whatever_their_width() -> None:
    sim = small({"post.v": np.array([[1], [2]], np.int64)})
    lava = small({"post.v": np.array([[1], [2]], np.int32)}, "lava")

    assert compare(sim, lava).level == "identical"


def test_floats_are_compared_by_their_bits() -> None:
    first = small({"post.v": np.array([[0.0], [np.nan]])}, units="rule")
    same = small({"post.v": np.array([[0.0], [np.nan]])}, units="rule")
    other = small({"post.v": np.array([[-0.0], [np.nan]])}, units="rule")

    assert compare(first, same).level == "identical"
    assert compare(first, other).level == "diverged"


def test_a_chips_table_of_some_elements_is_compared_with_just_these() -> None:
    sim = small({"post.v": np.arange(6).reshape(2, 3)})
    chip = small({"post.v[1]": np.array([1, 4])}, "chip", seed=None)
    wrong = small({"post.v[1]": np.array([1, 5])}, "chip", seed=None)

    verdict = compare(sim, chip)
    assert (verdict.level, verdict.values_compared) == ("identical", 2)
    assert verdict.unchecked == ("seed",)
    for first, second in ((sim, wrong), (wrong, sim)):
        found = compare(first, second).divergence
        assert found is not None
        assert (found.step, found.variable, found.index) == (2, "post.v", (1,))


# --- what is refused --------------------------------------------------------------


def small(
    variables: dict[str, np.ndarray],
    backend: str = "sim",
    final: dict[str, np.ndarray] | None = None,
    views: tuple[View, ...] = (),
    budgets: tuple[Budget, ...] = (),
    **changes: object,
) -> Recording:
    provenance = Provenance(
        backend=backend,
        steps=2,
        dt_seconds=1e-3,
        profile="loihi2",
        seed=0,
        program_checksum="p",
        stimulus_checksum="s",
    )
    provenance = replace(provenance, **changes)  # type: ignore[arg-type]
    return Recording(variables, final or {}, provenance, views, budgets)


ROWS = {"post.v": np.zeros((2, 3), np.int32)}


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": 3},
        {"dt_seconds": 2e-3},
        {"program_checksum": "q"},
        {"stimulus_checksum": "t"},
        {"profile": "lava-0.10"},
        {"seed": 1},
    ],
)
def test_recordings_of_different_runs_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(LaharError, match="V601") as error:
        compare(small(ROWS), small(ROWS, "lava", **changes))

    assert len(error.value.diagnostics) == 1


def test_all_differences_of_the_runs_are_told_at_once() -> None:
    with pytest.raises(LaharError) as error:
        compare(small(ROWS), small(ROWS, "lava", seed=1, profile="x", steps=3))

    assert [d.code for d in error.value.diagnostics] == ["V601"] * 3


def test_a_reference_needs_neither_the_same_seed_nor_profile() -> None:
    rule = small({"post.s_out": np.zeros((2, 3))}, "reference", units="rule", seed=9)
    rule = replace(rule, provenance=replace(rule.provenance, profile=None))
    sim = small({"post.s_out": np.zeros((2, 3), np.uint8)})

    assert compare(sim, rule).level == "metrics"


def test_recordings_with_nothing_in_common_are_refused() -> None:
    with pytest.raises(LaharError, match="V602"):
        compare(small(ROWS), small({"post.u": ROWS["post.v"]}))
    with pytest.raises(LaharError, match="V602"):
        compare(small({}), small({}))


def test_variables_of_different_shapes_are_refused() -> None:
    with pytest.raises(LaharError, match="V603"):
        compare(small(ROWS), small({"post.v": np.zeros((2, 4), np.int32)}))


# --- the verdict itself -----------------------------------------------------------


def test_a_list_is_compared_with_its_first() -> None:
    rows = {"post.v": np.ones((2, 3), np.int32)}
    verdicts = compare_all([small(ROWS), small(ROWS, "lava"), small(rows, "chip")])

    assert [(v.first, v.second, v.level) for v in verdicts] == [
        ("sim", "lava", "identical"),
        ("sim", "chip", "diverged"),
    ]


def example() -> Verdict:
    product = ProductContribution("dw += x0 * y1 * -3 * 2^-2", (("y1", 12),), -1152)
    divergence = Divergence(
        37, "synapse.weights", "synapse", (3, 17), 121, 122, 40, ("post.v",), (product,)
    )
    sim = small(ROWS)
    lava = replace(small(ROWS, "lava", seed=None), lava_own=frozenset({"post.v"}))
    return replace(compare(sim, lava), level="diverged", divergence=divergence)


def test_a_verdict_is_plain_json() -> None:
    tree = json.loads(json.dumps(example().to_json()))

    assert tree["level"] == "diverged"
    assert tree["values_compared"] == 6
    assert tree["divergence"]["index"] == [3, 17]
    assert tree["divergence"]["products"][0]["amount"] == -1152


def test_a_verdict_reads_as_text(golden: Callable[[str, str], None]) -> None:
    golden("verdict_diverged", example().render() + "\n")


def test_a_divergence_raises_with_its_place_and_products() -> None:
    with pytest.raises(LaharError) as error:
        example().require()

    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "V605"
    assert "part at step 37: `synapse.weights[3,17]`" in diagnostic.message
    assert "y1 = 12" in str(error.value)
    assert error.value.exit_code == 1
