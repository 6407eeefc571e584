"""Which edges of a NIR graph close a loop: what passes them acts a step later.

A flat graph in; out come the edges that lead back, each with the nodes of its loop. NIR
does not say how long a loop takes. Its simulators go through the nodes from the inputs
on, and what leads back is seen in the next step.
"""

from __future__ import annotations

from .nir_graph import FlatGraph

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
    return found


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
