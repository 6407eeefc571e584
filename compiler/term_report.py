"""Say what became of a rule: a line for each term, a rounding for each number.

In: a quantised rule and what was stored. Out: entries of the report, as plain data.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..hardware.program import IntArray
from ..hardware.report import Rounding, TermReport, TermStatus
from ..rules.expr import Name
from ..rules.network import Projection
from .connections import engine_traces, factor_of
from .draft import FittedTerm, SynapseDraft


def worst_weight(projection: Projection, stored: IntArray, scale: float) -> Rounding:
    """Log the weight that rounding moved most; the others moved less."""
    got = stored / scale
    error = np.abs(got - projection.weights)
    worst = np.unravel_index(int(error.argmax()), error.shape)
    where = "[" + ", ".join(str(int(k)) for k in worst) + "]"
    name = f"{projection.name}.weights{where} (the largest of {error.size})"
    return Rounding(name, float(projection.weights[worst]), float(got[worst]))


def learning_roundings(synapse: SynapseDraft) -> list[Rounding]:
    """Log the time constants and coefficients of a rule that changed."""
    found = []
    engine = engine_traces(synapse)
    for trace in synapse.traces:
        kept = engine.get(synapse.slots.get(trace.name, ""))
        if kept is not None:  # else nobody reads it, or the neuron keeps it
            name = f"{synapse.projection}.{trace.name}.tau"
            found.append(Rounding(name, trace.tau_steps, kept.tau_256 / 256))
    for fitted in synapse.fitted:
        term = fitted.term
        got = term.coefficient * fitted.got / fitted.wanted
        name = f"{synapse.projection}.d{term.target}: {term.text}"
        found.append(Rounding(name, term.coefficient, got, term.where))
    return found


def term_reports(synapse: SynapseDraft) -> Iterator[TermReport]:
    """Say for each term of a rule where it went, and at what error."""
    sent = {v.symbol for v in synapse.values}
    for fitted in synapse.fitted:
        term = fitted.term
        names = {a.name for a in term.atoms if isinstance(a, Name)}
        exact = fitted.relative_error < 1e-12
        status: TermStatus = "exact" if exact else "approximated"
        if names & sent:
            status = "neuron-side"
        yield TermReport(
            connection=synapse.projection,
            target=f"d{term.target}",
            term=term.text,
            status=status,
            how=_how(synapse, fitted),
            relative_error=fitted.relative_error,
            where=term.where,
        )


def _how(synapse: SynapseDraft, fitted: FittedTerm) -> str:
    factors: list[str] = [fitted.term.gate]
    for atom in fitted.term.atoms:
        factor = factor_of(atom, synapse)
        name = factor.variable
        factors.append(f"({name}-{-factor.constant})" if factor.constant else name)
    scale = " + ".join(f"{f.mantissa}*2^{f.exponent}" for f in fitted.fits)
    if len(fitted.fits) > 1:
        scale = f"({scale})"
    note = f", shifted right by {fitted.shift}" if fitted.shift else ""
    return " * ".join([*factors, scale]) + note
