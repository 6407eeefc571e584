"""What each pass changed: the text after it beside the text before it, line by line.

In: the stages of a report. Out: for each pass its lines, each kept, added or removed,
with the words marked in which an altered line differs from the one it replaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from ..hardware.report import Stage

Kind = Literal["same", "removed", "added", "elided"]


@dataclass(frozen=True)
class Piece:
    """A part of a line; ``changed``: the other line has something else here."""

    text: str
    changed: bool = False


@dataclass(frozen=True)
class Line:
    """A line of a text before or after a pass."""

    kind: Kind
    pieces: tuple[Piece, ...]

    @property
    def mark(self) -> str:
        """What stands before the line in a difference."""
        return {"removed": "-", "added": "+"}.get(self.kind, " ")


@dataclass(frozen=True)
class PassChange:
    """One pass: how many lines came and went, and all lines.

    anew
        The text has another form than before, so it is shown without a comparison.
    """

    name: str
    added: int
    removed: int
    lines: tuple[Line, ...]
    anew: bool = False


SAME_FORM = 0.3
"""Texts that share less than this of their lines are of two forms."""

CONTEXT = 4
"""Lines that are shown around a change of a long text."""


def changes_by_pass(stages: Sequence[Stage]) -> Iterator[PassChange]:
    """Compare each text with that after the pass before it."""
    before: list[str] | None = None
    for stage in stages:
        after = stage.text.splitlines()
        yield _change(stage.name, before, after)
        before = after


def _change(name: str, before: list[str] | None, after: list[str]) -> PassChange:
    if before is None or SequenceMatcher(None, before, after).ratio() < SAME_FORM:
        lines = tuple(Line("same", (Piece(line),)) for line in after)
        return PassChange(name, 0, 0, lines, anew=True)
    lines = tuple(_difference(before, after))
    counts = [line.kind for line in lines]
    return PassChange(name, counts.count("added"), counts.count("removed"), lines)


def _difference(before: list[str], after: list[str]) -> Iterator[Line]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    steps = matcher.get_opcodes()
    for number, (tag, i, i_end, j, j_end) in enumerate(steps):
        old, new = before[i:i_end], after[j:j_end]
        if tag == "equal":
            yield from _kept(old, first=number == 0, last=number == len(steps) - 1)
        else:
            yield from _altered(old, new)


def _kept(lines: list[str], *, first: bool, last: bool) -> Iterator[Line]:
    """Leave out the middle of what stayed the same, where that is long."""
    head, tail = (0 if first else CONTEXT), (0 if last else CONTEXT)
    left_out = len(lines) - head - tail
    if left_out <= 2 * CONTEXT:
        yield from (Line("same", (Piece(line),)) for line in lines)
        return
    yield from (Line("same", (Piece(line),)) for line in lines[:head])
    yield Line("elided", (Piece(f"{left_out} lines as before"),))
    yield from (Line("same", (Piece(line),)) for line in lines[len(lines) - tail :])


def _altered(old: list[str], new: list[str]) -> Iterator[Line]:
    """Pair the lines that replace each other, so that their words can be compared."""
    paired = min(len(old), len(new))
    for first, second in zip(old[:paired], new[:paired], strict=True):
        removed, added = _words(first, second)
        yield Line("removed", removed)
        yield Line("added", added)
    yield from (Line("removed", (Piece(line),)) for line in old[paired:])
    yield from (Line("added", (Piece(line),)) for line in new[paired:])


def _words(first: str, second: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    one, two = re.findall(r"\s+|\w+|.", first), re.findall(r"\s+|\w+|.", second)
    removed, added = [], []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, one, two).get_opcodes():
        changed = tag != "equal"
        if i < i_end:
            removed.append(Piece("".join(one[i:i_end]), changed))
        if j < j_end:
            added.append(Piece("".join(two[j:j_end]), changed))
    return tuple(removed), tuple(added)
