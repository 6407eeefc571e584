"""What happens in a mean step, core by core: the counts that a cost table multiplies.

In: a placed Program, its chip, and how often its neurons spike. Out: synaptic
operations, neuron updates, spikes, messages and learning updates of each core, and the
way that messages take over the mesh.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from .activity import Activity, source_rates
from .chip import Chip
from .cost_tables import Event
from .lif_core import find_lif_core
from .program import Connection, CorePlacement, FloatArray, Population, Program
from .program_graph import ProgramGraph
from .synapse_lists import SynapseLists, synapse_lists
from .visited_synapses import pairwise_updates, visited_synapses

Counts = dict[Event, float]


@dataclass(frozen=True)
class StepEvents:
    """Counts of a mean step.

    cores
        By core, what happens there, learning apart.
    hops
        Of all messages: (east-west, north-south).
    longest_way
        Of any message, the same.
    between_chips
        Messages that go to another chip.
    learning, learning_work
        By core, synapses that learning looks at in a mean step (those of an epoch over
        its steps); and the same in units of pairwise STDP, by the rules' lengths.
    """

    cores: Mapping[int, Counts]
    hops: tuple[float, float] = (0.0, 0.0)
    longest_way: tuple[int, int] = (0, 0)
    between_chips: float = 0.0
    learning: Mapping[int, float] = field(default_factory=dict)
    learning_work: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Messages:
    """Messages of a mean step from one core (None: from outside) to another."""

    origin: int | None
    target: int
    count: float


def count_step(
    program: Program,
    placement: tuple[CorePlacement, ...],
    chip: Chip,
    activity: Activity,
) -> StepEvents:
    """Count what happens in a mean step of a placed Program."""
    cores: dict[int, Counts] = {place.core: {} for place in placement}
    learning = dict.fromkeys(cores, 0.0)
    work = dict.fromkeys(cores, 0.0)
    messages: list[Messages] = []
    graph = ProgramGraph(program)
    homes = graph.homes(placement)
    silent = {p.name: np.ones(p.size) for p in program.populations}
    for c in program.connections:
        rates = source_rates(graph, c, activity)
        _mark_reached(c, rates, silent)
        for place in homes.get(c.target, ()):
            lists = synapse_lists(c, place.start, place.stop, chip)
            _add_arrivals(cores[place.core], lists, rates)
            visited = visited_synapses(c, lists, rates)
            learning[place.core] += visited
            work[place.core] += visited * pairwise_updates(c)
            messages += _messages(graph, c, lists, rates, place.core, homes)
    for place in placement:
        population = graph.population(place.population)
        _add_neurons(cores[place.core], population, place, activity, silent)
    for m in messages:
        if m.origin is not None:
            _add(cores[m.origin], "message sent", m.count)
        _add(cores[m.target], "message received", m.count)
    events = StepEvents(cores, learning=learning, learning_work=work)
    return _on_the_mesh(events, messages, chip)


def _mark_reached(
    connection: Connection, rates: FloatArray, silent: dict[str, FloatArray]
) -> None:
    """Multiply the chance that nothing arrives at each target neuron in a step."""
    if connection.target not in silent:
        return
    with np.errstate(divide="ignore"):
        quiet = np.log1p(-rates)
    quiet = np.maximum(quiet, -700.0)  # exp of it is 0, and 0 * inf is not
    there = connection.weights != 0
    if connection.learning is not None:
        there = np.ones_like(there)
    pairs = connection.pairs
    reached = there @ quiet if pairs is None else pairs.onto(there * quiet[pairs.pres])
    silent[connection.target] *= np.exp(reached)


def _add_arrivals(counts: Counts, lists: SynapseLists, rates: FloatArray) -> None:
    operations = float(rates[lists.sources] @ lists.listed)
    sparse: Event = "synaptic operation, sparse list"
    dense: Event = "synaptic operation, dense list"
    _add(counts, sparse if lists.index_bits else dense, operations)


def _messages(
    graph: ProgramGraph,
    connection: Connection,
    lists: SynapseLists,
    rates: FloatArray,
    core: int,
    homes: Mapping[str, list[CorePlacement]],
) -> Iterator[Messages]:
    """Say from which cores the lists on a core are started."""
    if connection.source in homes:
        # lists are sorted by source: those of a home lie together
        sent, its_homes = rates[lists.sources], homes[connection.source]
        first = np.searchsorted(lists.sources, [h.start for h in its_homes])
        last = np.searchsorted(lists.sources, [h.stop for h in its_homes])
        for k in np.flatnonzero(last > first).tolist():
            count = float(sent[first[k] : last[k]].sum())
            yield Messages(its_homes[k].core, core, count)
        return
    started = np.where(lists.lengths > 0, rates, 0.0)
    for population, places in graph.senders(connection):
        sent = np.where(places >= 0, started[places], 0.0)
        if population not in homes:
            yield Messages(None, core, float(sent.sum()))
        for home in homes.get(population, ()):
            count = float(sent[home.start : home.stop].sum())
            yield Messages(home.core, core, count)


def _add_neurons(
    counts: Counts,
    population: Population,
    place: CorePlacement,
    activity: Activity,
    silent: Mapping[str, FloatArray],
) -> None:
    """Count neurons as active in the steps in which something drives them."""
    driven = float((1 - silent[population.name][place.start : place.stop]).sum())
    neurons = place.stop - place.start
    core = find_lif_core(population.neuron) if population.neuron else None
    if core is not None and core.bias != 0:
        driven = float(neurons)
    _add(counts, "active neuron update", driven)
    _add(counts, "inactive neuron update", neurons - driven)
    spikes = activity.rates[population.name][place.start : place.stop].sum()
    _add(counts, "spike", float(spikes))


def _on_the_mesh(
    events: StepEvents, messages: list[Messages], chip: Chip
) -> StepEvents:
    """Add up hops; messages from outside and to other chips have no known way."""
    east_west = north_south = between = 0.0
    longest = (0, 0)
    for m in messages:
        if m.origin is None or m.count == 0:
            continue
        if m.origin // chip.cores.value != m.target // chip.cores.value:
            between += m.count
            continue
        way = _way(m.origin, m.target, chip)
        east_west += m.count * way[0]
        north_south += m.count * way[1]
        longest = max(longest, way, key=sum)
    return replace(
        events,
        hops=(east_west, north_south),
        longest_way=longest,
        between_chips=between,
    )


def _way(origin: int, target: int, chip: Chip) -> tuple[int, int]:
    (x1, y1), (x2, y2) = _tile(origin, chip), _tile(target, chip)
    return abs(x1 - x2), abs(y1 - y2)


def _tile(core: int, chip: Chip) -> tuple[int, int]:
    tile = core % chip.cores.value // chip.cores_per_tile.value
    return tile % chip.mesh_columns.value, tile // chip.mesh_columns.value


def _add(counts: Counts, event: Event, count: float) -> None:
    counts[event] = counts.get(event, 0.0) + count
