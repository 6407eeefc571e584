"""Source text of what a learning phase does to one synapse.

A rule and the loop in which a synapse is visited go in; statements come out that read
its old variables, add up the products and write what is stored
(docs/semantics.md section 7). The loop says where values come from (kernel_passes.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..hardware.learning import Factor, Product, Target
from ..hardware.profile import Profile
from ..hardware.program import Connection
from ..hardware.widths import LOIHI_WIDTHS
from .interpreter_learning import EXPONENT_BASE, TARGETS, product_shift
from .kernel_expressions import (
    INT32_HIGH,
    INT32_LOW,
    NOTHING,
    ONE,
    Ranged,
    literal,
    variable,
)
from .kernel_passes import AbstractPass
from .stored_form import StoredForm, stored_form


@dataclass(frozen=True)
class SynapseSource:
    """Writes the update of one synapse of a connection in one loop."""

    connection: Connection
    profile: Profile
    visit: AbstractPass

    def lines(self, targets: Sequence[Target] = TARGETS) -> Iterator[str]:
        """Write the update of some targets."""
        yield from self.visit.reads()
        for target in targets:
            products = self._products(target)
            if any(self.visit.sees(product) for _, product in products):
                yield from self._target(target, products)

    def product(self, k: int, product: Product) -> Ranged:
        """Write the value of a product as the accumulator takes it."""
        known = self.visit.known(k)
        if known is not None:
            return self.visit.gate(product.gate).times(known)
        factors = [self.visit.gate(product.gate), literal(product.mantissa)]
        factors += [self.factor(f, product) for f in product.factors]
        value = ONE
        for factor in sorted(factors, key=lambda f: self.visit.varies(f.text)):
            # in whatever order, it is the product modulo 2**32
            value = value.times(factor).wrapped()
        return self._scaled(value.wrapped(), product)

    def _products(self, target: Target) -> list[tuple[int, Product]]:
        assert self.connection.learning is not None
        products = enumerate(self.connection.learning.products)
        return [(k, p) for k, p in products if p.target == target]

    def _target(
        self, target: Target, products: list[tuple[int, Product]]
    ) -> Iterator[str]:
        total = self._lifted(target)
        for k, product in products:
            if not self.visit.sees(product):
                continue
            yield f"r_{k} = {(r := self.product(k, product)).text}"
            total = self._clipped(total.plus(variable(f"r_{k}", r.low, r.high)))
            yield f"total_{k} = {total.text}"
            total = variable(f"total_{k}", total.low, total.high)
        form = stored_form(target, self.connection, self.profile)
        yield from self._store(target, form, total)

    def change(self, target: Target, most: int) -> Iterator[str]:
        """Write what a weight changes by before its range is kept (decisions/0089).

        For a pass whose products of the target read nothing of the synapse; ``most`` is
        larger than any that leaves a weight within its range.
        """
        total = NOTHING
        for k, product in self._products(target):
            if self.visit.sees(product):
                yield f"r_{k} = {(r := self.product(k, product)).text}"
                total = total.plus(variable(f"r_{k}", r.low, r.high))
        form = stored_form(target, self.connection, self.profile)
        rounded = self._rounded(target, form, total)
        yield f"change = {rounded.clipped(-most, most).text}"
        yield from self.visit.writes(target)

    def within(self, weight: Ranged) -> Ranged:
        """Keep a weight to what is stored."""
        form = stored_form("w", self.connection, self.profile)
        return weight.clipped(form.low, form.high)

    def _lifted(self, target: Target) -> Ranged:
        """Bring a variable to the accumulator's scale; weights have 32 bit there."""
        lifted = self.visit.old(target).left(EXPONENT_BASE)
        return lifted.wrapped() if target == "w" else lifted

    def factor(self, factor: Factor, product: Product) -> Ranged:
        """Give a factor of a product, clipped to its width."""
        value = self.unclipped(factor, product)
        if factor.variable == "w":
            value = value.wrapped()
        if factor.sign:
            value = value.called("sign_of", -1, 1)
        bits = LOIHI_WIDTHS.factor_bits(factor.variable)
        return value.clipped(-(1 << bits), (1 << bits) - 1)

    def unclipped(self, factor: Factor, product: Product) -> Ranged:
        """Give a variable and its constant; clipping makes no 0 and hides none."""
        variable = self._variable(factor.variable, product)
        return variable.plus(literal(factor.constant))

    def deciding_factors(self, product: Product) -> Iterator[Ranged]:
        """Give the factors that only the post neuron decides: if one is 0, all is."""
        for factor in product.factors:
            if factor.variable[0] == "y" and factor.variable != "y0":
                yield self.factor(factor, product)

    def _variable(self, name: str, product: Product) -> Ranged:
        match name:
            case "w" | "t" | "d":
                return self.visit.old(name)
            case "x0" | "y0":
                return self.visit.gate(name)
            case "c":
                return literal(0)
        return self.visit.trace(name, product.gate)

    def _scaled(self, value: Ranged, product: Product) -> Ranged:
        shift = product_shift(product, self.profile)
        left = product.exponent + EXPONENT_BASE
        if self.profile.product_rounding == "floor":
            return self._clipped(value.right(shift).left(left).wrapped())
        scaled = f"scale_product_toward_zero({value.text}, {shift}, {left})"
        return self._clipped(Ranged(scaled, INT32_LOW, INT32_HIGH).narrow())

    def _clipped(self, value: Ranged) -> Ranged:
        if not self.profile.accumulator_clips:
            return value
        return value.clipped(self.profile.accumulator_low, LOIHI_WIDTHS.accumulator_max)

    def _store(self, target: Target, form: StoredForm, total: Ranged) -> Iterator[str]:
        if form.never_negative:
            total = total.clipped(0, max(total.high, 0))
        if form.never_positive:
            total = total.clipped(min(total.low, 0), 0)
        rounded = self._rounded(target, form, total)
        yield f"new = {rounded.clipped(form.low, form.high).text}"
        yield from self.visit.writes(target)
        low = self.profile.accumulator_low
        if form.low << EXPONENT_BASE < low and self.profile.accumulator_clips:
            # Lava's tag can be stored as -257, which its accumulator cannot hold:
            # the next phase changes it even if no gate is open.
            settled = -(-low >> EXPONENT_BASE)
            yield f"unsettled |= 1 if new < {settled} else 0"

    def _rounded(self, target: Target, form: StoredForm, total: Ranged) -> Ranged:
        bits = EXPONENT_BASE + form.grid_bits
        old = self.visit.old(target)
        if self.profile.update_rounding == "away from zero":
            change = total.minus(self._lifted(target)).text
            rounded = f"round_away_from_zero({change}, {bits})"
            text = f"({old.text} + ({rounded} << {form.grid_bits}))"
            return Ranged(text, INT32_LOW * 2, INT32_HIGH * 2)
        # floor(total / 2**bits), and one more if r is below the rest
        slack = self.visit.slack(target, bits)
        return total.plus(slack).right(bits).left(form.grid_bits)
