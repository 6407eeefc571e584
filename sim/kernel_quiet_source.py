"""Source text of phases in which tags decay and little else happens.

A rule whose tag decays in every phase visits every synapse, spike or not. Where one
random number serves all of them, what a phase makes of a tag depends on its value
alone: the few values are computed once, and the change is added (kernel_quiet.py) to
all tags. Rows of pre neurons that spiked are put back after that and computed as ever,
columns of post neurons from what they were (docs/decisions/0081).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

from ..hardware.learning import Learning, Product, Target
from ..hardware.profile import Profile
from ..hardware.program import Connection
from .kernel_expressions import Ranged, literal, variable
from .kernel_layout import learns_in_columns
from .kernel_passes import BIT, AbstractPass
from .kernel_storage import Storage
from .kernel_synapse_source import SynapseSource
from .stored_form import stored_form

MOST_STEPS = 4
"""A change with more steps is computed for each tag."""


def is_often_quiet(
    connection: Connection,
    profile: Profile,
    storage: dict[str, Storage],
    idle: Sequence[Target],
) -> bool:
    """Tell whether there are phases in which only tags change, and most by themselves.

    ``idle`` are the targets that most phases leave alone.
    """
    learning = connection.learning
    assert learning is not None
    tags = [p for p in learning.products if p.target == "t"]
    others = {p.target for p in learning.products} - {"t"}
    form = stored_form("t", connection, profile)
    return (
        profile.randomness == "population"
        and learning.epoch_steps == 1
        and others <= {*idle}
        and len(others) > 0
        and any(p.gate == "u" for p in tags)
        and all(f.variable not in ("w", "d") for p in tags for f in p.factors)
        and all(_is_common(p) for p in tags if p.gate == "u")
        and "exists_t" not in storage
        and storage["tags"].packed == 1
        and storage["tags"].range == (form.low, form.high)
    )


def _is_common(product: Product) -> bool:
    """Tell whether it reads the tag, and what posts may have in common."""
    names = {f.variable for f in product.factors}
    return names <= {"t", "c", "y1", "y2", "y3"}


@dataclass(frozen=True)
class QuietSource:
    """Writes such phases for one connection.

    slots
        Traces and third factors of the post side that exist.
    """

    connection: Connection
    profile: Profile
    storage: dict[str, Storage]
    slots: Sequence[str]

    @property
    def _learning(self) -> Learning:
        assert self.connection.learning is not None
        return self.connection.learning

    def decides(self) -> Iterator[str]:
        """Write whether this phase is one, and what it makes of each value."""
        form = stored_form("t", self.connection, self.profile)
        visit = ValuePass(self._learning, self.profile, self.storage, ())
        source = SynapseSource(self.connection, self.profile, visit)
        read = {
            f.variable
            for p in self._learning.products
            if (p.target, p.gate) == ("t", "u")
            for f in p.factors
        }
        yield f"at = np.empty({MOST_STEPS}, np.int32)"
        yield f"by = np.empty({MOST_STEPS}, np.int32)"
        yield f"changes = np.zeros({form.high - form.low + 1}, np.int32)"
        yield "quiet = u != 0 and busy == 0 and restless[0] == 0"
        yield "if quiet:"
        for slot in sorted(read & {*self.slots}):
            yield f"    {slot}_first = {slot}_history[posts]"
            yield "    for j in range(posts):"
            yield f"        quiet &= {slot}_history[posts + j] == {slot}_first"
        yield f"    for value in range({form.low}, {form.high + 1}):"
        yield from (f"        {line}" for line in source.lines(("t",)))
        yield f"    quiet &= steps_of(changes, {form.low}, at, by) <= {MOST_STEPS}"
        yield "    quiet &= unsettled == 0"
        yield "    unsettled = 0"

    def decays(self) -> Iterator[str]:
        """Write how all tags decay, rows of pre neurons that spiked left as they were.

        Columns of post neurons that spiked have their events too.
        """
        yield "if quiet:"
        yield "    rows = np.empty(active * posts, np.int16)"
        yield "    for n in range(active):"
        yield "        start = np.int64(pre_marked[n]) * posts"
        yield "        kept = rows[n * posts:(n + 1) * posts]"
        yield "        copy_cells(tags[start:start + posts], kept)"
        if learns_in_columns(self._learning):
            yield "    olds = np.empty(post_count * pres, np.int16)"
            yield "    for m in range(post_count):"
            yield "        column = olds[m * pres:(m + 1) * pres]"
            yield "        gather_column(tags, np.int64(post_marked[m]), posts, column)"
        form = stored_form("t", self.connection, self.profile)
        yield f"    change_all(tags, changes, {form.low}, at, by)"
        if learns_in_columns(self._learning):
            yield from (f"    {line}" for line in self._columns())
        yield "    for n in range(active):"
        yield "        start = np.int64(pre_marked[n]) * posts"
        yield "        kept = rows[n * posts:(n + 1) * posts]"
        yield "        copy_cells(kept, tags[start:start + posts])"

    def _columns(self) -> Iterator[str]:
        """Write what becomes of columns; rows that are visited are put back later."""
        visit = WholeColumnPass(self._learning, self.profile, self.storage, ())
        source = SynapseSource(self.connection, self.profile, visit)
        yield "for m in range(post_count):"
        yield "    j = np.int64(post_marked[m])"
        yield "    column = olds[m * pres:(m + 1) * pres]"
        yield from (f"    {line}" for line in visit.shared_values())
        yield "    for i in range(pres):"
        yield from (f"        {line}" for line in source.lines(("t",)))
        yield "    scatter_column(column, j, posts, tags)"


class _TagPass(AbstractPass):
    """Tags of one phase, those of rows that are visited apart left out."""

    def known(self, k: int) -> Ranged | None:
        return None

    def gate(self, name: str) -> Ranged:
        if name == "u":
            return literal(1)
        return variable("np.int32(1 if pre_times[i] > 0 else 0)", *BIT)


@final
class ValuePass(_TagPass):
    """Every value that a tag may have, where no neuron spikes."""

    def sees(self, product: Product) -> bool:
        return product.gate == "u"

    def varies(self, text: str) -> bool:
        return "tag" in text

    def trace(self, name: str, gate: str) -> Ranged:
        return variable(f"{name}_first") if self._has(name) else literal(0)

    def reads(self) -> Iterator[str]:
        yield "tag = np.int32(value)"

    def writes(self, target: Target) -> Iterator[str]:
        low, _ = self.storage["tags"].range
        yield f"changes[value - {low}] = new - tag"


@final
class WholeColumnPass(_TagPass):
    """All tags of post neuron j, which spiked, as they were before."""

    def sees(self, product: Product) -> bool:
        return product.gate != "x0" or not self._rows_apart()

    def gate(self, name: str) -> Ranged:
        if name == "y0":
            return literal(1)
        if name == "x0" and self._rows_apart():
            return literal(0)
        return super().gate(name)

    def varies(self, text: str) -> bool:
        return "[i]" in text or "tag" in text

    def trace(self, name: str, gate: str) -> Ranged:
        if not self._has(name):
            return literal(0)
        if name.startswith("x"):
            return variable(f"{name}_history[pres + i]")
        return variable(f"{name}_of_column")

    def shared_values(self) -> Iterator[str]:
        """Write what all synapses of the column share."""
        for slot in ("y1", "y2", "y3"):
            if self._has(slot):
                yield f"{slot}_of_column = {slot}_history[posts + j]"

    def reads(self) -> Iterator[str]:
        yield "tag = np.int32(column[i])"

    def writes(self, target: Target) -> Iterator[str]:
        yield "column[i] = new"

    def _rows_apart(self) -> bool:
        return any(p.gate == "x0" for p in self.learning.products)
