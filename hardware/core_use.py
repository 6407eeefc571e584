"""The floor plan of a placed Program as plain data: who is on which core, how full.

floor_plan.py fills it; reports draw it. Cores count through all chips of a board.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Amount:
    """How much of one resource of a core is taken; limit None: unpublished."""

    resource: str
    used: int
    limit: int | None


@dataclass(frozen=True)
class SliceUse:
    """Neurons [start, stop) of a population, and the axons they send from here."""

    population: str
    start: int
    stop: int
    out_axons: int


@dataclass(frozen=True)
class ListUse:
    """The lists of a connection onto the neurons of a core."""

    connection: str
    kind: Literal["dense", "sparse", "learning"]
    lists: int
    synapses: int
    bits: int


@dataclass(frozen=True)
class CoreUse:
    """One core: its neurons, the lists onto them, and what is taken of it."""

    core: int
    chip: int
    slices: tuple[SliceUse, ...]
    lists: tuple[ListUse, ...]
    amounts: tuple[Amount, ...]
