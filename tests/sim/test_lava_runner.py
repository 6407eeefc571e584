"""A Lava run that cannot start; what ends one is in test_lava_isolation.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec

import pytest

from lahar.compiler.lava.lower import lower_to_lava
from lahar.diagnostics import LaharError
from lahar.hardware.lava_bundle import LavaBundle
from lahar.hardware.profile import LAVA_0_10, LOIHI2
from lahar.hardware.program import Program
from lahar.sim import lava_runner
from lahar.sim.backend import Inputs

needs_lava = pytest.mark.skipif(
    find_spec("lava") is None, reason="Lava is not installed"
)

STEPS = 50

MakeProgram = Callable[..., Program]
MakeInputs = Callable[..., Inputs]
Run = Callable[..., None]


@pytest.fixture
def program(third_factor_program: MakeProgram) -> Program:
    return third_factor_program()


@pytest.fixture
def run(program: Program, make_inputs: MakeInputs) -> Run:
    """Run a bundle of the program."""

    def run_somehow(bundle: LavaBundle, **changed: object) -> None:
        how = {"profile": LAVA_0_10, "record": frozenset(), "seed": 0, **changed}
        inputs = make_inputs(program, STEPS)
        lava_runner.run_bundle(bundle, program, inputs, STEPS, **how)

    return run_somehow


def test_another_profile_than_lavas_is_refused(program: Program, run: Run) -> None:
    with pytest.raises(LaharError, match=r"error\[B503\].*`loihi2`"):
        run(lower_to_lava(program), profile=LOIHI2)


def test_without_lava_the_diagnostic_has_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, program: Program, run: Run
) -> None:
    monkeypatch.setattr(lava_runner, "LAVA_PACKAGE", "no-such-package-as-this")

    with pytest.raises(LaharError, match="B501") as raised:
        run(lower_to_lava(program))

    assert raised.value.exit_code == 3


@needs_lava
def test_another_version_of_lava_is_refused(
    monkeypatch: pytest.MonkeyPatch, program: Program, run: Run
) -> None:
    monkeypatch.setattr(lava_runner, "LAVA_VERSION", "0.9.0")

    with pytest.raises(LaharError, match="B502"):
        run(lower_to_lava(program))


@needs_lava
def test_a_rule_that_lava_reads_otherwise_stops_the_run(
    program: Program, run: Run
) -> None:
    bundle = lower_to_lava(program)
    script = bundle.files[bundle.entry]
    assert "*(y2-64)*" in script
    files = {**bundle.files, bundle.entry: script.replace("*(y2-64)*", "*((y2-64))*")}

    with pytest.raises(LaharError, match="ValueError: Lava read dw as"):
        run(replace(bundle, files=files))
