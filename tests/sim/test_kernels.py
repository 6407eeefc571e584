"""Compiled kernels: equal to the interpreter, shared, cached, interruptible."""

from __future__ import annotations

import inspect
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import filelock
import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.profile import LAVA_0_10, LOIHI2, Profile
from lahar.hardware.program import (
    Connection,
    NeuronProgram,
    Population,
    Program,
    SignMode,
)
from lahar.sim import interpreter, kernel_cache, kernels
from lahar.sim.backend import Inputs, Trajectory
from lahar.sim.kernel_cache import compiled_once, load_advance, write_kernel
from lahar.sim.kernel_layout import layout_of
from lahar.sim.kernel_source import kernel_source

MakeProgram = Callable[..., Program]
MakeNeuron = Callable[..., NeuronProgram]
MakeInputs = Callable[..., Inputs]
AssertSame = Callable[[Trajectory, Trajectory], None]
Everything = Callable[[Program], frozenset[str]]


def text_of(program: Program, profile: Profile = LOIHI2) -> str:
    layout = layout_of(program, profile)
    return kernel_source(program, profile, layout, kernels.kernel_header()).text


@pytest.fixture
def compare(
    make_inputs: MakeInputs, assert_same: AssertSame, everything: Everything
) -> Callable[[Program, Profile, int], None]:
    def check(program: Program, profile: Profile, steps: int) -> None:
        inputs = make_inputs(program, steps)
        record = everything(program)

        def run(backend: Callable[..., Trajectory]) -> Trajectory:
            return backend(
                program, inputs, steps, profile=profile, record=record, seed=11
            )

        assert_same(run(interpreter.execute), run(kernels.execute))

    return check


@pytest.mark.parametrize(
    ("epoch_steps", "sign_mode", "profile"),
    [
        (1, SignMode.EXCITATORY, LOIHI2),
        (3, SignMode.MIXED, LAVA_0_10),
    ],
)
def test_pair_stdp_equals_the_interpreter(
    stdp_program: MakeProgram,
    compare: Callable[[Program, Profile, int], None],
    epoch_steps: int,
    sign_mode: SignMode,
    profile: Profile,
) -> None:
    program = stdp_program(13, 7, epoch_steps, sign_mode)

    compare(program, profile, 200)


@pytest.mark.parametrize(
    ("epoch_steps", "profile"),
    [(2, LOIHI2), pytest.param(1, LAVA_0_10, marks=pytest.mark.slow)],
)
def test_third_factors_and_tags_equal_the_interpreter(
    third_factor_program: MakeProgram,
    compare: Callable[[Program, Profile, int], None],
    epoch_steps: int,
    profile: Profile,
) -> None:
    compare(third_factor_program(13, 7, epoch_steps), profile, 200)


def whole_alphabet(lif: NeuronProgram) -> Program:
    """Make products with every gate, variable, sign and target, and a second layer."""
    products = (
        Product("w", "x0", (Factor("y1"), Factor("y2", -9)), -3, 1),
        Product("w", "y0", (Factor("x1", 5), Factor("w", -40)), 5, 2),
        Product("w", "u", (Factor("t", 3, sign=True), Factor("x2")), 1, 1),
        Product("w", "y0", (Factor("x0"), Factor("c", -77)), 1, -2),
        Product("t", "y0", (Factor("x1"), Factor("y3")), 7, 3),
        Product("t", "u", (Factor("t"),), -1, -2),
        Product("d", "x0", (Factor("y0", 1), Factor("d", -30, sign=True)), -8, 8),
        Product("d", "u", (Factor("w"), Factor("y1"), Factor("x1")), -8, 8),
        Product("t", "x0", (), -8, 8),
    )
    traces = {
        name: TraceProgram(30 + 7 * k, 500 * k, 40 * k)
        for k, name in enumerate(("x1", "x2", "y1", "y2", "y3"))
    }
    learning = Learning(2, products, traces, decimate_exponent=1, seed_offset=3)
    random = np.random.default_rng(4)
    first = random.integers(-300, 300, (6, 9)).astype(np.int32)
    second = random.integers(-250, 250, (4, 6)).astype(np.int32)
    return Program(
        name="alphabet",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=(
            Population("pre", 9),
            Population("middle", 6, lif),
            Population("post", 4, lif),
        ),
        connections=(
            Connection("in", "pre", "middle", "current", first, 2, learning=learning),
            Connection("out", "middle", "post", "current", second, 1, weight_bits=6),
            Connection("loop", "post", "middle", "current", second.T.copy(), -2),
        ),
    )


@pytest.mark.parametrize(
    "profile", [LAVA_0_10, pytest.param(LOIHI2, marks=pytest.mark.slow)]
)
def test_whole_alphabet_equals_the_interpreter(
    lif: MakeNeuron, compare: Callable[[Program, Profile, int], None], profile: Profile
) -> None:
    compare(whole_alphabet(lif(vth=40)), profile, 300)


def test_networks_of_one_structure_share_a_kernel(
    stdp_program: MakeProgram, lif: MakeNeuron
) -> None:
    program = stdp_program(5, 3)
    larger = stdp_program(50, 30)
    neuron = lif(du=77, dv=5, vth=999, bias=3)
    other = replace(
        program,
        populations=(
            replace(program.populations[0], name="input"),
            replace(program.populations[1], neuron=neuron),
        ),
        connections=(
            replace(program.connections[0], source="input", weight_exponent=-1),
        ),
    )

    assert text_of(larger) == text_of(program)
    assert text_of(other) == text_of(program)


def test_products_and_profiles_have_kernels_of_their_own(
    stdp_program: MakeProgram,
) -> None:
    program = stdp_program()
    learning = program.connections[0].learning
    assert learning is not None
    doubled = replace(learning, products=learning.products * 2)
    connection = replace(program.connections[0], learning=doubled)

    texts = {
        text_of(program),
        text_of(program, LAVA_0_10),
        text_of(replace(program, connections=(connection,))),
    }

    assert len(texts) == 3


def test_chunks_do_not_change_what_is_computed(
    monkeypatch: pytest.MonkeyPatch,
    stdp_program: MakeProgram,
    compare: Callable[[Program, Profile, int], None],
) -> None:
    monkeypatch.setattr(kernels, "FIRST_CHUNK_STEPS", 1)
    monkeypatch.setattr(kernels, "LARGEST_CHUNK_STEPS", 3)

    compare(stdp_program(13, 7), LOIHI2, 50)
    compare(stdp_program(13, 7, 3, SignMode.MIXED), LAVA_0_10, 50)


@pytest.mark.slow
def test_weights_beyond_16_bit_are_kept_until_they_are_clipped(
    stdp_program: MakeProgram, compare: Callable[[Program, Profile, int], None]
) -> None:
    program = stdp_program(4, 3, 3, SignMode.MIXED)
    weights = program.connections[0].weights * 3000

    compare(program.with_weights({"synapse": weights}), LAVA_0_10, 40)


def test_progress_tells_of_every_step_and_an_interrupt_gets_through(
    stdp_program: MakeProgram, make_inputs: MakeInputs
) -> None:
    program = stdp_program()
    inputs = make_inputs(program, 1000)
    told: list[int] = []

    def run(progress: Callable[[int], None]) -> Trajectory:
        return kernels.execute(
            program,
            inputs,
            1000,
            profile=LOIHI2,
            record=frozenset(),
            seed=0,
            progress=progress,
        )

    def interrupt(steps_done: int) -> None:
        raise KeyboardInterrupt

    run(told.append)
    assert sum(told) == 1000
    assert len(told) > 1
    with pytest.raises(KeyboardInterrupt):
        run(interrupt)


def test_no_steps_leave_the_initial_state(
    stdp_program: MakeProgram, compare: Callable[[Program, Profile, int], None]
) -> None:
    compare(stdp_program(), LOIHI2, 0)


def test_chunk_length_follows_time_and_memory() -> None:
    length = kernels.ChunkLength(width=0)
    length.learn_from(seconds=1e-6)
    assert length.steps == 4 * kernels.FIRST_CHUNK_STEPS
    length.learn_from(seconds=100 * kernels.CHUNK_SECONDS)
    assert length.steps == 1
    assert kernels.ChunkLength(width=kernels.CHUNK_BYTES).steps == 1


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(kernel_cache.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(kernel_cache, "_loaded", {})
    return tmp_path / "cache"


def test_cache_folder_that_cannot_be_written_is_a_diagnostic(own_cache: Path) -> None:
    own_cache.write_text("a file, not a folder")

    with pytest.raises(LaharError, match="LAHAR_CACHE_DIR") as error:
        load_advance("def advance(): pass\n")

    assert [d.code for d in error.value.diagnostics] == ["S490"]


def test_kernel_files_are_named_for_their_text_and_written_once(
    own_cache: Path,
) -> None:
    first = load_advance("def advance(): return 1\n")
    second = load_advance("def advance(): return 2\n")
    files = sorted((own_cache / "kernels").glob("*.py"))
    stamps = [f.stat().st_mtime_ns for f in files]
    kernel_cache._loaded.clear()

    assert load_advance("def advance(): return 1\n") is not first
    assert first is not second
    assert len(files) == 2
    assert [f.stat().st_mtime_ns for f in files] == stamps


FIRST_CALL = '''
from lahar.sim.kernel_cache import compiled_once, load_advance

advance = load_advance("""
from numba import njit

@njit(cache=True)
def advance(n):
    for k in range(n):
        n = max(n, k * n)
    return n
""")
with compiled_once(advance):
    advance(1)
print(sum(advance.stats.cache_hits.values()))
'''


def test_of_two_processes_one_compiles_and_one_waits_for_it(own_cache: Path) -> None:
    calls = [
        subprocess.Popen(
            [sys.executable, "-c", FIRST_CALL], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]

    assert sorted(call.communicate()[0].strip() for call in calls) == ["0", "1"]


@pytest.mark.parametrize("reason", [PermissionError, NotImplementedError, TimeoutError])
def test_a_cache_that_takes_no_lock_still_gives_kernels(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch, reason: type[Exception]
) -> None:
    def refuse(*_: object) -> None:
        raise reason

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    advance = load_advance("from numba import njit\n@njit\ndef advance(): return 3\n")

    with compiled_once(advance):
        assert advance() == 3


@pytest.mark.parametrize("fails", [True, False])
def test_an_interrupt_that_a_compilation_loses_is_heeded(
    own_cache: Path, fails: bool
) -> None:
    before = signal.getsignal(signal.SIGINT)
    advance = load_advance("from numba import njit\n@njit\ndef advance(): return 4\n")

    def loses_it() -> None:
        with compiled_once(advance):
            with suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            if fails:
                raise RuntimeError("no compiled object yet")

    with pytest.raises(KeyboardInterrupt):
        loses_it()

    assert signal.getsignal(signal.SIGINT) is before


def test_kernels_are_compiled_anew_when_what_they_call_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = f"{kernels.kernel_header()}\ndef advance(): pass\n"
    before, source_of = kernel_cache._digest(text), inspect.getsource
    called = [n for n in sorted(kernel_cache._IMPORTED.findall(text)) if "lahar" in n]
    assert "lahar.sim.kernel_listing" in called

    for name in called:
        with monkeypatch.context() as patch:
            patch.setattr(
                inspect,
                "getsource",
                lambda m, name=name: source_of(m) + "#" * (m.__name__ == name),
            )
            assert kernel_cache._digest(text) != before, name

    assert kernel_cache._digest(text) == before


def test_many_writers_of_one_kernel_leave_one_whole_file(tmp_path: Path) -> None:
    text = "# a kernel\n" * 20000
    threads = [
        threading.Thread(target=write_kernel, args=(tmp_path, "kernel", text))
        for _ in range(8)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [f.name for f in tmp_path.iterdir()] == ["kernel.py"]
    assert (tmp_path / "kernel.py").read_text() == text


def test_generated_text_is_python_without_names_of_the_network(
    stdp_program: MakeProgram,
) -> None:
    text = text_of(stdp_program())

    compile(text, "kernel", "exec")
    assert "synapse" not in text.replace("synapses", "")
