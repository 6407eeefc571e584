"""The chips and boards that lahar knows, by name, and those that a user describes.

In: ``loihi1``, ``loihi1:nahuku32``, ``loihi1:nahuku32/8`` (8 of its chips) or a file
``my_chip.toml``. Out: a Chip.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ...diagnostics import Diagnostic, LaharError
from ..board import Board, on_board
from ..chip import Chip
from .boards import BOARDS
from .ideal import IDEAL_CHIP
from .loihi1 import LOIHI1
from .loihi2 import LOIHI2

CHIPS: Mapping[str, Chip] = MappingProxyType({c.name: c for c in (LOIHI1, LOIHI2)})

FOR_TESTS: Mapping[str, Chip] = MappingProxyType({IDEAL_CHIP.name: IDEAL_CHIP})
"""Chips that nobody built; `lahar list chips` does not show them."""

CHIP_FILE = ".toml"
"""How the name of a user's own chip ends."""


@dataclass(frozen=True)
class UnknownChip(Diagnostic):
    """There is no description of a chip of this name.

    `lahar list chips` prints the ones there are, and the boards. A chip of your own is
    described in one file, `my_chip.toml`, based on one of these: see docs/chips.md.
    """

    code = "P301"
    title = "there is no chip called `{name}`"
    note = "described under hardware/chips: {known}"
    help = "use one of these names, or a file `my_chip.toml` (docs/chips.md)"

    name: str
    known: str


@dataclass(frozen=True)
class UnknownBoard(Diagnostic):
    """The part after the colon names a board, and the chip is on no such board.

    `loihi1:nahuku32` is all 32 chips of a Nahuku board, `loihi1:nahuku32/8` the first
    8 of them; `loihi1` alone is one chip.
    """

    code = "P370"
    title = "there is no board `{board}` with {chip} chips"
    note = "boards of {chip}: {known}"
    help = "use one of these, such as `{example}`"

    board: str
    chip: str
    known: str
    example: str


@dataclass(frozen=True)
class NotThatManyChips(Diagnostic):
    """A board has at least one chip, and not more than its description says.

    A number after the slash takes a part of a board: `loihi2:kapoho-point/4` is
    four of its chips.
    """

    code = "P371"
    title = "`{name}` asks for `{wanted}` chips"
    note = "{board} has {chips} (source: {source})"
    help = "write a number from 1 to {chips} after the slash, or leave it out"

    name: str
    wanted: str
    board: str
    chips: int
    source: str


def get_chip(name: str) -> Chip:
    """Look a chip up by its name, with its board, or read a user's own.

    Raises
    ------
    LaharError
        P301, P370, P371 if nobody has described it; P372 to P379 for a file.

    """
    if name.endswith(CHIP_FILE):
        from ..chip_file import read_chip  # it needs the chips that files build on

        return read_chip(name, base=get_chip)
    if name in FOR_TESTS:
        return FOR_TESTS[name]
    kind, colon, board = name.partition(":")
    if kind not in CHIPS:
        raise LaharError(UnknownChip(name, ", ".join(CHIPS)))
    return _on_board(CHIPS[kind], name, board) if colon else CHIPS[kind]


def boards_of(chip: str) -> tuple[Board, ...]:
    """List the boards that carry a chip, small ones first."""
    found = [board for board in BOARDS if board.chip == chip]
    return tuple(sorted(found, key=lambda board: board.chips.value))


def _on_board(chip: Chip, name: str, wanted: str) -> Chip:
    boards = {board.name: board for board in boards_of(chip.name)}
    board_name, slash, count = wanted.partition("/")
    if board_name not in boards:
        known = [board.target for board in boards.values()]
        problem = UnknownBoard(board_name, chip.name, ", ".join(known), known[0])
        raise LaharError(problem)
    board = boards[board_name]
    if not slash:
        return on_board(chip, board)
    if not count.isdecimal() or not 1 <= int(count) <= board.chips.value:
        limit = board.chips
        raise LaharError(
            NotThatManyChips(name, count, board.title, limit.value, limit.source)
        )
    return on_board(chip, board, int(count))
