"""Read a network from a NIR file, whoever wrote it.

A path in, a Network out. lahar's own record gives everything back as it was; the
weights of the stock nodes win over it where another tool has changed them. A file
without the record is read as a static network, for a dt that the user gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import nir
import numpy as np

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from .check import NotATimeStep, check_whole_network
from .network import Network
from .nir_neurons import NodeIsNotSupported
from .nir_plain import SUPPORTED, TimeStepMissing, read_plain
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
        graph = nir.read(path)
    except Exception as error:  # nir raises whatever a foreign file makes it stumble on
        raise LaharError(_why_unreadable(path, error)) from None
    if not isinstance(graph, nir.NIRGraph):
        reason = f"the root is a {type(graph).__name__}"
        raise LaharError(NotAGraph(str(path), reason))
    return graph


def _why_unreadable(path: Path, error: Exception) -> list[Diagnostic]:
    try:
        with h5py.File(path, "r") as file:
            unknown = list(_unknown_types(file))
    except Exception:  # a damaged file makes h5py raise whatever it likes, too
        unknown = []
    reason = f"{type(error).__name__}: {error}".removesuffix(": ")
    return unknown or [NotAGraph(str(path), reason)]


def _unknown_types(file: h5py.File) -> Iterator[Diagnostic]:
    """Find nodes of types that nir does not have: it would only say AssertionError."""
    for name, node in file["node/nodes"].items():
        kind = _text_in(node.get("type"))
        if kind is not None and not hasattr(nir, kind):
            yield NodeIsNotSupported(name, kind, ", ".join(SUPPORTED))


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
