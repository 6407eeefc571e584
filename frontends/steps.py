"""Which step a call belongs to, told from how often everything was called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..diagnostics import LaharError
from .probe import Key, Run
from .refusals import CellsRunUnevenly


@dataclass(frozen=True)
class Steps:
    """Steps of a run, counted from 0 by the calls of the cells.

    count
        How many there were.
    repeated
        Steps for each row of the input: more than 1 if the module's own forward goes
        through steps with the same input.
    """

    run: Run
    cells: frozenset[str]
    count: int
    repeated: int

    @property
    def last(self) -> int:
        """The last step, in which everything has a past."""
        return self.count - 1

    def frame(self, key: Key, seen_from: int | None = None) -> int:
        """Give the step of a call.

        A layer outside of a loop over steps belongs to every step of that loop, hence
        to the one that it is ``seen_from``.
        """
        name, index = key
        calls = self.run.counts[name]
        rows = self.count // self.repeated
        if name not in self.cells and calls > self.count:
            return index // (calls // self.count)
        if name not in self.cells and self.repeated > 1 and calls == rows:
            return self.frame_of_input(index, seen_from)
        return index

    def frame_of_input(self, row: int, seen_from: int | None) -> int:
        """Give the step in which a row of the input is read."""
        first = row * self.repeated
        if seen_from is not None and first <= seen_from < first + self.repeated:
            return seen_from
        return first

    def name_in_step(self, key: Key) -> str:
        """Name a call among those of one step: a layer may be used more than once."""
        name, index = key
        calls = self.run.counts[name]
        which = index % (calls // self.count) if calls > self.count else 0
        return name if which == 0 else f"{name}_{which + 1}"


def steps_of(run: Run, cells: Iterable[str]) -> Steps:
    """Count the steps of a run.

    Raises
    ------
    LaharError
        N805 if not everything took part equally often.

    """
    rows = int(run.x.shape[0])
    counts = {name: run.counts[name] for name in cells}
    first, count = next(iter(counts.items()))
    for name, calls in counts.items():
        if calls != count:
            raise LaharError(CellsRunUnevenly(name, calls, first, count))
    if count % rows:
        raise LaharError(CellsRunUnevenly(first, count, "the input", rows))
    for name, calls in run.counts.items():
        if calls > count and calls % count:
            raise LaharError(CellsRunUnevenly(first, count, name, calls))
    return Steps(run, frozenset(counts), count, count // rows)
