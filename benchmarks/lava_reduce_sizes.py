"""Narrower networks: fewer neurons, in every array that has one entry for each.

Ports that a link joins have the same neurons, and so have the two sides of a process
that has as many outputs as inputs. A group of such ports is a *space*; a neuron leaves
a space everywhere at once. Convolutions and reshaped ports keep their sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .lava_network import NEURONS, Network, Process, Value, shape_of

Port = tuple[str, str]
Space = frozenset[Port]

_BUFFERS = ("Source", "Sink")
_MATRICES = ("weights", "delays", "tag_1", "tag_2")


def flattened(network: Network) -> Iterator[Network]:
    """Give every population one dimension; links that agree then need no detour."""
    shapes = [p for p in network.processes if len(_shape(p)) > 1]
    if not shapes:
        return
    flat = network
    for process in shapes:
        flat = flat.with_process(_flat(process))
    convolved = {p.name for p in network.processes if p.kind == "Conv"}
    links = [
        x if {x.source[0], x.target[0]} & convolved else replace(x, via=())
        for x in flat.links
    ]
    if not convolved:
        yield replace(flat, links=tuple(links))


def _shape(process: Process) -> tuple[int, ...]:
    if process.kind == "Source":
        return shape_of(process.arguments["data"])[:-1]
    return tuple(process.arguments.get("shape", ()))


def _flat(process: Process) -> Process:
    shape = _shape(process)
    size = 1
    for n in shape:
        size *= n
    arguments = {
        name: _flatten(value, len(shape))
        for name, value in process.arguments.items()
        if name != "shape"
    }
    if "shape" in process.arguments:
        arguments = {"shape": [size], **arguments}
    return replace(process, arguments=arguments)


def _flatten(value: Value, dimensions: int) -> Value:
    if not isinstance(value, list) or dimensions == 1:
        return value
    return [x for part in value for x in _flatten(part, dimensions - 1)]


def narrower(network: Network) -> Iterator[Network]:
    """Leave neurons out: half of a space, then one at a time."""
    for space, size in _spaces(network).items():
        if size < 2:
            continue
        middle = size // 2
        yield _keep(network, space, range(middle))
        yield _keep(network, space, range(middle, size))
        for k in range(size):
            yield _keep(network, space, [i for i in range(size) if i != k])


def _spaces(network: Network) -> Mapping[Space, int]:
    """Group the ports that have their neurons in common."""
    groups: list[Space] = []
    frozen: set[Port] = set()
    for process in network.processes:
        sides = _sides(process)
        groups += [frozenset((process.name, port) for port in side) for side in sides]
    for link in network.links:
        if link.via:
            frozen |= {link.source, link.target}
        joined = [g for g in groups if link.source in g or link.target in g]
        if len(joined) == 2 and not link.via:
            groups = [g for g in groups if g not in joined] + [joined[0] | joined[1]]
        elif not all(any(p in g for g in groups) for p in (link.source, link.target)):
            frozen |= {link.source, link.target}
    sizes = {g: _size(network, g) for g in groups if not g & frozen}
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def _sides(process: Process) -> Sequence[tuple[str, ...]]:
    if process.kind in (*NEURONS, *_BUFFERS):
        return [("a_in", "s_out")] if len(_shape(process)) == 1 else []
    if process.kind in ("Conv", "Monitor"):
        return []
    return [("a_out", "s_in_bap", "s_in_y1", "s_in_y2", "s_in_y3"), ("s_in",)]


def _size(network: Network, space: Space) -> int:
    name, port = min(space)
    process = network.process(name)
    if process.kind in (*NEURONS, *_BUFFERS):
        return _shape(process)[0]
    return shape_of(process.arguments["weights"])[1 if port == "s_in" else 0]


def _keep(network: Network, space: Space, kept: Sequence[int]) -> Network:
    for process in network.processes:
        ports = {port for name, port in space if name == process.name}
        if ports:
            network = network.with_process(_kept(process, ports, kept))
    return network


def _kept(process: Process, ports: set[str], kept: Sequence[int]) -> Process:
    if process.kind not in (*NEURONS, *_BUFFERS):
        return _kept_synapses(process, ports, kept)
    arguments = {
        name: [value[k] for k in kept] if isinstance(value, list) else value
        for name, value in process.arguments.items()
        if name != "shape"
    }
    if "shape" in process.arguments:
        arguments = {"shape": [len(kept)], **arguments}
    return replace(process, arguments=arguments)


def _kept_synapses(process: Process, ports: set[str], kept: Sequence[int]) -> Process:
    arguments = dict(process.arguments)
    for name in _MATRICES:
        value = arguments.get(name)
        if isinstance(value, list) and "a_out" in ports:
            value = [value[k] for k in kept]
        if isinstance(value, list) and "s_in" in ports:
            value = [[row[k] for k in kept] for row in value]
        if value is not None:
            arguments[name] = value
    initial = {
        trace: [values[k] for k in kept]
        if ("s_in" if trace.startswith("x") else "a_out") in ports
        else values
        for trace, values in process.initial.items()
    }
    return replace(process, arguments=arguments, initial=initial)
