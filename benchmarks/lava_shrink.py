"""Make a failing network small: leave out whatever the failure does not need.

A network and its verdict in; the smallest found that fails in the same way out. Every
candidate is run in Lava, many in one start-up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .lava_network import Network
from .lava_reduce import reductions, weight_of
from .lava_verdict import Verdict

Judge = Callable[[Sequence[Network]], list[Verdict]]


@dataclass(frozen=True)
class Shrunk:
    """The smallest network that was found to fail, and how it does."""

    network: Network
    verdict: Verdict
    tried: int


def shrink(
    network: Network,
    verdict: Verdict,
    judge: Judge,
    *,
    seconds: float = 240.0,
    together: int = 12,
) -> Shrunk:
    """Shrink until nothing can be left out, or the time is up."""
    best = Shrunk(_as_long_as_needed(network, verdict), verdict, 0)
    deadline = time.monotonic() + seconds
    stage = 0
    while stage < 3 and time.monotonic() < deadline:
        smaller = _smaller(best, stage, judge, deadline, together)
        stage = stage + 1 if smaller.network == best.network else 0
        best = smaller
    return best


def _as_long_as_needed(network: Network, verdict: Verdict) -> Network:
    steps = [d.step for d in verdict.differences if d.step > 0]
    return replace(network, steps=min(steps)) if steps else network


def _smaller(
    best: Shrunk, stage: int, judge: Judge, deadline: float, together: int
) -> Shrunk:
    """Try all of a stage; give the first smaller network that fails alike."""
    limit = weight_of(best.network)
    candidates = [c for c in reductions(best.network)[stage] if weight_of(c) < limit]
    tried = best.tried
    for start in range(0, len(candidates), together):
        if time.monotonic() > deadline:
            break
        batch = candidates[start : start + together]
        tried += len(batch)
        alike = [
            Shrunk(_as_long_as_needed(network, verdict), verdict, tried)
            for network, verdict in zip(batch, judge(batch), strict=True)
            if verdict.failure == best.verdict.failure
        ]
        if alike:
            return min(alike, key=lambda s: weight_of(s.network))
    return replace(best, tried=tried)
