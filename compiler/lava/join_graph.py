"""Join what was read of single processes by what the graph says.

In: populations and connections without ends, and the feeds of every port. Out: ends
where one population feeds one connection or one connection one port, element by
element; wires (hardware/wires.py) for every other path of a signal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from ...diagnostics import LaharError
from ...hardware.learning import Learning
from ...hardware.program import Connection, Population
from ...hardware.wires import Tap, Wire
from .from_lava_errors import NeuronsWaitForEachOther
from .known_processes import Kind, Role
from .lava_graph import Feed, LavaProcess, shape_of
from .read_buffers import read_sink

FEEDBACK = {"event": "s_in_bap", "y1": "s_in_y1", "y2": "s_in_y2", "y3": "s_in_y3"}


@dataclass(frozen=True, eq=False)
class Node:
    """A process of the graph, its kind, and the name it has in the Program."""

    process: LavaProcess
    kind: Kind
    name: str
    feeds: Mapping[str, tuple[Feed, ...]]  # of each InPort that its model reads


class Joiner:
    """Gives every part its ends; ``wires`` grows on the way.

    ``parts`` holds what was read of each node, by its name.
    """

    def __init__(
        self, nodes: Sequence[Node], parts: Mapping[str, Population | Connection]
    ) -> None:
        self.wires: list[Wire] = []
        self._nodes = nodes
        self._parts = parts
        self._names = {node.process.id: node.name for node in nodes}
        self._wide = {node.process.id for node in nodes if node.kind.wide}
        self._taken = {node.name for node in nodes}

    def populations(self) -> tuple[Population, ...]:
        """Give the populations with their wires, each after those that feed it."""
        joined = {
            node.name: self._population(node)
            for node in self._nodes
            if node.kind.role in ("neuron", "source")
        }
        return tuple(joined[name] for name in self._order())

    def connections(self) -> tuple[Connection, ...]:
        """Give the connections with source, target and feedback."""
        return tuple(self._connection(node) for node in self._of_role("connection"))

    def sinks(self) -> tuple[Wire, ...]:
        """Give the sinks."""
        return tuple(
            read_sink(node.process, node.name, self._taps(node.feeds["a_in"]))
            for node in self._of_role("sink")
        )

    def _of_role(self, role: Role) -> list[Node]:
        return [node for node in self._nodes if node.kind.role == role]

    def _population(self, node: Node) -> Population:
        population = self._parts[node.name]
        assert isinstance(population, Population)
        feeds = [
            feed
            for feed in node.feeds.get("a_in", ())
            if (feed.sender, node.name) not in self._direct
        ]
        if not feeds:
            return population
        return replace(population, wires={"a_in": self._wire(node, "a_in", feeds)})

    def _connection(self, node: Node) -> Connection:
        connection = self._parts[node.name]
        assert isinstance(connection, Connection)
        target = self._targets[node.name]
        feeds = node.feeds["s_in"]
        # Lava adds up in 64 bit what was sent in 64 bit.
        wide = any(feed.process.id in self._wide for feed in feeds)
        source = self._spikes_of(feeds) or self._wire(node, "s_in", feeds)
        return replace(
            connection,
            source=source,
            target=target,
            port="a_in" if target else "",
            sum_bits=64 if wide else connection.sum_bits,
            learning=_hearing(connection, node),
            feedback=self._feedback(node, target),
        )

    def _feedback(self, node: Node, target: str) -> dict[str, str]:
        """Wire what the learning engine hears; spikes of the target need no wire."""
        feedback = {}
        for slot, port in FEEDBACK.items():
            feeds = node.feeds.get(port, ())
            own = slot == "event" and target and self._spikes_of(feeds) == target
            silent = slot == "event" and _hears_silence(self._parts[node.name], node)
            if (feeds and not own) or silent:
                feedback[slot] = self._wire(node, port, feeds)
        return feedback

    def _spikes_of(self, feeds: Sequence[Feed]) -> str | None:
        """Name the population whose spikes alone these are, element by element."""
        if len(feeds) != 1 or feeds[0].places is not None or feeds[0].port != "s_out":
            return None
        return self._names[feeds[0].process.id]

    @cached_property
    def _targets(self) -> dict[str, str]:
        """Choose for each connection one population that it targets, if there is any.

        The one whose spikes its engine hears, so that this needs no wire.
        """
        able: dict[str, list[str]] = {n.name: [] for n in self._of_role("connection")}
        for node in self._of_role("neuron"):
            for feed in node.feeds["a_in"]:
                if feed.port == "a_out" and feed.places is None:
                    able[self._names[feed.process.id]].append(node.name)
        chosen = {}
        for node in self._of_role("connection"):
            heard = self._spikes_of(node.feeds.get("s_in_bap", ()))
            names = able[node.name]
            chosen[node.name] = heard if heard in names else next(iter(names), "")
        return {name: target or "" for name, target in chosen.items()}

    @cached_property
    def _direct(self) -> set[tuple[tuple[int, str], str]]:
        """Tell which feeds are said by a connection's target."""
        return {
            ((node.process.id, "a_out"), self._targets[node.name])
            for node in self._of_role("connection")
        }

    def _wire(self, node: Node, port: str, feeds: Sequence[Feed]) -> str:
        """Make a wire into a port, named after it."""
        name = f"{node.name}.{port}"
        while name in self._taken:
            name += "'"
        self._taken.add(name)
        shape = shape_of(getattr(node.process, port))
        self.wires.append(Wire(name, shape, self._taps(feeds)))
        return name

    def _taps(self, feeds: Sequence[Feed]) -> tuple[Tap, ...]:
        return tuple(
            Tap(f"{self._names[f.process.id]}.{f.port}", f.places) for f in feeds
        )

    def _order(self) -> list[str]:
        """Put every population after those that it hears in the same step.

        Raises
        ------
        LaharError
            B538 for neurons that wait for each other.

        """
        before: dict[str, list[str]] = {}
        for node in self._nodes:
            if node.kind.role in ("neuron", "source"):
                feeds = node.feeds.get("a_in", ())
                heard = [f for f in feeds if f.port == "s_out"]
                before[node.name] = [self._names[f.process.id] for f in heard]
        try:
            return _stable_order(before)
        except CycleError as error:
            loop = " -> ".join(f"`{name}`" for name in error.args[1])
            raise LaharError(NeuronsWaitForEachOther(loop)) from error


def _stable_order(before: Mapping[str, Sequence[str]]) -> list[str]:
    """Among those that are ready, take them in the order they were made in."""
    sorter = TopologicalSorter(before)
    sorter.prepare()
    rank = {name: number for number, name in enumerate(before)}
    order: list[str] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()], key=rank.__getitem__)
        order.append(ready.pop(0))
        sorter.done(order[-1])
    return order


def _hearing(connection: Connection, node: Node) -> Learning | None:
    """Without a feed nothing is heard: not even the spikes of the target."""
    learning = connection.learning
    if learning is None:
        return None
    feeds = node.feeds.get("s_in_bap") or _hears_silence(connection, node)
    return replace(learning, hears_post=bool(learning.hears_post and feeds))


def _hears_silence(part: Population | Connection, node: Node) -> bool:
    """Tell whether y traces have to decay unfed: those that do not start at 0."""
    if not isinstance(part, Connection) or part.learning is None:
        return False
    fades = any(y in part.initial for y in part.learning.traces if y.startswith("y"))
    return fades and bool(part.learning.hears_post) and not node.feeds.get("s_in_bap")
