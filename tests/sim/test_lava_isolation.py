"""Lava in a child that is killed, raises or hangs: an error in time, nothing left.

Each case edits the generated text of one run. Lava itself waits for ever in most of
them, and leaves processes and shared memory behind (its own process group does not).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from lahar.compiler.lava.lower import lower_to_lava
from lahar.diagnostics import LaharError
from lahar.hardware.lava_bundle import LavaBundle
from lahar.hardware.profile import LAVA_0_10
from lahar.hardware.program import Program
from lahar.sim import lava_runner
from lahar.sim.backend import Inputs
from lahar.sim.lava_process_group import SHARED_MEMORY, ProcessGroup

pytestmark = pytest.mark.skipif(
    find_spec("lava") is None, reason="Lava is not installed"
)

MODULE = "processes/lahar_processes.py"
STEPS = 50_000  # more than any of these runs may do
LIMIT_S = 120.0
GRACE_S = 20.0  # to end what is left, on a busy machine
SETTLE_S = 10.0

MakeProgram = Callable[..., Program]
MakeInputs = Callable[..., Inputs]
Run = Callable[..., None]

FIFTH_STEP = "if self.time_step == 5:"
RUN_SPK = "    def run_spk(self):\n"
KEPT = "    implements_process = None  # the decorator fills it in again\n"


def at_start_of_step(text: str, *statements: str) -> str:
    """Put statements before everything that a model does in the fifth step."""
    return _once(text, f"{RUN_SPK}        super().run_spk()\n", RUN_SPK, statements)


def at_end_of_step(text: str, *statements: str) -> str:
    """Put statements after all that a model sends in the fifth step."""
    last = next(
        line
        for line in reversed(text.partition("class Recorder(")[0].splitlines())
        if ".send(" in line
    )
    return _once(text, f"{last}\n", f"{last}\n", statements)


def _once(text: str, place: str, keep: str, statements: tuple[str, ...]) -> str:
    assert text.count(place) == 1
    injected = "".join(f"            {s}\n" for s in statements)
    rest = place.removeprefix(keep)
    return text.replace(place, f"{keep}        {FIFTH_STEP}\n{injected}{rest}")


def in_constructor(text: str, statement: str) -> str:
    """Let the constructor of a model do something else."""
    assert text.count(KEPT) == 1
    constructor = f"    def __init__(self, proc_params):\n        {statement}\n"
    return text.replace(KEPT, f"{KEPT}\n{constructor}")


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and what the caller is told."""

    name: str
    edit: Callable[[str], str]
    code: str
    said: str
    limit_s: float = LIMIT_S


FAULTS = (
    Fault(
        "a process model is killed",
        lambda text: at_start_of_step(text, "os.kill(os.getpid(), 9)"),
        "B505",
        "exit code -9",
    ),
    Fault(
        "the script is killed",
        lambda text: at_start_of_step(text, "os.kill(os.getppid(), 9)"),
        "B505",
        "(exit code -9)",
    ),
    Fault(
        "a model raises before it sends",
        lambda text: at_start_of_step(text, "raise ValueError('the cause')"),
        "B505",
        "ValueError: the cause",
    ),
    Fault(
        "a model raises after it has sent",
        lambda text: at_end_of_step(text, "raise ValueError('the cause')"),
        "B505",
        "ValueError: the cause",
    ),
    Fault(
        "a model hangs",
        lambda text: at_start_of_step(
            text,
            "import signal, time",
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
            "time.sleep(100_000)",
        ),
        "B504",
        "it had done 4 of",
        limit_s=12.0,
    ),
    Fault(
        "a model raises in its constructor",
        lambda text: in_constructor(text, "raise ValueError('the cause')"),
        "B505",
        "ValueError: the cause",
    ),
)


class Spy:
    """Remembers session, folder and shared memory of the run, and looks for them."""

    def __init__(self) -> None:
        self.sessions: set[int] = set()
        self.folders: set[Path] = set()
        self.segments: set[str] = set()
        self.before = _shared_memory()

    def look(self, group: ProcessGroup) -> None:
        self.sessions.add(group._child.pid)
        self.folders.add(group.folder)
        self.segments |= {s for p in group._members() for s in _mapped(p.pid)}

    def left_over(self) -> list[object]:
        """List what of the run is still there: others may run Lava beside us."""
        found: list[object] = [*(_shared_memory() & self.segments), *self._orphaned()]
        found += [folder for folder in self.folders if folder.exists()]
        found += [p for s in self.sessions for p in _living_in(s)]
        return found

    def _orphaned(self) -> set[str]:
        """Find new segments that no process has mapped: whose would they be?"""
        deadline = time.monotonic() + SETTLE_S
        while True:
            new = _shared_memory() - self.before
            orphans = new - {s for p in psutil.pids() for s in _mapped(p)}
            if not orphans or time.monotonic() > deadline:
                return orphans
            time.sleep(0.2)


def _shared_memory() -> set[str]:
    return {path.name for path in SHARED_MEMORY.glob("psm_*")}


def _mapped(pid: int) -> set[str]:
    try:
        maps = Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return set()
    paths = [line.split()[-1] for line in maps.splitlines() if "/dev/shm/psm_" in line]
    return {Path(path).name for path in paths}


def _living_in(session: int) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and os.getsid(process.pid) == session:
                yield process


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Spy]:
    """Watch one run; after the test nothing of it may be left."""
    spy, wait, end = Spy(), ProcessGroup.wait, ProcessGroup.end

    def watched_wait(group: ProcessGroup, seconds: float) -> int | None:
        spy.look(group)
        return wait(group, seconds)

    def watched_end(group: ProcessGroup) -> None:
        spy.look(group)
        end(group)

    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(ProcessGroup, "wait", watched_wait)
    monkeypatch.setattr(ProcessGroup, "end", watched_end)
    yield spy
    assert len(spy.sessions) == 1, "the test started one child"
    assert spy.left_over() == []
    assert list(temporary.iterdir()) == []


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


def edited(bundle: LavaBundle, edit: Callable[[str], str]) -> LavaBundle:
    text = edit(bundle.files[MODULE])
    return replace(bundle, files={**bundle.files, MODULE: text})


def test_there_are_six_faults() -> None:
    assert len(FAULTS) == 6
    assert len({fault.name for fault in FAULTS}) == 6


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_in_lava_ends_in_an_error_within_the_limit_and_leaves_nothing(
    fault: Fault, program: Program, run: Run, spy: Spy
) -> None:
    bundle = edited(lower_to_lava(program), fault.edit)
    started = time.monotonic()

    with pytest.raises(LaharError) as raised:
        run(bundle, time_limit_s=fault.limit_s)

    assert time.monotonic() - started < fault.limit_s + GRACE_S
    assert [d.code for d in raised.value.diagnostics] == [fault.code]
    assert fault.said in str(raised.value)
    assert spy.segments, "the run was alive and had shared memory"


def test_an_error_comes_long_before_a_limit_that_is_long(
    program: Program, run: Run, spy: Spy
) -> None:
    killed = edited(lower_to_lava(program), FAULTS[0].edit)
    started = time.monotonic()

    with pytest.raises(LaharError, match=r"B505.*after 4 of"):
        run(killed, time_limit_s=3600.0)

    assert time.monotonic() - started < LIMIT_S


def test_an_interrupt_in_the_caller_ends_the_child(
    program: Program, run: Run, spy: Spy
) -> None:
    def interrupt(steps_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(lower_to_lava(program), progress=interrupt, time_limit_s=LIMIT_S)

    assert spy.segments, "the run was alive and had shared memory"


# --- a caller that goes without a word ---------------------------------------------

CALLER = """
    import sys
    import tempfile
    from lahar.verbs import load, run

    tempfile.tempdir = sys.argv[2]
    program = load(sys.argv[1])

    def progress(steps: int) -> None:
        print("running", flush=True)

    run(program, "poisson:rate=20Hz", 1_000_000, "lava", progress=progress)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_when_the_caller_is_gone_the_child_goes_too(
    number: signal.Signals, stdp_program: MakeProgram, tmp_path: Path
) -> None:
    spy = Spy()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    stdp_program().save(tmp_path / "program.lahar")
    script = tmp_path / "caller.py"
    script.write_text(textwrap.dedent(CALLER))
    command = [sys.executable, script, tmp_path / "program.lahar", temporary]

    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "running\n"
        for child in psutil.Process(caller.pid).children(recursive=True):
            spy.sessions.add(os.getsid(child.pid))
            spy.segments |= _mapped(child.pid)
        spy.folders |= set(temporary.iterdir())
        caller.send_signal(number)

    assert spy.segments, "the run was alive and had shared memory"
    assert spy.sessions
    assert os.getsid(0) not in spy.sessions
    assert spy.folders
    deadline = time.monotonic() + GRACE_S
    while spy.left_over() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert spy.left_over() == []
    assert list(temporary.iterdir()) == []
