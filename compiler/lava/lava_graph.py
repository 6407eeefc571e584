"""The graph of Lava processes that one of them belongs to.

In: any process of a network that has not run. Out: all processes in the order in which
they were made, and for each InPort what feeds it, element by element: an index array
is pushed through the virtual ports on the way, with their own functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ...diagnostics import Diagnostic, LaharError
from .from_lava_errors import LavaWouldFail
from .from_lava_warnings import PathsAreMerged

LavaProcess: TypeAlias = Any
LavaPort: TypeAlias = Any
Warn: TypeAlias = Callable[[Diagnostic], None]
IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Feed:
    """An OutPort that sends to an InPort.

    places
        Element k arrives at ``places[k]`` of the flat InPort; None: at k.
    """

    process: LavaProcess
    port: str
    places: IntArray | None

    @property
    def sender(self) -> tuple[int, str]:
        """The sending port, as a key."""
        return self.process.id, self.port


def is_process(thing: object) -> bool:
    """Tell whether something is a Lava process."""
    from lava.magma.core.process.process import AbstractProcess

    return isinstance(thing, AbstractProcess)


def find_processes(process: LavaProcess) -> tuple[LavaProcess, ...]:
    """Walk all ports in both directions; processes in the order of their making."""
    found = {process.id: process}
    waiting = [process]
    while waiting:
        for neighbour in _neighbours(waiting.pop()):
            if neighbour.id not in found:
                found[neighbour.id] = neighbour
                waiting.append(neighbour)
    return tuple(found[key] for key in sorted(found))


def _neighbours(process: LavaProcess) -> Iterator[LavaProcess]:
    ports = (process.in_ports, process.out_ports, process.ref_ports, process.var_ports)
    for collection in ports:
        for port in collection.members:
            yield from (end.process for end in _joined(port))


def _joined(port: LavaPort) -> Iterator[LavaPort]:
    """Give every real port that can be reached through connections alone."""
    seen = {id(port)}
    waiting = [port]
    while waiting:
        here = waiting.pop()
        for other in [*here.in_connections, *here.out_connections]:
            if id(other) not in seen:
                seen.add(id(other))
                waiting.append(other)
                if not _is_virtual(other):
                    yield other


def shape_of(port: LavaPort) -> tuple[int, ...]:
    """Give the shape of a port; Lava's own may hold numpy's integers."""
    return tuple(int(n) for n in port.shape)


def sources_of(process: LavaProcess, port: str) -> Iterator[tuple[LavaProcess, str]]:
    """Give the processes and the OutPorts that send to an InPort."""
    for source, _ in _paths(getattr(process, port)):
        yield source.process, source.name


def feeds_of(process: LavaProcess, port: str, warn: Warn) -> tuple[Feed, ...]:
    """Find all that arrives at an InPort, element by element.

    A port that is connected to another on several paths sends once in Lava, on the
    last path that has virtual ports.

    Raises
    ------
    LaharError
        B535 for paths that Lava cannot compute.

    """
    chosen: dict[LavaPort, list[LavaPort]] = {}
    for source, path in _paths(getattr(process, port)):
        if source in chosen:
            ends = (f"{source.process.name}.{source.name}", f"{process.name}.{port}")
            warn(PathsAreMerged(*ends))
        if path or source not in chosen:
            chosen[source] = path
    return tuple(
        Feed(source.process, source.name, _places(source, path, process, port))
        for source, path in chosen.items()
    )


def _paths(port: LavaPort) -> Iterator[tuple[LavaPort, list[LavaPort]]]:
    """Give each source with the virtual ports from there to here, in order."""
    for before in port.in_connections:
        if not _is_virtual(before):
            yield before, []
            continue
        for source, virtual_ports in _paths(before):
            yield source, [*virtual_ports, before]


def _places(
    source: LavaPort, path: list[LavaPort], process: LavaProcess, port: str
) -> IntArray | None:
    """Push the numbers of the source's elements through the virtual ports."""
    numbers = np.arange(source.size, dtype=np.int32)
    moved = numbers.reshape(source.shape)
    for virtual_port in path:
        try:
            moved = virtual_port.get_transform_func_fwd()(moved)
        except NotImplementedError as error:
            kind = type(virtual_port).__name__
            problem = f"`{port}` is fed through a {kind}"
            raise LaharError(
                LavaWouldFail(
                    process.name,
                    problem,
                    f"does not compile a {kind} (NotImplementedError)",
                    "connect the parts through a Dense each",
                )
            ) from error
    order = moved.ravel()
    if np.array_equal(order, numbers):
        return None
    places = np.empty_like(numbers)
    places[order] = numbers
    return places


def _is_virtual(port: LavaPort) -> bool:
    from lava.magma.core.process.ports.ports import AbstractVirtualPort

    return isinstance(port, AbstractVirtualPort)
