"""Restore a network from lahar's record, and see what other tools did to the file.

A nir graph with a record in, the Network out. Weights of the stock nodes that were
changed win, with a warning; other changes are errors, because nobody can say what
they mean for the rules.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..diagnostics import Diagnostic, require_no_errors
from .network import FloatArray, Network, Projection
from .nir_neurons import check_finite
from .nir_record import Record, from_metadata
from .nir_stock import sign_of, static_weights


@dataclass(frozen=True)
class GraphChanged(Diagnostic):
    """Another tool has changed the graph since lahar wrote its record.

    Weights may change: those of the stock nodes win. When nodes or edges come, go or
    get other names, nobody can say to which of them the rules belong.
    """

    code = "N707"
    title = "`{file}`: the graph is not the one that lahar wrote"
    note = "{changes}"
    help = "remove the metadata key `lahar` to read the plain graph without its rules"

    file: str
    changes: str


@dataclass(frozen=True)
class NodeChanged(Diagnostic):
    """Another tool has changed a parameter of a neuron since lahar wrote its record.

    The neuron model in the record may be richer than the stock node, so that the
    change cannot be carried over.
    """

    code = "N708"
    title = "`{file}`: `{parameter}` of node `{node}` ({type}) was changed"
    note = "lahar wrote {wrote}, now it is {now}"
    help = "change the neuron model itself, or remove the metadata key `lahar`"

    file: str
    parameter: str
    node: str
    type: str
    wrote: float
    now: str


@dataclass(frozen=True)
class WeightsChanged(Diagnostic):
    """Another tool has changed weights since lahar wrote its record: they win.

    Rules, delays and time step of the record stay; only the weights are taken from
    the graph. It is no error: pruning or fine-tuning elsewhere does this.
    """

    code = "N709"
    severity = "warning"
    title = "`{file}`: the weights of node `{node}` were changed by another tool"
    note = "largest change: {change:.3g}"
    help = "nothing to do if that was meant: the changed weights are read"

    file: str
    node: str
    change: float


def restore(graph: Any, file: str) -> Network:
    """Give the network of a record, with the weights that the stock nodes have now.

    Raises
    ------
    LaharError
        N704 to N708, and R1xx where the text of the network is not well formed.

    """
    record = from_metadata(graph.metadata, file)
    require_no_errors(_changes(graph, record, file))
    require_no_errors(d for n in graph.nodes for d in check_finite(n, graph.nodes[n]))
    require_no_errors(_new_values(graph, record, file))
    projections = [
        _with_stock_weights(p, graph, file, record) for p in record.network.projections
    ]
    return replace(record.network, projections=tuple(projections))


def _changes(graph: Any, record: Record, file: str) -> Iterator[Diagnostic]:
    types = {name: type(node).__name__ for name, node in graph.nodes.items()}
    edges = {(str(a), str(b)) for a, b in graph.edges}
    bound = {*record.groups.values()}
    bound |= {node for nodes in record.projections.values() for node in nodes}
    changes = [
        *(f"node `{n}` is gone" for n in sorted({*record.types, *bound} - {*types})),
        *(f"node `{n}` is new" for n in sorted({*types} - {*record.types})),
        *(
            f"node `{n}` is a {types[n]}, not a {kind}"
            for n, kind in sorted(record.types.items())
            if n in types and types[n] != kind
        ),
        *(f"edge {a} -> {b} is gone" for a, b in sorted(record.edges - edges)),
        *(f"edge {a} -> {b} is new" for a, b in sorted(edges - record.edges)),
    ]
    if changes:
        more = f" and {len(changes) - 4} more" if len(changes) > 4 else ""
        yield GraphChanged(file, f"{'; '.join(changes[:4])}{more}")


def _new_values(graph: Any, record: Record, file: str) -> Iterator[Diagnostic]:
    for name, parameters in record.parameters.items():
        node = graph.nodes.get(name)
        for parameter, wrote in parameters.items():
            now = np.asarray(getattr(node, parameter, wrote), np.float64)
            # Other tools compute in float32: its rounding is no change.
            now, then = _side_by_side(now, wrote)
            changed = np.flatnonzero(~np.isclose(now, then, rtol=1e-6, atol=0.0))
            if len(changed):
                kind, first = type(node).__name__, changed[0]
                values = float(then[first]), repr(float(now[first]))
                yield NodeChanged(file, parameter, name, kind, *values)


def _side_by_side(now: FloatArray, then: FloatArray) -> tuple[FloatArray, FloatArray]:
    if now.size != then.size and then.size != 1:
        return np.resize(now, then.size), np.full(then.size, np.inf)
    return now.reshape(-1), np.broadcast_to(then, now.shape).reshape(-1)


def _with_stock_weights(
    projection: Projection, graph: Any, file: str, record: Record
) -> Projection:
    """Let the weights of the stock nodes win; the rounding of float32 is no change."""
    nodes = record.projections[projection.name]
    parts = [np.asarray(graph.nodes[n].weight, np.float64) for n in nodes]
    found: FloatArray = np.sum(parts, axis=0)
    wrote = static_weights(projection)
    with np.errstate(over="ignore"):
        rounded = wrote.astype(np.float32)
    if np.array_equal(found, wrote) or np.array_equal(found, rounded):
        return projection
    same_shape = found.shape == wrote.shape
    change = float(np.max(np.abs(found - wrote))) if same_shape else np.inf
    name = nodes[0]
    warnings.warn(WeightsChanged(file, name, change).render(), stacklevel=5)
    now = found * sign_of(projection)
    if projection.pairs is not None:  # a synapse that was not there stays away
        now = projection.pairs.picked(now)
    return replace(projection, weights=now)
