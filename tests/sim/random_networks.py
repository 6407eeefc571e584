"""Random networks of everything that a Program can say, as Hypothesis strategies.

Wires, cycles, graded spikes, delays, widths, first values, feedback, sinks, shapes.
Not a test: test_kernels_random_networks.py loads it by path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
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
from lahar.hardware.wires import Tap, Wire

Draw = Callable[[st.SearchStrategy[Any]], Any]

EXTREMES = [-(2**31), -(2**31) + 1, -(2**23), 2**23, 2**24, 2**31 - 1]
VALUES = st.one_of(
    st.integers(-3, 3), st.integers(-200, 200), st.sampled_from(EXTREMES)
)
SIZES = st.integers(1, 4)
SLOTS = ("y1", "y2", "y3")
KINDS = ("input", "cycle", "neurons", "neurons")

ARGUMENTS: dict[str, str] = {
    "copy": "v",
    "add": "vv",
    "sub": "vv",
    "mul": "vv",
    "shl": "vk",
    "shr": "vk",
    "mulshift": "vlk",
    "decay": "vf",
    "fscale": "vls",
    "int32": "v",
    "wrap": "v",
    "saturate": "vbt",
    "gt": "vv",
    "ge": "vv",
    "select": "vvv",
    "every": "ne",
}


def array(draw: Draw, shape: tuple[int, ...], values: Any) -> Any:
    """Draw an array; its elements follow from a few drawn values and a seed."""
    known = np.array(draw(st.lists(values, min_size=1, max_size=6)), np.int64)
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    return random.choice(known, shape).astype(np.int32)


def shape_of(draw: Draw, size: int) -> tuple[int, ...]:
    return draw(st.sampled_from([(), (size,), (1, size), (size, 1)]))


@st.composite
def neurons(draw: Draw) -> NeuronProgram:
    """Draw a neuron program of any operations; half of them send graded spikes."""
    ports = [NeuronPort("in", "synaptic")]
    ports += [NeuronPort("other", "synaptic")] * draw(st.integers(0, 1))
    ports += [NeuronPort("reward", "modulator")] * draw(st.integers(0, 1))
    registers = [
        Register(f"r{k}", draw(VALUES)) for k in range(draw(st.integers(1, 2)))
    ]
    names = [p.name for p in ports] + [r.name for r in registers]
    membrane = draw(st.sampled_from([None, "r0"]))
    ops = []
    for k in range(draw(st.integers(1, 6))):
        code = draw(st.sampled_from(sorted(ARGUMENTS)))
        target = draw(st.sampled_from([*(r.name for r in registers), f"t{k}"]))
        ops.append(Op(code, target, _arguments(draw, ARGUMENTS[code], names)))
        names = sorted({*names, target})
    if membrane is not None and draw(st.booleans()):
        ops.append(Op("saturate", membrane, _arguments(draw, "vbt", names)))
    ops.append(Op("gt", "spike", _arguments(draw, "vv", names)))
    graded = draw(st.booleans())
    computed = sorted({*(r.name for r in registers), *(op.target for op in ops)})
    sent = draw(st.lists(st.sampled_from(computed), max_size=2))
    return NeuronProgram(
        ports=tuple(ports),
        registers=tuple(registers),
        ops=tuple(ops),
        spike=draw(st.sampled_from(computed)) if graded else "spike",
        outputs=tuple(NeuronOutput(f"o{k}", name) for k, name in enumerate(sent)),
        membrane=membrane,
        graded=graded,
    )


def _arguments(draw: Draw, kinds: str, names: list[str]) -> tuple[str | int, ...]:
    named = st.sampled_from(names)
    values = {
        "v": st.one_of(named, VALUES),
        "f": st.one_of(named, st.integers(0, 4096)),
        "l": VALUES,
        "b": st.sampled_from([-(2**31), -(2**24), -200, 0]),
        "t": st.integers(0, 2**24),
        "k": st.integers(0, 31),
        "s": st.sampled_from([0, 1, 12, 40, 62, 1074]),
        "n": st.integers(4, 7),
        "e": st.integers(0, 3),
    }
    return tuple(draw(values[kind]) for kind in kinds)


@st.composite
def populations(draw: Draw, name: str) -> Population:
    """Draw an input, one with a cycle of its own, or neurons."""
    size, kind = draw(SIZES), draw(st.sampled_from(KINDS))
    population = Population(name, size, shape=shape_of(draw, size))
    if kind == "cycle":
        values = draw(st.sampled_from([st.integers(0, 1), VALUES]))
        period = draw(st.integers(1, 4))
        return replace(population, cycle=array(draw, (period, size), values))
    if kind == "input":
        return population
    neuron = draw(neurons())
    own = [r.name for r in neuron.registers if draw(st.booleans())]
    first = {register: array(draw, (size,), VALUES) for register in own}
    return replace(population, neuron=neuron, initial=first)


@dataclass
class Sketch:
    """A network while it is drawn: wires are named first, their taps come last."""

    draw: Draw
    populations: list[Population] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    wires: dict[str, tuple[int, ...]] = field(default_factory=dict)
    taps: dict[str, tuple[Tap, ...]] = field(default_factory=dict)

    def new_wire(self, size: int) -> str:
        name = f"w{len(self.wires)}"
        self.wires[name] = shape_of(self.draw, size) or (size,)
        return name

    def sender(self) -> tuple[str, int]:
        """Choose a population or a new wire as the source of a connection."""
        if self.draw(st.sampled_from([True, False, False])):
            size = self.draw(SIZES)
            return self.new_wire(size), size
        population = self.draw(st.sampled_from(self.populations))
        return population.name, population.size

    def receiver(self) -> tuple[str, str, int, NeuronProgram | None]:
        """Choose a synaptic port, or nothing but the wires that listen."""
        able = [p for p in self.populations if p.neuron is not None]
        if not able or self.draw(st.sampled_from([True, False, False])):
            return "", "", self.draw(SIZES), None
        population = self.draw(st.sampled_from(able))
        assert population.neuron is not None
        ports = [p.name for p in population.neuron.ports if p.kind == "synaptic"]
        port = self.draw(st.sampled_from(ports))
        return population.name, port, population.size, population.neuron

    def signals(self, before: int) -> list[tuple[str, int]]:
        """List what a wire may tap, of populations the first ones only."""
        found = [(f"{c.name}.a_out", c.weights.shape[0]) for c in self.connections]
        for population in self.populations[:before]:
            found.append((f"{population.name}.s_out", population.size))
            if population.neuron is not None:
                names = [o.name for o in population.neuron.outputs]
                found += [(f"{population.name}.{n}", population.size) for n in names]
        return found

    def draw_taps(self, wire: str, before: int) -> None:
        size, found = int(np.prod(self.wires[wire])), self.signals(before)
        taps = []
        for name, width in self.draw(
            st.lists(st.sampled_from(found), max_size=3) if found else st.just([])
        ):
            places = None
            if width != size or self.draw(st.booleans()):
                places = array(self.draw, (width,), st.integers(-1, size - 1))
            taps.append(Tap(name, places))
        self.taps[wire] = tuple(taps)


FACTORS = st.builds(
    Factor,
    variable=st.sampled_from(["x0", "x1", "x2", "y0", "y1", "y2", "y3", "w", "t", "d"]),
    constant=st.integers(-20, 20),
)
PRODUCTS = st.builds(
    Product,
    target=st.sampled_from(["w", "w", "t", "d"]),
    gate=st.sampled_from(["x0", "y0", "u"]),
    factors=st.lists(FACTORS, max_size=3).map(tuple),
    mantissa=st.integers(-8, 7),
    exponent=st.integers(-7, 4),
)
TRACES = st.builds(
    TraceProgram,
    impulse=st.sampled_from([0, 16, 127]),
    tau_256=st.sampled_from([0, 700, 5120]),
    impulse_fraction_256=st.sampled_from([0, 100]),
)


def draw_learning(sketch: Sketch, sent: list[str]) -> Learning:
    """Draw a learning engine; its slots may hear outputs, wires or nothing."""
    draw = sketch.draw
    names, third = ["x1", "x2", *SLOTS], {}
    if draw(st.booleans()):
        slots = draw(st.lists(st.sampled_from(SLOTS), unique=True, min_size=1))
        third = {slot: draw(st.sampled_from(["", *sent])) for slot in slots}
        names = names[:2]
    mode = draw(st.sampled_from(list(GradedSpikes)))
    used = {n for n in names if draw(st.booleans())}
    used |= {"x1"} if mode != GradedSpikes.REGULAR else set()
    return Learning(
        epoch_steps=draw(st.integers(1, 3)),
        products=tuple(draw(st.lists(PRODUCTS, max_size=3))),
        traces={n: draw(TRACES) for n in names if n in used},
        third_factors=third,
        decimate_exponent=draw(st.integers(0, 1)),
        graded_spikes=mode,
        hears_post=draw(st.sampled_from([None, True, False])),
    )


def draw_connection(sketch: Sketch, name: str) -> Connection:
    draw = sketch.draw
    (source, pre), (target, port, post, neuron) = sketch.sender(), sketch.receiver()
    learning, feedback = None, {}
    if draw(st.booleans()):
        outputs = neuron.outputs if neuron is not None else ()
        learning = draw_learning(sketch, [o.name for o in outputs])
        unsent = [slot for slot, name in learning.third_factors.items() if not name]
        heard = [k for k in ("event", *unsent) if draw(st.booleans())]
        feedback = {k: sketch.new_wire(post) for k in heard}
    large = draw(st.sampled_from([300, 10**6, 2**31 - 1]))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    weights = random.integers(-large, large, (post, pre), endpoint=True)
    delays = None
    if draw(st.booleans()):
        delays = array(draw, (post, pre), st.sampled_from([0, 0, 1, 2, 5]))
    return Connection(
        name,
        source,
        target,
        port,
        weights.astype(np.int32),
        weight_exponent=draw(st.sampled_from([-4, -1, 0, 2, 7])),
        weight_bits=draw(st.integers(1, 8)),
        sign_mode=draw(st.sampled_from(list(SignMode))),
        learning=learning,
        message_bits=draw(st.sampled_from([0, 0, 8, 24])),
        delays=delays,
        weight_format=draw(st.sampled_from(["synapse", "raw"])),
        sum_bits=draw(st.sampled_from([32, 64])),
        result_bits=draw(st.sampled_from([32, 32, 24, 9])),
        shape=shape_of(draw, post),
        initial=_first_values(draw, learning, post, pre),
        exists=_existing(draw, post, pre) if learning is not None else {},
        feedback=feedback,
    )


def _existing(draw: Draw, post: int, pre: int) -> dict[Any, Any]:
    named = [target for target in "wtd" if draw(st.booleans())]
    return {target: array(draw, (post, pre), st.integers(0, 1)) for target in named}


def _first_values(
    draw: Draw, learning: Learning | None, post: int, pre: int
) -> dict[str, Any]:
    if learning is None or draw(st.booleans()):
        return {}
    names = (*learning.traces, *learning.third_factors)
    traces = {n: (pre if n[0] == "x" else post,) for n in names}
    return {
        "tag_1": array(draw, (post, pre), st.integers(-256, 255)),
        "tag_2": array(draw, (post, pre), st.integers(0, 255)),
        **{n: array(draw, s, st.integers(0, 255)) for n, s in traces.items()},
    }


@st.composite
def networks(draw: Draw) -> Program:
    """Draw up to four populations and connections, with wires of every use."""
    sketch = Sketch(draw)
    count = draw(st.integers(1, 4))
    sketch.populations = [draw(populations(f"p{k}")) for k in range(count)]
    sketch.connections = [
        draw_connection(sketch, f"c{k}") for k in range(draw(st.integers(0, 4)))
    ]
    free = list(sketch.wires)
    for k, population in enumerate(sketch.populations):
        sketch.populations[k] = _with_wires(sketch, population, k)
    sinks = [sketch.new_wire(draw(SIZES)) for _ in range(draw(st.integers(0, 2)))]
    for wire in (*free, *sinks):
        sketch.draw_taps(wire, count)
    return Program(
        name="random",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=tuple(sketch.populations),
        connections=tuple(sketch.connections),
        wires=tuple(
            Wire(
                name,
                shape,
                sketch.taps[name],
                listens=name in sinks or draw(st.booleans()),
                buffer_steps=draw(st.integers(0, 4)),
            )
            for name, shape in sketch.wires.items()
        ),
    )


def _with_wires(sketch: Sketch, population: Population, position: int) -> Population:
    """Let wires of earlier populations feed some of a population's ports."""
    if population.neuron is None:
        return population
    wires = {}
    for port in population.neuron.ports:
        if port.kind == "synaptic" and sketch.draw(st.booleans()):
            wires[port.name] = sketch.new_wire(population.size)
            sketch.draw_taps(wires[port.name], position)
    return replace(population, wires=wires)


@st.composite
def profiles(draw: Draw) -> Profile:
    """Draw a published profile or any mixture, perhaps with other widths and wraps."""
    profile = draw(st.sampled_from([LAVA_0_10, LOIHI2]))
    if draw(st.booleans()):
        mixed = {
            name: draw(st.sampled_from([m.value for m in switch.meanings]))
            for name, switch in SWITCHES.items()
        }
        profile = replace(profile, **mixed)
    return replace(
        profile,
        u_wrap=draw(st.sampled_from(["single", "twos complement", "none"])),
        arrival_bits=draw(st.sampled_from([8, 16, 32])),
        membrane_low=draw(st.sampled_from([None, 0, -100, -(2**23) + 1])),
    )
