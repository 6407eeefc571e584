"""Where a compiled run keeps its state: a few flat arrays, cut into segments.

A Program goes in; the segments with their names, sizes and first values come out.
Identifiers depend on the structure of a Program only, never on names or sizes, so
that networks of one structure share a compiled kernel. Synaptic variables have arrays
of their own because they are many and narrow (kernel_storage.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..hardware.learning import GradedSpikes, Learning
from ..hardware.profile import Profile
from ..hardware.program import Connection, NeuronProgram, Population, Program
from ..hardware.variables import Y_SLOTS
from ..hardware.wires import Wire
from ..pairs import Pairs
from .kernel_deferral import WORDS, defers, replayed_traces
from .kernel_shared_changes import shares_changes
from .kernel_storage import WORD_BITS, Storage, adds_weights, storage_of
from .operations import Integers

Cells = npt.NDArray[np.int32]
Synapses = npt.NDArray[np.uint8 | np.int16 | np.int32 | np.int64]
Bank = Literal["state", "bytes", "synapses", "words", "longs"]

RECORDED_SYNAPSES = {"weights": "weights", "tags": "tag_1", "delays": "tag_2"}
LISTS = ("starts", "post_of")
COLUMN_LISTS = ("column_starts", "column_synapses", "column_pres")
BANKS: tuple[Bank, ...] = ("state", "bytes", "synapses", "words", "longs")
"""What is not synaptic; bytes; what may be negative; several synapses to a word; what
needs 64 bits."""


NARROWEST: dict[Bank, type[np.integer[Any]]] = {"bytes": np.uint8, "longs": np.int64}
"""Banks whose type is always the same."""


@dataclass(frozen=True, eq=False)
class Segment:
    """A piece of the state: how kernels call it, how a recording does, how it starts.

    ``recorded`` is None for what is no state of the Program but scratch, ``bits`` the
    width of an element where a cell holds several. ``within`` is an earlier segment of
    which it is a part, and the cell at which it begins there.
    """

    identifier: str
    size: int
    recorded: str | None = None
    initial: Integers | int = 0
    bank: Bank = "state"
    bits: int = 32
    within: tuple[str, int] | None = None


def engine_traces(learning: Learning) -> tuple[str, ...]:
    """List the traces that the engine itself computes."""
    names = ("x1", "x2") if learning.third_factors else ("x1", "x2", *Y_SLOTS)
    return tuple(n for n in names if n in learning.traces)


def third_factor_slots(learning: Learning) -> tuple[str, ...]:
    """List the slots that hold what the post neuron sends."""
    return tuple(n for n in Y_SLOTS if n in learning.third_factors)


def learns_in_columns(learning: Learning) -> bool:
    """Tell whether a post spike changes synapses whose pre neuron is silent."""
    return any(p.gate == "y0" for p in learning.products)


def pure_columns(learning: Learning) -> tuple[int, ...]:
    """List the products that a pre spike opens and only the post neuron decides.

    They are computed once in a phase, for all rows.
    """
    if learning.epoch_steps > 1:
        return ()  # each row reads the traces of its own moment of the epoch
    return tuple(
        k
        for k, product in enumerate(learning.products)
        if product.gate == "x0" and all(f.variable[0] in "yc" for f in product.factors)
    )


def arrivals(program: Program, population: str, port: str) -> tuple[int, ...]:
    """List the positions of the connections into a port."""
    return tuple(
        position
        for position, c in enumerate(program.connections)
        if (c.target, c.port) == (population, port)
    )


def segments(program: Program, profile: Profile) -> tuple[Segment, ...]:
    """Cut the state of a Program into segments, in a fixed order."""
    found: list[Segment] = []
    for position, population in enumerate(program.populations):
        found += _of_population(population, position, profile)
        if lists_spikes(program, position):
            found.append(Segment(f"p{position}_listed", population.size))
    for position, connection in enumerate(program.connections):
        found += _of_connection(program, connection, position, profile)
        if hears_apart(program, connection):
            found.append(Segment(f"c{position}_heard", connection.joins[1]))
    for position, wire in enumerate(program.wires):
        found += _of_wire(wire, position)
    return tuple(found)


def reads_differently(neuron: NeuronProgram, register: str, profile: Profile) -> bool:
    """Tell whether a register reads otherwise than it is in a step of a spike."""
    return register == neuron.membrane and profile.v_after_spike is not None


def hears_apart(program: Program, connection: Connection) -> bool:
    """Tell whether a connection needs other values than its source sends."""
    if connection.message_bits > 0:
        return False
    binary = {p.name for p in program.populations if not p.graded}
    needs_values = connection.learning is not None or not adds_weights(connection)
    return needs_values and connection.source not in binary


def follows_spikes(learning: Learning, trace: str) -> bool:
    """Tell whether a trace is what it was at the end of the last epoch."""
    return trace.startswith("x") or learning.uses_post_event


def times_are(program: Program, connection: Connection, side: str) -> int | None:
    """Say which population's spikes are the moments of an epoch's last spikes.

    In an epoch of one step they are, where spikes are nothing but 0 and 1.
    """
    learning = connection.learning
    if learning is None or learning.epoch_steps > 1:
        return None
    if side == "pre":
        name, plain = connection.source, connection.message_bits == 0
        plain &= learning.graded_spikes == GradedSpikes.REGULAR
    else:
        name = connection.target
        plain = learning.uses_post_event and "event" not in connection.feedback
    places = {p.name: k for k, p in enumerate(program.populations)}
    if not plain or name not in places:
        return None
    return places[name] if _sends_bits(program.populations[places[name]]) else None


def has_own_list(
    program: Program, profile: Profile, connection: Connection, side: str
) -> bool:
    """Tell whether an engine keeps its own list of the neurons that spiked."""
    appends = side == "pre" and defers(connection, profile)
    return appends or times_are(program, connection, side) is None


def lists_spikes(program: Program, position: int) -> bool:
    """Tell whether somebody goes through the neurons of a population that spiked."""
    name = program.populations[position].name
    return any(
        (c.source == name and adds_weights(c) and not hears_apart(program, c))
        or position in (times_are(program, c, "pre"), times_are(program, c, "post"))
        for c in program.connections
    )


def _sends_bits(population: Population) -> bool:
    neuron = population.neuron
    if neuron is None or population.graded:
        return population.cycle is None and not population.graded
    writers = [op.code for op in neuron.ops if op.target == neuron.spike]
    return bool(writers) and writers[-1] in ("gt", "ge")


def longest_list(pairs: Pairs) -> int:
    """Count the synapses of the longest row or column."""
    rows = int(np.diff(pairs.starts).max(initial=0))
    return max(rows, int(pairs.sources.max(initial=0)), 1)


def delay_rows(connection: Connection) -> int:
    """Count the steps for which something may be on the way."""
    if connection.delays is None:
        return 1
    return int(connection.delays.max(initial=0)) + 1


def widest_sum(program: Program) -> int:
    """Count the cells in which the largest connection adds up."""
    widths = [c.joins[0] * delay_rows(c) for c in program.connections]
    return max(widths, default=0)


def widest_source(program: Program) -> int:
    """Count the neurons that the largest connection listens to."""
    return max((c.joins[1] for c in program.connections), default=0)


def _of_population(
    population: Population, position: int, profile: Profile
) -> Iterator[Segment]:
    name, size, neuron = population.name, population.size, population.neuron
    yield Segment(f"p{position}_spikes", size, f"{name}.s_out")
    if population.cycle is not None:
        cycle = population.cycle.astype(np.int64).ravel()
        yield Segment(f"p{position}_cycle", cycle.size, None, cycle)
    if neuron is None:
        return
    for k in range(len(neuron.ports)):
        yield Segment(f"p{position}_port{k}", size)
    for k, register in enumerate(neuron.registers):
        shown = f"{name}.{register.name}"
        first: Integers | int = register.initial
        if register.name in population.initial:
            first = population.initial[register.name].astype(np.int64)
        if reads_differently(neuron, register.name, profile):
            yield Segment(f"p{position}_register{k}", size, None, first)
            yield Segment(f"p{position}_shown", size, shown, first)
        else:
            yield Segment(f"p{position}_register{k}", size, shown, first)
    kept = {r.name for r in neuron.registers}
    for k, output in enumerate(neuron.outputs):
        shown_output = None if output.name in kept else f"{name}.{output.name}"
        yield Segment(f"p{position}_output{k}", size, shown_output)


def _of_connection(
    program: Program, connection: Connection, position: int, profile: Profile
) -> Iterator[Segment]:
    name, at = connection.name, f"c{position}"
    post, pre = connection.joins
    learning = connection.learning
    yield Segment(f"{at}_arrived", post, f"{name}.a_out")
    yield Segment(f"{at}_on_the_way", post * delay_rows(connection))
    stored = storage_of(connection, profile)
    for ending, storage in stored.items():
        yield _of_synapses(f"{at}_{ending}", ending, storage, connection)
    if learning is None:
        return
    if learns_in_columns(learning) and connection.pairs is None:
        for ending, storage in stored.items():
            yield Segment(f"{at}_{ending}_column", storage.length(pre, 1))
    for k in pure_columns(learning) if connection.pairs is None else ():
        yield Segment(f"{at}_product{k}", post)
    for side, size in (("pre", pre), ("post", post)):
        if has_own_list(program, profile, connection, side):
            yield Segment(f"{at}_{side}_marked", size)
        if times_are(program, connection, side) is None:
            yield Segment(f"{at}_{side}_times", size)
    yield Segment(f"{at}_restless", 1, None, 1)
    if connection.pairs is not None:
        yield Segment(f"{at}_longest", 1, None, longest_list(connection.pairs))
    if defers(connection, profile):
        yield Segment(f"{at}_events", post * WORDS, bank="longs", bits=64)
        yield Segment(f"{at}_visited", pre, bank="longs", bits=64)
        for trace in replayed_traces(learning):
            yield Segment(f"{at}_{trace}_visited", pre)
    if shares_changes(connection, profile):
        yield Segment(f"{at}_change_of_post", post)
        if learns_in_columns(learning):
            yield Segment(f"{at}_change_of_pre", pre)
    rows = learning.epoch_steps + 1
    for trace in engine_traces(learning) + third_factor_slots(learning):
        size = pre if trace.startswith("x") else post
        first = connection.initial.get(trace)
        start = 0 if first is None else first.astype(np.int64)
        history = f"{at}_{trace}_history"
        yield Segment(history, size * rows)
        ends = None
        if trace in engine_traces(learning) and follows_spikes(learning, trace):
            ends = history, size * (rows - 1)
        yield Segment(f"{at}_{trace}", size, f"{name}.{trace}", start, within=ends)


def _of_synapses(
    identifier: str, ending: str, storage: Storage, connection: Connection
) -> Segment:
    post, pre = connection.joins
    shown = RECORDED_SYNAPSES.get(ending) if connection.learning is not None else None
    bank: Bank = "bytes" if storage.bits == 8 else "synapses"
    return Segment(
        identifier,
        storage.length(pre, post),
        None if shown is None else f"{connection.name}.{shown}",
        storage.cells(pre, post),
        bank if storage.packed == 1 else "words",
        WORD_BITS if storage.packed == 1 else storage.bits,
    )


def _of_wire(wire: Wire, position: int) -> Iterator[Segment]:
    shown = f"{wire.name}.a_in" if wire.listens else None
    yield Segment(f"w{position}", wire.size, shown)
    for k, tap in enumerate(wire.taps):
        if tap.places is not None:
            places = tap.places.astype(np.int64)
            yield Segment(f"w{position}_places{k}", places.size, None, places)
    if wire.listens and wire.buffer_steps > 0:
        kept = wire.buffer_steps * wire.size
        yield Segment(f"w{position}_rows", kept, f"{wire.name}.data")


@dataclass(frozen=True)
class Place:
    """Where a segment lies: [start, stop) of its bank; ``bits`` of an element."""

    bank: Bank
    start: int
    stop: int
    bits: int


@dataclass(frozen=True, eq=False)
class Layout:
    """Segments with their places; ``bounds`` is what a kernel gets of it."""

    segments: tuple[Segment, ...]
    bounds: Integers

    def place(self, recorded: str) -> Place:
        """Find what a recording names."""
        for segment, (start, stop) in zip(self.segments, self.bounds, strict=True):
            if segment.recorded == recorded:
                return Place(segment.bank, int(start), int(stop), segment.bits)
        raise KeyError(recorded)

    def text(self) -> str:
        """Write what lies where; cells of an equal layout mean the same."""
        return "\n".join(
            f"{s.identifier} {s.bank} {s.bits} {start} {stop}"
            for s, (start, stop) in zip(self.segments, self.bounds, strict=True)
        )

    def initial(self, bank: Bank) -> Synapses:
        """Give the cells of a bank before the first step."""
        # numpy asks for huge pages where it does not ask for zeros
        cells = np.empty(self._length(bank), self._type(bank))
        cells[:] = 0
        for segment, (start, stop) in zip(self.segments, self.bounds, strict=True):
            if segment.bank == bank:
                cells[start:stop] = segment.initial
        return cells

    def _type(self, bank: Bank) -> type[np.integer[Any]]:
        """Only weights that a profile leaves outside their range can need 32 bit."""
        if bank in NARROWEST:
            return NARROWEST[bank]
        parts = [np.asarray(s.initial) for s in self.segments if s.bank == "synapses"]
        low, high = np.iinfo(np.int16).min, np.iinfo(np.int16).max
        ends = [(part.min(), part.max()) for part in parts if part.size]
        narrow = all(low <= least and most <= high for least, most in ends)
        return np.int16 if bank == "synapses" and narrow else np.int32

    def _length(self, bank: Bank) -> int:
        return sum(s.size for s in self.segments if s.bank == bank and not s.within)


def layout_of(program: Program, profile: Profile) -> Layout:
    """Lay the segments of a Program one after the other, each in its bank."""
    parts = segments(program, profile)
    ends = dict.fromkeys(BANKS, 0)
    bounds = []
    starts: dict[str, int] = {}
    for part in parts:
        start = ends[part.bank]
        if part.within is None:
            ends[part.bank] = start + part.size
        else:
            start = starts[part.within[0]] + part.within[1]
        starts[part.identifier] = start
        bounds.append((start, start + part.size))
    return Layout(parts, np.array(bounds, np.int64).reshape(-1, 2))
