"""Lava's CPU backend and the interpreter compute the same integers.

Each network is dense with features, because starting Lava takes a second or more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
import pytest

from lahar.compiler.lava.lower import lower_to_lava
from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.profile import LAVA_0_10
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
from lahar.sim import interpreter, lava_runner
from lahar.sim.backend import Inputs

needs_lava = pytest.mark.skipif(
    find_spec("lava") is None, reason="Lava is not installed"
)

STEPS = 60
LIMIT_S = 60.0

MIXED, EXCITATORY, INHIBITORY = SignMode


def lif(
    du: int = 400,
    dv: int = 128,
    vth: int = 100,
    bias: int = 0,
    more: tuple[Op, ...] = (),
) -> NeuronProgram:
    """Lava's LIF, with operations after it."""
    return NeuronProgram(
        ports=(NeuronPort("current", "synaptic"),),
        registers=(Register("u", 3), Register("v", -200)),
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
            *more,
        ),
        spike="spike",
        membrane="v",
    )


ERROR_OPS = (
    Op("decay", "rate", ("rate", 100)),
    Op("mul", "jump", ("spike", 1 << 20)),
    Op("add", "rate", ("rate", "jump")),
    Op("saturate", "rate", ("rate", 0, (1 << 23) - 1)),
    Op("shr", "rate7", ("rate", 16)),
    Op("mulshift", "wanted", ("teacher", 200, 8)),
    Op("sub", "error", ("wanted", "rate7")),
    Op("saturate", "error", ("error", -64, 63)),
    Op("select", "error", ("attention", "error", 0)),
    Op("add", "error64", ("error", 64)),
    Op("shr", "voltage", ("v_pre_reset", 8)),
    Op("add", "voltage", ("voltage", "input")),
    Op("saturate", "voltage", ("voltage", -500, 500)),
)


def error_neuron(core: NeuronProgram) -> NeuronProgram:
    """A neuron that sends its rate, its error as q + 64, and a signed voltage."""
    return replace(
        core,
        ports=(
            *core.ports,
            NeuronPort("teacher", "modulator"),
            NeuronPort("attention", "modulator"),
        ),
        registers=(*core.registers, Register("rate")),
        ops=(*core.ops, *ERROR_OPS),
        outputs=(
            NeuronOutput("rate7", "rate7"),
            NeuronOutput("error", "error64"),
            NeuronOutput("voltage", "voltage"),
            NeuronOutput("rate", "rate"),
        ),
    )


def two_port_neuron() -> NeuronProgram:
    """No LIF: two synaptic ports, refractory counter, reset to a value, >=."""
    return NeuronProgram(
        ports=(NeuronPort("soma", "synaptic"), NeuronPort("apical", "synaptic")),
        registers=(Register("class", 5), Register("np"), Register("rest")),
        ops=(
            Op("shl", "self", ("soma", 6)),
            Op("mul", "boost", ("apical", "apical")),
            Op("mulshift", "boost", ("boost", -7, 3)),
            Op("decay", "np", ("np", 300)),
            Op("add", "np", ("np", "boost")),
            Op("wrap", "np", ("np",)),
            Op("decay", "class", ("class", 4096)),
            Op("add", "class", ("class", "self")),
            Op("sub", "class", ("class", "np")),
            Op("ge", "awake", (0, "rest")),
            Op("ge", "hot", ("class", 3000)),
            Op("mul", "fired", ("awake", "hot")),
            Op("sub", "rest", ("rest", 1)),
            Op("saturate", "rest", ("rest", 0, 9)),
            Op("select", "rest", ("fired", 2, "rest")),
            Op("select", "class", ("fired", -100, "class")),
            Op("random", "drawn", (1, 12)),
            Op("random", "three", (255, 2)),
            Op("mulshift", "boost", ("drawn", 9, 12)),
            Op("lookup", "three", ("boost", 1)),
            Op("lookup", "drawn", ("soma", 0)),
            Op("add", "self", ("self", "drawn")),
        ),
        spike="fired",
        outputs=(NeuronOutput("three", "three"), NeuronOutput("self", "self")),
        membrane="class",
        tables=((2**31 - 1, -(2**31), 7, 40), (-3, 5, 600)),
    )


X1, X2 = TraceProgram(16, 20 * 256), TraceProgram(40, 3 * 256 + 77, 130)
Y1, Y2 = TraceProgram(30, 10 * 256, 100), TraceProgram(127, 0, 7)

PAIR = Learning(
    1,
    (
        Product("w", "y0", (Factor("x1"),), 2, -3),
        Product("w", "x0", (Factor("y1"),), -3, -3),
    ),
    {"x1": X1, "y1": Y1},
)
SOFT_BOUNDS = Learning(
    4,
    (
        Product("w", "y0", (Factor("x1"), Factor("w", -255)), -1, 0),
        Product("w", "x0", (Factor("y1"), Factor("w")), -1, 1),
        Product("w", "x0", (Factor("x2"),), -8, -5),
    ),
    {"x1": X1, "x2": X2, "y1": Y1, "y2": Y2},
    seed_offset=5,
)
TAGGED = Learning(
    1,
    (
        Product("t", "y0", (Factor("x1"), Factor("x0")), 3, -1),
        Product("t", "x0", (Factor("y1"),), -3, -1),
        Product("t", "u", (Factor("t"),), -1, -2),
        Product("w", "u", (Factor("t"), Factor("t", -40, True)), 5, 1),
        Product("d", "u", (Factor("w"), Factor("d", -3, True)), -3, -2),
        Product("d", "x0", (), 7, 1),
    ),
    {"x1": X2, "y1": X2},
    decimate_exponent=2,
    seed_offset=9,
)
DELTA = Learning(
    1,
    (
        Product("w", "u", (Factor("x1"), Factor("y2", -64)), 1, -1),
        Product("w", "x0", (Factor("y1"), Factor("y3", 100)), -7, 0),
    ),
    {"x1": X1},
    {"y1": "rate7", "y2": "error", "y3": "voltage"},
    decimate_exponent=0,
)
DELTA_BY_EPOCHS = Learning(
    4,
    (
        Product("t", "y0", (Factor("x2"), Factor("y3")), 3, 0),
        Product("t", "u", (Factor("t"),), -1, -3),
        Product("w", "u", (Factor("t"), Factor("y3", -64)), 1, 0),
        Product("w", "y0", (Factor("y2"),), 1, -1),
    ),
    {"x1": Y1, "x2": X2},
    {"y2": "rate", "y3": "error"},
    decimate_exponent=1,
    seed_offset=3,
)
DEAF = Learning(
    2,
    (Product("w", "x0", (Factor("y1"), Factor("y0")), 5, 0),),
    {},
    {"y1": "three"},
)


@dataclass(frozen=True)
class Wiring:
    """Connections of a test network, with weights drawn within the sign mode."""

    populations: tuple[Population, ...]
    connections: tuple[Connection, ...] = ()

    def plus(
        self,
        source: str,
        target: str,
        mode: SignMode,
        exponent: int,
        bits: int = 8,
        learning: Learning | None = None,
        port: str = "current",
    ) -> Wiring:
        size = {p.name: p.size for p in self.populations}
        number = len(self.connections)
        low, high = {1: (-300, 300), 2: (0, 300), 3: (-300, 1)}[mode]
        shape = (size[target], size[source])
        weights = np.random.default_rng(number).integers(low, high, shape)
        connection = Connection(
            f"{source}>{target} {number}",
            source,
            target,
            port,
            weights.astype(np.int32),
            exponent,
            bits,
            mode,
            learning,
        )
        return replace(self, connections=(*self.connections, connection))

    def program(self) -> Program:
        return Program(
            "net", "loihi2", "lava-0.10", 1e-3, self.populations, self.connections
        )


def pair_rules() -> Program:
    """Two factors: all sign modes, epochs 1 and 4, tags, decimation, recurrence."""
    wiring = Wiring(
        (
            Population("pre", 7),
            Population("post", 5, lif(bias=1111, vth=300)),
            Population("rec", 4, lif(du=4095, dv=4096, bias=-(5000 << 4), vth=2000)),
        )
    )
    return (
        wiring.plus("pre", "post", EXCITATORY, 0, learning=PAIR)
        .plus("pre", "post", INHIBITORY, -1, 6, SOFT_BOUNDS)
        .plus("rec", "post", MIXED, -3, 5, TAGGED)
        .plus("pre", "rec", EXCITATORY, 3, learning=SOFT_BOUNDS)
        .plus("post", "rec", MIXED, 2, 7)
        .plus("rec", "rec", INHIBITORY, 1, 3)
        .program()
    )


def third_factor_rules() -> Program:
    """Three factors onto neurons of which Lava's LIF is a part, or not."""
    generated = lif(vth=150)
    generated = replace(generated, ops=(Op("copy", "first", (1,)), *generated.ops))
    wiring = Wiring(
        (
            Population("pre", 6),
            Population("with lif", 4, error_neuron(lif(vth=150))),
            Population("without", 3, error_neuron(generated)),
            Population("lambda", 3, two_port_neuron()),
        )
    )
    return (
        wiring.plus("pre", "with lif", EXCITATORY, 1, learning=DELTA)
        .plus("without", "with lif", MIXED, 0, learning=DELTA_BY_EPOCHS)
        .plus("lambda", "with lif", EXCITATORY, 0, learning=PAIR)
        .plus("pre", "without", MIXED, 2, learning=DELTA)
        .plus("pre", "lambda", EXCITATORY, 0, 8, DEAF, "soma")
        .plus("with lif", "lambda", EXCITATORY, -4, 8, PAIR, "apical")
        .program()
    )


def extreme_inputs() -> Program:
    """Arrivals beyond 32 bit after the shift; weights outside their range."""
    wiring = Wiring((Population("pre", 3), Population("post", 4, lif(bias=32767 << 8))))
    return (
        wiring.plus("pre", "post", MIXED, 16)
        .plus("pre", "post", MIXED, 31, 1, TAGGED)
        .plus("post", "post", INHIBITORY, -31, 1, PAIR)
        .program()
    )


def stimulus(program: Program, steps: int, seed: int = 1, rate: float = 0.3) -> Inputs:
    random = np.random.default_rng(seed)
    spikes = {
        p.name: (random.random((steps, p.size)) < rate).astype(np.uint8)
        for p in program.inputs
    }
    ports = {
        (p.name, port.name): random.integers(-127, 128, (steps, p.size), np.int32)
        for p in program.populations
        for port in (p.neuron.ports if p.neuron else ())
        if port.kind == "modulator"
    }
    return Inputs(spikes, ports)


@needs_lava
@pytest.mark.parametrize("network", [pair_rules, third_factor_rules, extreme_inputs])
def test_lava_and_the_interpreter_give_identical_integers(
    network: Callable[[], Program],
) -> None:
    program = network()
    inputs = stimulus(program, STEPS)
    every = frozenset(v.name for v in state_variables(program))
    how = {"profile": LAVA_0_10, "record": every, "seed": 11}
    done: list[int] = []

    lava = lava_runner.run_bundle(
        lower_to_lava(program),
        program,
        inputs,
        STEPS,
        progress=done.append,
        time_limit_s=LIMIT_S,
        **how,
    )
    ours = interpreter.execute(program, inputs, STEPS, **how)

    assert set(lava.variables) == set(lava.final) == every
    for name in every:
        theirs = lava.variables[name]
        assert theirs.dtype == ours.variables[name].dtype
        np.testing.assert_array_equal(theirs, ours.variables[name], err_msg=name)
        np.testing.assert_array_equal(lava.final[name], ours.final[name], err_msg=name)
    assert sum(done) == STEPS
    moving = [n for n, a in lava.variables.items() if (a != a[0]).any()]
    assert len(moving) > 0.8 * len(every), "a network at rest shows nothing"


@needs_lava
def test_only_recorded_names_have_rows_and_everything_has_a_last_value() -> None:
    program = pair_rules()
    inputs = stimulus(program, 9)
    record = frozenset({"post.v", "pre.s_out"})
    how = {"profile": LAVA_0_10, "record": record, "seed": 0}

    lava = lava_runner.run_bundle(lower_to_lava(program), program, inputs, 9, **how)
    ours = interpreter.execute(program, inputs, 9, **how)

    assert set(lava.variables) == record
    for name, values in ours.final.items():
        np.testing.assert_array_equal(lava.final[name], values, err_msg=name)
