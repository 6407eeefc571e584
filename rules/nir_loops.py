"""Which edges of a NIR graph close a loop: what passes them acts a step later.

A flat graph in; out come the edges that lead back, each with the nodes of its loop. NIR
does not say how long a loop takes. Its simulators go through the nodes from the inputs
on, and what leads back is seen in the next step.
"""

from __future__ import annotations

from .nir_graph import NEURON_TYPES, FlatGraph

Loops = dict[tuple[str, str], list[str]]


def closing_edges(flat: FlatGraph) -> Loops:
    """Find the edges that lead back to a node on the way, from the inputs on."""
    after = {name: flat.after(name) for name in flat.nodes}
    inputs = [n for n in flat.nodes if flat.type_of(n) == "Input"]
    found: Loops = {}
    done: set[str] = set()
    for start in (*inputs, *sorted(flat.nodes)):
        if start not in done:
            _walk(start, after, done, found)
    return {_where_spikes_leave(flat, e, loop): loop for e, loop in found.items()}


def _where_spikes_leave(
    flat: FlatGraph, edge: tuple[str, str], loop: list[str]
) -> tuple[str, str]:
    """Let the spikes come late, not what weights make of them: a bias acts at once.

    So it is in frameworks, where a recurrent layer gets the spikes of the step before.
    Only where all that leaves the last neurons of the loop goes back that way.
    """
    way = [edge[1]]
    for name in reversed(loop):
        if flat.type_of(name) in NEURON_TYPES:
            return name, way[0]
        if len(flat.after(name)) != 1:
            return edge
        way.insert(0, name)
    return edge


def _walk(
    start: str, after: dict[str, list[str]], done: set[str], found: Loops
) -> None:
    """Go deep first, without recursion: graphs may be long."""
    way = [start]
    left = [list(after[start])]
    on_the_way = {start}
    while way:
        if not left[-1]:
            done.add(way[-1])
            on_the_way.discard(way.pop())
            left.pop()
            continue
        target = left[-1].pop(0)
        if target in on_the_way:
            found[way[-1], target] = way[way.index(target) :]
        elif target not in done:
            way.append(target)
            on_the_way.add(target)
            left.append(list(after[target]))
