"""Programs whose every bit is known: what the check of determinism runs.

Library rules that are compiled anew, a hand-made Program with what no rule asks for,
and one in a file, which no change of the compiler can touch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import lahar
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
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
)
from lahar.hardware.report import Report
from lahar.hardware.wires import Tap, Wire
from lahar.rules.library import RULES

SAVED = Path(__file__).parent.parent / "tests" / "golden" / "determinism.lahar"


# What differs in the engine, and with "burst" the longest neuron program; the other
# rules of the library use nothing more.
COVERED = ("stdp", "stdp-nearest", "stdp-multiplicative", "stdp-inhibitory")
COVERED += ("stdp-reward", "delta", "oja", "burst")


@dataclass(frozen=True)
class Case:
    """A Program, and how it is run."""

    name: str
    program: Program
    stimulus: str | None = "poisson:rate=60Hz"
    steps: int = 300
    seed: int = 7


def cases() -> Iterator[Case]:
    """Build all of them, in order."""
    for name in COVERED:
        program = lahar.compile(RULES[name], chip="loihi2", pre=12, post=5, seed=3)
        yield Case(name, program)
    yield Case("wired", wired_program(), None)
    yield Case("saved", lahar.load(SAVED))


def program_to_save() -> Program:
    """Compile what is kept in a file: a rule with a tag, a modulator and decimation."""
    rule = RULES["stdp-reward"]
    program = lahar.compile(rule, chip="loihi2", pre=20, post=8, seed=11)
    return replace(program, report=Report())


def wired_program() -> Program:
    """Give a network of graded spikes, delays, wires and third factors."""
    return Program(
        name="wired",
        chip="lava",
        profile="lava-0.10",
        dt_seconds=0.001,
        populations=(
            Population("source", 6, shape=(2, 3), cycle=_payloads(6, 11)),
            Population(
                *("post", 4, _graded_neuron()),
                initial={"du": _ints([1, 300, 4000, 4096]), "v": _ints([-7, 7, 0, 99])},
                wires={"current": "drive"},
            ),
        ),
        connections=(
            Connection(
                *("learned", "source", "post", "current"),
                _payloads(6, 4) - 60,
                learning=_learning(),
                message_bits=24,
                initial={"x1": _ints(range(6)), "y2": _ints([-300, 5, 0, 1])},
                exists={"w": _ints(np.eye(4, 6))},
                feedback={"event": "events", "y2": "factor"},
            ),
            Connection(
                *("filter", "both", "", ""),
                _payloads(8, 4) * 4001 - 250_000,
                weight_exponent=-3,
                delays=_payloads(8, 4) % 64,
                message_bits=32,
                weight_format="raw",
                sum_bits=32,
                result_bits=24,
                shape=(1, 2, 2),
            ),
        ),
        wires=(
            Wire("drive", (4,), (Tap("source.s_out", _ints([0, -1, 3, 1, -1, 3])),)),
            Wire("events", (4,), (Tap("post.s_out"),)),
            Wire("factor", (4,), (Tap("filter.a_out", _ints([1, -1, 0, 0])),)),
            Wire(
                *("both", (8,)),
                (Tap("post.u_now", _ints([7, 6, 6, 0])), Tap("source.s_out", _six())),
            ),
            Wire("sink", (2, 2), (Tap("filter.a_out"),), listens=True, buffer_steps=9),
        ),
    )


def _graded_neuron() -> NeuronProgram:
    return NeuronProgram(
        ports=(NeuronPort("current", "synaptic"),),
        registers=(Register("du"), Register("u"), Register("v")),
        ops=(
            Op("every", "late", (5, 4)),
            Op("decay", "u", ("u", "du")),
            Op("add", "u", ("u", "current")),
            Op("wrap", "u", ("u",)),
            Op("fscale", "v", ("v", 7656119366529843, 53)),  # 0.85
            Op("add", "v", ("v", "u")),
            Op("select", "sent", ("late", "v", 0)),
            Op("int32", "sent", ("sent",)),
        ),
        spike="sent",
        outputs=(NeuronOutput("u_now", "u"),),
        graded=True,
    )


def _learning() -> Learning:
    return Learning(
        epoch_steps=4,
        products=(
            Product("w", "y0", (Factor("x1"), Factor("y2")), 1, -1),
            Product("w", "x0", (Factor("x2"), Factor("y1", -3)), -3, -2),
            Product("t", "u", (Factor("w", sign=True), Factor("x1")), 7, -4),
        ),
        traces={
            "x1": TraceProgram(5, 7036874417766400, 256, tau_extra_bits=42),
            "x2": TraceProgram(20, 3187, 77),
        },
        third_factors={"y1": "u_now", "y2": "", "y3": ""},
        decimate_exponent=1,
        graded_spikes=GradedSpikes.ADD_WITH_SATURATION,
    )


def _payloads(columns: int, rows: int) -> IntArray:
    """Give integers of 0 to 126 without a random generator: powers modulo a prime."""
    powers = [pow(3, n, 127) - 1 for n in range(rows * columns)]
    return _ints(powers).reshape(rows, columns)


def _six() -> IntArray:
    return _ints(range(6))


def _ints(values: object) -> IntArray:
    return np.array(values, dtype=np.int32)
