from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

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
    Modulator,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    SignMode,
    Source,
    View,
)
from lahar.hardware.program_file import checksum, from_bytes, to_bytes
from lahar.hardware.program_text import print_program
from lahar.hardware.wires import Tap, Wire

INT32 = st.integers(-(2**31), 2**31 - 1)
NAMES = st.text(min_size=1, max_size=6)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)

factors = st.builds(
    Factor,
    st.sampled_from(["x0", "x1", "x2", "y0", "y1", "y2", "y3", "w", "t", "d", "c"]),
    INT32,
    st.booleans(),
)
products = st.builds(
    Product,
    st.sampled_from(["w", "t", "d"]),
    st.sampled_from(["x0", "y0", "u"]),
    st.lists(factors, max_size=3).map(tuple),
    st.integers(-8, 7),
    st.integers(-7, 8),
    INT32,
)


def trace_of(tau: float, impulse: int, fraction: int) -> TraceProgram:
    """A trace whose time constant is this float64, to the last bit."""
    numerator, denominator = tau.as_integer_ratio()
    bits = max(denominator.bit_length() - 1, 8)
    tau_256 = numerator * 2**bits // denominator
    return TraceProgram(impulse, tau_256, fraction, bits - 8)


traces = st.builds(
    trace_of,
    st.floats(0, allow_infinity=False, allow_nan=False),
    INT32,
    st.integers(0, 256),
)


@st.composite
def learnings(draw: st.DrawFn) -> Learning:
    """Settings of an engine; the payload of spikes needs an x1 to go into."""
    names = st.sampled_from(["x1", "x2", "y1", "y2"])
    kept = draw(st.dictionaries(names, traces))
    payloads = st.sampled_from(GradedSpikes)
    return Learning(
        epoch_steps=draw(st.integers(1, 63)),
        products=tuple(draw(st.lists(products, max_size=3))),
        traces=kept,
        decimate_exponent=draw(st.integers(0, 9)),
        seed_offset=draw(st.integers(0, 9)),
        graded_spikes=draw(payloads) if "x1" in kept else GradedSpikes.REGULAR,
        hears_post=draw(st.none() | st.booleans()),
    )


def arrays(values: st.SearchStrategy[int], *shape: int) -> st.SearchStrategy[IntArray]:
    count = int(np.prod(shape))
    cells = st.lists(values, min_size=count, max_size=count)
    return cells.map(lambda found: np.array(found, dtype=np.int32).reshape(shape))


def some(
    names: list[str], values: st.SearchStrategy[int], *shape: int
) -> st.SearchStrategy[dict[str, IntArray]]:
    return st.dictionaries(st.sampled_from(names), arrays(values, *shape))


def optional(
    values: st.SearchStrategy[int], *shape: int
) -> st.SearchStrategy[IntArray | None]:
    return st.none() | arrays(values, *shape)


def a_neuron(threshold: int, initial: int) -> NeuronProgram:
    return NeuronProgram(
        ports=(NeuronPort("a", "synaptic"), NeuronPort("m", "modulator")),
        registers=(Register("v", initial),),
        ops=(Op("add", "v", ("v", "a")), Op("gt", "s", ("v", threshold))),
        spike="s",
    )


@st.composite
def wires(draw: st.DrawFn, name: str, source: str, pre: int, post: int) -> Wire:
    """A wire as wide as the post side that taps the source of the network."""
    places = arrays(st.integers(-1, post - 1), pre)
    taps = st.builds(Tap, st.just(f"{source}.s_out"), places)
    return Wire(
        *(name, draw(st.sampled_from([(post,), (1, post)]))),
        tuple(draw(st.lists(taps, max_size=2))),
        *(draw(st.booleans()), draw(st.integers(0, 9))),
    )


@st.composite
def connections(
    draw: st.DrawFn, names: list[str], pre: int, post: int, wire: str
) -> Connection:
    """Synapses of every kind from (pre) to (post)."""
    event = st.sampled_from(["event", "y1", "y2", "y3"])
    return Connection(
        *(names[0], names[1], names[2], "a"),
        draw(arrays(INT32, post, pre)),
        weight_exponent=draw(st.integers(-7, 7)),
        weight_bits=draw(st.integers(1, 8)),
        sign_mode=draw(st.sampled_from(SignMode)),
        learning=draw(st.none() | learnings()),
        message_bits=draw(st.integers(0, 32)),
        delays=draw(optional(st.integers(0, 63), post, pre)),
        weight_format=draw(st.sampled_from(["synapse", "raw"])),
        sum_bits=draw(st.sampled_from([32, 64])),
        result_bits=draw(st.integers(1, 32)),
        shape=draw(st.sampled_from([(), (post, 1)])),
        initial=draw(some(["tag_1", "tag_2"], INT32, post, pre))
        | draw(some(["x1"], st.integers(0, 255), pre)),
        exists=draw(some(["w", "t", "d"], st.integers(0, 1), post, pre)),
        feedback=draw(st.dictionaries(event, st.just(wire))),
    )


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Small Programs of any content that contradicts nothing."""
    pre, post = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    source, target, name, wire = draw(
        st.lists(NAMES, min_size=4, max_size=4, unique=True)
    )
    neuron = a_neuron(draw(st.integers(-(2**63), 2**63 - 1)), draw(INT32))
    floats = draw(st.dictionaries(NAMES, st.lists(FLOATS, max_size=4), max_size=2))
    return Program(
        name=draw(NAMES),
        chip=draw(NAMES),
        profile=draw(NAMES),
        dt_seconds=draw(st.floats(1e-9, 1e3)),
        populations=(
            Population(
                source,
                pre,
                shape=draw(st.sampled_from([(), (1, pre)])),
                cycle=draw(optional(INT32, draw(st.integers(1, 3)), pre)),
            ),
            Population(
                *(target, post, neuron),
                initial=draw(some(["v"], INT32, post)),
                wires=draw(st.dictionaries(st.just("a"), st.just(wire))),
            ),
        ),
        connections=(draw(connections([name, source, target], pre, post, wire)),),
        modulators=(Modulator(draw(NAMES), draw(FLOATS), -5, 5, ((target, "m"),)),),
        views=(View(draw(NAMES), draw(NAMES), draw(FLOATS.filter(bool)), 3),),
        wires=(draw(wires(wire, source, pre, post)),),
        record=draw(st.sampled_from([(), ("*.s_out",), (f"{target}.v", "*.a_out")])),
        source=Source(draw(st.text()), {k: np.array(a) for k, a in floats.items()}),
    )


@settings(max_examples=60, deadline=None)
@given(programs())
def test_any_program_survives_the_file(program: Program) -> None:
    loaded = from_bytes(to_bytes(program), "memory")

    assert loaded == program
    assert checksum(loaded) == checksum(program)
    assert print_program(loaded) == print_program(program)


@settings(max_examples=200, deadline=None)
@given(st.floats(0, allow_infinity=False, allow_nan=False))
def test_any_time_constant_is_held_exactly(tau: float) -> None:
    assert trace_of(tau, 1, 0).tau_steps == tau
