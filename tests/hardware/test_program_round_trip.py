from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lahar.hardware.program import (
    Connection,
    Factor,
    Learning,
    Modulator,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Product,
    Program,
    Register,
    SignMode,
    Source,
    TraceProgram,
    View,
)
from lahar.hardware.program_file import checksum, from_bytes, to_bytes

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
traces = st.builds(TraceProgram, INT32, st.integers(0, 2**31 - 1), st.integers(0, 255))
learnings = st.builds(
    Learning,
    st.integers(1, 63),
    st.lists(products, max_size=3).map(tuple),
    st.dictionaries(st.sampled_from(["x1", "x2", "y1", "y2"]), traces),
    st.just({}),
    st.integers(0, 9),
    st.integers(0, 9),
)


def a_neuron(threshold: int, initial: int) -> NeuronProgram:
    return NeuronProgram(
        ports=(NeuronPort("a", "synaptic"), NeuronPort("m", "modulator")),
        registers=(Register("v", initial),),
        ops=(Op("add", "v", ("v", "a")), Op("gt", "s", ("v", threshold))),
        spike="s",
    )


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Small Programs of any content that contradicts nothing."""
    pre, post = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    cells = st.lists(INT32, min_size=pre * post, max_size=pre * post)
    source_name, target_name, name = draw(
        st.lists(NAMES, min_size=3, max_size=3, unique=True)
    )
    neuron = a_neuron(draw(st.integers(-(2**63), 2**63 - 1)), draw(INT32))
    connection = Connection(
        *(name, source_name, target_name, "a"),
        np.array(draw(cells), dtype=np.int32).reshape(post, pre),
        draw(st.integers(-7, 7)),
        draw(st.integers(1, 8)),
        draw(st.sampled_from(SignMode)),
        draw(st.none() | learnings),
    )
    arrays = draw(st.dictionaries(NAMES, st.lists(FLOATS, max_size=4), max_size=2))
    return Program(
        name=draw(NAMES),
        chip=draw(NAMES),
        profile=draw(NAMES),
        dt_seconds=draw(st.floats(1e-9, 1e3)),
        populations=(
            Population(source_name, pre),
            Population(target_name, post, neuron),
        ),
        connections=(connection,),
        modulators=(
            Modulator(draw(NAMES), draw(FLOATS), -5, 5, ((target_name, "m"),)),
        ),
        views=(View(draw(NAMES), draw(NAMES), draw(FLOATS.filter(bool)), 3),),
        source=Source(draw(st.text()), {k: np.array(a) for k, a in arrays.items()}),
    )


@settings(max_examples=60, deadline=None)
@given(programs())
def test_any_program_survives_the_file(program: Program) -> None:
    loaded = from_bytes(to_bytes(program), "memory")

    assert loaded == program
    assert checksum(loaded) == checksum(program)
