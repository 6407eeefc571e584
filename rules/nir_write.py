"""Write a network as a NIR file.

Any NIR tool reads a plain static network from it; read_nir gives the network back
equal, rules and all. The file appears whole or not at all.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import nir

from ..atomic_file import replacing
from ..diagnostics import Diagnostic, LaharError, require_no_errors
from .check import check_whole_network
from .network import Network
from .nir_record import to_metadata
from .nir_stock import stock_graph


@dataclass(frozen=True)
class TimeStepNotSaid(Diagnostic):
    """A network without a time step cannot be shown as stock nodes of NIR.

    NIR nodes are continuous in time; what one spike does to a membrane in one step is
    told by their ``r``, which depends on the step.
    """

    code = "N718"
    title = "the network `{network}` has no time step"
    note = "NIR's r = gain * tau/dt; dt is never guessed"
    help = "set Network.dt_seconds, such as 1 * lahar.ms"

    network: str


@dataclass(frozen=True)
class NothingToWrite(Diagnostic):
    """A network without groups has no NIR graph.

    NIR describes how signals flow from an input to an output, and here there is
    neither.
    """

    code = "N719"
    title = "the network `{network}` has no groups"
    note = "a NIR graph has at least one way in and one way out"
    help = "add a group"

    network: str


@dataclass(frozen=True)
class CannotWrite(Diagnostic):
    """The file could not be written; what stood there before still stands there.

    A missing folder, a full disk or missing rights are the usual causes.
    """

    code = "N717"
    title = "cannot write `{file}`: {reason}"
    help = "choose a folder that exists and that you may write to"

    file: str
    reason: str


def write_nir(network: Network, path: str | Path) -> None:
    """Write a network to a NIR file.

    Raises
    ------
    LaharError
        R1xx for what is wrong with the network, N717 to N719; nothing is written then.

    """
    require_no_errors(check_whole_network(network))
    if network.dt_seconds is None:
        raise LaharError(TimeStepNotSaid(network.name))
    if not network.groups:
        raise LaharError(NothingToWrite(network.name))
    graph = stock_graph(network, network.dt_seconds)
    metadata = to_metadata(network, graph, network.dt_seconds)
    root = nir.NIRGraph(graph.nodes, graph.edges, metadata=metadata)
    memory = io.BytesIO()  # HDF5 itself does not survive a full disk
    nir.write(memory, root)
    try:
        with replacing(Path(path)) as temporary:
            temporary.write_bytes(memory.getvalue())
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(CannotWrite(str(path), reason)) from None
