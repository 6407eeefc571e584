"""Lava and the interpreter compute the same of networks that do not learn.

What the compiler never writes, and networks read from Lava need: wires, cycles, graded
spikes, delays, raw weights, neurons that differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lahar.compiler.lava.lower import lower_to_lava
from lahar.diagnostics import require_no_errors
from lahar.hardware.consistency import check_consistency
from lahar.hardware.program import (
    Connection,
    IntArray,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    SignMode,
)
from lahar.hardware.wires import Tap, Wire

AgreesWithLava = Callable[[Program], None]


def numbers(seed: int, low: int, high: int, *shape: int) -> IntArray:
    random = np.random.default_rng(seed)
    return random.integers(low, high, shape).astype(np.int32)


def lif_ops(
    du: int | str, dv: int | str, bias: int | str, threshold: int | str
) -> tuple[Op, ...]:
    return (
        Op("shl", "input", ("a_in", 6)),
        Op("decay", "u", ("u", du)),
        Op("add", "u", ("u", "input")),
        Op("wrap", "u", ("u",)),
        Op("decay", "v", ("v", dv)),
        Op("add", "v", ("v", "u")),
        Op("add", "v", ("v", bias)),
        Op("saturate", "v", ("v", -8388607, 8388607)),
        Op("gt", "spike", ("v", threshold)),
        Op("select", "v", ("spike", 0, "v")),
    )


STATE = (Register("u"), Register("v", -100))
A_IN = (NeuronPort("a_in", "synaptic"),)

LIF = NeuronProgram(A_IN, STATE, lif_ops(501, 300, 700, 6400), "spike", membrane="v")


def various_lif() -> NeuronProgram:
    """Lava's LIF with another du, dv, bias and vth for each neuron."""
    dynamics = lif_ops("du_lost", "dv", "bias", "threshold")
    ops = (
        *dynamics[:1],
        Op("add", "du_lost", ("du", 1)),
        *dynamics[1:8],
        Op("shl", "threshold", ("vth", 6)),
        *dynamics[8:],
    )
    constants = tuple(Register(name) for name in ("du", "dv", "bias", "vth"))
    return NeuronProgram(A_IN, (*STATE, *constants), ops, "spike", membrane="v")


def lif_reset() -> NeuronProgram:
    """Lava's LIFReset."""
    clear = (
        Op("every", "clear", (7, 3)),
        Op("select", "u", ("clear", 0, "u")),
        Op("select", "v", ("clear", 0, "v")),
    )
    return replace(LIF, ops=(*clear, *LIF.ops))


def ternary_lif() -> NeuronProgram:
    """Lava's TernaryLIF."""
    ends = (
        Op("gt", "high", ("v", 6400)),
        Op("gt", "low", (-640, "v")),
        Op("sub", "spike", ("high", "low")),
        LIF.ops[-1],
    )
    return replace(LIF, ops=(*LIF.ops[:8], *ends), graded=True)


def graded_neuron() -> NeuronProgram:
    """A neuron that sends what it holds now and then, with every odd operation."""
    return NeuronProgram(
        A_IN,
        (Register("level", 3), Register("loss"), Register("fraction", -1)),
        (
            Op("fscale", "part", ("level", 3541, 12)),
            Op("decay", "part", ("part", "loss")),
            Op("mul", "square", ("a_in", "a_in")),
            Op("int32", "square", ("square",)),
            Op("shr", "square", ("square", 3)),
            Op("add", "level", ("part", "square")),
            Op("every", "now", (3, 1)),
            Op("select", "sent", ("now", "level", 0)),
            Op("fscale", "fraction", ("fraction", -(2**53), 53)),
            Op("add", "fraction", ("fraction", "a_in")),
        ),
        "sent",
        outputs=(NeuronOutput("fraction", "fraction"), NeuronOutput("part", "part")),
        graded=True,
    )


def static_network() -> Program:
    """Wires, cycles, delays, raw weights, sums of both widths, neurons that differ."""
    various = Population(
        "various",
        4,
        various_lif(),
        (2, 2),
        initial={
            "u": numbers(1, -999, 999, 4),
            "v": numbers(2, -5000, 5000, 4),
            "du": numbers(3, 0, 4096, 4),
            "dv": numbers(4, 0, 4097, 4),
            "bias": numbers(5, -5000, 5000, 4),
            "vth": numbers(6, 10, 300, 4),
        },
        wires={"a_in": "into various"},
    )
    populations = (
        Population("in", 5),
        Population("clock", 4, shape=(2, 2), cycle=numbers(7, -300, 300, 3, 4)),
        Population("still", 3, cycle=np.zeros((1, 3), np.int32)),
        Population(
            "graded", 3, graded_neuron(), initial={"loss": numbers(8, 0, 4097, 3)}
        ),
        various,
        Population("plain", 4, LIF, wires={"a_in": "into plain"}),
        Population("reset", 4, lif_reset(), wires={"a_in": "into plain"}),
        Population("ternary", 4, ternary_lif(), wires={"a_in": "into plain"}),
    )
    connections = (
        Connection("to graded", "in", "graded", "a_in", numbers(9, -99, 99, 3, 5), -3),
        Connection(
            "payload",
            "clock",
            "various",
            "a_in",
            numbers(10, -300, 300, 4, 4),
            2,
            6,
            message_bits=8,
            sum_bits=32,
        ),
        Connection(
            "delayed",
            "in",
            "plain",
            "a_in",
            numbers(11, 0, 300, 4, 5),
            1,
            sign_mode=SignMode.EXCITATORY,
            delays=numbers(12, 0, 7, 4, 5),
            exists={"w": numbers(13, 0, 2, 4, 5)},
        ),
        Connection(
            "wide",
            "huge",
            "plain",
            "a_in",
            numbers(14, -300, 300, 4, 7),
            -20,
            message_bits=32,
            sum_bits=64,
        ),
        Connection(
            "delayed payload",
            "graded",
            "various",
            "a_in",
            numbers(15, -300, 1, 4, 3),
            -4,
            sign_mode=SignMode.INHIBITORY,
            message_bits=16,
            delays=numbers(16, 0, 64, 4, 3),
        ),
        Connection(
            "convolved",
            "both",
            "various",
            "a_in",
            numbers(17, -(2**20), 2**20, 4, 9),
            message_bits=24,
            weight_format="raw",
            result_bits=24,
            shape=(1, 2, 2),
        ),
        Connection(
            "narrow", "in", "", "", numbers(18, -300, 300, 2, 5), 1, 6, result_bits=9
        ),
        Connection(
            "narrow sums",
            "clock",
            "",
            "",
            numbers(19, -300, 300, 2, 4),
            -1,
            message_bits=31,
            sum_bits=32,
            delays=numbers(20, 0, 3, 2, 4),
        ),
        Connection("quiet", "nothing", "", "", numbers(21, -9, 9, 2, 6)),
        Connection("plain to in", "plain", "", "", numbers(22, -99, 99, 5, 4)),
    )
    wires = (
        Wire("both", (9,), (Tap("in.s_out", placed(4, 3, 2, 1, 0)), shifted("clock"))),
        Wire(
            "huge", (7,), (Tap("graded.s_out", placed(6, -1, 0)), shifted("clock", 3))
        ),
        Wire("nothing", (6,), ()),
        Wire(
            "into various",
            (4,),
            (
                Tap("in.s_out", placed(0, 0, 3, -1, 2)),
                Tap("graded.part", placed(1, 1, 0)),
            ),
        ),
        Wire("into plain", (2, 2), (Tap("clock.s_out"), Tap("various.s_out"))),
        Wire("sink", (5,), (Tap("in.s_out"), Tap("plain to in.a_out")), True, 7),
        Wire("unheard", (2, 3), (), True, 4),
        Wire("twice", (2,), (Tap("narrow.a_out"), Tap("narrow.a_out")), True),
        Wire(
            "seen",
            (2, 2),
            (
                Tap("convolved.a_out", placed(3, 2, 1, 0)),
                Tap("narrow sums.a_out", placed(0, 0)),
                Tap("plain.s_out"),
                Tap("graded.fraction", placed(0, 1, 2)),
                Tap("quiet.a_out", placed(0, 1)),
                Tap("ternary.s_out"),
            ),
            True,
            100,
        ),
    )
    return network(populations, connections, wires)


def placed(*places: int) -> IntArray:
    return np.array(places, np.int32)


def shifted(population: str, by: int = 5) -> Tap:
    return Tap(f"{population}.s_out", np.arange(by, by + 4, dtype=np.int32))


def network(
    populations: tuple[Population, ...],
    connections: tuple[Connection, ...],
    wires: tuple[Wire, ...],
) -> Program:
    program = Program(
        "net", "loihi2", "lava-0.10", 1e-3, populations, connections, wires=wires
    )
    require_no_errors(check_consistency(program))
    return program


JUDGES = {
    "in.s_out": "lava.proc.io.source.RingBuffer",
    "clock.s_out": "lava.proc.io.source.RingBuffer",
    "graded.level": "generated Neuron_graded",
    "various.u": "lava.proc.lif.LIF",
    "plain.v": "lava.proc.lif.LIF",
    "reset.v": "lava.proc.lif.LIFReset",
    "ternary.s_out": "lava.proc.lif.TernaryLIF",
    "payload.a_out": "lava.proc.dense.Dense",
    "delayed.a_out": "lava.proc.dense.DelayDense",
    "wide.a_out": "lava.proc.dense.DelayDense",
    "convolved.a_out": "generated Synapses",
    "sink.a_in": "lava.proc.io.sink.RingBuffer",
    "seen.a_in": "generated WireOf6",
}


def test_lavas_own_processes_compute_whatever_they_can() -> None:
    probes = lower_to_lava(static_network()).probes

    judges = {p.variable: p.by for p in probes if p.variable in JUDGES}
    assert judges == JUDGES
    own = {p.variable for p in probes if p.lava_own}
    assert {n for n, by in JUDGES.items() if by.startswith("lava.")} <= own
    assert not any(p.lava_own for p in probes if p.by.startswith("generated"))


def test_lava_and_the_interpreter_agree_on_everything(
    agrees_with_lava: AgreesWithLava,
) -> None:
    agrees_with_lava(static_network())
