"""Random learning engines in a network of two populations, one for each case number.

Not a test: tests load it by path, and so does lava_models.py, which is a script of its
own process. What the source sends comes from a cycle, what the target sends from ports.
"""

from __future__ import annotations

import random as python_random
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

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
    SignMode,
)
from lahar.sim.backend import Inputs
from lahar.sim.initial_weights import initial_weights

TRACES = ("x1", "x2", "y1", "y2", "y3")
Random = python_random.Random
Generator = np.random.Generator


@dataclass(frozen=True, eq=False)
class Case:
    """A Program of one learning connection `synapse`, and how it is run.

    ``events`` and ``sent`` are what the post side sends, (steps, post).
    """

    program: Program
    inputs: Inputs
    steps: int
    seed: int
    events: np.ndarray
    sent: dict[str, np.ndarray]

    @property
    def connection(self) -> Connection:
        return self.program.connections[0]

    @property
    def payloads(self) -> np.ndarray:
        """What the source sends, (steps, pre)."""
        cycle = self.program.populations[0].cycle
        assert cycle is not None
        return cycle[: self.steps]


def random_case(number: int) -> Case:
    """Make a case; the same one for the same number."""
    random = Random(number)
    numbers = np.random.default_rng(number)
    learning = random_learning(random)
    post, pre = random.randint(1, 5), random.randint(1, 5)
    steps = random.choice([8, 16, 24])
    connection = random_connection(random, numbers, learning, (post, pre))
    payloads = random_payloads(random, numbers, (steps, pre))
    events = (numbers.random((steps, post)) < 0.4).astype(np.int32)
    sent = {
        slot: numbers.integers(-300, 300, (steps, post)).astype(np.int32)
        for slot, output in learning.third_factors.items()
        if output
    }
    program = Program(
        name=f"case {number}",
        chip="loihi2",
        profile="lava-0.10",
        dt_seconds=1e-3,
        populations=(
            Population("pre", pre, cycle=payloads),
            Population("post", post, _told_neuron(tuple(sent))),
        ),
        connections=(connection,),
    )
    ports = {("post", "event"): events, **{("post", s): v for s, v in sent.items()}}
    return Case(
        program, Inputs({}, ports), steps, random.randrange(10000), events, sent
    )


def masked_case(number: int) -> Case:
    """Make a case in which not every synapse has a weight, a tag and a delay."""
    case, numbers = random_case(number), np.random.default_rng(number)
    shape = case.connection.weights.shape
    exists: Any = {
        target: numbers.integers(0, 2, shape).astype(np.int32)
        for target in "wtd"
        if numbers.random() < 0.5
    }
    connection = replace(case.connection, exists=exists)
    return replace(case, program=replace(case.program, connections=(connection,)))


def any_profile(number: int) -> Profile:
    """Make a profile in which every switch has one of its values."""
    random = Random(number)
    values: Any = {
        name: random.choice([meaning.value for meaning in switch.meanings])
        for name, switch in SWITCHES.items()
    }
    return replace(random.choice([LAVA_0_10, LOIHI2]), **values)


def sparse_case(number: int) -> Case:
    """Make a case in which not every synapse exists, and no factor reads one.

    Lava computes other rules on sparse matrices wrongly or not at all. Its synapses
    are those whose first weight is not 0 once low bits are dropped; its tags those
    whose first tag is not 0.
    """
    case = random_case(number)
    connection, numbers = case.connection, np.random.default_rng(number)
    shape = connection.weights.shape
    assert connection.learning is not None
    products = tuple(
        replace(p, factors=tuple(f for f in p.factors if f.variable not in "wtd"))
        for p in connection.learning.products
    )
    weights = np.where(numbers.random(shape) < 0.5, connection.weights % 300, 0)
    tags = np.where(numbers.random(shape) < 0.5, numbers.integers(1, 200, shape), 0)
    weights[0, 0], tags[0, 0] = -256, 1  # Lava fails where no synapse exists
    connection = replace(
        connection,
        weights=weights.astype(np.int32),
        sign_mode=SignMode.MIXED,
        learning=replace(connection.learning, products=products),
        initial={"tag_1": tags.astype(np.int32), "tag_2": tags.astype(np.int32)},
    )
    first = initial_weights(connection, LAVA_0_10)
    exists: Any = {"w": first != 0, "t": tags != 0, "d": tags != 0}
    connection = replace(
        connection, exists={n: v.astype(np.int32) for n, v in exists.items()}
    )
    return replace(case, program=replace(case.program, connections=(connection,)))


def _told_neuron(slots: tuple[str, ...]) -> NeuronProgram:
    """Spike and send as ports say."""
    return NeuronProgram(
        ports=tuple(NeuronPort(name, "modulator") for name in ("event", *slots)),
        registers=(),
        ops=(Op("gt", "spike", ("event", 0)),),
        spike="spike",
        outputs=tuple(NeuronOutput(slot, slot) for slot in slots),
    )


def random_learning(random: Random) -> Learning:
    """Choose a rule from the whole alphabet of Lava's engine, and what it hears."""
    kind = random.choice(["deaf", "2 factors", "2 factors", "3 factors"])
    decimate = random.choice([None, 0, 1, 2])
    gates = ["x0", "y0"] if decimate is None else ["x0", "y0", "u"]
    graded = random.choice([GradedSpikes.REGULAR, *GradedSpikes])
    names = TRACES[:2] if kind == "3 factors" else TRACES
    always = {"x1"} if graded != GradedSpikes.REGULAR else set()
    return Learning(
        epoch_steps=random.randint(1, 4),
        products=tuple(_product(random, gates) for _ in range(random.randint(1, 6))),
        traces={
            n: _trace(random) for n in names if n in always or random.random() < 0.8
        },
        third_factors=_third_factors(random) if kind == "3 factors" else {},
        decimate_exponent=decimate,
        graded_spikes=graded,
        hears_post=kind != "deaf",
    )


def _third_factors(random: Random) -> dict[str, str]:
    """Name an output for each slot, or none: then nothing is sent there."""
    return {slot: slot if random.random() < 0.7 else "" for slot in TRACES[2:]}


def _trace(random: Random) -> TraceProgram:
    tau_256, extra = random.choice(
        [(t, 0) for t in (0, 256, 300, 512, 5000, 65535 * 256)]
        + [_bits_of(tau) for tau in (33.3, 1.9, 0.1)]
    )
    return TraceProgram(
        random.choice([0, 5, 16, 40, 127, 500]),
        tau_256,
        random.choice([0, 0, 64, 100, 200, 255, 256]),
        extra,
    )


def _bits_of(tau: float) -> tuple[int, int]:
    numerator, denominator = tau.as_integer_ratio()
    extra = max(0, denominator.bit_length() - 9)
    return (numerator << (8 + extra)) // denominator, extra


def _product(random: Random, gates: list[str]) -> Product:
    factors = []
    for _ in range(random.choice([0, 1, 1, 2, 3, 4, 10])):
        variable: Any = random.choice(["x0", "y0", "w", "t", "d", "c", *TRACES])
        far = random.choice([300, 300, 300, 2**31 - 1])
        constant = random.choice([0, 0, random.randint(-far, far)])
        signed = variable in "wtd" and random.random() < 0.3
        factors.append(Factor(variable, constant, signed))
    target: Any = random.choice("wwtd")
    gate: Any = random.choice(gates)
    return Product(
        target, gate, tuple(factors), random.randint(-8, 7), random.randint(-7, 8)
    )


def random_connection(
    random: Random, numbers: Generator, learning: Learning, shape: tuple[int, int]
) -> Connection:
    largest = random.choice([320, 320, 2**24, 2**31 - 1])
    weights = numbers.integers(-largest, largest, shape)
    bits = random.choice([0, 8, 24])
    return Connection(
        "synapse",
        "pre",
        "post",
        "",
        weights.astype(np.int32),
        weight_exponent=random.randint(-3, 6),
        weight_bits=random.randint(1, 8),
        sign_mode=random.choice(list(SignMode)),
        learning=learning,
        message_bits=bits,
        sum_bits=32 if bits else 64,
        initial=_initial(random, numbers, learning, shape),
    )


def _initial(
    random: Random, numbers: Generator, learning: Learning, shape: tuple[int, int]
) -> dict[str, np.ndarray]:
    found = {}
    for name in ("tag_1", "tag_2"):
        if random.random() < 0.3:
            largest = random.choice([300, 2**31 - 1])
            found[name] = numbers.integers(-largest, largest, shape)
    for name in learning.traces:
        if random.random() < 0.3:
            size = shape[1] if name.startswith("x") else shape[0]
            found[name] = numbers.integers(0, 256, size)
    return {name: values.astype(np.int32) for name, values in found.items()}


def random_payloads(
    random: Random, numbers: Generator, shape: tuple[int, int]
) -> np.ndarray:
    """Send at 0.4 of the places: ones, bytes of both signs, or anything."""
    largest = random.choice([1, 255, 600, 2**31 - 1])
    values = numbers.integers(-largest, largest, shape, endpoint=True)
    if largest == 1:
        values = np.abs(values)
    return np.where(numbers.random(shape) < 0.4, values, 0).astype(np.int32)


def recordable(learning: Learning) -> list[str]:
    """Name what a recording shows of a learning connection, beside a_out."""
    slots = learning.third_factors or learning.traces
    used = ["weights"]
    used += ["tag_1"] if learning.uses_tag else []
    used += ["tag_2"] if learning.uses_delay else []
    used += [n for n in TRACES[:2] if n in learning.traces]
    return used + [n for n in TRACES[2:] if n in slots]
