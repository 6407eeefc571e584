"""What comparing two recordings says: one of five levels, and the facts behind it.

Facts in, text and JSON out. ``require`` is for scripts: it raises unless the recordings
are identical, floats of two float backends agree but for rounding, or the weights lie
within the compiler's budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

from ..diagnostics import Diagnostic, LaharError
from .recording import show_index
from .tolerance import FloatAgreement

EXIT_DIFFERS = 1  # compared, and neither identical nor within budget

Level = Literal["identical", "within tolerance", "within budget", "diverged", "metrics"]
Judge = Literal["lava", "lahar"]
PASSED: tuple[Level, ...] = ("identical", "within tolerance", "within budget")
NAMES_SHOWN = 10


@dataclass(frozen=True)
class VariableCheck:
    """A compared variable: how many values, and whose code computed it.

    ``by`` is ``lava`` if one of the two sides is Lava's own code, which knows nothing
    of lahar; else both sides are lahar's.
    """

    name: str
    count: int
    by: Judge


@dataclass(frozen=True)
class ProductContribution:
    """What one product of a learning rule added at one synapse, from one recording.

    ``amount`` is in 1/128 LSB; None where a factor was not recorded.
    """

    product: str
    factors: tuple[tuple[str, int | None], ...]
    amount: int | None

    def __str__(self) -> str:
        factors = ", ".join(f"{n} = {'?' if v is None else v}" for n, v in self.factors)
        amount = "?" if self.amount is None else f"{self.amount:+d}/128"
        return f"{self.product}  gives {amount} LSB  ({factors or 'no factors'})"


@dataclass(frozen=True)
class Divergence:
    """The first value at which two recordings part.

    step
        Counted from 1. ``also`` lists other variables that part in the same step.
    products
        For a weight or tag: products whose gate was open at that synapse.
    """

    step: int
    variable: str
    owner: str
    index: tuple[int, ...]
    first_value: float
    second_value: float
    differing: int
    also: tuple[str, ...] = ()
    products: tuple[ProductContribution, ...] = ()


@dataclass(frozen=True)
class BudgetCheck:
    """The weights of one connection against the error that the compiler predicted.

    All in weight LSB, at the synapse whose error is largest beside its bound.
    """

    connection: str
    synapses: int
    outside: int
    index: tuple[int, ...]
    error: float
    bound: float
    updates: float
    travel: float


@dataclass(frozen=True)
class RecordingsDiffer(Diagnostic):
    """Two recordings that should be identical are not.

    The message names the first step, variable and element. Run again with that
    variable's connection recorded (``record=["<connection>.*"]``) to see the products
    behind a weight.
    """

    code = "V605"
    exit_code: ClassVar[int] = EXIT_DIFFERS
    title = "{first} and {second} part at step {step}: `{element}`"
    note = "{first_value:g} in {first}, {second_value:g} in {second}"
    help = "{advice}"

    first: str
    second: str
    step: int
    element: str
    first_value: float
    second_value: float
    advice: str


@dataclass(frozen=True)
class OutOfBudget(Diagnostic):
    """A weight is further from the float reference than the compiler predicted.

    Open loop: both saw the same spikes, so the difference is the arithmetic of the
    synapse. Either the budget is wrong, or the chip does something else.
    """

    code = "V606"
    exit_code: ClassVar[int] = EXIT_DIFFERS
    title = "`{connection}.weights{index}`: {error:.4g} LSB off, allowed {bound:.4g}"
    note = "{outside} of {synapses} synapses are outside their bound"
    help = "look at the report's roundings and lints: a saturated trace is not budgeted"

    connection: str
    index: str
    error: float
    bound: float
    outside: int
    synapses: int


@dataclass(frozen=True)
class NoVerdict(Diagnostic):
    """Two closed loops of different arithmetic were compared.

    Their spike trains part sooner or later, so there are metrics and no verdict. An
    open loop earns one: replay the recording with backend ``reference``.
    """

    code = "V607"
    exit_code: ClassVar[int] = EXIT_DIFFERS
    title = "{first} and {second} are closed loops: there are metrics, but no verdict"
    note = "spike trains of different arithmetic part chaotically"
    help = "replay one: run(program, backend='reference', given=recording)"

    first: str
    second: str


@dataclass(frozen=True)
class Verdict:
    """The result of comparing two recordings.

    level
        ``identical``: all bits of all common variables. ``within tolerance``: all
        spikes of two float backends, and their floats but for rounding. ``within
        budget``: all weights within the predicted error, in an open loop.
        ``diverged``: none of these.
        ``metrics``: closed loops of different arithmetic, on which nobody can judge.
    first, second
        The backends.
    variables
        What was compared, and whose code computed it.
    unchecked
        Parts of the provenance that one of the two does not know.
    metrics_need
        Packages of the extra `metrics` that further metrics would have needed.
    floats
        Of two float backends: how far apart, and what was allowed.
    not_kept
        Backend to what was to be recorded, but is not a value that it has.
    """

    level: Level
    first: str
    second: str
    steps: int
    variables: tuple[VariableCheck, ...]
    divergence: Divergence | None = None
    budgets: tuple[BudgetCheck, ...] = ()
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    unchecked: tuple[str, ...] = ()
    metrics_need: tuple[str, ...] = ()
    floats: FloatAgreement | None = None
    not_kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def values_compared(self) -> int:
        """The number of single values that were compared."""
        return sum(v.count for v in self.variables)

    @property
    def passed(self) -> bool:
        """Whether the recordings are identical, or within tolerance or budget."""
        return self.level in PASSED

    def require(self) -> None:
        """Raise unless the recordings are identical, or within tolerance or budget.

        Raises
        ------
        LaharError
            V605 to V607, with exit status 1.

        """
        if not self.passed:
            raise LaharError(self._failure())

    def _failure(self) -> Iterator[Diagnostic]:
        if self.level == "metrics":
            yield NoVerdict(self.first, self.second)
        if self.divergence is not None:
            yield self._parted(self.divergence)
        for b in self.budgets:
            if b.outside:
                index = show_index(b.index)
                yield OutOfBudget(
                    b.connection, index, b.error, b.bound, b.outside, b.synapses
                )

    def _parted(self, d: Divergence) -> Diagnostic:
        advice = f"record `{d.owner}.*` of both and compare again"
        if d.products:
            advice = "; ".join(str(p) for p in d.products)
        return RecordingsDiffer(
            self.first,
            self.second,
            d.step,
            f"{d.variable}{show_index(d.index)}",
            d.first_value,
            d.second_value,
            advice,
        )

    def to_json(self) -> dict[str, Any]:
        """Give a plain dictionary of numbers, strings and lists."""
        tree = asdict(self)
        tree["values_compared"] = self.values_compared
        tree["metrics"] = {name: dict(m) for name, m in self.metrics.items()}
        plain = _plain(tree)
        assert isinstance(plain, dict)
        return plain

    def render(self) -> str:
        """Show the verdict as text."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        count = f"{self.values_compared} values of {len(self.variables)} variables"
        yield (
            f"{self.first} and {self.second}: {self.level} "
            f"({count}, {self.steps} steps)"
        )
        lava = [v for v in self.variables if v.by == "lava"]
        if lava:
            own = sum(v.count for v in lava)
            names = ", ".join(v.name for v in lava)
            yield f"  by Lava's own code: {names} ({own} values)"
        if self.floats is not None and self.floats.values:
            yield f"  {_float_line(self.floats)}"
        for backend, absent in self.not_kept.items():
            yield f"  not kept by {backend}, so not compared: {_listing(absent)}"
        if self.unchecked:
            yield f"  not known on both sides: {', '.join(self.unchecked)}"
        if self.divergence is not None:
            yield from self._divergence_lines(self.divergence)
        for b in self.budgets:
            place = f"{b.connection}.weights{show_index(b.index)}"
            yield (
                f"  {place}: error {b.error:.3g} LSB, allowed {b.bound:.3g}"
                f" ({b.outside} of {b.synapses} synapses outside)"
            )
        for name, metrics in self.metrics.items():
            shown = ", ".join(f"{key} {value:.4g}" for key, value in metrics.items())
            yield f"  {name}: {shown}"
        if self.metrics_need:
            missing = ", ".join(self.metrics_need)
            yield f"  SPIKE and ISI distance, tiling: extra `metrics` brings {missing}"

    def _divergence_lines(self, d: Divergence) -> Iterator[str]:
        element = f"{d.variable}{show_index(d.index)}"
        yield (
            f"  first at step {d.step}: {element} is {d.first_value:g} in {self.first},"
            f" {d.second_value:g} in {self.second}"
        )
        if d.also:
            yield f"  in the same step also: {', '.join(d.also)}"
        yield f"  {d.differing} values differ in all"
        for product in d.products:
            yield f"  {product}"


def _float_line(floats: FloatAgreement) -> str:
    if not floats.differing:
        return f"{floats.values} floats, no bit of them differs"
    return (
        f"spikes exactly, {floats.values} floats within {floats.tolerance:g} relative"
        f" and absolute (largest difference {floats.largest:.3g}: {floats.variable})"
    )


def _listing(names: tuple[str, ...]) -> str:
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value
