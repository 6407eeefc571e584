"""A NIR graph without its nesting, with the shape of what each node takes and gives.

A nir.NIRGraph in, a flat one out: nodes of a subgraph are called ``subgraph.node``, and
its Input and Output pass on what they get. Shapes are worked out here, because nir
counts only the first side of a kernel and no groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

from ..diagnostics import Diagnostic, LaharError

Path: TypeAlias = tuple[str, ...]
"""Names of subgraphs from the outermost on, then that of a node."""

SPIKING = ("LIF", "CubaLIF", "IF", "Threshold")
INTEGRATORS = ("LI", "CubaLI", "I")
NEURON_TYPES = (*SPIKING, *INTEGRATORS)
MAPS = (
    *("Linear", "Affine", "Scale", "Conv1d", "Conv2d"),
    *("SumPool2d", "AvgPool2d", "Flatten", "Delay"),
)
SUPPORTED = (*NEURON_TYPES, *MAPS, "Input", "Output", "NIRGraph")
PASS = "pass"
"""The type of an Input or Output of a subgraph: it hands on what it gets."""


@dataclass(frozen=True)
class EdgeLeadsNowhere(Diagnostic):
    """An edge of the graph names a node that is not there.

    A node was renamed or taken out and its edges were left behind, or the file is of a
    subgraph whose surroundings are missing.
    """

    code = "N724"
    title = "edge `{source}` -> `{target}`: there is no node `{missing}`"
    note = "the graph has: {known}"
    help = "name a node that exists, or take the edge out"

    source: str
    target: str
    missing: str
    known: str


@dataclass(frozen=True)
class NodeIsNotFed(Diagnostic):
    """Nothing leads to a node, so that it could never give anything.

    Only an Input begins a graph. A node may have lost its edge when the graph was
    changed.
    """

    code = "N725"
    title = "nothing leads to node `{node}` ({type})"
    note = "only an Input begins a NIR graph"
    help = "add an edge to it, or an Input before it, or take it out"

    node: str
    type: str


@dataclass(frozen=True)
class EdgeIsDouble(Diagnostic):
    """An edge stands twice in the graph.

    Edges into a node add up, so twice could mean twice as much, or be a mistake. NIR
    does not allow it.
    """

    code = "N726"
    title = "edge `{source}` -> `{target}` stands twice in the graph"
    help = "take one of them out; to double what arrives, put a Scale between"

    source: str
    target: str


@dataclass(frozen=True)
class SubgraphHasSeveralEnds(Diagnostic):
    """A subgraph has no Input or Output, or several: an edge cannot say which it means.

    NIR names a subgraph as a whole in its edges.
    """

    code = "N727"
    title = "the subgraph `{node}` has {count} nodes of type {end}, and edges need one"
    help = "give it one {end}, or join its nodes to the outer ones directly"

    node: str
    end: str
    count: int


@dataclass
class FlatGraph:
    """Nodes by their path, joined by dots, and edges in the order of the file."""

    nodes: dict[str, Any] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)
    passing: set[str] = field(default_factory=set)

    def type_of(self, name: str) -> str:
        """Give the type of a node; of a subgraph's ends, that they pass on."""
        return PASS if name in self.passing else type(self.nodes[name]).__name__

    def after(self, name: str) -> list[str]:
        """List what a node leads to."""
        return [b for a, b in self.edges if a == name]

    def before(self, name: str) -> list[str]:
        """List what leads to a node."""
        return [a for a, b in self.edges if b == name]


@dataclass(frozen=True)
class EdgeIsNotSupported(Diagnostic):
    """An edge leads into an Input or out of an Output.

    An Input gives what comes from outside, an Output is where the graph ends.
    """

    code = "N715"
    title = "edge `{source}` ({source_type}) -> `{target}` ({target_type}): {reason}"
    note = "a graph begins at its Inputs and ends at its Outputs"
    help = "join the nodes before and behind it directly"

    source: str
    source_type: str
    target: str
    target_type: str
    reason: str


def flat_graph(graph: Any) -> FlatGraph:
    """Take a graph out of its nesting, and check how it is joined.

    Raises
    ------
    LaharError
        N715, N724 to N727, all at once.

    """
    flat = FlatGraph()
    problems = list(_unfold(graph, (), _names(graph), flat))
    if not problems:
        problems += [*_turned_edges(flat), *_unfed(flat)]
    if problems:
        raise LaharError(problems)
    return flat


def _unfold(
    graph: Any, path: Path, names: Mapping[Path, str], flat: FlatGraph
) -> Iterator[Diagnostic]:
    edges = [(str(a), str(b)) for a, b in graph.edges]
    yield from _wrong_edges(edges, graph.nodes, "".join(f"{n}." for n in path))
    for name, node in graph.nodes.items():
        inner = (*path, str(name))
        if _is_graph(node):
            yield from _unfold(node, inner, names, flat)
            continue
        flat.nodes[names[inner]] = node
        if path and type(node).__name__ in ("Input", "Output"):
            flat.passing.add(names[inner])
    for source, target in edges:
        if source in graph.nodes and target in graph.nodes:
            begin, found_begin = _end_of(graph.nodes[source], (*path, source), "Output")
            end, found_end = _end_of(graph.nodes[target], (*path, target), "Input")
            problems = [d for d in (found_begin, found_end) if d is not None]
            yield from problems
            if not problems:
                flat.edges.append((names[begin], names[end]))


def _names(graph: Any) -> dict[Path, str]:
    """Join paths by dots; names may hold dots too, so `a.b` may be there already."""
    names: dict[Path, str] = {}
    taken: set[str] = set()
    for path in sorted(_paths(graph, ()), key=len):
        name = plain = ".".join(path)
        again = count(2)
        while name in taken:
            name = f"{plain}_{next(again)}"
        taken.add(name)
        names[path] = name
    return names


def _paths(graph: Any, path: Path) -> Iterator[Path]:
    for name, node in graph.nodes.items():
        inner = (*path, str(name))
        yield from _paths(node, inner) if _is_graph(node) else (inner,)


def _is_graph(node: Any) -> bool:
    return type(node).__name__ == "NIRGraph"


def _end_of(
    node: Any, path: Path, end: str
) -> tuple[Path, SubgraphHasSeveralEnds | None]:
    """Follow the one Input or Output of a subgraph, inward where it is nested."""
    if not _is_graph(node):
        return path, None
    ends = [n for n, inner in node.nodes.items() if type(inner).__name__ == end]
    if len(ends) != 1:
        return path, SubgraphHasSeveralEnds(".".join(path), end, len(ends))
    return (*path, str(ends[0])), None


def _wrong_edges(
    edges: list[tuple[str, str]], nodes: dict[str, Any], prefix: str
) -> Iterator[Diagnostic]:
    known = ", ".join(nodes) or "none"
    for source, target in dict.fromkeys(edges):
        for missing in sorted({source, target} - nodes.keys()):
            yield EdgeLeadsNowhere(prefix + source, prefix + target, missing, known)
        if edges.count((source, target)) > 1:
            yield EdgeIsDouble(prefix + source, prefix + target)


def _turned_edges(flat: FlatGraph) -> Iterator[Diagnostic]:
    for source, target in flat.edges:
        kinds = flat.type_of(source), flat.type_of(target)
        if kinds[0] == "Output":
            reason = "nothing leaves an Output"
        elif kinds[1] == "Input":
            reason = "an Input takes nothing"
        else:
            continue
        yield EdgeIsNotSupported(source, kinds[0], target, kinds[1], reason)


def _unfed(flat: FlatGraph) -> Iterator[Diagnostic]:
    fed = {target for _, target in flat.edges}
    for name in flat.nodes:
        if name not in fed and flat.type_of(name) != "Input":
            yield NodeIsNotFed(name, type(flat.nodes[name]).__name__)
