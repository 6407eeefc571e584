"""A Lava run that cannot start, hangs or dies is diagnosed and leaves nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from lahar.compiler.lava.lower import lower_to_lava
from lahar.diagnostics import LaharError
from lahar.hardware.lava_bundle import LavaBundle
from lahar.hardware.profile import LAVA_0_10, LOIHI2
from lahar.hardware.program import Program
from lahar.sim import lava_runner
from lahar.sim.backend import Inputs
from lahar.sim.lava_process_group import SHARED_MEMORY, ProcessGroup

needs_lava = pytest.mark.skipif(
    find_spec("lava") is None, reason="Lava is not installed"
)

MODULE = "processes/lahar_processes.py"
STEPS = 5000
LIMIT_S = 60.0

MakeProgram = Callable[..., Program]
MakeInputs = Callable[..., Inputs]
Run = Callable[..., None]
Break = Callable[..., LavaBundle]


@pytest.fixture
def program(third_factor_program: MakeProgram) -> Program:
    return third_factor_program()


@pytest.fixture
def run(program: Program, make_inputs: MakeInputs) -> Run:
    """Run a bundle of the program for many steps."""

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


class Spy:
    """Remembers the session, folder and shared memory of each run that ended."""

    def __init__(self) -> None:
        self.sessions: list[int] = []
        self.folders: list[Path] = []
        self.segments: set[Path] = set()

    def look(self, group: ProcessGroup) -> None:
        self.sessions.append(group._child.pid)
        self.folders.append(group.folder)
        for process in group._members():
            with suppress(OSError):
                self._note_segments(Path(f"/proc/{process.pid}/maps").read_text())

    def _note_segments(self, maps: str) -> None:
        lines = [line for line in maps.splitlines() if "/dev/shm/psm_" in line]
        self.segments |= {SHARED_MEMORY / line.rpartition("/")[2] for line in lines}

    def left_over(self) -> list[object]:
        """List processes, shared memory and folders that are still there."""
        found: list[object] = [p for p in self.segments if p.exists()]
        found += [f for f in self.folders if f.exists()]
        for process in psutil.process_iter(["pid", "status"]):
            try:
                session = os.getsid(process.pid)
            except OSError:
                continue
            if session in self.sessions and process.info["status"] != "zombie":
                found.append(process)
        return found


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spy]:
    spy, end = Spy(), ProcessGroup.end

    def watched_end(group: ProcessGroup) -> None:
        spy.look(group)
        end(group)

    monkeypatch.setattr(ProcessGroup, "end", watched_end)
    yield spy
    assert len(spy.sessions) == 1, "the test started one child"
    assert spy.left_over() == []


@pytest.fixture
def broken(program: Program) -> Break:
    """Put statements before the fifth step of a generated neuron."""

    def make(*statements: str) -> LavaBundle:
        bundle = lower_to_lava(program)
        start = "    def run_spk(self):\n        super().run_spk()\n"
        text = bundle.files[MODULE]
        assert text.count(start) == 1
        injected = "".join(f"            {s}\n" for s in statements)
        head, body = start.splitlines(keepends=True)
        changed = f"{head}        if self.time_step == 5:\n{injected}{body}"
        files = {**bundle.files, MODULE: text.replace(start, changed)}
        return replace(bundle, files=files)

    return make


@needs_lava
def test_a_child_that_raises_is_reported_with_its_traceback(
    broken: Break, run: Run, spy: Spy
) -> None:
    bundle = broken("raise ValueError('the cause')")

    with pytest.raises(LaharError, match=r"error\[B505\]") as raised:
        run(bundle, time_limit_s=LIMIT_S)

    assert "ValueError: the cause" in str(raised.value)
    assert "after 4 of 5000 steps" in str(raised.value)
    assert spy.segments, "the run was alive and had shared memory"


@needs_lava
def test_a_child_that_is_killed_is_reported(broken: Break, run: Run, spy: Spy) -> None:
    bundle = broken("os.kill(os.getpid(), 9)")

    with pytest.raises(LaharError, match="exit code -9"):
        run(bundle, time_limit_s=LIMIT_S)


@needs_lava
@pytest.mark.usefixtures("spy")
def test_a_child_whose_main_process_is_killed_is_reported(
    broken: Break, run: Run
) -> None:
    bundle = broken("os.kill(os.getppid(), 9)")

    with pytest.raises(LaharError, match=r"B505.*\(exit code -9\)"):
        run(bundle, time_limit_s=LIMIT_S)


@needs_lava
def test_a_child_that_hangs_and_ignores_signals_ends_at_its_time_limit(
    broken: Break, run: Run, spy: Spy
) -> None:
    bundle = broken(
        "import signal, time",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "time.sleep(1000)",
    )

    with pytest.raises(LaharError, match="B504"):
        run(bundle, time_limit_s=6.0)


@needs_lava
def test_an_interrupt_in_the_parent_ends_the_child(
    broken: Break, run: Run, spy: Spy
) -> None:
    bundle = broken("pass")

    def interrupt(steps_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(bundle, progress=interrupt, time_limit_s=LIMIT_S)

    assert spy.segments, "the run was alive and had shared memory"


@needs_lava
@pytest.mark.usefixtures("spy")
def test_a_rule_that_lava_reads_otherwise_stops_the_run(
    broken: Break, run: Run
) -> None:
    bundle = broken("pass")
    script = bundle.files[bundle.entry]
    assert "*(y2-64)*" in script
    files = {**bundle.files, bundle.entry: script.replace("*(y2-64)*", "*((y2-64))*")}

    with pytest.raises(LaharError, match="ValueError: Lava read dw as"):
        run(replace(bundle, files=files))
