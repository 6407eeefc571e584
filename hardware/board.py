"""Several chips as one target: a board's name, its chips, and a chip made of both.

A board changes how many cores there are, nothing else; a Program placed on it numbers
its cores through, chip after chip.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .chip import Chip
from .value import Value


@dataclass(frozen=True)
class Board:
    """A board, or a system of boards, with chips of one kind.

    usable_cores
        Of each chip, where fewer than the chip's own are known to be in use.
    """

    name: str
    title: str
    chip: str
    chips: Value[int]
    usable_cores: Value[int] | None = None

    @property
    def target(self) -> str:
        """What ``chip=`` takes."""
        return f"{self.chip}:{self.name}"


def on_board(chip: Chip, board: Board, chips: int | None = None) -> Chip:
    """Give the chip as a board has it; ``chips``: use only so many of them."""
    name, count = board.target, board.chips
    if chips is not None:
        name = f"{name}/{chips}"
        said = f"{chips} of {board.title}'s {count.value} ({count.source})"
        count = replace(count, value=chips, source=said)
    return replace(
        chip,
        name=name,
        title=f"{chip.title} on {board.title}",
        chips=count,
        cores=board.usable_cores or chip.cores,
    )
