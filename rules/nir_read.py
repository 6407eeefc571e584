"""Read a network from a NIR file, whoever wrote it.

A path in, a Network out. lahar's own record gives everything back as it was; the
weights of the stock nodes win over it where another tool has changed them. A file
without the record is read as a static network, for a dt that the user gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any

import h5py
import nir
import numpy as np

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from .check import NotATimeStep, check_whole_network
from .network import Network
from .nir_exporters import check_exporter
from .nir_graph import SUPPORTED
from .nir_neurons import NodeIsNotSupported, ReadOptions, check_reset
from .nir_plain import TimeStepMissing, read_plain
from .nir_record import KEY
from .nir_restore import restore


@dataclass(frozen=True)
class NoSuchFile(Diagnostic):
    """There is no file of this name.

    A relative path starts at the folder that the command runs in.
    """

    code = "N701"
    title = "there is no file `{file}`"
    help = "correct the path"

    file: str


@dataclass(frozen=True)
class NotHdf5(Diagnostic):
    """A NIR file is an HDF5 file; this one is something else, or has lost its end.

    A download that broke off, or a text file with the ending .nir, looks like this.
    """

    code = "N702"
    title = "`{file}` is not a whole HDF5 file"
    note = "{reason}"
    help = "get the file anew; .nir files are written by nir.write and lahar.write_nir"

    file: str
    reason: str


@dataclass(frozen=True)
class NotAGraph(Diagnostic):
    """The file is HDF5, but nir cannot read a graph from it.

    It may be a data file of another kind, or of a version of NIR that nir does not
    read.
    """

    code = "N703"
    title = "`{file}` holds no graph that nir can read"
    note = "nir says: {reason}"
    help = "check the file with the tool that wrote it"

    file: str
    reason: str


@dataclass(frozen=True)
class ParameterMissing(Diagnostic):
    """A node of the file has no value for a parameter that NIR asks for.

    A LIF without a threshold never spikes, a Linear without weights joins nothing: what
    was meant cannot be guessed.
    """

    code = "N731"
    title = "node `{node}` ({type}) has no `{parameter}`"
    help = "write the file anew with the tool that made it"

    node: str
    type: str
    parameter: str


def read_nir(
    path: str | Path,
    dt: float | None = None,
    *,
    reset: str | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    exporter: str | None = None,
) -> Network:
    """Read a network from a NIR file.

    Parameters
    ----------
    path
        The file.
    dt
        Length of a step in seconds, needed where the file does not say it; where it
        does, ``dt`` replaces what it says.
    reset
        What a spike does to the membrane, in files that lahar did not write: "hard",
        also where nothing is said, sets it to v_reset; "subtract" takes the threshold
        away, "subtract-late" in the next step after the leak, as snnTorch does by
        default. NIR knows only the first, and tools lose the others.
    bounds
        Inputs and integrators (I, LI, CubaLI) that send values, to the bounds of these.
    exporter
        "snntorch" or "norse" if that framework's exporter wrote the file: what it is
        known to write wrongly is undone (nir_exporters.py). Where the numbers of a file
        are those of an exporter, and nobody says so, N734 to N737 name what is lost.

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
        options = ReadOptions(
            dt, check_reset(reset), bounds or {}, check_exporter(exporter)
        )
        network = read_plain(graph, Path(path), options)
    else:
        network = restore(graph, str(path))
        network = network if dt is None else replace(network, dt_seconds=dt)
    require_no_errors(check_whole_network(network))
    return network


def _read_graph(path: Path) -> Any:
    if not path.is_file():
        raise LaharError(NoSuchFile(str(path)))
    try:
        with h5py.File(path, "r"):
            pass
    except (OSError, RuntimeError) as error:
        raise LaharError(NotHdf5(str(path), _in_words(str(error)))) from None
    try:
        graph = _nodes_of(path)
    except Exception as error:  # nir raises whatever a foreign file makes it stumble on
        raise LaharError(_why_unreadable(path, error)) from None
    if not isinstance(graph, nir.NIRGraph):
        reason = f"the root is a {type(graph).__name__}"
        raise LaharError(NotAGraph(str(path), reason))
    return graph


def _nodes_of(path: Path) -> Any:
    """Let nir make the nodes; it checks shapes and edges of our own files alone.

    Its check counts one side of a kernel and no groups, so sound graphs fail it.
    """
    with h5py.File(path, "r") as file:
        root = nir.serialization.hdf2dict(file["node"])
    if KEY not in root.get("metadata", {}):
        _without_type_check(root)
    return nir.dict2NIRNode(root)


def _without_type_check(node: dict[str, Any]) -> None:
    if node.get("type") == "NIRGraph":
        node["type_check"] = False
        for inner in node["nodes"].values():
            _without_type_check(inner)
    elif str(node.get("type")).startswith("Conv"):
        node.setdefault("input_shape", None)  # it is known from what arrives


def _why_unreadable(path: Path, error: Exception) -> list[Diagnostic]:
    try:
        with h5py.File(path, "r") as file:
            unknown = list(_unknown_types(file["node/nodes"]))
    except Exception:  # a damaged file makes h5py raise whatever it likes, too
        unknown = []
    reason = f"{type(error).__name__}: {error}".removesuffix(": ")
    return unknown or [NotAGraph(str(path), reason)]


def _unknown_types(nodes: h5py.Group, prefix: str = "") -> Iterator[Diagnostic]:
    """Find nodes of types that nir does not have, or that lack a parameter."""
    for name, node in nodes.items():
        kind, path = _text_in(node.get("type")), f"{prefix}{name}"
        if kind == "NIRGraph":
            yield from _unknown_types(node["nodes"], f"{path}.")
        elif kind is not None and kind not in SUPPORTED:
            yield NodeIsNotSupported(path, kind, ", ".join(SUPPORTED))
        elif kind is not None:
            yield from _missing_parameters(path, kind, node)


def _missing_parameters(path: str, kind: str, node: h5py.Group) -> Iterator[Diagnostic]:
    known = [f for f in fields(getattr(nir, kind)) if f.init and not f.kw_only]
    needed = {f.name for f in known if f.default is MISSING}
    stored = {*node, "input_shape", "v_reset", "input_type", "output_type"}
    for name in sorted(needed - stored):
        yield ParameterMissing(path, kind, name)


def _text_in(item: Any) -> str | None:
    is_one = isinstance(item, h5py.Dataset) and item.shape == ()
    if not is_one or h5py.check_string_dtype(item.dtype) is None:
        return None
    return str(item.asstr("utf-8", "replace")[()])


def _in_words(hdf5_error: str) -> str:
    if "truncated" in hdf5_error:
        return "the file is cut off"
    if "signature not found" in hdf5_error:
        return "it does not begin as an HDF5 file does"
    return hdf5_error
