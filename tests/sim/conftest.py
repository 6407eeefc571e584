"""Small Programs and stimuli that the tests of the integer engine share."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numba
import numpy as np
import pytest

import lahar.sim
from lahar.compiler.lava.lower import lower_to_lava
from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.profile import LAVA_0_10, Profile
from lahar.hardware.program import (
    Connection,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    SignMode,
)
from lahar.hardware.variables import state_variables
from lahar.sim import interpreter, kernels, lava_runner
from lahar.sim.backend import Inputs, Machine, Trajectory, run_in_one, silent
from lahar.sim.kernel_layout import layout_of
from lahar.sim.kernel_source import kernel_source

MakeNeuron = Callable[..., NeuronProgram]
MakeProgram = Callable[..., Program]
MakeInputs = Callable[..., Inputs]
StartMachine = Callable[[Program, Profile, int], Machine]
RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]

KERNEL_PARTS = (
    *("operations", "steps", "prefetch", "listed", "history", "quiet", "decay"),
    "listing",
)
KERNEL_MODULES = tuple(f"lahar.sim.kernel_{part}" for part in KERNEL_PARTS)


@pytest.fixture(scope="session", autouse=True)
def kernel_cache(pytestconfig: pytest.Config) -> Iterator[None]:
    """Keep compiled kernels with the other things that pytest keeps."""
    cache: pytest.Cache | None = getattr(pytestconfig, "cache", None)
    with pytest.MonkeyPatch.context() as patch:
        if cache is not None:
            patch.setenv("LAHAR_CACHE_DIR", str(cache.mkdir("lahar")))
        yield


def build_lif(
    du: int = 400, dv: int = 128, vth: int = 100, bias: int = 0
) -> NeuronProgram:
    """The LIF core of docs/semantics.md section 4."""
    return NeuronProgram(
        ports=(NeuronPort("current", "synaptic"),),
        registers=(Register("u"), Register("v")),
        ops=(
            Op("shl", "input", ("current", 6)),
            Op("decay", "u", ("u", du + 1)),
            Op("add", "u", ("u", "input")),
            Op("wrap", "u", ("u",)),
            Op("decay", "v", ("v", dv)),
            Op("add", "v", ("v", "u")),
            Op("add", "v", ("v", bias)),
            Op("saturate", "v", ("v", -8388607, 8388607)),
            Op("copy", "v_pre_reset", ("v",)),
            Op("gt", "spike", ("v", vth * 64)),
            Op("select", "v", ("spike", 0, "v")),
        ),
        spike="spike",
        membrane="v",
    )


def build_modulated_lif() -> NeuronProgram:
    """An LIF neuron that sends its scaled voltage as y1 and a modulator as y2."""
    lif = build_lif()
    return NeuronProgram(
        ports=(*lif.ports, NeuronPort("reward", "modulator")),
        registers=(*lif.registers, Register("smooth")),
        ops=(
            *lif.ops,
            Op("shr", "voltage", ("v_pre_reset", 6)),
            Op("saturate", "voltage", ("voltage", -63, 63)),
            Op("decay", "smooth", ("smooth", 200)),
            Op("add", "smooth", ("smooth", "reward")),
        ),
        spike="spike",
        outputs=(NeuronOutput("voltage", "voltage"), NeuronOutput("signal", "smooth")),
        membrane="v",
    )


def pair_stdp() -> tuple[Product, ...]:
    """dw = 2 * y0 * x1 - 3 * x0 * y1, in units of 2**-2."""
    return (
        Product("w", "y0", (Factor("x1"),), 2, -2),
        Product("w", "x0", (Factor("y1"),), -3, -2),
    )


def pair_traces() -> dict[str, TraceProgram]:
    return {
        "x1": TraceProgram(impulse=40, tau_256=20 * 256),
        "y1": TraceProgram(impulse=30, tau_256=10 * 256, impulse_fraction_256=100),
    }


def plastic_program(
    neuron: NeuronProgram | None,
    learning: Learning | None,
    weights: np.ndarray,
    sign_mode: SignMode,
    weight_exponent: int,
    port: str,
) -> Program:
    post, pre = weights.shape
    connection = Connection(
        "synapse",
        "pre",
        "post",
        port,
        np.asarray(weights, np.int32),
        weight_exponent=weight_exponent,
        sign_mode=sign_mode,
        learning=learning,
    )
    return Program(
        name="small",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=(Population("pre", pre), Population("post", post, neuron)),
        connections=(connection,),
    )


@pytest.fixture
def lif() -> MakeNeuron:
    return build_lif


@pytest.fixture
def make_program() -> MakeProgram:
    """Make `pre` inputs, one connection `synapse` and a population `post`."""

    def make(
        neuron: NeuronProgram | None = None,
        learning: Learning | None = None,
        weights: object = ((10,),),
        sign_mode: SignMode = SignMode.MIXED,
        weight_exponent: int = 0,
        port: str = "current",
    ) -> Program:
        array = np.asarray(weights)
        return plastic_program(
            neuron, learning, array, sign_mode, weight_exponent, port
        )

    return make


@pytest.fixture
def stdp_program(make_program: MakeProgram) -> MakeProgram:
    """Make pair STDP (two factors) onto LIF neurons."""

    def make(
        pre: int = 6,
        post: int = 4,
        epoch_steps: int = 1,
        sign_mode: SignMode = SignMode.EXCITATORY,
    ) -> Program:
        learning = Learning(epoch_steps, pair_stdp(), pair_traces())
        weights = np.random.default_rng(7).integers(20, 200, (post, pre))
        if sign_mode == SignMode.INHIBITORY:
            weights = -weights
        if sign_mode == SignMode.MIXED:
            weights = weights - 100
        return make_program(
            build_lif(), learning, weights, sign_mode, weight_exponent=2
        )

    return make


@pytest.fixture
def third_factor_program(make_program: MakeProgram) -> MakeProgram:
    """Make a rule with a tag, a voltage term and a modulator (three factors)."""

    def make(pre: int = 6, post: int = 4, epoch_steps: int = 1) -> Program:
        signed = Factor("y2", -64)
        products = (
            Product("w", "u", (Factor("t"), signed), 1, -2),
            Product("w", "x0", (Factor("y1"), Factor("w", -200)), 1, 1),
            Product("t", "y0", (Factor("x1"),), 3, -1),
            Product("t", "u", (Factor("t"),), -1, -3),
        )
        learning = Learning(
            epoch_steps,
            products,
            {"x1": TraceProgram(impulse=20, tau_256=15 * 256)},
            {"y1": "voltage", "y2": "signal"},
            decimate_exponent=1,
        )
        weights = np.random.default_rng(8).integers(50, 200, (post, pre))
        return make_program(
            build_modulated_lif(), learning, weights, SignMode.EXCITATORY, 3
        )

    return make


@pytest.fixture(scope="session")
def make_inputs() -> MakeInputs:
    """Make random spikes for every input and random values for modulator ports."""

    def make(program: Program, steps: int, rate: float = 0.3, seed: int = 0) -> Inputs:
        random = np.random.default_rng(seed)
        spikes = {
            p.name: (random.random((steps, p.size)) < rate).astype(np.uint8)
            for p in program.inputs
        }
        ports = {
            (p.name, port.name): random.integers(0, 128, (steps, p.size)).astype(
                np.int32
            )
            for p in program.populations
            if p.neuron is not None
            for port in p.neuron.ports
            if port.kind == "modulator"
        }
        return Inputs(spikes, ports)

    return make


@pytest.fixture(scope="session")
def assert_same() -> Callable[[Trajectory, Trajectory], None]:
    """Compare two trajectories: every variable, every step, types too."""

    def check(wanted: Trajectory, got: Trajectory) -> None:
        assert wanted.variables.keys() == got.variables.keys()
        assert wanted.final.keys() == got.final.keys()
        for part in ("variables", "final"):
            for name, values in getattr(wanted, part).items():
                other = getattr(got, part)[name]
                np.testing.assert_array_equal(other, values, name)
                assert other.dtype == values.dtype

    return check


@pytest.fixture
def everything() -> Callable[[Program], frozenset[str]]:
    """Name all state of a Program."""
    return all_state


def all_state(program: Program) -> frozenset[str]:
    return frozenset(v.name for v in state_variables(program))


def run_interpreter(
    program: Program, inputs: Inputs, steps: int, profile: Profile, seed: int
) -> Trajectory:
    record = all_state(program)
    return interpreter.execute(
        program, inputs, steps, profile=profile, record=record, seed=seed
    )


@pytest.fixture(scope="session")
def interpret() -> RunAll:
    """Run a Program in the interpreter and record everything."""
    return run_interpreter


@contextmanager
def swapped(modules: dict[str, ModuleType], *, jit: bool) -> Iterator[None]:
    """Put modules of the package in place, with numba on or off, for a while."""
    before = {name: importlib.import_module(name) for name in KERNEL_MODULES}
    for name in KERNEL_MODULES:
        del sys.modules[name]
    sys.modules.update(modules)
    numba.config.DISABLE_JIT = not jit
    try:
        yield
    finally:
        numba.config.DISABLE_JIT = False
        for name, module in before.items():
            sys.modules[name] = module
            setattr(lahar.sim, name.rpartition(".")[2], module)


@pytest.fixture(scope="session")
def start_plain() -> StartMachine:
    """Start the kernel of a Program as plain Python, without numba.

    A compilation takes seconds, this takes milliseconds for a small Program.
    """
    with swapped({}, jit=False):
        plain = {name: importlib.import_module(name) for name in KERNEL_MODULES}

    def go(program: Program, profile: Profile, seed: int) -> Machine:
        layout = layout_of(program, profile)
        source = kernel_source(program, profile, layout, kernels.kernel_header())
        namespace: dict[str, Any] = {}
        with swapped(plain, jit=False):
            exec(compile(source.text, "kernel", "exec"), namespace)
        advance = namespace["advance"]
        return kernels.KernelMachine(program, profile, seed, advance, source, layout)

    return go


@pytest.fixture(scope="session")
def run_plain(start_plain: StartMachine) -> RunAll:
    """Run the kernel of a Program as plain Python and record everything."""

    def go(
        program: Program, inputs: Inputs, steps: int, profile: Profile, seed: int
    ) -> Trajectory:
        machine = start_plain(program, profile, seed)
        with warnings.catch_warnings(), np.errstate(over="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)  # 64-bit numbers do wrap
            record = all_state(program)
            return run_in_one(machine, program, inputs, steps, record, silent)

    return go


@pytest.fixture
def run() -> Callable[..., Trajectory]:
    """Run with spikes given as one list of spike steps (from 1) per input neuron."""

    def go(
        program: Program,
        steps: int,
        spikes: dict[str, list[list[int]]],
        profile: Profile = LAVA_0_10,
        ports: dict[tuple[str, str], object] | None = None,
        seed: int = 0,
    ) -> Trajectory:
        arrays = {}
        for name, neurons in spikes.items():
            arrays[name] = np.zeros((steps, len(neurons)), np.uint8)
            for i, times in enumerate(neurons):
                arrays[name][np.array(times, int) - 1, i] = 1
        values = {k: np.asarray(v, np.int32) for k, v in (ports or {}).items()}
        inputs = Inputs(arrays, values)
        return run_interpreter(program, inputs, steps, profile, seed)

    return go


@pytest.fixture
def agrees_with_lava() -> Callable[[Program], None]:
    """Compare Lava and the interpreter in all variables of all steps; skip without."""
    if find_spec("lava") is None:
        pytest.skip("Lava is not installed")

    def check(program: Program) -> None:
        steps, random = 50, np.random.default_rng(0)
        spikes = {
            p.name: (random.random((steps, p.size)) < 0.3).astype(np.uint8)
            for p in program.inputs
        }
        inputs, every = Inputs(spikes, {}), all_state(program)
        how = {"profile": LAVA_0_10, "record": every, "seed": 5}
        bundle = lower_to_lava(program)
        lava = lava_runner.run_bundle(bundle, program, inputs, steps, **how)
        ours = interpreter.execute(program, inputs, steps, **how)

        assert set(lava.variables) == every
        assert set(lava.final) == set(ours.final)
        for name, values in ours.variables.items():
            assert lava.variables[name].dtype == values.dtype
            np.testing.assert_array_equal(lava.variables[name], values, name)
        for name, values in ours.final.items():
            np.testing.assert_array_equal(lava.final[name], values, name)
        moving = {n for n, a in ours.variables.items() if (a != a[0]).any()}
        assert len(moving) > 0.7 * len(every), sorted(every - moving)

    return check
