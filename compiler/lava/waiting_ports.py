"""Connections between ports on which one side would wait for ever.

In: the processes of a graph. Out: a diagnostic for each connection whose sender's model
never sends, or whose receiver's model never receives (known_processes.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .from_lava_errors import LavaWouldHang
from .known_processes import Kind, kind_of
from .lava_graph import LavaProcess, sources_of

BOTH_SIDES = "connect ports that both models use, or leave the connection out"


def ports_that_wait(processes: Iterable[LavaProcess]) -> Iterator[LavaWouldHang]:
    """Check every connection between processes that are known."""
    for process in processes:
        kind = kind_of(process)
        if kind is None:
            continue
        for port in process.in_ports.member_names:
            for source, sender in sources_of(process, port):
                source_kind = kind_of(source)
                if source_kind is not None:
                    ends = (f"{source.name}.{sender}", f"{process.name}.{port}")
                    sends = sender in source_kind.sends
                    yield from _waits(ends, sends, source_kind, port, kind)


def _waits(
    ends: tuple[str, str], sends: bool, source: Kind, port: str, target: Kind
) -> Iterator[LavaWouldHang]:
    reads = target.role == "monitor" or port in target.reads
    if reads and not sends:
        problem = f"Lava's {source.name} never sends there"
        yield LavaWouldHang(*ends, problem, "in its first step", BOTH_SIDES)
    if sends and not reads:
        problem = f"Lava's {target.name} never reads it{_why(port, target)}"
        yield LavaWouldHang(*ends, problem, "after 64 steps", BOTH_SIDES)


def _why(port: str, target: Kind) -> str:
    if not target.learns:
        return ""
    needed = "Loihi2FLearningRule" if port == "s_in_bap" else "Loihi3FLearningRule"
    return f" unless its rule is a {needed}"
