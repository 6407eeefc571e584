"""Read a network from a NIR file, whoever wrote it.

A path in, a Network out. lahar's own record gives everything back as it was; the
weights of the stock nodes win over it where another tool has changed them. A file
without the record is read as a static network, for a dt that the user gives.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import nir
import numpy as np

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from .check import NotATimeStep, check_whole_network
from .network import FloatArray, Network, Projection
from .nir_plain import TimeStepMissing, read_plain
from .nir_record import KEY, Record, from_metadata
from .nir_stock import sign_of, static_weights


@dataclass(frozen=True)
class NoSuchFile(Diagnostic):
    """There is no file of this name."""

    code = "N701"
    title = "there is no file `{file}`"
    help = "correct the path"

    file: str


@dataclass(frozen=True)
class NotHdf5(Diagnostic):
    """A NIR file is an HDF5 file; this one is something else, or has lost its end."""

    code = "N702"
    title = "`{file}` is not a whole HDF5 file"
    note = "{reason}"
    help = "get the file anew; .nir files are written by nir.write and lahar.write_nir"

    file: str
    reason: str


@dataclass(frozen=True)
class NotAGraph(Diagnostic):
    """The file is HDF5, but nir cannot read a graph from it."""

    code = "N703"
    title = "`{file}` holds no graph that nir {nir_version} can read"
    note = "nir says: {reason}"
    help = "check the file with the tool that wrote it"

    file: str
    nir_version: str
    reason: str


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
    """Another tool has changed weights since lahar wrote its record: they win."""

    code = "N709"
    severity = "warning"
    title = "`{file}`: the weights of node `{node}` were changed by another tool"
    note = "largest change: {change:.3g}"
    help = "nothing to do if that was meant: the changed weights are read"

    file: str
    node: str
    change: float


def read_nir(path: str | Path, dt: float | None = None) -> Network:
    """Read a network; ``dt`` in seconds, needed where the file does not say it.

    Where the file does say it, ``dt`` replaces what it says.

    Raises
    ------
    LaharError
        N7xx for what cannot be read, R1xx for what is wrong with the network.

    """
    if dt is not None and not (np.isfinite(dt) and dt > 0):
        raise LaharError(NotATimeStep(str(path), dt))
    graph = _read_graph(Path(path))
    if KEY not in graph.metadata:
        if dt is None:
            raise LaharError(TimeStepMissing(str(path)))
        network = read_plain(graph, Path(path), dt)
    else:
        network = _restore(graph, str(path))
        network = network if dt is None else replace(network, dt_seconds=dt)
    require_no_errors(check_whole_network(network))
    return network


def _read_graph(path: Path) -> Any:
    if not path.is_file():
        raise LaharError(NoSuchFile(str(path)))
    try:
        with h5py.File(path, "r"):
            pass
    except OSError as error:
        raise LaharError(NotHdf5(str(path), str(error))) from None
    try:
        graph = nir.read(path)
    except Exception as error:  # nir raises whatever a foreign file makes it stumble on
        reason = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise LaharError(NotAGraph(str(path), nir.version, reason)) from None
    if not isinstance(graph, nir.NIRGraph):
        reason = f"the root is a {type(graph).__name__}"
        raise LaharError(NotAGraph(str(path), nir.version, reason))
    return graph


# --- lahar's record, and what other tools did to the stock nodes ------------------


def _restore(graph: Any, file: str) -> Network:
    record = from_metadata(graph.metadata, file)
    require_no_errors(
        [*_changes(graph, record, file), *_new_values(graph, record, file)]
    )
    projections = [
        _with_stock_weights(p, graph.nodes[record.projections[p.name]], file, record)
        for p in record.network.projections
    ]
    return replace(record.network, projections=tuple(projections))


def _changes(graph: Any, record: Record, file: str) -> Iterator[Diagnostic]:
    types = {name: type(node).__name__ for name, node in graph.nodes.items()}
    edges = {(str(a), str(b)) for a, b in graph.edges}
    bound = {*record.groups.values(), *record.projections.values()}
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
            if now.size and not np.allclose(now, wrote, rtol=1e-6, atol=0.0):
                kind, other = type(node).__name__, now[now != wrote].flat[0]
                shown = repr(float(other))
                yield NodeChanged(file, parameter, name, kind, wrote, shown)


def _with_stock_weights(
    projection: Projection, node: Any, file: str, record: Record
) -> Projection:
    """Let the weights of the stock node win; the rounding of float32 is no change."""
    found: FloatArray = np.asarray(node.weight, np.float64)
    wrote = static_weights(projection)
    rounded = wrote.astype(np.float32).astype(np.float64)
    if np.array_equal(found, wrote) or np.array_equal(found, rounded):
        return projection
    same_shape = found.shape == wrote.shape
    change = float(np.max(np.abs(found - wrote))) if same_shape else np.inf
    name = record.projections[projection.name]
    warnings.warn(WeightsChanged(file, name, change).render(), stacklevel=5)
    return replace(projection, weights=found * sign_of(projection))
