"""Source text of a visit to synapses that are listed: gather, change, put back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..hardware.learning import Product, Target
from .kernel_learning_source import indented
from .kernel_listed_passes import ListedColumnPass, ListedRowPass
from .kernel_passes import ARRAYS
from .kernel_synapse_source import SynapseSource


@dataclass(frozen=True)
class ListedVisit:
    """Writes how the synapses of a row or a column are visited.

    before
        A statement about each synapse before it changes; empty: none.
    """

    source: SynapseSource
    visit: ListedRowPass | ListedColumnPass
    before: str = ""

    def lines(self, targets: Sequence[Target]) -> Iterator[str]:
        """Write how synapses are gathered, changed and put back."""
        visit = self.visit
        changes = [*self.source.lines(targets)]
        needs = self._needs(targets)
        seen = {p.target for p in visit.learning.products if visit.sees(p)}
        yield "n = np.uint64(0)"
        yield from visit.finds()
        if self.before:
            yield f"    {self.before}"
        yield from indented(1, visit.lanes.gathers())
        # a sum has no branch that could be foretold wrongly
        yield f"    n += np.uint64({needs or 1})"
        yield "size = np.int64(n)"
        yield "for n in range(size):"
        for ending in visit.storage:
            yield f"    {ending}_lane[n] = {ending}[np.uint32(k_lane[n])]"
        yield "for n in range(size):"
        yield from indented(1, iter(changes))
        yield "for n in range(size):"
        yield "    k = np.uint32(k_lane[n])"
        for target in (t for t in targets if t in seen):
            yield f"    {ARRAYS[target]}[k] = {ARRAYS[target]}_lane[n]"

    def _needs(self, targets: Sequence[Target]) -> str:
        """Write when a synapse may change; nothing if that needs its own variables."""
        products = self.visit.learning.products
        seen = [p for p in products if p.target in targets and self.visit.sees(p)]
        tests = [self._may_be_nonzero(p) for p in seen]
        moves = " | ".join(dict.fromkeys(tests)) if all(tests) else ""
        if moves:
            moves = f"restless_now | {moves}"
        always = self.visit.condition()
        return f"{always} & ({moves})" if always and moves else always or moves

    def _may_be_nonzero(self, product: Product) -> str:
        """Write that none of the factors that neurons decide is 0."""
        factors = [
            self.source.unclipped(f, product)
            for f in product.factors
            if f.variable not in ("w", "t", "d", "c") and not f.sign
        ]
        gate = self.visit.gate(product.gate)
        tests = [f"({f.text} != 0)" for f in (gate, *factors) if f.low <= 0 <= f.high]
        found = f"({' & '.join(tests)})" if tests else ""
        return found.replace("_lane[n]", "_now")
