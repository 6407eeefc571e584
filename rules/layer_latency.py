"""How many steps each group runs behind the framework that a graph comes from.

Frameworks pass a spike through all layers in one step; a synapse takes one. So a group
lives later by the longest way to it, and a shorter way gets a delay: then all meet as
they did there. In go the ways between groups, out come the steps of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..diagnostics import Diagnostic, LaharError


@dataclass(frozen=True)
class LoopTooShort(Diagnostic):
    """A loop of the graph is passed in fewer steps than it has connections.

    Each connection takes a step on a chip, and here. A framework that lets spikes pass
    several layers of a loop within one step computes something that cannot be done so.
    """

    code = "N723"
    title = "the loop {loop} takes {lag} there, and {hops} here"
    note = "each connection between groups takes a step"
    help = "delay the recurrent connection by {missing} more where the network is made"

    loop: str
    lag: str
    hops: str
    missing: str


@dataclass(frozen=True)
class Hop:
    """A way from group to group; what is sent acts ``lag`` steps later, or more."""

    source: str
    target: str
    lag: int
    or_more: bool = False

    @property
    def behind(self) -> int:
        """How many steps later the target has to live than the source."""
        return 1 - self.lag


def latencies(groups: Sequence[str], hops: Iterable[Hop]) -> dict[str, int]:
    """Give each group the fewest steps that let every spike come in time.

    Hops whose lag the framework does not define give way where there is no solution
    with them.

    Raises
    ------
    LaharError
        N723: a loop has no solution.

    """
    all_hops = list(hops)
    found, _ = _longest_ways(groups, all_hops)
    if found is not None:
        return found
    fixed = [hop for hop in all_hops if not hop.or_more]
    found, loop = _longest_ways(groups, fixed)
    if found is None:
        raise LaharError(_too_short(loop))
    return found


def _longest_ways(
    groups: Sequence[str], hops: Sequence[Hop]
) -> tuple[dict[str, int] | None, list[Hop]]:
    """Bellman and Ford; without a solution, the hops of a loop."""
    steps = dict.fromkeys(groups, 0)
    came_by: dict[str, Hop] = {}
    last: Hop | None = None
    for _ in range(len(groups) + 1):
        last = None
        for hop in hops:
            wanted = steps[hop.source] + hop.behind
            if wanted > steps[hop.target]:
                steps[hop.target] = wanted
                came_by[hop.target] = last = hop
        if last is None:
            return steps, []
    assert last is not None
    return None, _loop_of(last.target, came_by)


def _loop_of(group: str, came_by: dict[str, Hop]) -> list[Hop]:
    for _ in came_by:  # so many steps back are surely inside the loop
        group = came_by[group].source
    loop = [came_by[group]]
    while loop[-1].source != group:
        loop.append(came_by[loop[-1].source])
    return loop[::-1]


def _too_short(loop: list[Hop]) -> LoopTooShort:
    names = [loop[0].source, *(hop.target for hop in loop)]
    lag, hops = sum(hop.lag for hop in loop), len(loop)
    shown = " -> ".join(f"`{name}`" for name in names)
    return LoopTooShort(shown, *(_steps(n) for n in (lag, hops, hops - lag)))


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"
