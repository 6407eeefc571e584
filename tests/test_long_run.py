"""A run to a file: the same bits as in memory, stopped or not, in memory that stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import lahar
from lahar import (
    Group,
    Modulator,
    Network,
    Projection,
    Rule,
    Tag,
    Trace,
    ms,
    post,
    pre,
    stimulus_parts,
)
from lahar.long_run import checkpoint_of, rows_of, run_to_file
from lahar.rules.loading import load_neuron
from lahar.sim.stimulus import after

ROOT = Path(__file__).resolve().parents[1]
STEPS, EVERY = 90, 20


class Rewarded(Rule):
    """Pair STDP into a tag, times a reward: traces, tag, modulator and rounding."""

    reward = Modulator(low=-1.0, high=1.0)
    x = Trace(pre, tau=20 * ms)
    y = Trace(post, tau=20 * ms)
    eligibility = Tag(tau=200 * ms)
    deligibility = 0.5 * x * post - 0.5 * y * pre
    dw = 0.3 * reward * eligibility
    bounds = (0.0, 1.0)


PROGRAM = lahar.compile(Rewarded, pre=12, post=4, rate=100 * lahar.Hz)
RATE = "poisson:rate=150Hz"


class StoppedError(Exception):
    """What stands for a kill: nothing is tidied up after it but what Python does."""


def stopping_at(step: int) -> Callable[[int], None]:
    done = 0

    def progress(steps: int) -> None:
        nonlocal done
        done += steps
        if done >= step:
            raise StoppedError

    return progress


def stopped(output: Path, step: int, **asked: object) -> None:
    with pytest.raises(StoppedError):
        run_to_file(
            PROGRAM,
            RATE,
            STEPS,
            output=output,
            checkpoint_every=EVERY,
            progress=stopping_at(step),
            **asked,
        )


def assert_same(path: Path, whole: lahar.Recording) -> None:
    written = lahar.load_recording(path)
    assert written.provenance == whole.provenance
    assert written.names == whole.names
    assert list(written.final) == list(whole.final)
    assert written.checksum == whole.checksum


@pytest.mark.parametrize(
    "profile", ["loihi2", pytest.param("lava-0.10", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("step", [21, 45, 89])
def test_a_run_that_was_stopped_ends_in_the_same_bits(
    tmp_path: Path, profile: str, step: int
) -> None:
    asked = {"profile": profile, "record": "all", "seed": 7}
    whole = lahar.run(PROGRAM, RATE, STEPS, **asked)
    output = tmp_path / "rec.h5"

    stopped(output, step, **asked)
    resume = checkpoint_of(output)
    done = run_to_file(PROGRAM, RATE, STEPS, **asked, output=output, resume=resume)

    assert done.checksum == whole.checksum
    assert_same(output, whole)
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize("backend", ["sim", "interpreter"])
def test_a_file_has_what_a_run_in_memory_has(
    tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stimulus_parts, "LONGEST_PIECE", 13)
    stimulus = lahar.poisson(PROGRAM, 150.0, STEPS + 5, 1e-3, 2)
    for given in (RATE, None, stimulus):
        whole = lahar.run(PROGRAM, given, STEPS, backend, record="all")
        output = tmp_path / "rec.h5"
        done = run_to_file(PROGRAM, given, STEPS, backend, record="all", output=output)

        assert_same(output, whole)
        assert done.spikes["pre"] == whole["pre.s_out"].sum(0).mean()
        assert list(tmp_path.iterdir()) == [output]


def test_a_stop_without_checkpoints_leaves_nothing(tmp_path: Path) -> None:
    output = tmp_path / "rec.h5"
    with pytest.raises(StoppedError):
        run_to_file(PROGRAM, RATE, 50, output=output, progress=stopping_at(3))

    assert list(tmp_path.iterdir()) == []


def refused(output: Path, **changed: object) -> str:
    asked = {"stimulus": RATE, "steps": STEPS, "resume": checkpoint_of(output)}
    with pytest.raises(lahar.LaharError) as error:
        run_to_file(PROGRAM, output=output, **{**asked, **changed})
    return str(error.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seed": 1}, "its seed is 0"),
        ({"profile": "lava-0.10"}, "its profile is loihi2"),
        ({"stimulus": "silent"}, "its stimulus is"),
        ({"steps": STEPS + 1}, "its steps is 90"),
        ({"record": "post.v"}, "its recorded is"),
        ({"backend": "interpreter"}, "writes no checkpoints"),
        ({"resume": Path("nothing")}, "No such file"),
        ({"resume": ROOT / "README.md"}, "it is no checkpoint"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_checkpoint_goes_on_with_its_own_run_only(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    output = tmp_path / "rec.h5"
    stopped(output, 45)

    before = sorted(tmp_path.rglob("*"))
    assert said in refused(output, **changed)
    assert sorted(tmp_path.rglob("*")) == before
    run_to_file(PROGRAM, RATE, STEPS, output=output, resume=checkpoint_of(output))


@pytest.mark.parametrize("cut", [0, 100, 512, 600, -1])
def test_a_checkpoint_that_was_cut_is_refused(tmp_path: Path, cut: int) -> None:
    output = tmp_path / "rec.h5"
    stopped(output, 45)
    path = checkpoint_of(output)
    path.write_bytes(path.read_bytes()[:cut])

    assert "no checkpoint" in refused(output) or "is damaged" in refused(output)


def test_a_checkpoint_of_which_one_byte_changed_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "rec.h5"
    stopped(output, 45)
    path = checkpoint_of(output)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))

    assert "its checksum does not match" in refused(output)


def test_rows_that_are_gone_are_missed(tmp_path: Path) -> None:
    output = tmp_path / "rec.h5"
    stopped(output, 45)
    os.truncate(rows_of(output) / "0.rows", 5)

    assert "lacks rows that were recorded before step 40" in refused(output)


def test_parts_of_a_stimulus_have_the_checksum_of_the_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from lahar.running import make_stimulus

    monkeypatch.setattr(stimulus_parts, "LONGEST_PIECE", 11)
    for given in (None, RATE, "silent"):
        whole = make_stimulus(PROGRAM, given, 57, 3)
        parts = stimulus_parts.PartsOfStimulus(PROGRAM, given, 57, 3)

        assert parts.checksum() == whole.checksum
        part, same = parts.part(19, 23), after(whole, 19, 23)
        np.testing.assert_array_equal(part.spikes["pre"], same.spikes["pre"])


def test_parts_of_a_graded_input_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from lahar.running import make_stimulus

    monkeypatch.setattr(stimulus_parts, "LONGEST_PIECE", 11)
    network = Network(
        "graded",
        (Group("seen", 3, graded=(0.0, 1.0)), Group("out", 2, load_neuron("lif"))),
        (Projection("p", "seen", "out", np.full((2, 3), 0.5)),),
        dt_seconds=1 * ms,
    )
    program = lahar.compile(network)
    whole = make_stimulus(program, RATE, 57, 3)

    assert np.unique(np.asarray(whole.spikes["seen"])).size > 2
    parts = stimulus_parts.PartsOfStimulus(program, RATE, 57, 3)
    assert parts.checksum() == whole.checksum
    part, same = parts.part(19, 23), after(whole, 19, 23)
    np.testing.assert_array_equal(part.spikes["seen"], same.spikes["seen"])


MEASURE = """
import resource, sys
from pathlib import Path
import lahar
from lahar.long_run import run_to_file
program = lahar.load("p.lahar")
for steps in (2000, int(sys.argv[1])):
    run_to_file(program, "poisson:rate=20Hz", steps, record="all", output=Path("r.h5"))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length_of_a_run(tmp_path: Path) -> None:
    program = lahar.compile(Rewarded, pre=60, post=20)
    program.save(tmp_path / "p.lahar")
    steps = 40_000

    command = [sys.executable, "-c", MEASURE, str(steps)]
    done = subprocess.run(
        command, cwd=tmp_path, check=True, capture_output=True, text=True
    )
    short, long = (int(line) << 10 for line in done.stdout.split())

    recorded = steps * 2 * 4 * 60 * 20  # weights and tags alone
    assert long - short < recorded / 4


@pytest.mark.slow
def test_runs_that_are_killed_end_in_the_same_bits() -> None:
    command = [sys.executable, "-m", "benchmarks.kill_and_resume", "--kills", "2"]
    done = subprocess.run(
        [*command, "--steps", "6000", "--json"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    kills = json.loads(done.stdout.rpartition("]")[0] + "]")
    assert sum(kill["resumed"] for kill in kills) == 2
    assert all(kill["identical"] for kill in kills)
