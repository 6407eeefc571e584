"""Smaller networks made of a larger one: what a shrinker tries next.

Whether a smaller one still shows the failure is for Lava to say; here are only the
ways to leave something out, the boldest first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .lava_network import LEARNING, Network, Process, Value, shape_of
from .lava_reduce_rules import simpler_rules
from .lava_reduce_sizes import flattened, narrower

REQUIRED = ("shape", "data", "buffer", "weights", "weight", "input_shape", "probe")
MANY = 100  # above, single numbers are not worth a run of Lava
KEPT = (*REQUIRED, "learning_rule", "delays")


def reductions(network: Network) -> list[list[Network]]:
    """List networks that have a little less, in three stages from bold to fine."""
    parts = [*_fewer_steps(network), *_fewer_processes(network), *_fewer_links(network)]
    sizes = [*flattened(network), *narrower(network)]
    arguments = [
        network.with_process(simpler)
        for process in network.processes
        for simpler in _simpler(process)
    ]
    return [parts, sizes, arguments]


def _fewer_steps(network: Network) -> Iterator[Network]:
    tried = {network.steps // 2, network.steps * 3 // 4, network.steps - 1}
    for steps in sorted(tried):
        if 1 <= steps < network.steps:
            yield replace(network, steps=steps)


def _fewer_processes(network: Network) -> Iterator[Network]:
    for dropped in network.processes:
        rest = [p.name for p in network.processes if p != dropped]
        if rest:
            yield from _parts(network.only(rest))


def _fewer_links(network: Network) -> Iterator[Network]:
    for dropped in network.links:
        links = tuple(x for x in network.links if x != dropped)
        yield from _parts(replace(network, links=links))


def _parts(network: Network) -> Iterator[Network]:
    parts = sorted(network.components(), key=len, reverse=True)
    yield from (network.only(part) for part in parts)


def _simpler(process: Process) -> Iterator[Process]:
    if process.initial:
        yield replace(process, initial={})
    for name in process.arguments:
        if name not in KEPT:
            yield process.without(name)
    for name, value in process.arguments.items():
        for simpler in _simpler_values(process, name, value):
            yield process.with_arguments(**{name: simpler})


def _simpler_values(process: Process, name: str, value: Value) -> Iterator[Value]:
    if name == "learning_rule":
        yield from simpler_rules(value)
    elif name == "data":
        yield from _shorter_data(value)
        yield from _with_zeros(value)
    elif name in ("weights", "weight", "tag_1", "tag_2", "delays"):
        yield from _with_zeros(value)
    elif name not in (*REQUIRED, "stride", "padding", "dilation"):
        yield from _plainer_number(value)


def _plainer_number(value: Value) -> Iterator[Value]:
    if isinstance(value, list):
        yield _first(value)
    elif isinstance(value, float) and not value.is_integer():
        yield int(value)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > 9:
        yield from (value // 2, value // 10 * 10 if value % 10 else value // 10)


def _first(value: Value) -> Value:
    return _first(value[0]) if isinstance(value, list) else value


def _shorter_data(data: Value) -> Iterator[Value]:
    """Keep the first steps of a ring buffer."""
    period = shape_of(data)[-1]
    for kept in sorted({1, period // 2, period - 1} - {0, period}):
        yield _until(data, kept)


def _until(data: Value, kept: int) -> Value:
    if not isinstance(data[0], list):
        return data[:kept]
    return [_until(part, kept) for part in data]


def _with_zeros(value: Value) -> Iterator[Value]:
    """Put zeros in the place of everything, of a part, of one number."""
    if not isinstance(value, list):
        if value not in (0, 1):
            yield from (0, 1, value // 2 if isinstance(value, int) else int(value))
        return
    blank = _zeros(value)
    if value == blank:
        return
    yield blank
    if len(value) > 1:
        middle = len(value) // 2
        yield value[:middle] + blank[middle:]
        yield blank[:middle] + value[middle:]
    if _size(value) > MANY:
        return
    for k, part in enumerate(value):
        yield from ([*value[:k], p, *value[k + 1 :]] for p in _with_zeros(part))


def _zeros(value: Value) -> Value:
    return [_zeros(part) for part in value] if isinstance(value, list) else 0


def weight_of(network: Network) -> int:
    """Count what there is to read in a network."""
    numbers = sum(_size(p.arguments) for p in network.processes)
    rules = sum(
        len(str(p.arguments["learning_rule"]))
        for p in network.processes
        if p.kind in LEARNING
    )
    return network.steps + 20 * len(network.processes) + numbers + rules


def _size(value: Value) -> int:
    if isinstance(value, list):
        return sum(_size(part) for part in value)
    if isinstance(value, dict):
        return sum(_size(part) for part in value.values())
    return 1 + 3 * bool(value)
