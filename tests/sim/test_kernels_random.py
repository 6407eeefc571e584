"""Kernels equal the interpreter on random Programs.

Every variable is compared in every step. Most cases run the generated text as plain
Python, because a compilation takes seconds; some are compiled for real.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lahar.hardware.learning import (
    Factor,
    GradedSpikes,
    Learning,
    Product,
    TraceProgram,
)
from lahar.hardware.profile import LAVA_0_10, LOIHI2, Profile
from lahar.hardware.profile_switches import SWITCHES
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
from lahar.sim import kernels
from lahar.sim.backend import Inputs, Trajectory

Draw = Callable[[st.SearchStrategy[Any]], Any]
RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
Compare = Callable[[Program, Profile, int, int], None]

SHIFTS = st.integers(0, 31)
LITERALS = st.one_of(
    st.integers(-200, 200),
    st.sampled_from([-(2**31), -(2**23), -(2**23) - 1, 2**23, 2**23 - 1, 2**31 - 1]),
)
ARGUMENTS: dict[str, str] = {
    "copy": "v",
    "add": "vv",
    "sub": "vv",
    "mul": "vv",
    "shl": "vk",
    "shr": "vk",
    "mulshift": "vlk",
    "decay": "vf",
    "wrap": "v",
    "saturate": "vll",
    "gt": "vv",
    "ge": "vv",
    "select": "vvv",
}


@st.composite
def neurons(draw: Draw) -> NeuronProgram:
    """Draw a neuron program of any operations that ends in a comparison."""
    ports = [NeuronPort("in", "synaptic")]
    ports += draw(
        st.lists(
            st.sampled_from(
                [NeuronPort("other", "synaptic"), NeuronPort("reward", "modulator")]
            ),
            unique=True,
        )
    )
    registers = [
        Register(f"r{k}", draw(LITERALS)) for k in range(draw(st.integers(1, 3)))
    ]
    names = [p.name for p in ports] + [r.name for r in registers]
    ops = []
    for k in range(draw(st.integers(1, 7))):
        code = draw(st.sampled_from(sorted(ARGUMENTS)))
        targets = [r.name for r in registers] + [f"t{k}"]
        target = draw(st.sampled_from(targets))
        ops.append(Op(code, target, _arguments(draw, ARGUMENTS[code], names)))
        names = sorted({*names, target})
    compared = _arguments(draw, "vv", names)
    ops.append(Op(draw(st.sampled_from(["gt", "ge"])), "spike", compared))
    ops.append(Op("select", "r0", ("spike", *_arguments(draw, "vv", names))))
    sent = draw(st.lists(st.sampled_from(names), max_size=3))
    return NeuronProgram(
        ports=tuple(ports),
        registers=tuple(registers),
        ops=tuple(ops),
        spike="spike",
        outputs=tuple(NeuronOutput(f"o{k}", name) for k, name in enumerate(sent)),
        membrane=draw(st.sampled_from([None, "r0"])),
    )


def _arguments(draw: Draw, kinds: str, names: list[str]) -> tuple[str | int, ...]:
    values = {
        "v": st.one_of(st.sampled_from(names), LITERALS),
        "l": LITERALS,
        "k": SHIFTS,
        "f": st.integers(0, 4096),
    }
    return tuple(draw(values[kind]) for kind in kinds)


FACTORS = st.builds(
    Factor,
    variable=st.sampled_from(
        ["x0", "x1", "x2", "y0", "y1", "y2", "y3", "w", "t", "d", "c"]
    ),
    constant=st.one_of(st.just(0), st.integers(-10, 10), st.integers(-300, 300)),
    sign=st.booleans(),
)
PRODUCTS = st.builds(
    Product,
    target=st.sampled_from(["w", "w", "t", "d"]),
    gate=st.sampled_from(["x0", "y0", "u"]),
    factors=st.lists(FACTORS, max_size=4).map(tuple),
    mantissa=st.integers(-8, 7),
    exponent=st.integers(-7, 8),
)
TRACES = st.builds(
    TraceProgram,
    impulse=st.sampled_from([0, 1, 16, 60, 127, 200]),
    tau_256=st.sampled_from([0, 1, 256, 700, 5120, 65535 * 256]),
    impulse_fraction_256=st.sampled_from([0, 0, 1, 100, 255, 256]),
    tau_extra_bits=st.sampled_from([0, 0, 3]),
)


@st.composite
def learnings(draw: Draw, post: NeuronProgram | None) -> Learning:
    """Draw a learning engine; third factors if the post neuron sends some."""
    names = ["x1", "x2", "y1", "y2", "y3"]
    third: dict[str, str] = {}
    if post is not None and post.outputs and draw(st.booleans()):
        sent = [output.name for output in post.outputs]
        slots = draw(st.lists(st.sampled_from(names[2:]), unique=True, min_size=1))
        third = {slot: draw(st.sampled_from(sent)) for slot in slots}
        names = names[:2]
    graded = draw(st.sampled_from([GradedSpikes.REGULAR, *GradedSpikes]))
    needed = {"x1"} if graded != GradedSpikes.REGULAR else set()
    return Learning(
        epoch_steps=draw(st.integers(1, 4)),
        products=tuple(draw(st.lists(PRODUCTS, max_size=5))),
        traces={n: draw(TRACES) for n in names if n in needed or draw(st.booleans())},
        third_factors=third,
        decimate_exponent=draw(st.integers(0, 3)),
        seed_offset=draw(st.integers(0, 5)),
        graded_spikes=graded,
        hears_post=draw(st.sampled_from([None, None, True, False])),
    )


@st.composite
def programs(draw: Draw) -> Program:
    """Draw a network of up to four populations and four connections."""
    populations = [Population("stimulus", draw(st.integers(1, 4)))]
    populations += [
        Population(f"p{k}", draw(st.integers(1, 4)), draw(st.none() | neurons()))
        for k in range(draw(st.integers(1, 3)))
    ]
    connections = [
        _connection(draw, f"c{k}", populations) for k in range(draw(st.integers(1, 4)))
    ]
    return Program(
        name="random",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=tuple(populations),
        connections=tuple(connections),
    )


def _connection(draw: Draw, name: str, populations: list[Population]) -> Connection:
    source = draw(st.sampled_from(populations))
    target = draw(st.sampled_from(populations))
    synaptic = ["nowhere"]
    if target.neuron is not None:
        synaptic = [p.name for p in target.neuron.ports if p.kind == "synaptic"]
    largest = draw(st.sampled_from([40, 300, 300, 10**6]))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    weights = random.integers(-largest, largest + 1, (target.size, source.size))
    learns = draw(st.sampled_from([True, True, False]))
    return Connection(
        name,
        source.name,
        target.name,
        draw(st.sampled_from(synaptic)),
        weights.astype(np.int32),
        weight_exponent=draw(st.integers(-4, 7)),
        weight_bits=draw(st.integers(1, 8)),
        sign_mode=draw(st.sampled_from(list(SignMode))),
        learning=draw(learnings(target.neuron)) if learns else None,
    )


@st.composite
def profiles(draw: Draw) -> Profile:
    """Draw a published profile, or any mixture of what their switches can be."""
    profile = draw(st.sampled_from([LAVA_0_10, LOIHI2]))
    if draw(st.booleans()):
        return profile
    values = {
        name: draw(st.sampled_from([m.value for m in switch.meanings]))
        for name, switch in SWITCHES.items()
    }
    return replace(profile, **values)


def stimulus_of(program: Program, steps: int, seed: int) -> Inputs:
    random = np.random.default_rng(seed)
    spikes = {
        p.name: (random.random((steps, p.size)) < 0.4).astype(np.uint8)
        for p in program.inputs
    }
    ports = {
        (p.name, port.name): random.integers(-200, 200, (steps, p.size)).astype(
            np.int32
        )
        for p in program.populations
        if p.neuron is not None
        for port in p.neuron.ports
        if port.kind == "modulator"
    }
    return Inputs(spikes, ports)


@pytest.fixture(scope="session")
def compare_plain(interpret: RunAll, run_plain: RunAll) -> Compare:
    """Compare the interpreter with a kernel that runs as plain Python."""

    def check(program: Program, profile: Profile, steps: int, seed: int) -> None:
        inputs = stimulus_of(program, steps, seed)
        wanted = interpret(program, inputs, steps, profile, seed)
        assert_same(wanted, run_plain(program, inputs, steps, profile, seed))

    return check


def assert_same(wanted: Trajectory, got: Trajectory) -> None:
    assert wanted.variables.keys() == got.variables.keys()
    for name, values in wanted.variables.items():
        np.testing.assert_array_equal(got.variables[name], values, name)
    for name, values in wanted.final.items():
        np.testing.assert_array_equal(got.final[name], values, name)


PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large]
STEPS = st.integers(0, 13)
SEEDS = st.integers(0, 1000)


@settings(max_examples=150, deadline=None, suppress_health_check=PATIENT)
@given(program=programs(), profile=profiles(), steps=STEPS, seed=SEEDS)
def test_generated_text_computes_what_the_interpreter_does(
    compare_plain: Compare, program: Program, profile: Profile, steps: int, seed: int
) -> None:
    compare_plain(program, profile, steps, seed)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=PATIENT)
@given(program=programs(), profile=profiles(), steps=STEPS, seed=SEEDS)
def test_much_generated_text_computes_what_the_interpreter_does(
    compare_plain: Compare, program: Program, profile: Profile, steps: int, seed: int
) -> None:
    compare_plain(program, profile, steps, seed)


@pytest.mark.slow
@settings(max_examples=4, deadline=None, suppress_health_check=PATIENT)
@given(program=programs(), profile=profiles(), seed=SEEDS)
def test_compiled_random_programs_equal_the_interpreter(
    interpret: RunAll, program: Program, profile: Profile, seed: int
) -> None:
    steps = 100
    inputs = stimulus_of(program, steps, seed)

    wanted = interpret(program, inputs, steps, profile, seed)
    got = kernels.execute(
        program,
        inputs,
        steps,
        profile=profile,
        record=frozenset(wanted.variables),
        seed=seed,
    )

    assert_same(wanted, got)
