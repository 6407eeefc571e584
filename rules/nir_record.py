"""What NIR cannot say about a network: one JSON string in the metadata of the graph.

A network and its stock graph in, metadata out, and back. Rules, neuron models, dt and
names travel as canonical text, weights as arrays beside it, so that the network comes
back equal also after another tool has read and written the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..diagnostics import Diagnostic, LaharError
from .expr import Name, walk
from .network import FloatArray, Network
from .neuron import SPIKE, Neuron
from .nir_stock import StockGraph
from .parser import parse_network
from .printer import print_expr, print_network

KEY = "lahar"
FORMAT = "lahar network"
VERSION = 2
"""1 had one node for each projection; it is read too."""

Resets = dict[str, str]


@dataclass(frozen=True)
class RecordDamaged(Diagnostic):
    """The metadata that lahar keeps in a .nir file cannot be understood.

    It is the JSON string under the key ``lahar`` of the root graph, and the arrays
    beside it whose names start with ``lahar_array_``.
    """

    code = "N704"
    title = "`{file}`: lahar's record in the metadata is damaged: {reason}"
    note = "the record is one JSON string under the key `lahar` of the root graph"
    help = "write the file anew, or remove the key to read the plain graph"

    file: str
    reason: str


@dataclass(frozen=True)
class RecordTooNew(Diagnostic):
    """The record was written by a later lahar, in a form that this one cannot read.

    Nothing of the file was used: what a later form means cannot be guessed.
    """

    code = "N705"
    title = "`{file}`: lahar's record has format version {version}"
    note = "this lahar reads version {known} (rules/nir_record.py)"
    help = "read the file with a newer lahar"

    file: str
    version: str
    known: int


@dataclass(frozen=True)
class Record:
    """lahar's own account of the graph that it wrote.

    ``groups`` and ``projections`` say which node stands for which; ``types``,
    ``edges`` and ``parameters`` say how the stock graph was, so that a change by
    another tool is seen.
    """

    network: Network
    groups: dict[str, str]
    projections: dict[str, list[str]]
    types: dict[str, str]
    edges: frozenset[tuple[str, str]]
    parameters: dict[str, dict[str, FloatArray]]


def to_metadata(
    network: Network, graph: StockGraph, dt_seconds: float
) -> dict[str, Any]:
    """Write the record; NIR metadata holds strings and flat names of arrays."""
    text, arrays = print_network(network)
    keys = {name: f"{KEY}_array_{name.replace('/', '_')}" for name in arrays}
    record = {
        "format": FORMAT,
        "version": VERSION,
        "text": text,
        "arrays": keys,
        "discretisation": {
            "dt_seconds": dt_seconds,
            "method": "forward Euler",
            "reset": resets(network),
            "latency_steps": {g.name: g.latency for g in network.groups},
            "steps_per_connection": 1,
        },
        "groups": {name: [node] for name, node in graph.groups.items()},
        "projections": {
            name: [[node] for node in nodes]
            for name, nodes in graph.projections.items()
        },
        "graph": {
            "nodes": {name: type(n).__name__ for name, n in graph.nodes.items()},
            "edges": [list(edge) for edge in graph.edges],
            "parameters": {
                n: {k: _short(v) for k, v in s.parameters.items()}
                for n, s in graph.neurons.items()
            },
        },
    }
    stored = {keys[name]: np.atleast_1d(array) for name, array in arrays.items()}
    return {KEY: json.dumps(record), **stored}


def resets(network: Network) -> Resets:
    """Say in words what a spike does in each group that spikes."""
    return {
        g.name: _reset_of(g.neuron)
        for g in network.groups
        if g.neuron is not None and g.neuron.spike is not None
    }


def _reset_of(neuron: Neuron) -> str:
    said = [
        f"{s.name} <- {print_expr(s.reset)}"
        for s in neuron.states
        if s.reset is not None
    ]
    at_once = f"{', '.join(said)}, in the step of the spike" if said else ""
    heard = {e.name for e in neuron.events} | {
        t.name for t in neuron.traces if t.source == SPIKE
    }
    late = [
        f"{s.name} hears it in the next step: {print_expr(s.drive)}"
        for s in neuron.states
        if any(isinstance(n, Name) and n.name in heard for n in walk(s.drive))
    ]
    return "; ".join([*([at_once] if at_once else []), *late]) or "none"


def _short(values: FloatArray) -> float | list[float]:
    """Write one number where all neurons have it."""
    equal = bool(np.all(values == values.flat[0]))
    return float(values.flat[0]) if equal else [float(v) for v in values]


def from_metadata(metadata: Mapping[str, Any], file: str) -> Record:
    """Read the record.

    Raises
    ------
    LaharError
        N704, N705, and R1xx where the text of the network is not well formed.

    """
    record = _parse(metadata[KEY], file)
    try:
        found = _read(record, metadata, file)
    except KeyError as error:
        raise LaharError(RecordDamaged(file, f"{error} is missing")) from None
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
        raise LaharError(RecordDamaged(file, str(error))) from None
    _require_all_bound(found, file)
    return found


def _read(record: dict[str, Any], metadata: Mapping[str, Any], file: str) -> Record:
    keys = record["arrays"].items()
    arrays = {str(name): _array(metadata[key]) for name, key in keys}
    graph = record["graph"]
    return Record(
        parse_network(str(record["text"]), arrays, file),
        {str(name): _component(path) for name, path in record["groups"].items()},
        {str(n): _components(paths) for n, paths in record["projections"].items()},
        {str(name): str(kind) for name, kind in graph["nodes"].items()},
        frozenset((str(a), str(b)) for a, b in graph["edges"]),
        {
            str(name): {str(k): _array(v) for k, v in parameters.items()}
            for name, parameters in graph["parameters"].items()
        },
    )


def _require_all_bound(record: Record, file: str) -> None:
    groups = {g.name for g in record.network.groups}
    projections = {p.name for p in record.network.projections}
    nodes = [node for several in record.projections.values() for node in several]
    shown_by = {record.types.get(node) for node in nodes}
    bound = groups == {*record.groups} and projections == {*record.projections}
    if not bound or not shown_by <= {"Linear", "Affine"}:
        raise LaharError(RecordDamaged(file, "groups and nodes do not match"))


def _parse(text: object, file: str) -> dict[str, Any]:
    if not isinstance(text, str):
        reason = f"it is no text but {type(text).__name__}"
        raise LaharError(RecordDamaged(file, reason))
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LaharError(RecordDamaged(file, f"not JSON: {error}")) from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        reason = f"it does not say that it is a `{FORMAT}`"
        raise LaharError(RecordDamaged(file, reason))
    version = record.get("version")
    if version not in (1, VERSION):
        raise LaharError(RecordTooNew(file, str(version), VERSION))
    return record


def _array(value: object) -> FloatArray:
    return np.asarray(value, np.float64)


def _component(path: list[str]) -> str:
    """Read a path of components; lahar itself writes graphs of one level."""
    (node,) = path
    return str(node)


def _components(paths: list[Any]) -> list[str]:
    """Read several paths; version 1 wrote a single one."""
    if all(isinstance(part, str) for part in paths):
        return [_component(paths)]
    return [_component(path) for path in paths]
