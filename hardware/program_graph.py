"""Who sends to whom in a Program, looked up once and asked often.

In: a Program. Out: the connections onto each population, and for each connection the
neurons whose spikes are its sources, through wires too.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .program import Connection, CorePlacement, Population, Program

Places = npt.NDArray[np.int64]


class ProgramGraph:
    """The joints of a Program; ``program`` is what it was made from."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._populations = {p.name: p for p in program.populations}
        self._wires = {w.name: w for w in program.wires}
        self._onto: dict[str, list[Connection]] = {}
        for connection in program.connections:
            self._onto.setdefault(connection.target, []).append(connection)

    def population(self, name: str) -> Population:
        """Find a population by name."""
        return self._populations[name]

    def onto(self, population: str) -> list[Connection]:
        """List the connections onto a population, in the Program's order."""
        return self._onto.get(population, [])

    def senders(self, connection: Connection) -> Iterator[tuple[str, Places]]:
        """List the populations that send to it, with the source of each neuron.

        -1: the neuron sends nothing to it. What a wire takes from other connections is
        not sent by a neuron, and is left out.
        """
        if connection.source in self._populations:
            size = self._populations[connection.source].size
            yield connection.source, np.arange(size)
        else:
            yield from self.into_wire(connection.source)

    def into_wire(self, name: str) -> Iterator[tuple[str, Places]]:
        """List the populations that a wire taps, with the element of each neuron."""
        for tap in self._wires[name].taps:
            owner = tap.signal.rpartition(".")[0]
            if owner in self._populations:
                whole = np.arange(self._populations[owner].size)
                places = whole if tap.places is None else tap.places
                yield owner, np.asarray(places, dtype=np.int64)

    def into_ports(self, population: str) -> Iterator[tuple[str, Places]]:
        """List the populations that send to a population's ports without synapses."""
        for wire in self._populations[population].wires.values():
            yield from self.into_wire(wire)

    def homes(
        self, placement: tuple[CorePlacement, ...]
    ) -> dict[str, list[CorePlacement]]:
        """Group a placement by population."""
        found: dict[str, list[CorePlacement]] = {}
        for place in placement:
            found.setdefault(place.population, []).append(place)
        return found
