"""Stimuli: drawn, read, checked and brought to a Program's ports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lahar.diagnostics import LaharError
from lahar.hardware.program import (
    Modulator,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
)
from lahar.rules.library import LIF, ErrorLIF, RewardSTDP
from lahar.rules.network import Group, Network, Projection
from lahar.sim.stimulus import Stimulus, parse_stimulus, poisson, prepare, silence
from lahar.sim.stimulus_needs import needs_of

DT = 1e-3


def small_program() -> Program:
    neuron = NeuronProgram(
        ports=(NeuronPort("reward", "modulator"), NeuronPort("reward2", "modulator")),
        registers=(Register("v"),),
        ops=(Op("copy", "v", ("reward",)), Op("gt", "spike", ("v", 100))),
        spike="spike",
    )
    return Program(
        name="small",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=DT,
        populations=(Population("in", 5), Population("out", 3, neuron)),
        connections=(),
        modulators=(
            Modulator("reward", 63.0, -64, 63, (("out", "reward"), ("out", "reward2"))),
        ),
    )


def stimulus(steps: int = 10, **changes: object) -> Stimulus:
    spikes = {"in": np.zeros((steps, 5))}
    return Stimulus(
        {**spikes, **changes.pop("spikes", {})},  # type: ignore[dict-item]
        {"reward": np.zeros(steps), **changes},  # type: ignore[dict-item]
    )


def codes(error: pytest.ExceptionInfo[LaharError]) -> list[str]:
    return [d.code for d in error.value.diagnostics]


# --- prepare ----------------------------------------------------------------------


def test_prepare_gives_bytes_of_spikes_and_one_column_for_each_neuron() -> None:
    spikes = np.eye(12, 5, dtype=bool)
    reward = np.linspace(-1, 1, 12)

    inputs = prepare(small_program(), Stimulus({"in": spikes}, {"reward": reward}), 10)

    assert inputs.spikes["in"].dtype == np.uint8
    assert np.array_equal(inputs.spikes["in"], spikes[:10])
    for port in ("reward", "reward2"):
        column = inputs.ports["out", port]
        assert column.dtype == np.int32
        assert np.array_equal(column, np.rint(reward[:10] * 63)[:, None].repeat(3, 1))


def test_ports_round_half_to_even_and_clip() -> None:
    values = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 70.0, -70.0]) / 63
    reward = np.tile(values, (3, 1)).T

    inputs = prepare(small_program(), stimulus(7, reward=reward), 7)

    assert inputs.ports["out", "reward"][:, 2].tolist() == [0, 2, 2, 0, -2, 63, -64]


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=20))
def test_ports_hold_the_nearest_integer_within_range(values: list[float]) -> None:
    inputs = prepare(
        small_program(), stimulus(len(values), reward=np.array(values)), len(values)
    )

    for value, stored in zip(values, inputs.ports["out", "reward"][:, 0], strict=True):
        assert -64 <= stored <= 63
        assert abs(stored - min(max(value * 63, -64), 63)) <= 0.5


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"spikes": {"in": np.zeros((10, 4))}}, "S403"),
        ({"spikes": {"in": np.zeros(10)}}, "S403"),
        ({"spikes": {"in": np.full((10, 5), 2)}}, "S404"),
        ({"spikes": {"in": np.full((10, 5), 0.5)}}, "S404"),
        ({"spikes": {"in": np.full((10, 5), np.nan)}}, "S404"),
        ({"spikes": {"in": np.zeros((9, 5))}}, "S405"),
        ({"spikes": {"in": [["a"] * 5] * 10}}, "S407"),
        ({"spikes": {"in": [[0, 1], [0]]}}, "S407"),
        ({"spikes": {"inn": np.zeros((10, 5))}}, "S402"),
        ({"reward": np.zeros((10, 4))}, "S403"),
        ({"reward": np.zeros((10, 3, 1))}, "S403"),
        ({"reward": np.zeros(9)}, "S405"),
        ({"reward": np.full(10, np.nan)}, "S406"),
        ({"reward": np.full(10, np.inf)}, "S406"),
        ({"reward": np.full(10, 1j)}, "S407"),
        ({"dopamine": np.zeros(10)}, "S402"),
    ],
)
def test_a_stimulus_that_does_not_fit_is_refused(
    changes: dict[str, object], code: str
) -> None:
    with pytest.raises(LaharError) as error:
        prepare(small_program(), stimulus(10, **changes), 10)

    assert codes(error) == [code]


def test_all_problems_of_a_stimulus_are_told_at_once() -> None:
    with pytest.raises(LaharError) as error:
        prepare(small_program(), Stimulus({"inn": np.zeros((2, 5))}), 10)

    assert sorted(codes(error)) == ["S401", "S401", "S402"]
    assert "did you mean `in`" in str(error.value)


def test_a_run_needs_a_step() -> None:
    with pytest.raises(LaharError) as error:
        prepare(small_program(), stimulus(10), 0)

    assert codes(error) == ["S408"]


def test_a_message_names_the_first_bad_spike() -> None:
    spikes = np.zeros((10, 5))
    spikes[4, 3] = -1

    with pytest.raises(LaharError, match=r"-1\.0 at step 5, neuron 3 is no spike"):
        prepare(small_program(), stimulus(10, spikes={"in": spikes}), 10)


# --- drawing ----------------------------------------------------------------------


def test_poisson_spikes_have_the_rate_and_depend_on_the_seed_alone() -> None:
    program = small_program()

    drawn = poisson(program, 200, 4000, DT, seed=3)

    spikes = np.asarray(drawn.spikes["in"])
    # 20 000 draws of p = 0.2: four standard deviations are 0.0113.
    assert spikes.mean() == pytest.approx(0.2, abs=0.0113)
    assert poisson(program, 200, 4000, DT, seed=3).checksum == drawn.checksum
    assert poisson(program, 200, 4000, DT, seed=4).checksum != drawn.checksum


def test_a_signal_does_not_depend_on_what_else_there_is() -> None:
    one = Network("a", (Group("in", 4),), (), DT)
    two = Network("b", (Group("other", 9), Group("in", 4)), (), DT)

    first, second = (poisson(n, 100, 50, DT, seed=1).spikes["in"] for n in (one, two))

    assert np.array_equal(first, second)


def test_random_modulators_hold_ten_steps_within_their_bounds() -> None:
    drawn = np.asarray(
        poisson(small_program(), 20, 95, DT, seed=0).modulators["reward"]
    )

    assert drawn.shape == (95,)
    assert len(set(drawn)) == 10
    assert all(len(set(drawn[k : k + 10])) == 1 for k in range(0, 90, 10))
    assert (np.abs(drawn) <= 64 / 63).all()


@pytest.mark.parametrize("rate", [-1.0, 1001.0, float("nan")])
def test_an_impossible_rate_is_refused(rate: float) -> None:
    with pytest.raises(LaharError, match="S409"):
        poisson(small_program(), rate, 10, DT, seed=0)


def test_silence_has_no_spikes_and_neutral_modulators() -> None:
    quiet = silence(small_program(), 7)

    assert not np.asarray(quiet.spikes["in"]).any()
    assert np.asarray(quiet.modulators["reward"]).tolist() == [0.0] * 7


def test_a_network_needs_what_its_neurons_and_rules_read() -> None:
    network = Network(
        "net",
        (Group("in", 2), Group("a", 3, ErrorLIF()), Group("b", 4, LIF())),
        (Projection("p", "in", "b", np.ones((4, 2)), rule=RewardSTDP()),),
        DT,
    )

    needs = needs_of(network)

    assert needs.inputs == {"in": 2}
    assert {n: m.populations for n, m in needs.modulators.items()} == {
        "teacher": {"a": 3},
        "reward": {"b": 4},
    }


# --- text and files ---------------------------------------------------------------


def test_the_command_lines_text_makes_the_same_stimulus() -> None:
    program = small_program()

    for text, rate in (("poisson:rate=20Hz", 20), ("poisson:rate=0.02kHz", 20)):
        parsed = parse_stimulus(text, program, 50, DT, 3)
        assert parsed.checksum == poisson(program, rate, 50, DT, 3).checksum
    assert parse_stimulus("silent", program, 5, DT, 0).checksum == (
        silence(program, 5).checksum
    )


@pytest.mark.parametrize(
    "text",
    ["", "poisson", "poisson:20Hz", "poisson:rate=20", "poisson:rate=xHz", "regular",
     "poisson:rate=-1Hz", "poisson:rate=infHz", "poisson:rate=nanHz", "silent:1"],
)  # fmt: skip
def test_a_text_that_is_no_stimulus_is_refused(text: str) -> None:
    with pytest.raises(LaharError, match="S410"):
        parse_stimulus(text, small_program(), 5, DT, 0)


def test_a_file_gives_its_arrays(tmp_path: Path) -> None:
    path = tmp_path / "stimulus.npz"
    spikes, reward = np.eye(10, 5), np.linspace(0, 1, 10)
    np.savez(path, **{"spikes.in": spikes, "modulator.reward": reward})

    read = parse_stimulus(str(path), small_program(), 10, DT, 0)

    assert read.checksum == Stimulus({"in": spikes}, {"reward": reward}).checksum


def test_a_cut_file_is_refused_at_every_offset(tmp_path: Path) -> None:
    path = tmp_path / "stimulus.npz"
    np.savez(path, **{"spikes.in": np.eye(10, 5), "modulator.reward": np.ones(10)})
    whole = path.read_bytes()

    for size in range(0, len(whole), 37):
        path.write_bytes(whole[:size])
        with pytest.raises(LaharError, match="S411"):
            parse_stimulus(str(path), small_program(), 10, DT, 0)


def test_a_missing_foreign_or_pickled_file_is_refused(tmp_path: Path) -> None:
    names = ("missing", "text", "single", "pickled", "foreign")
    paths = {name: tmp_path / f"{name}.npz" for name in names}
    paths["text"].write_text("spikes.in = 1")
    with paths["single"].open("wb") as file:
        np.save(file, np.ones(3))
    np.savez(paths["pickled"], **{"spikes.in": np.array([{}], dtype=object)})
    np.savez(paths["foreign"], weights=np.ones(3))

    for path in paths.values():
        with pytest.raises(LaharError, match="S411"):
            parse_stimulus(str(path), small_program(), 10, DT, 0)
