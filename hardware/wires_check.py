"""Whether the wires of a Program carry something, and to where it can be heard.

In: a Program. Out: a diagnostic for each tap that leads nowhere, size that does not
fit and wire that would need a value before it is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from .connections_check import post_size, synaptic_ports
from .contradiction import (
    INT32,
    NumberIsUnusable,
    Problems,
    integers,
    named,
    of_size,
    shaped,
    within,
)
from .program import Population, Program
from .wires import Tap, Wire


@dataclass(frozen=True)
class WireIsTooEarly(Diagnostic):
    """A neuron would have to hear a population that has not computed its step yet.

    A wire carries the values of the same step. Neurons are updated in the order of the
    Program's populations, so a wire into a port can tap only those that stand before;
    a connection, which takes a step, may come from any.
    """

    code = "P319"
    title = "population `{population}`: the wire `{wire}` taps `{signal}` too early"
    note = "`{source}` does not stand before `{population}` (docs/semantics.md 3.1)"
    help = "put `{source}` before `{population}`, or use a connection"

    population: str
    wire: str
    signal: str
    source: str


def wires_have_elements(program: Program) -> Problems:
    """Require at least one element each, and few enough to count in 32 bit."""
    for w in program.wires:
        yield from within(f"{_where(w)}: size", w.size, (1, INT32[1]))
        yield from of_size(_where(w), w.shape, w.size)
        steps = w.buffer_steps
        yield from within(f"{_where(w)}: steps of its buffer", steps, (0, INT32[1]))


def wires_tap_what_is_sent(program: Program) -> Problems:
    """Require signals of populations and connections, each with a place to go."""
    signals = _signals(program)
    for w in program.wires:
        for tap in w.taps:
            yield from named(_where(w), "signal", tap.signal, signals)
            if tap.signal in signals:
                yield from _places(w, tap, signals[tap.signal])


def neurons_hear_wires_in_order(program: Program) -> Problems:
    """Require a wire of the port's size that taps only populations before it."""
    wires = {w.name: w for w in program.wires}
    later = {f"{p.name}.{s}": p.name for p in program.populations for s in _sent(p)}
    for p in program.populations:
        for port, name in p.wires.items():
            where = f"population `{p.name}`"
            yield from named(where, "synaptic port", port, synaptic_ports(p))
            yield from named(where, "wire", name, wires)
            if name in wires:
                yield from _heard(p, wires[name], later)
        for signal in _sent(p):
            del later[f"{p.name}.{signal}"]


def _heard(p: Population, wire: Wire, later: Mapping[str, str]) -> Problems:
    if wire.size != p.size:
        where = f"population `{p.name}`: the wire `{wire.name}`"
        yield NumberIsUnusable(where, f"of {wire.size} elements", f"of {p.size}")
    for tap in wire.taps:
        if tap.signal in later:
            source = later[tap.signal]
            yield WireIsTooEarly(p.name, wire.name, tap.signal, source)


def _places(wire: Wire, tap: Tap, size: int) -> Problems:
    where = f"{_where(wire)}: tap `{tap.signal}`"
    if tap.places is not None:
        why = "each element of the signal has a place"
        yield from shaped(f"{where}: places", tap.places, (size,), why)
        yield from integers(f"{where}: places", tap.places, (-1, wire.size - 1))
    elif size != wire.size:
        wanted = f"{wire.size}, or given places in the wire"
        yield NumberIsUnusable(where, f"of {size} elements", wanted)


def _signals(program: Program) -> dict[str, int]:
    found = {f"{p.name}.{s}": p.size for p in program.populations for s in _sent(p)}
    return found | {f"{c.name}.a_out": post_size(c) for c in program.connections}


def _sent(population: Population) -> list[str]:
    outputs = population.neuron.outputs if population.neuron else ()
    return list(dict.fromkeys(["s_out", *(o.name for o in outputs)]))


def _where(wire: Wire) -> str:
    return f"wire `{wire.name}`"


WIRE_CHECKS = (
    wires_have_elements,
    wires_tap_what_is_sent,
    neurons_hear_wires_in_order,
)
