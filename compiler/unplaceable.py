"""What no side of a synapse can compute, and the nearest legal form of it.

In: an expression that placement cannot split, and its rule. Out: diagnostics whose
help can be pasted into the rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Diagnostic
from ..rules.evaluate import evaluate
from ..rules.expr import Before, Binary, Call, Compare, Const, Expr, Name
from ..rules.printer import print_expr
from ..rules.rule import LearningRule, TraceDecl
from .sides import leaves, sides_of


@dataclass(frozen=True)
class NoThirdFactor(Diagnostic):
    """The rule reads a third factor, and the chip has no way to bring one in.

    On a Loihi 2 the post neuron's program writes the values y1 to y3 itself. On a
    Loihi 1 these are traces of its spikes; a reward channel exists there (r0, r1), but
    its limits are unpublished and Lava cannot express it.
    """

    code = "R210"
    title = "{chip} cannot bring the third factor `{symbol}` to a synapse"
    note = "graded post values on {chip}: {limit} ({source})"
    help = "compile for loihi2, or use a rule of pre and post spikes alone"

    chip: str
    symbol: str
    limit: int
    source: str


@dataclass(frozen=True)
class NotASumOfProducts(Diagnostic):
    """The learning engine adds up products; nothing else can be computed at a synapse.

    Functions of post quantities alone move into the neuron, functions of the weight
    alone are approximated, and a function of a sum or product of such is split. What
    is left mixes sides in a way that no sum of products has.
    """

    code = "R211"
    title = "`{expression}` cannot be computed at a synapse"
    label = "is no sum of products of what the engine has, and cannot be split"
    note = (
        "it adds up products of traces, w, tag, graded post values, signs of w or tag"
    )
    help = "{advice}"

    expression: str
    advice: str


@dataclass(frozen=True)
class RangeUnknown(Diagnostic):
    """A post quantity is sent in 7 bits, so its range has to be known.

    An Output declares its range; a membrane state has its threshold. Of any other
    state nobody knows how large it gets.
    """

    code = "R212"
    title = "the range of `{expression}` is not known"
    note = "graded values travel in 7 bits, -64 to 63"
    help = "declare an Output with low and high in the neuron model, and read that"

    expression: str


@dataclass(frozen=True)
class ThresholdOnMixture(Diagnostic):
    """A synapse compares one thing that it stores with a constant, and nothing else.

    ``w > c`` and ``tag > c`` become the engine's sign of ``w - C`` or ``tag - C``, and
    a comparison of post quantities moves into the neuron. No register of the synapse
    holds a trace, or a mixture of two sides, as a quantity of its own.
    """

    code = "R214"
    title = "`{expression}` compares what no register of the synapse holds"
    label = "reads {sides}"
    note = "a synapse has the sign of w or of its tag, less a constant ({source})"
    help = "{advice}"

    expression: str
    sides: str
    source: str
    advice: str


@dataclass(frozen=True)
class FunctionHasNoBound(Diagnostic):
    """A function of the weight has no finite value at a weight within its bounds.

    It is approximated at all weights that the chip can store, so it needs a value at
    each: 1/w has none at 0.
    """

    code = "R215"
    title = "`{expression}` has no finite value at w = {at:.6g}"
    note = "the weight goes from {low:g} to {high:g}, and a chip stores all in between"
    help = "keep away from it by a small constant: 1 / w becomes 1 / (w + {margin:g})"

    expression: str
    at: float
    low: float
    high: float
    margin: float


@dataclass(frozen=True)
class FunctionIsCoarse(Diagnostic):
    """A function of the weight is approximated with an error above 5 %.

    The error is that at the worst weight that the chip can store, as a share of the
    largest value; the rest of the product decides how many powers, steps and ramps
    there is room for. Functions of a post quantity are approximated over its range.
    """

    code = "L31"
    severity = "warning"
    title = "`{expression}` is approximated, and up to {error:.1%} off"
    note = "at {variable} = {at:.3g} it is {got:.4g}, not {wanted:.4g}"
    help = "use fewer other factors in the product, or a smoother function"

    expression: str
    error: float
    at: float
    wanted: float
    got: float
    variable: str


SHOWN = {
    "spikes": "spikes",
    "weight": "the weight",
    "tag": "a tag",
    "neuron": "the neuron",
    "pre trace": "a pre trace",
    "post trace": "a post trace",
    "delay": "the delay",
}


def shown_sides(expr: Expr, rule: LearningRule) -> str:
    """List the sides that an expression mixes, for a label."""
    return " and ".join(SHOWN[s] for s in SHOWN if s in sides_of(expr, rule))


def advice_for(expr: Expr, rule: LearningRule) -> str:
    """Give the nearest legal form of a function that has no place."""
    sides = sides_of(expr, rule)
    if isinstance(expr, Binary) and isinstance(expr.right, Const):
        return "divide by a number that is not 0"
    if sides == {"pre trace"}:
        name = _trace_of(expr, rule).name
        return (
            f"use a polynomial of `{name}`, or let a relay neuron between pre and this "
            "synapse compute the function and spike by it"
        )
    if sides == {"post trace"}:
        trace = _trace_of(expr, rule)
        return _kept_by_the_neuron(trace, rule, "and use the function of `post.{name}`")
    if sides == {"tag"}:
        (tag,) = leaves(expr)
        shown = print_expr(tag)
        return f"use a polynomial, as 1 - {shown} + {shown}**2 / 2 for exp(-{shown})"
    if isinstance(expr, Binary):
        return "divide by numbers, functions of w alone or of post quantities alone"
    return "use a polynomial, or functions of w alone and of post quantities alone"


def advice_for_threshold(expr: Expr, rule: LearningRule) -> str:
    """Give the nearest legal form of a comparison that has no place."""
    sides = sides_of(expr, rule)
    if sides == {"post trace"}:
        trace = _trace_of(expr, rule)
        return _kept_by_the_neuron(trace, rule, "and compare `post.{name}`")
    if rule.tags:
        tag = rule.tags[0].name
        return (
            f"compare w or `{tag}` alone with a number (a synapse has one tag), or let "
            "the pre side's part be a relay neuron's spike"
        )
    if sides == {"pre trace"} and len(leaves(expr)) == 1:
        trace = _trace_of(expr, rule)
        tau = _tau_of(trace, rule)
        return (
            f"let a tag hold it: `held = Tag(tau={tau})`, `dheld = pre`, and compare "
            "`held`; or let a relay neuron spike above the threshold"
        )
    held, rest = _held_part(expr)
    return f"let a tag hold it: `held = Tag()`, `dheld = {held} - held`, then `{rest}`"


def _held_part(expr: Expr) -> tuple[str, str]:
    """Say what a tag would hold, and the comparison of that tag."""
    if isinstance(expr, Compare) and isinstance(expr.right, Const):
        number = print_expr(expr.right)
        return print_expr(expr.left), f"held {expr.relation} {number}"
    if isinstance(expr, Compare):
        difference = Binary("-", expr.left, expr.right)
        return print_expr(difference), f"held {expr.relation} 0"
    inner = expr.args[0] if isinstance(expr, Call) else expr
    name = expr.function if isinstance(expr, Call) else "sign"
    return print_expr(inner), f"{name}(held)"


def _trace_of(expr: Expr, rule: LearningRule) -> TraceDecl:
    names = {leaf.name for leaf in leaves(expr) if isinstance(leaf, Name)}
    names |= {leaf.trace for leaf in leaves(expr) if isinstance(leaf, Before)}
    return next(t for t in rule.traces if t.name in names)


def _tau_of(trace: TraceDecl, rule: LearningRule) -> str:
    return f"{evaluate(trace.tau, rule.param_values) * 1e3:g} * ms"


def _kept_by_the_neuron(trace: TraceDecl, rule: LearningRule, use: str) -> str:
    tau = _tau_of(trace, rule)
    kept = f"let the neuron keep the trace: `{trace.name} = Trace(spike, tau={tau})` "
    return kept + "in its model, " + use.format(name=trace.name)
