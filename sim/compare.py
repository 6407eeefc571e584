"""Compare recordings: identical, within tolerance or budget, diverged, or metrics.

Two recordings in, a Verdict out. Recordings of different programs, stimuli, seeds,
profiles or lengths are refused: their difference would say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..diagnostics import require_no_errors
from ..hardware.program import Program
from .comparable import (
    SAME_BITS,
    SAME_REPLAY,
    SAME_RUN,
    Pairs,
    Rows,
    check_provenance,
    check_replay,
    common_finals,
    common_variables,
    require_something,
    unknown_fields,
)
from .compare_budget import check_budgets
from .divergence import Difference, first_difference, first_divergence
from .metrics import spike_metrics, value_metrics
from .recording import Recording, in_rule_units, split_index
from .spike_train_distances import missing_packages, spike_train_distances
from .tolerance import TOLERANCE, FloatAgreement, agreement
from .verdict import BudgetCheck, Judge, Level, VariableCheck, Verdict


def compare(
    first: Recording,
    second: Recording,
    *,
    program: Program | None = None,
    tolerance: float = TOLERANCE,
) -> Verdict:
    """Compare two recordings of one run.

    Both in stored integers, or of one float backend: every bit of all common variables.
    Of two float backends: spikes exactly, floats within the tolerance.
    One in rule units: if it replays the other, its weights against the program's error
    budgets; else metrics without a verdict.

    Parameters
    ----------
    first, second
        The recordings; the verdict names them by their backends.
    program
        Their Program, to explain a diverging weight by the products behind it.
    tolerance
        Floats a and b agree if |a - b| <= tolerance * (1 + max(|a|, |b|)).

    Raises
    ------
    LaharError
        V601 to V604 if they cannot be compared, V608 and V609 for a missing budget.

    """
    if first.provenance.units == second.provenance.units:
        unchecked = _require_same(first, second, SAME_BITS)
        verdict = _compare_values(first, second, program, tolerance)
        return replace(verdict, unchecked=unchecked)
    stored, rule = first, second
    if first.provenance.units == "rule":
        stored, rule = second, first
    if rule.provenance.open_loop_of is None:
        unchecked = _require_same(first, second, SAME_RUN)
        return _compare_loosely(first, second, unchecked)
    unchecked = _require_same(first, second, SAME_REPLAY)
    require_no_errors(check_replay(stored, rule))
    return _judge_budgets(first, second, check_budgets(stored, rule), unchecked)


def _require_same(
    first: Recording, second: Recording, fields: Sequence[str]
) -> tuple[str, ...]:
    """Refuse recordings of different runs; list what one of the two does not know."""
    require_no_errors(check_provenance(first, second, fields))
    return unknown_fields(first, second, fields)


def compare_all(
    recordings: Sequence[Recording],
    *,
    program: Program | None = None,
    tolerance: float = TOLERANCE,
) -> tuple[Verdict, ...]:
    """Compare the first recording with each of the others."""
    first, *others = recordings
    return tuple(
        compare(first, other, program=program, tolerance=tolerance) for other in others
    )


def _judge_of(name: str, first: Recording, second: Recording) -> Judge:
    own = first.lava_own | second.lava_own
    return "lava" if split_index(name)[0] in own else "lahar"


def _compare_values(
    first: Recording, second: Recording, program: Program | None, tolerance: float
) -> Verdict:
    variables = common_variables(first, second)
    finals = common_finals(first, second)
    require_something(first, second, variables, finals)
    steps = first.provenance.steps
    floats = _float_agreement(first, second, variables, finals, tolerance)
    allowed = None if floats is None else tolerance
    found = list(_differences(variables, finals, steps, allowed))
    return Verdict(
        level=_level(bool(found), floats),
        first=first.provenance.backend,
        second=second.provenance.backend,
        steps=steps,
        variables=tuple(_checks(first, second, variables, finals)),
        divergence=first_divergence(found, first, program) if found else None,
        floats=floats,
        not_kept=_not_kept(first, second),
    )


def _float_agreement(
    first: Recording,
    second: Recording,
    variables: Pairs,
    finals: Pairs,
    tolerance: float,
) -> FloatAgreement | None:
    """Measure the floats of two float backends; None where every bit counts."""
    a, b = first.provenance, second.provenance
    if a.units == "stored" or a.backend == b.backend:
        return None
    return agreement([*variables.items(), *finals.items()], tolerance)


def _level(parted: bool, floats: FloatAgreement | None) -> Level:
    if parted:
        return "diverged"
    if floats is None or not floats.differing:
        return "identical"
    return "within tolerance"


def _not_kept(first: Recording, second: Recording) -> dict[str, tuple[str, ...]]:
    """Name what was to be recorded and is not there, by backend."""
    sides = (first, second)
    return {r.provenance.backend: r.not_kept for r in sides if r.not_kept}


def _differences(
    variables: Pairs, finals: Pairs, steps: int, tolerance: float | None
) -> Iterator[Difference]:
    parted = set()
    for name, (a, b) in variables.items():
        difference = first_difference(name, a, b, tolerance=tolerance)
        if difference is not None:
            parted.add(name)
            yield difference
    for name, (a, b) in finals.items():
        if name not in parted:
            last = steps - 1
            end = first_difference(name, a[None], b[None], last, tolerance)
            yield from () if end is None else (end,)


def _checks(
    first: Recording, second: Recording, *found: Pairs
) -> Iterator[VariableCheck]:
    """Count the compared values: steps times elements, or the last step's alone."""
    counts: dict[str, int] = {}
    for pairs in found:
        for name, (a, _) in pairs.items():
            counts.setdefault(name, a.size)
    for name, count in counts.items():
        yield VariableCheck(name, count, _judge_of(name, first, second))


def _judge_budgets(
    first: Recording,
    second: Recording,
    checks: tuple[BudgetCheck, ...],
    unchecked: tuple[str, ...],
) -> Verdict:
    names = {f"{c.connection}.weights": c.synapses for c in checks}
    return Verdict(
        level="diverged" if any(c.outside for c in checks) else "within budget",
        first=first.provenance.backend,
        second=second.provenance.backend,
        steps=first.provenance.steps,
        variables=tuple(
            VariableCheck(name, count, _judge_of(name, first, second))
            for name, count in names.items()
        ),
        budgets=checks,
        unchecked=unchecked,
    )


# --- closed loops -----------------------------------------------------------------


def _compare_loosely(
    first: Recording, second: Recording, unchecked: tuple[str, ...]
) -> Verdict:
    variables = {n: p for n, p in _readable(first, second) if _is_value_of_run(n)}
    weights = {
        name: pair
        for name, pair in common_finals(first, second).items()
        if name.endswith(".weights") and _has_view(name, first, second)
    }
    require_something(first, second, variables, weights)
    dt_seconds = first.provenance.dt_seconds
    metrics: dict[str, dict[str, float]] = {}
    for name, (a, b) in {**variables, **weights}.items():
        a, b = _in_rule_units(name, a, first), _in_rule_units(name, b, second)
        if name.endswith(".s_out"):
            metrics[name] = spike_metrics(a, b, dt_seconds)
            metrics[name] |= spike_train_distances(a, b, dt_seconds)
        else:
            metrics[name] = value_metrics(a, b)
    return Verdict(
        level="metrics",
        first=first.provenance.backend,
        second=second.provenance.backend,
        steps=first.provenance.steps,
        variables=tuple(_checks(first, second, variables, weights)),
        metrics=metrics,
        unchecked=unchecked,
        metrics_need=missing_packages(),
        not_kept=_not_kept(first, second),
    )


def _readable(
    first: Recording, second: Recording
) -> Iterator[tuple[str, tuple[Rows, Rows]]]:
    for name, pair in common_variables(first, second).items():
        if name.endswith(".s_out") or _has_view(name, first, second):
            yield name, pair


def _is_value_of_run(name: str) -> bool:
    """Tell whether all steps count; of weights only the last values do."""
    return not name.endswith(".weights")


def _has_view(name: str, first: Recording, second: Recording) -> bool:
    """Tell whether a stored variable can be read in the rule's units."""
    stored = first if first.provenance.units == "stored" else second
    return any(v.variable == split_index(name)[0] for v in stored.views)


def _in_rule_units(name: str, values: Rows, recording: Recording) -> Rows:
    return np.asarray(in_rule_units(values, recording.view(name)))
