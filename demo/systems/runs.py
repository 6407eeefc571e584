"""Which runs of an experiment are measured, and in which order.

Processes side by side should not need the same kernel: all but one would wait for it.
Each profile has kernels of its own, and Lava is compared meanwhile with the last one's;
references compile nothing and often take longest, so they go between.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..lava_check import PROFILE
from .frame import DECIDING, Arithmetic

Run = tuple[Arithmetic, int]
"""An arithmetic and a seed."""

COMPARED: Arithmetic = PROFILE
"""The profile that stands beside the one that decides."""


def every_run(seeds: Sequence[int]) -> list[Run]:
    """All seeds in all arithmetics."""
    first, *rest = seeds
    return [
        (DECIDING, first),
        *(("reference", seed) for seed in seeds),
        (COMPARED, first),
        *((a, seed) for seed in rest for a in (DECIDING, COMPARED)),
    ]


def judged_runs(seeds: Sequence[int]) -> list[Run]:
    """All seeds where that decides; what stands beside it on the first seed alone."""
    first, *rest = seeds
    beside: list[Run] = [("reference", first), (COMPARED, first)]
    return [(DECIDING, first), *beside, *((DECIDING, seed) for seed in rest)]
