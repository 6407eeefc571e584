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
from .network import FloatArray, Network
from .nir_stock import StockGraph
from .parser import parse_network
from .printer import print_network

KEY = "lahar"
FORMAT = "lahar network"
VERSION = 1


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
    projections: dict[str, str]
    types: dict[str, str]
    edges: frozenset[tuple[str, str]]
    parameters: dict[str, dict[str, float]]


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
            "reset": "in the step of the spike",
            "steps_per_connection": 1,
        },
        "groups": {name: [node] for name, node in graph.groups.items()},
        "projections": {name: [node] for name, node in graph.projections.items()},
        "graph": {
            "nodes": {name: type(n).__name__ for name, n in graph.nodes.items()},
            "edges": [list(edge) for edge in graph.edges],
            "parameters": {n: dict(s.parameters) for n, s in graph.neurons.items()},
        },
    }
    stored = {keys[name]: np.atleast_1d(array) for name, array in arrays.items()}
    return {KEY: json.dumps(record), **stored}


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
        _only_components(record["groups"]),
        _only_components(record["projections"]),
        {str(name): str(kind) for name, kind in graph["nodes"].items()},
        frozenset((str(a), str(b)) for a, b in graph["edges"]),
        {
            str(name): {str(k): float(v) for k, v in parameters.items()}
            for name, parameters in graph["parameters"].items()
        },
    )


def _require_all_bound(record: Record, file: str) -> None:
    groups = {g.name for g in record.network.groups}
    projections = {p.name for p in record.network.projections}
    shown_by = {record.types.get(node) for node in record.projections.values()}
    bound = groups == {*record.groups} and projections == {*record.projections}
    if not bound or not shown_by <= {"Linear"}:
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
    if version != VERSION:
        raise LaharError(RecordTooNew(file, str(version), VERSION))
    return record


def _array(value: object) -> FloatArray:
    return np.asarray(value, np.float64)


def _only_components(bindings: Mapping[str, list[str]]) -> dict[str, str]:
    """Read paths of components; lahar itself writes graphs of one level."""
    found: dict[str, str] = {}
    for name, path in bindings.items():
        (node,) = path
        found[str(name)] = str(node)
    return found
