"""Say what became of a rule: a line for each term, a rounding for each number.

In: a quantised rule and what was stored. Out: entries of the report, as plain data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ..hardware.chip import Range
from ..hardware.program import IntArray
from ..hardware.report import Rounding, TermReport, TermStatus
from ..pairs import PART
from ..rules.expr import Name
from ..rules.network import FloatArray, Projection
from ..rules.printer import print_expr
from .approximation import Approximation
from .connections import engine_traces, factor_of, scale_of
from .draft import FittedTerm, SynapseDraft, Term
from .host_terms import asked_of_the_host
from .sign_atoms import sign_parts
from .small_updates import COLLECTOR, PARTS, hands_on


def worst_weight(projection: Projection, stored: IntArray, scale: float) -> Rounding:
    """Log the weight that rounding moved most; the others moved less.

    The line is that of the projection, or of the rule that it was made for.
    """
    worst = _worst(projection.weights.ravel(), stored.ravel(), scale)
    pairs = projection.pairs
    index = (
        np.unravel_index(worst, stored.shape) if pairs is None else pairs.ends(worst)
    )
    where = "[" + ", ".join(str(int(k)) for k in index) + "]"
    name = f"{projection.name}.weights{where} (the largest of {stored.size})"
    rule = projection.rule
    span = projection.span or (None if rule is None else rule.span)
    wanted = float(projection.weights.flat[worst])
    got = float(stored.flat[worst] / scale)
    return Rounding(name, wanted, got, str(span or ""))


def _worst(weights: FloatArray, stored: IntArray, scale: float) -> int:
    """Find the largest error, part by part: there may be very many weights."""
    worst, largest = 0, -1.0
    for start in range(0, weights.size, PART):
        part = slice(start, start + PART)
        error = np.abs(stored[part] / scale - weights[part])
        first = int(error.argmax())
        if error[first] > largest:
            worst, largest = start + first, float(error[first])
    return worst


def learning_roundings(synapse: SynapseDraft, constants: Range) -> list[Rounding]:
    """Log the time constants and coefficients of a rule that changed."""
    found = []
    engine = engine_traces(synapse)
    for trace in synapse.traces:
        kept = engine.get(synapse.slots.get(trace.name, ""))
        if kept is not None:  # else nobody reads it, or the neuron keeps it
            name = f"{synapse.projection}.{trace.name}.tau"
            where = str(trace.span or synapse.rule.span or "")
            found.append(Rounding(name, trace.tau_steps, kept.tau_steps, where))
    for fitted in synapse.fitted:
        term = fitted.term
        got = term.coefficient * fitted.got / fitted.wanted
        name = f"{synapse.projection}.d{term.target}: {term.text}"
        found.append(Rounding(name, term.coefficient, got, term.where))
    for lost in synapse.left_out:
        name = f"{synapse.projection}.d{lost.term.target}: {lost.term.text}"
        found.append(Rounding(name, lost.term.coefficient, 0.0, lost.term.where))
    thresholds = _threshold_roundings(synapse, constants)
    return [*function_roundings(synapse), *found, *thresholds]


def _threshold_roundings(synapse: SynapseDraft, constants: Range) -> Iterator[Rounding]:
    """Log every threshold once: the engine compares with an integer."""
    seen = set()
    for fitted in synapse.fitted:
        for atom in fitted.term.atoms:
            sign = sign_parts(atom)
            if sign is not None and sign not in seen:
                seen.add(sign)
                scale = scale_of(sign.variable, synapse)
                got = sign.stored(scale, constants) / scale
                shown = print_expr(sign.variable)
                name = f"{synapse.projection}: threshold of {shown}"
                yield Rounding(name, sign.threshold.value, got, fitted.term.where)


def term_reports(
    synapse: SynapseDraft,
    constants: Range,
    hosts: Mapping[str, tuple[str, ...]],
    bits: int,
) -> Iterator[TermReport]:
    """Say for each term of a rule where it went, and at what error.

    ``hosts`` has the host's modulators behind each value that is sent, in ``bits``.

    Functions of the weight come last; the products that stand for them are among the
    terms, in whose order the Program counts.
    """
    sent = {v.symbol for v in synapse.values}
    for fitted in synapse.fitted:
        term = fitted.term
        names = {a.name for a in term.atoms if isinstance(a, Name)}
        exact = fitted.relative_error < 1e-12
        status: TermStatus = "exact" if exact else "approximated"
        if names & sent:
            status = "neuron-side"
        asked = {m for name in names for m in hosts.get(name, ())}
        if asked:
            status = "host-assisted"
        yield TermReport(
            connection=synapse.projection,
            target="dw" if term.target == COLLECTOR else f"d{term.target}",
            term=term.text,
            status=status,
            how=_how(synapse, fitted, constants)
            + _where(term)
            + asked_of_the_host(tuple(sorted(asked)), bits),
            relative_error=fitted.relative_error,
            where=term.where,
        )
    for lost in synapse.left_out:
        yield TermReport(
            connection=synapse.projection,
            target=f"d{lost.term.target}",
            term=lost.term.text,
            status="approximated",
            how=f"left out: at most {lost.share:.2g} of what moves it",
            relative_error=1.0,
            where=lost.term.where,
        )
    yield from _function_reports(synapse)


def _function_reports(synapse: SynapseDraft) -> Iterator[TermReport]:
    for a in synapse.approximations:
        yield TermReport(
            connection=synapse.projection,
            target=f"f({a.variable})",
            term=print_expr(a.function),
            status="approximated",
            how=f"{a.shape}: {_errors(a)}",
            relative_error=a.relative_error,
            where=str(a.function.span or ""),
        )


def _errors(a: Approximation) -> str:
    unit = a.largest_value or 1.0
    absolute = f"off by {a.largest_error:.2g} at most, {a.rms_error:.2g} rms"
    shares = f"{a.largest_error / unit:.1%} and {a.rms_error / unit:.1%}"
    return f"{absolute} ({shares} of its largest)"


def function_roundings(synapse: SynapseDraft) -> Iterator[Rounding]:
    """Log every approximated function where it is furthest off."""
    for a in synapse.approximations:
        name = f"{synapse.projection}: {print_expr(a.function)} at {a.variable} = "
        name += f"{a.worst_at:.4g}"
        yield Rounding(name, a.wanted, a.got, str(a.function.span or ""))


def _where(term: Term) -> str:
    """Say of a term that a tag collects that it does not go to the weight at once."""
    if term.target != COLLECTOR or hands_on(term):
        return ""
    return f", collected by the tag: {PARTS} of it are a step of w"


def _how(synapse: SynapseDraft, fitted: FittedTerm, constants: Range) -> str:
    factors: list[str] = [fitted.term.gate]
    for atom in fitted.term.atoms:
        factor = factor_of(atom, synapse, constants)
        inner = f"{factor.variable}{factor.constant:+d}"
        inner = inner if factor.constant else factor.variable
        shown = f"({inner})" if factor.constant or factor.sign else inner
        factors.append(f"sgn{shown}" if factor.sign else shown)
    scale = " + ".join(f"{f.mantissa}*2^{f.exponent}" for f in fitted.fits)
    if len(fitted.fits) > 1:
        scale = f"({scale})"
    note = f", shifted right by {fitted.shift}" if fitted.shift else ""
    return " * ".join([*factors, scale]) + note
