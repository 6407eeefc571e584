"""Lava and the interpreter compute the same of learning that is not a compiler's.

Graded spikes that set traces, rules that hear no post spikes, feedback by wires, first
values of everything, synapses that do not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lahar.compiler.lava.lower import lower_to_lava
from lahar.diagnostics import require_no_errors
from lahar.hardware.consistency import check_consistency
from lahar.hardware.learning import (
    Factor,
    GradedSpikes,
    Learning,
    Product,
    TraceProgram,
)
from lahar.hardware.program import (
    Connection,
    IntArray,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
)
from lahar.hardware.wires import Tap, Wire

AgreesWithLava = Callable[[Program], None]


def numbers(seed: int, low: int, high: int, *shape: int) -> IntArray:
    random = np.random.default_rng(seed)
    return random.integers(low, high, shape).astype(np.int32)


def placed(*places: int) -> IntArray:
    return np.array(places, np.int32)


LIF_OPS = (
    Op("shl", "input", ("a_in", 6)),
    Op("decay", "u", ("u", 501)),
    Op("add", "u", ("u", "input")),
    Op("wrap", "u", ("u",)),
    Op("decay", "v", ("v", 300)),
    Op("add", "v", ("v", "u")),
    Op("add", "v", ("v", 700)),
    Op("saturate", "v", ("v", -8388607, 8388607)),
    Op("gt", "spike", ("v", 6400)),
    Op("select", "v", ("spike", 0, "v")),
)
STATE = (Register("u"), Register("v", -100))
A_IN = (NeuronPort("a_in", "synaptic"),)
LIF = NeuronProgram(A_IN, STATE, LIF_OPS, "spike", membrane="v")
TRACE = TraceProgram(20, 7 * 256 + 31)
FLOAT_TAU = TraceProgram(90, 0x1999999999999A, 256, tau_extra_bits=41)  # 3.2
PAIR = (
    Product("w", "y0", (Factor("x1"),), 3, -3),
    Product("w", "x0", (Factor("y1"),), -3, -3),
    Product("t", "x0", (Factor("x2"), Factor("t", -3, True)), 1, -4),
    Product("d", "u", (Factor("d", -20), Factor("x1")), 1, -7),
)
TRACES = {"x1": TRACE, "x2": FLOAT_TAU, "y1": FLOAT_TAU}
UNRAISED = replace(TRACE, impulse=0)
THREE = Learning(
    2,
    (
        Product("w", "u", (Factor("y1"), Factor("x1")), 1, -6),
        Product("w", "y0", (Factor("y2", -5),), 3, -1),
        Product("t", "x0", (Factor("y3"), Factor("t")), 1, -5),
    ),
    {"x1": TRACE},
    {"y1": "", "y2": "", "y3": ""},
    decimate_exponent=0,
    seed_offset=3,
)


GAPS = Learning(
    2,
    (
        Product("w", "y0", (Factor("x1"),), 3, -3),
        Product("w", "x0", (Factor("y1"),), -3, -2),
        Product("t", "u", (Factor("x1"),), 1, -2),
        Product("d", "x0", (Factor("x2"),), -1, -5),
    ),
    TRACES,
    decimate_exponent=0,
)
SOME = {
    "w": np.array([[1, 0, 1, 1], [0, 0, 1, 0], [1, 1, 0, 1]], np.int32),
    "t": np.array([[0, 0, 1, 1], [1, 1, 1, 0], [1, 1, 0, 1]], np.int32),
}


def learns(name: str, source: str, learning: Learning, **more: object) -> Connection:
    """A connection of 4 to 3 with first values of everything."""
    seed = len(name)
    initial = {
        "tag_1": numbers(seed, -250, 250, 3, 4),
        "tag_2": numbers(seed + 1, 0, 250, 3, 4),
        "x1": numbers(seed + 2, 0, 128, 4),
        "x2": numbers(seed + 3, 0, 128, 4),
    }
    if not learning.third_factors:
        initial["y1"] = numbers(seed + 4, 0, 128, 3)
    weights = numbers(seed + 5, -250, 250, 3, 4)
    for tag, target in {"tag_1": "t", "tag_2": "d"}.items():
        initial[tag] = initial[tag] * more.get("exists", {}).get(target, 1)  # type: ignore[attr-defined]
    made = Connection(name, source, "post", "a_in", weights, -2, initial=initial)
    return replace(made, learning=learning, **more)  # type: ignore[arg-type]


def learning_network() -> Program:
    """Graded modes, deaf rules, wires as feedback, first values of everything."""
    base = Learning(3, PAIR, TRACES, decimate_exponent=1)
    modes = [
        learns(
            mode.name,
            "clock",
            replace(base, traces={**TRACES, "x1": UNRAISED}, graded_spikes=mode),
            message_bits=9,
            sum_bits=32,
        )
        for mode in GradedSpikes
        if mode != GradedSpikes.REGULAR
    ]
    connections = (
        *modes,
        learns("spikes that overwrite", "in", modes[0].learning),
        learns("regular", "clock", base, message_bits=9, sum_bits=32),
        learns("deaf", "in", replace(base, hears_post=False)),
        learns("heard in vain", "in", replace(base, hears_post=True), **UNHEARD),
        learns("by wire", "in", base, feedback={"event": "events"}),
        learns("three", "in", THREE, feedback={"y1": "values", "y3": "mixed"}),
        learns("three, fed", "clock", THREE, feedback={"event": "events"}, **UNHEARD),
        learns("three, deaf", "in", replace(THREE, hears_post=False)),
        learns("with gaps", "clock", GAPS, message_bits=9, sum_bits=32, exists=SOME),
    )
    populations = (
        Population("in", 4),
        Population("clock", 4, cycle=numbers(1, 0, 400, 5, 4) * numbers(2, 0, 2, 5, 4)),
        Population("values", 3, cycle=numbers(3, -90, 200, 7, 3)),
        Population("post", 3, LIF),
    )
    wires = (
        Wire(
            "events", (3,), (Tap("values.s_out", placed(-1, 1, 2)), Tap("post.s_out"))
        ),
        Wire("values", (3,), (Tap("values.s_out"),)),
        Wire("mixed", (3,), (Tap("values.s_out"), Tap("deaf.a_out"))),
    )
    wires = tuple(replace(w, name=f"{w.name} fed back") for w in wires)
    return network(populations, tuple(map(with_wires, connections)), wires)


UNHEARD = {"target": "", "port": ""}


def with_wires(connection: Connection) -> Connection:
    feedback = {slot: f"{w} fed back" for slot, w in connection.feedback.items()}
    return replace(connection, feedback=feedback)


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
    "OVERWRITE.x1": "lava.proc.dense.LearningDense",
    "three, fed.weights": "lava.proc.dense.LearningDense",
    "with gaps.weights": "lava.proc.sparse.LearningSparse",
}


def test_lavas_own_processes_compute_whatever_they_can() -> None:
    probes = lower_to_lava(learning_network()).probes

    judges = {p.variable: p.by for p in probes if p.variable in JUDGES}
    assert judges == JUDGES
    own = {p.variable for p in probes if p.lava_own}
    assert {n for n, by in JUDGES.items() if by.startswith("lava.")} <= own
    assert not any(p.lava_own for p in probes if p.by.startswith("generated"))


def test_lava_and_the_interpreter_agree_on_everything(
    agrees_with_lava: AgreesWithLava,
) -> None:
    agrees_with_lava(learning_network())
