"""A run in pieces: every backend goes on where it stopped, and a host may steer it."""

from __future__ import annotations

import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lahar
from lahar import Modulator, Param, Rule, Tag, Trace, ms, post, pre
from lahar.running import make_stimulus
from lahar.sim.stimulus import after

STEPS = 60


class Rewarded(Rule):
    """Pair STDP into a tag, times a reward: traces, tag, modulator and rounding."""

    tau = Param(20 * ms)
    reward = Modulator(low=-1.0, high=1.0)
    x = Trace(pre, tau=tau)
    y = Trace(post, tau=tau)
    eligibility = Tag(tau=200 * ms)
    deligibility = 0.5 * x * post - 0.5 * y * pre
    dw = 0.3 * reward * eligibility
    bounds = (0.0, 1.0)


@cache
def compiled(epoch: int) -> lahar.Program:
    return lahar.compile(Rewarded, pre=12, post=4, epoch=epoch, rate=100 * lahar.Hz)


RUNS = [
    ("sim", "loihi2", 1),
    pytest.param("sim", "lava-0.10", 2, marks=pytest.mark.slow),
    ("interpreter", "loihi2", 2),
    ("interpreter", "lava-0.10", 1),
    ("reference", None, 1),
]


def stimulus_of(program: lahar.Program, steps: int) -> lahar.Stimulus:
    return lahar.poisson(program, 150.0, steps, program.dt_seconds, 5)


@pytest.mark.parametrize(("backend", "profile", "epoch"), RUNS)
@settings(max_examples=8, deadline=None)
@given(cuts=st.sets(st.integers(1, STEPS - 1), max_size=5), seed=st.integers(0, 2**63))
def test_any_split_of_a_run_equals_the_run_in_one_piece(
    backend: str, profile: str | None, epoch: int, cuts: set[int], seed: int
) -> None:
    program = compiled(epoch)
    stimulus = stimulus_of(program, STEPS)
    asked = {"backend": backend, "profile": profile, "seed": seed}
    whole = lahar.run(program, stimulus, STEPS, record="all", **asked)

    live, parts, start = lahar.start(program, **asked), [], 0
    for stop in (*sorted(cuts), STEPS):
        parts.append(live.run(after(stimulus, start), stop - start, "all"))
        start = stop

    assert live.steps_done == STEPS
    for name, values in whole.variables.items():
        joined = np.concatenate([part[name] for part in parts])
        np.testing.assert_array_equal(joined, values, name)
        assert joined.dtype == values.dtype
    for name, value in whole.final.items():
        np.testing.assert_array_equal(live.final[name], value, name)
        np.testing.assert_array_equal(parts[-1].final[name], value, name)


@pytest.mark.parametrize("stimulus", [None, "poisson:rate=90Hz", "silent"])
def test_a_stimulus_that_is_drawn_goes_on_from_piece_to_piece(
    stimulus: str | None,
) -> None:
    program = compiled(1)
    whole = lahar.run(program, stimulus, 53, seed=4, record="all")

    live = lahar.start(program, seed=4)
    parts = [live.run(stimulus, n, "all") for n in (7, 13, 1, 32)]

    for name in whole.names:
        joined = np.concatenate([part[name] for part in parts])
        np.testing.assert_array_equal(joined, whole[name], name)


def test_a_host_that_chooses_from_what_it_reads_closes_the_loop() -> None:
    program = compiled(1)
    live = lahar.start(program, seed=1)
    given_rows, rewards, spikes = [], [], []
    row, reward = np.ones((1, 12), np.uint8), np.zeros(1)

    for _ in range(40):
        piece = live.run(lahar.Stimulus({"pre": row}, {"reward": reward}))
        given_rows.append(row)
        rewards.append(reward)
        spikes.append(piece["post.s_out"])
        row = np.resize(piece["post.s_out"], (1, 12)) ^ 1
        reward = piece["post.s_out"].mean(axis=1)
    replayed = lahar.Stimulus(
        {"pre": np.concatenate(given_rows)}, {"reward": np.concatenate(rewards)}
    )
    whole = lahar.run(program, replayed, 40, seed=1)

    assert np.concatenate(spikes).any()
    np.testing.assert_array_equal(np.concatenate(spikes), whole["post.s_out"])
    np.testing.assert_array_equal(live.weights("synapse"), weights_of(whole))


def weights_of(recording: lahar.Recording) -> np.ndarray:
    stored = recording.final["synapse.weights"]
    view = recording.view("synapse.weights")
    return (stored.astype(float) - view.offset) / view.scale


def test_weights_read_in_the_rules_units_on_every_backend() -> None:
    program = compiled(1)
    read = {}
    for backend in ("sim", "interpreter", "reference"):
        live = lahar.start(program, backend=backend)
        live.run("silent", 3)
        read[backend] = live.weights("synapse")

    np.testing.assert_array_equal(read["sim"], read["interpreter"])
    np.testing.assert_allclose(read["sim"], read["reference"], atol=1 / 128)


def test_a_call_of_one_step_takes_well_under_a_millisecond() -> None:
    program = compiled(1)
    rows = [after(stimulus_of(program, 300), k) for k in range(300)]
    live = lahar.start(program)
    live.run(rows[0])

    took = []
    for row in rows:
        began = time.perf_counter()
        live.run(lahar.Stimulus(row.spikes, row.modulators))
        took.append(time.perf_counter() - began)

    assert np.median(took) < 1e-3


def test_final_values_of_a_piece_are_gone_once_the_run_goes_on() -> None:
    live = lahar.start(compiled(1))
    piece = live.run(steps=5)
    read = piece.final["post.v"]
    live.run(steps=1)

    np.testing.assert_array_equal(piece.final["post.v"], read)
    with pytest.raises(lahar.LaharError, match="the run is at step 6"):
        piece.final["post.u"]


def test_pieces_are_compared_with_the_same_piece_only() -> None:
    program = compiled(1)
    live = lahar.start(program)
    first = live.run(steps=5, record="all")
    same = lahar.start(program, backend="interpreter").run(steps=5, record="all")

    lahar.compare(first, same).require()
    with pytest.raises(lahar.LaharError, match="differ in steps before"):
        lahar.compare(live.run(steps=5, record="all"), same)


def test_what_cannot_go_on_is_said_when_it_starts() -> None:
    program = compiled(1)

    with pytest.raises(lahar.LaharError, match="cannot run in pieces"):
        lahar.start(program, backend="lava")
    with pytest.raises(lahar.LaharError, match="no backend"):
        lahar.start(program, backend="chip")
    with pytest.raises(lahar.LaharError, match="is not a variable of program"):
        lahar.start(program).weights("nothing")
    with pytest.raises(lahar.LaharError, match="not a number of steps"):
        lahar.start(program).run(steps=0)
    with pytest.raises(lahar.LaharError, match="the run needs 2"):
        lahar.start(program).run(stimulus_of(program, 1), steps=2)


def test_the_stimulus_of_a_piece_is_that_of_the_whole_run() -> None:
    program = compiled(1)
    whole = make_stimulus(program, None, 47, 9)
    part = make_stimulus(program, None, 14, 9, steps_before=33)

    np.testing.assert_array_equal(
        part.spikes["pre"], np.asarray(whole.spikes["pre"])[33:]
    )
    reward = np.asarray(whole.modulators["reward"])
    np.testing.assert_array_equal(part.modulators["reward"], reward[33:])
