"""The updates of all synapses of a projection, in place.

A rule's expressions in; a step computes what targets change by, one line of calls for
each, from values as they stand before any of them is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ..rules.expr import Expr
from .reference_expressions import Floats, Values
from .reference_line import StraightLine


class UpdatesEverywhere:
    """What tags, weights and delays change by; ``values`` have to stay where they are.

    Changes are (post, pre), or of a shape that broadcasts to it.
    """

    def __init__(
        self, updates: Mapping[str, Expr], params: Mapping[str, float], values: Values
    ) -> None:
        self._lines = {target: StraightLine(values, params) for target in updates}
        self._changes = {
            target: _not_a_leaf(line, line.number(updates[target]), values)
            for target, line in self._lines.items()
        }

    def changes(self, targets: Iterable[str]) -> dict[str, Floats]:
        """Compute some of them; they hold until the next call."""
        found = {}
        for target in targets:
            self._lines[target].run()
            found[target] = self._changes[target]
        return found


def _not_a_leaf(line: StraightLine, value: Floats, values: Values) -> Floats:
    """Keep a tag that is all of an update: it may be written before it is read."""
    if not any(value is leaf for leaf in values.values()):
        return value
    kept: Floats = np.zeros(value.shape)
    line.add(np.copyto, kept, value)
    return kept
