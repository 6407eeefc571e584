"""Source text of the compiled learning phase of a connection.

Products, sign mode and profile go in, a function comes out in which all products are
written out. It visits only synapses whose gate is open: for the others the phase
changes nothing, provided that their stored values are settled (see `restless`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..hardware.profile import Profile
from ..hardware.program import Factor, Learning, Product, SignMode, Target
from .interpreter_learning import (
    ACCUMULATOR_HIGH,
    EXPONENT_BASE,
    FACTOR_BITS,
    TARGETS,
    product_shift,
    variable_range,
    weight_step,
)
from .kernel_layout import engine_traces, third_factor_slots
from .kernel_trace_source import ROUNDING_ROW
from .operations import FRACTION_BITS
from .randomness import ROUNDING_KIND

ARRAYS = {"w": "weights", "t": "tags", "d": "delays"}
LOCALS = {"w": "weight", "t": "tag", "d": "delay"}
INT32_LIMIT = 1 << 31


@dataclass(frozen=True)
class LearningSource:
    """Writes the learning phase of one connection."""

    learning: Learning
    sign_mode: SignMode
    profile: Profile

    def function(self, name: str) -> str:
        """Write the whole function."""
        return "\n".join(self._lines(name))

    def arrays(self) -> tuple[str, ...]:
        """List the arrays it takes, by the endings of their identifiers."""
        synapses = [ARRAYS[v] for v in self._variables()]
        histories = [f"{trace}_history" for trace in self._traces()]
        fixed = ("pre_times", "post_times", "post_marked", "restless")
        return (*synapses, *fixed, *histories)

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
        low = self.profile.accumulator_low
        yield f"total = to_int32({LOCALS[target]} << {EXPONENT_BASE})"
        for product in self._products(target):
            yield from self._product(product)
            yield f"total = saturate(total + r, {low}, {ACCUMULATOR_HIGH})"
        yield from self._store(target)

    def _product(self, product: Product) -> Iterator[str]:
        bound = 1
        yield f"r = {product.gate}"
        for factor in product.factors:
            bound <<= FACTOR_BITS[factor.variable]
            yield f"r = {_wrapped(f'r * {self._factor(factor, product)}', bound)}"
        bound *= abs(product.mantissa)
        yield f"r = {_wrapped(f'r * {product.mantissa}', bound)}"
        shift, exponent = product_shift(product, self.profile), product.exponent
        low = self.profile.accumulator_low
        yield f"r = scale_product(r, {shift}, {exponent + EXPONENT_BASE}, {low})"

    def _factor(self, factor: Factor, product: Product) -> str:
        value = self._variable(factor.variable, product.gate)
        if factor.constant:
            value = f"{value} + {factor.constant}"
        if factor.sign:
            value = f"sign_of({value})"
        bits = FACTOR_BITS[factor.variable]
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

    def _store(self, target: Target) -> Iterator[str]:
        if target == "d" or (target == "w" and self.sign_mode == SignMode.EXCITATORY):
            yield "total = max(total, 0)"
        if target == "w" and self.sign_mode == SignMode.INHIBITORY:
            yield "total = min(total, 0)"
        step = weight_step(self.sign_mode, self.profile) if target == "w" else 1
        bits = EXPONENT_BASE + step.bit_length() - 1
        low, high = variable_range(target, self.sign_mode, self.profile)
        scaled = f"round_stochastically(total, {bits}, r)"
        if step != 1:
            scaled = f"{step} * {scaled}"
        yield f"r = {self._random_number(target, bits)}"
        yield f"new = saturate({scaled}, {low}, {high})"
        yield f"{ARRAYS[target]}_row[j] = new"
        if low << EXPONENT_BASE < self.profile.accumulator_low:
            # Lava's tag can be stored as -257, which its accumulator cannot hold:
            # the next phase changes it even if no gate is open.
            settled = -(-self.profile.accumulator_low >> EXPONENT_BASE)
            yield f"unsettled |= 1 if new < {settled} else 0"


def _wrapped(expression: str, bound: int) -> str:
    """Wrap to 32 bit where a product of this magnitude can need it."""
    return f"to_int32({expression})" if bound >= INT32_LIMIT else expression


def _indent(depth: int, lines: Iterator[str]) -> Iterator[str]:
    return ("    " * depth + line for line in lines)
