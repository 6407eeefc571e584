"""Source text of the compiled learning phase of a connection.

Products, sign mode and profile go in, a function comes out in which all products are
written out. It visits only synapses whose gate is open: for the others the phase
changes nothing, provided that their stored values are settled (see `restless`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..hardware.learning import Factor, Learning, Product, Target
from ..hardware.profile import Profile
from ..hardware.program import Connection
from ..hardware.widths import LOIHI_WIDTHS
from .interpreter_learning import EXPONENT_BASE, TARGETS, product_shift
from .kernel_layout import engine_traces, third_factor_slots
from .kernel_trace_source import ROUNDING_ROW
from .operations import FRACTION_BITS
from .randomness import ROUNDING_KIND
from .stored_form import StoredForm, stored_form

ARRAYS = {"w": "weights", "t": "tags", "d": "delays"}
LOCALS = {"w": "weight", "t": "tag", "d": "delay"}
INT32_LIMIT = 1 << 31
LEARNED_MAX = 256


@dataclass(frozen=True)
class LearningSource:
    """Writes the learning phase of one connection."""

    connection: Connection
    profile: Profile

    @property
    def learning(self) -> Learning:
        """How the connection learns."""
        assert self.connection.learning is not None
        return self.connection.learning

    def function(self, name: str) -> str:
        """Write the whole function."""
        return "\n".join(self._lines(name))

    def arrays(self) -> tuple[str, ...]:
        """List the arrays it takes, by the endings of their identifiers."""
        synapses = [ARRAYS[v] for v in self._variables()]
        histories = [f"{trace}_history" for trace in self._traces()]
        masks = [f"exists_{target}" for target in self._masked()]
        fixed = ("pre_times", "post_times", "post_marked", "restless")
        return (*synapses, *masks, *fixed, *histories)

    def _masked(self) -> tuple[Target, ...]:
        """List the learned variables that not every synapse has."""
        exists = self.connection.exists
        return tuple(t for t in TARGETS if t in exists and self._products(t))

    def _variables(self) -> tuple[str, ...]:
        used: set[str] = {p.target for p in self.learning.products}
        used |= {f.variable for p in self.learning.products for f in p.factors}
        return tuple(v for v in TARGETS if v in used or v == "w")

    def _traces(self) -> tuple[str, ...]:
        return engine_traces(self.learning) + third_factor_slots(self.learning)

    def _products(self, target: Target) -> list[Product]:
        return [p for p in self.learning.products if p.target == target]

    def _gated_by(self, gate: str) -> bool:
        return any(p.gate == gate for p in self.learning.products)

    def _lines(self, name: str) -> Iterator[str]:
        everything = "restless[0] != 0"
        if self._gated_by("u"):
            everything += " or u != 0"
        row = "everything or x0 != 0" if self._gated_by("x0") else "everything"
        yield "@njit"
        yield f"def {name}({', '.join(self.arrays())}, u, step, numbers, s):"
        yield "    pres = pre_times.size"
        yield "    posts = post_times.size"
        yield from _indent(1, self._random_sources())
        yield "    marked = list_marked(post_times, post_marked)"
        yield f"    everything = {everything}"
        yield "    unsettled = 0"
        yield "    for i in range(pres):"
        yield "        pre_time = np.int64(pre_times[i])"
        yield "        x0 = 1 if pre_time > 0 else 0"
        yield from _indent(2, self._row_values())
        yield f"        if {row}:"
        yield "            for j in range(posts):"
        yield from _indent(4, self._synapse())
        if self._gated_by("y0"):
            yield "        else:"
            yield "            for n in range(marked):"
            yield "                j = np.uint64(post_marked[n])"
            yield from _indent(4, self._synapse())
        yield "    restless[0] = unsettled"

    def _random_sources(self) -> Iterator[str]:
        if self.profile.randomness == "population":
            yield f"fraction = np.int64(numbers[{ROUNDING_ROW}, s])"
            return
        for target in TARGETS:
            if self._products(target):
                yield f"{target}_key = numbers[{ROUNDING_KIND[target]}, 0]"

    def _random_number(self, target: Target, bits: int) -> str:
        if self.profile.randomness == "population":
            return f"(fraction >> {FRACTION_BITS - bits})"
        return f"element_bits({target}_key, step, np.int64(j) * pres + i, {bits})"

    def _row_values(self) -> Iterator[str]:
        """Read what all synapses of a pre neuron share: numbers, and rows of arrays.

        Rows are views, so that the loop over posts has a plain index and is compiled
        to vector instructions.
        """
        for variable in self._variables():
            array = ARRAYS[variable]
            yield f"{array}_row = {array}[i * posts:(i + 1) * posts]"
        for target in self._masked():
            mask = f"exists_{target}"
            yield f"{mask}_row = {mask}[i * posts:(i + 1) * posts]"
        for gate in ("x0", "y0", "u"):
            for trace in sorted(self._traces_under(gate)):
                yield from self._row_value(trace, gate)

    def _row_value(self, trace: str, gate: str) -> Iterator[str]:
        moment = self._row_moment(gate)
        if moment is None:
            return
        if trace.startswith("x"):
            place = f"{trace}_history[{moment} * pres + i]"
            yield f"{trace}_{gate} = np.int64({place})"
        else:
            row = f"{moment} * posts:({moment} + 1) * posts"
            yield f"{trace}_{gate}_row = {trace}_history[{row}]"

    def _row_moment(self, gate: str) -> str | None:
        """Give the gate's moment of the epoch, if a whole row shares it."""
        epoch = self.learning.epoch_steps
        if gate == "u" or epoch == 1:
            return str(epoch)
        return "pre_time" if gate == "x0" else None

    def _traces_under(self, gate: str) -> set[str]:
        read = {
            factor.variable
            for product in self.learning.products
            if product.gate == gate
            for factor in product.factors
        }
        return {trace for trace in self._traces() if trace in read}

    def _synapse(self) -> Iterator[str]:
        """Write the update of synapse (i, j)."""
        yield "post_time = np.int64(post_times[j])"
        yield "y0 = 1 if post_time > 0 else 0"
        for variable in self._variables():
            yield f"{LOCALS[variable]} = np.int64({ARRAYS[variable]}_row[j])"
        for target in TARGETS:
            if self._products(target):
                yield from self._target(target)

    def _target(self, target: Target) -> Iterator[str]:
        yield f"total = {_lifted(target)}"
        for product in self._products(target):
            yield from self._product(product)
            yield f"total = {self._clipped('total + r')}"
        yield from self._store(target)

    def _product(self, product: Product) -> Iterator[str]:
        bound = 1
        yield f"r = {product.gate}"
        for factor in product.factors:
            bound <<= LOIHI_WIDTHS.factor_bits(factor.variable)
            yield f"r = {_wrapped(f'r * {self._factor(factor, product)}', bound)}"
        bound *= abs(product.mantissa)
        yield f"r = {_wrapped(f'r * {product.mantissa}', bound)}"
        floor = self.profile.product_rounding == "floor"
        scale = "scale_product" if floor else "scale_product_toward_zero"
        shift, exponent = product_shift(product, self.profile), product.exponent
        scaled = f"{scale}(r, {shift}, {exponent + EXPONENT_BASE})"
        yield f"r = {self._clipped(scaled)}"

    def _clipped(self, expression: str) -> str:
        if not self.profile.accumulator_clips:
            return expression
        low = self.profile.accumulator_low
        return f"saturate({expression}, {low}, {LOIHI_WIDTHS.accumulator_max})"

    def _factor(self, factor: Factor, product: Product) -> str:
        value = self._variable(factor.variable, product.gate)
        if factor.constant:
            value = f"{value} + {factor.constant}"
        if factor.variable == "w":
            value = _wrapped(value, self._largest_weight() + abs(factor.constant))
        if factor.sign:
            value = f"sign_of({value})"
        bits = LOIHI_WIDTHS.factor_bits(factor.variable)
        return f"clip_factor({value}, {bits})"

    def _variable(self, name: str, gate: str) -> str:
        if name in LOCALS:
            return LOCALS[name]
        if name in ("x0", "y0"):
            return name
        if name not in self._traces():
            return "0"
        shared = self._row_moment(gate) is not None
        if name.startswith("x"):
            own = f"np.int64({name}_history[post_time * pres + i])"
            return f"{name}_{gate}" if shared else own
        own = f"np.int64({name}_history[post_time * posts + np.int64(j)])"
        return f"np.int64({name}_{gate}_row[j])" if shared else own

    def _largest_weight(self) -> int:
        first = np.abs(self.connection.weights.astype(np.int64))
        return int(first.max(initial=0)) + LEARNED_MAX

    def _store(self, target: Target) -> Iterator[str]:
        form = stored_form(target, self.connection, self.profile)
        if form.never_negative:
            yield "total = max(total, 0)"
        if form.never_positive:
            yield "total = min(total, 0)"
        yield f"new = saturate({self._rounded(target, form)}, {form.low}, {form.high})"
        array, old = ARRAYS[target], LOCALS[target]
        if target in self._masked():
            yield f"new = new if exists_{target}_row[j] != 0 else {old}"
        yield f"{array}_row[j] = new"
        low = self.profile.accumulator_low
        if form.low << EXPONENT_BASE < low and self.profile.accumulator_clips:
            # Lava's tag can be stored as -257, which its accumulator cannot hold:
            # the next phase changes it even if no gate is open.
            settled = -(-low >> EXPONENT_BASE)
            yield f"unsettled |= 1 if new < {settled} else 0"

    def _rounded(self, target: Target, form: StoredForm) -> str:
        bits = EXPONENT_BASE + form.grid_bits
        if self.profile.update_rounding == "away from zero":
            change = f"total - {_lifted(target)}"
            rounded = f"round_away_from_zero({change}, {bits})"
            return f"{LOCALS[target]} + ({rounded} << {form.grid_bits})"
        r = self._random_number(target, bits)
        return f"(round_stochastically(total, {bits}, {r}) << {form.grid_bits})"


def _lifted(target: Target) -> str:
    """Write a variable at the accumulator's scale, as the phase found it."""
    accumulator = f"({LOCALS[target]} << {EXPONENT_BASE})"
    return f"to_int32({accumulator})" if target == "w" else accumulator


def _wrapped(expression: str, bound: int) -> str:
    """Wrap to 32 bit where a product of this magnitude can need it."""
    return f"to_int32({expression})" if bound >= INT32_LIMIT else expression


def _indent(depth: int, lines: Iterator[str]) -> Iterator[str]:
    return ("    " * depth + line for line in lines)
