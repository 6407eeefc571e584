"""Factorise: bring every update into a sum of gated products.

In: updates over spikes, traces, w, tag and values that the neuron sends. Out: a list
of terms, each ``coefficient * atoms`` with one gate.

    1. a * (x + c)          ->  a*x + a*c
    2. (w_max - w) * x      ->  w_max*x - w*x
    3. x.before             ->  x - pre           (a trace includes the spike of t)
    4. post * post          ->  post
    5. sign(w - a) * sign(w - b), a < b  ->  1 - sign(w - a) + sign(w - b)
    6. a tag's own decay    ->  -(1 - exp(-1/tau)) * tag, in every epoch
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic, SourceSpan
from ..hardware.learning import Gate
from ..rules.evaluate import ResultIsNotFinite
from ..rules.expr import (
    Before,
    Binary,
    Call,
    Const,
    Delay,
    Every,
    Expr,
    Name,
    Negative,
    Power,
    Quantity,
    Spike,
    Weight,
    walk,
)
from ..rules.neuron import SPIKE
from ..rules.printer import print_expr
from ..rules.rule import LearningRule
from .draft import Draft, SynapseDraft, Term
from .passes import AbstractPass
from .sign_atoms import SignParts, product_of_signs, sign_parts

Atoms = tuple[Expr, ...]
Polynomial = dict[Atoms, float]

PRODUCT_BITS = 32
TRACE_BITS = 7
MOST_FACTORS = 4
"""Besides spikes: 4 * 7 bits, the mantissa's 3 and a sign fill the product."""
CANCELLED = 1e-12


@dataclass(frozen=True)
class DelayLearningIsIgnored(Diagnostic):
    """A rule that learns or reads ``delay`` is refused: nothing here would obey it.

    Lava's CPU models store a learned delay but do not delay any spike by it; without
    learning it stays 0.
    """

    code = "R205"
    title = "`{rule}` {what} its delay, which no backend applies"
    note = "Lava 0.10's learning connections ignore the learned delay when they send"
    help = "learn the weight instead, and leave `delay` out"

    rule: str
    what: str


@dataclass(frozen=True)
class TooManyFactors(Diagnostic):
    """The factors of a product need more bits than the engine multiplies.

    Traces and values from the neuron have 7 bits, the weight and tags 8 and a sign.
    Lava would wrap silently beyond 32.
    """

    code = "R207"
    title = "`{term}` is too long a product: {bits} bits, and the engine has {limit}"
    note = "products are computed in 32 bits, and a trace has 7 (docs/semantics.md 7)"
    help = "use fewer factors, or let the neuron compute a part: an Output"

    term: str
    bits: int
    limit: int


@final
@dataclass(frozen=True)
class Factorise(AbstractPass):
    """Expand every update; see the module docstring for the rewrites."""

    name: ClassVar[str] = "factorise"

    def requires(self, draft: Draft) -> Iterable[Diagnostic]:
        for synapse in draft.synapses:
            yield from _delay_is_left_alone(synapse.rule)
            yield from _products_fit_a_word(synapse.rule)

    def apply(self, draft: Draft) -> Draft:
        return replace(
            draft,
            synapses=tuple(
                replace(s, terms=tuple(_terms(s, draft.epoch_steps)))
                for s in draft.synapses
            ),
        )

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        for synapse in draft.synapses:
            for term in synapse.terms:
                if not math.isfinite(term.coefficient):
                    note = "the coefficients of a term multiply to more than a float"
                    yield ResultIsNotFinite(term.text, note, span=term.span)


def _delay_is_left_alone(rule: LearningRule) -> Iterator[Diagnostic]:
    for update in rule.updates:
        if update.target == "delay":
            yield DelayLearningIsIgnored(rule.name, "learns", span=update.span)
        for node in walk(update.expr):
            if isinstance(node, Delay):
                span = node.span or update.span
                yield DelayLearningIsIgnored(rule.name, "reads", span=span)


def _products_fit_a_word(rule: LearningRule) -> Iterator[Diagnostic]:
    for update in rule.updates:
        factors = _degree(update.expr)
        if factors > MOST_FACTORS:
            bits = factors * TRACE_BITS + 1
            shown = print_expr(update.expr)
            yield TooManyFactors(shown, bits, PRODUCT_BITS, span=update.span)


def _degree(expr: Expr) -> int:
    """Count the most factors of a product, spikes left out, without expanding it."""
    match expr:
        case Const() | Spike() | Every() | Call():
            return 0  # of a placed rule, a call is a sign
        case Negative(operand=a) | Binary(operator="/", left=a):
            return _degree(a)
        case Binary(operator="*", left=a, right=b):
            return _degree(a) + _degree(b)
        case Binary(left=a, right=b):
            return max(_degree(a), _degree(b))
        case Power(base=base, exponent=Const(value=n)):
            return _degree(base) * int(n)
        case _:
            return 1


def _terms(synapse: SynapseDraft, epoch: int) -> Iterator[Term]:
    for update in synapse.rule.updates:
        for atoms, coefficient in expand(update.expr, synapse).items():
            if coefficient != 0.0:
                span = update.span
                term = _term(update.target, atoms, coefficient, epoch, span)
                yield replace(term, text=_text(term, atoms, synapse.event))
    for tag in synapse.tags:
        if tag.tau_steps is not None:
            rate = -math.expm1(-epoch / tag.tau_steps)
            declared = next(t for t in synapse.rule.tags if t.name == tag.name)
            atoms = (Name(tag.name),)
            text = f"decay of {tag.name}"
            yield Term(tag.name, -rate, atoms, "u", 0, text, declared.span)


def _term(
    target: str, atoms: Atoms, coefficient: float, epoch: int, span: SourceSpan | None
) -> Term:
    gate = _gate(atoms)
    every = max((a.steps for a in atoms if isinstance(a, Every)), default=0)
    kept = tuple(a for a in atoms if not _is_gate(a, gate))
    if gate == "u" and not every:
        coefficient *= epoch  # one evaluation stands for all steps of the epoch
    return Term(target, coefficient, kept, gate, every, "", span)


def _text(term: Term, atoms: Atoms, event: str) -> str:
    return " * ".join([f"{term.coefficient:.6g}", *(_shown(a, event) for a in atoms)])


def _shown(atom: Expr, event: str) -> str:
    """Write an atom; ``event`` is what the engine hears instead of post spikes."""
    if atom == Spike("post") and event != SPIKE:
        return print_expr(Quantity(event))
    sign = sign_parts(atom)
    if sign is None or not sign.threshold.value:
        return print_expr(atom)
    c = sign.threshold.value
    return f"sign({print_expr(sign.variable)} {'-' if c > 0 else '+'} {abs(c):.6g})"


def _gate(atoms: Atoms) -> Gate:
    if any(isinstance(a, Every) for a in atoms):
        return "u"
    sides = {a.side for a in atoms if isinstance(a, Spike)}
    if "pre" in sides:
        return "x0"
    return "y0" if "post" in sides else "u"


def _is_gate(atom: Expr, gate: Gate) -> bool:
    match atom:
        case Every():
            return True
        case Spike(side=side):
            return {"pre": "x0", "post": "y0"}[side] == gate
        case _:
            return False


def expand(expr: Expr, synapse: SynapseDraft) -> Polynomial:
    """Multiply out an expression into atoms -> coefficient."""
    match expr:
        case Const(value=value):
            return {(): value}
        case Negative(operand=a):
            return _scaled(expand(a, synapse), -1.0)
        case Binary(operator="+", left=a, right=b):
            return _sum(expand(a, synapse), expand(b, synapse))
        case Binary(operator="-", left=a, right=b):
            return _sum(expand(a, synapse), _scaled(expand(b, synapse), -1.0))
        case Binary(operator="*", left=a, right=b):
            return _product(expand(a, synapse), expand(b, synapse))
        case Binary(operator="/", left=a, right=Const(value=value)):
            return _scaled(expand(a, synapse), 1.0 / value)
        case Power(base=base, exponent=Const(value=n)):
            result: Polynomial = {(): 1.0}
            for _ in range(int(n)):
                result = _product(result, expand(base, synapse))
            return result
        case Before(trace=name):
            trace = synapse.trace(name)
            assert trace is not None  # check_rule knows every name
            return {(Name(name),): 1.0, (Spike(trace.source),): -1.0}
        case _:
            return {(replace(expr, span=None),): 1.0}


def _scaled(polynomial: Polynomial, factor: float) -> Polynomial:
    return {atoms: c * factor for atoms, c in polynomial.items()}


def _sum(a: Polynomial, b: Polynomial) -> Polynomial:
    total = dict(a)
    for atoms, c in b.items():
        _accumulate(total, atoms, c)
    return total


def _accumulate(total: Polynomial, atoms: Atoms, c: float) -> None:
    """Add to a coefficient; what is left where two cancel is rounding, not a term."""
    old = total.get(atoms, 0.0)
    new = old + c
    total[atoms] = 0.0 if abs(new) < CANCELLED * abs(old) else new


def _product(a: Polynomial, b: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for left, x in a.items():
        for right, y in b.items():
            for atoms, share in _normal(left + right).items():
                _accumulate(total, atoms, x * y * share)
    return total


def _normal(atoms: Atoms) -> Polynomial:
    """Sort atoms, count a spike once (it is 0 or 1), and join signs of a variable."""
    pair = _two_signs(atoms)
    if pair is None:
        spikes = {a for a in atoms if isinstance(a, (Spike, Every))}
        others = [a for a in atoms if not isinstance(a, (Spike, Every))]
        return {(*sorted(spikes, key=repr), *sorted(others, key=_order)): 1.0}
    first, second, signs = pair
    rest = (*atoms[:first], *atoms[first + 1 : second], *atoms[second + 1 :])
    total: Polynomial = {}
    for share, sign in product_of_signs(*signs):
        joined = rest if sign is None else (*rest, sign)
        total = _sum(total, _scaled(_normal(joined), share))
    return total


def _two_signs(
    atoms: Atoms,
) -> tuple[int, int, tuple[SignParts, SignParts]] | None:
    """Find two signs of one variable, and where they stand."""
    seen: dict[Expr, tuple[int, SignParts]] = {}
    for index, atom in enumerate(atoms):
        sign = sign_parts(atom)
        if sign is None:
            continue
        if sign.variable in seen:
            first, other = seen[sign.variable]
            return first, index, (other, sign)
        seen[sign.variable] = (index, sign)
    return None


def _order(atom: Expr) -> tuple[bool, str]:
    return isinstance(atom, Weight), repr(atom)
