"""Judge learned weights by the error that the compiler predicted.

A recording in stored integers and the open loop that replays it in; for each connection
with a budget the synapse that is worst off out (hardware/program.py, Budget).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from ..hardware.budget import Budget
from ..hardware.program import View
from .recording import Recording
from .verdict import BudgetCheck

Floats = npt.NDArray[np.float64]

DEVIATIONS = 4.0  # of a random walk; of many synapses one exceeds it by chance
ROUNDING_LSB = 1.0  # initial weights are rounded, and so is the result


@dataclass(frozen=True)
class NoBudget(Diagnostic):
    """There is no predicted error to judge the weights by.

    Budgets come with a program that lahar compiled and that learns.
    """

    code = "V608"
    title = "the recording of {backend} carries no error budget"
    note = "a verdict needs a budget: the compiler writes one for each rule"
    help = "compile the rule with lahar, and record that program"

    backend: str


@dataclass(frozen=True)
class BudgetNeeds(Diagnostic):
    """A value that the budget is computed from is missing.

    An open loop counts for every synapse how often and how far it moved; without
    these counts a bound would be a guess.
    """

    code = "V609"
    title = "the recording of {backend} lacks `{name}`, which the budget needs"
    note = "needed are final weights and their view, and an open loop's counts"
    help = "run the reference with given=recording"

    backend: str
    name: str


def check_budgets(stored: Recording, rule: Recording) -> tuple[BudgetCheck, ...]:
    """Check the final weights of every connection that has a budget.

    Raises
    ------
    LaharError
        V608 without any budget, V609 if a value is missing.

    """
    budgets = stored.budgets or rule.budgets
    if not budgets:
        raise LaharError(NoBudget(stored.provenance.backend))
    require_no_errors(d for b in budgets for d in _missing(b, stored, rule))
    return tuple(_check(b, stored, rule) for b in budgets)


def _missing(
    budget: Budget, stored: Recording, rule: Recording
) -> Iterator[Diagnostic]:
    name = f"{budget.connection}.weights"
    if name not in stored.final:
        yield BudgetNeeds(stored.provenance.backend, name)
    if _view(name, stored) is None:
        yield BudgetNeeds(stored.provenance.backend, f"view of {name}")
    for suffix in ("weights", "updates", "travel"):
        if f"{budget.connection}.{suffix}" not in rule.final:
            name = f"{budget.connection}.{suffix}"
            yield BudgetNeeds(rule.provenance.backend, name)


def _view(name: str, stored: Recording) -> View | None:
    return next((v for v in stored.views if v.variable == name), None)


def _check(budget: Budget, stored: Recording, rule: Recording) -> BudgetCheck:
    name = budget.connection
    view = _view(f"{name}.weights", stored)
    assert view is not None, "checked before"
    wanted = _floats(rule.final[f"{name}.weights"]) * view.scale + view.offset
    error = np.abs(_floats(stored.final[f"{name}.weights"]) - wanted)
    updates = _floats(rule.final[f"{name}.updates"])
    travel = _floats(rule.final[f"{name}.travel"]) * abs(view.scale)
    bound = bound_lsb(budget, updates, travel)
    worst = np.unravel_index(int(np.argmax(error / bound)), error.shape)
    return BudgetCheck(
        connection=name,
        synapses=error.size,
        outside=int((error > bound).sum()),
        index=tuple(int(k) for k in worst),
        error=float(error[worst]),
        bound=float(bound[worst]),
        updates=float(updates[worst]),
        travel=float(travel[worst]),
    )


def bound_lsb(budget: Budget, updates: Floats, travel: Floats) -> Floats:
    """Give the largest error of each synapse that the compiler's prediction allows.

    If the errors are as predicted, the chance that any synapse of the connection is
    outside is below exp(-DEVIATIONS**2 / 2), however many there are.
    """
    deviations = np.sqrt(DEVIATIONS**2 + 2.0 * math.log(max(updates.size, 1)))
    walk = deviations * np.sqrt(budget.variance_per_update * updates)
    drift = abs(budget.bias_per_update) * updates
    bound: Floats = budget.relative * travel + drift + walk + ROUNDING_LSB
    return bound


def _floats(values: npt.NDArray[Any]) -> Floats:
    return np.asarray(values, np.float64)
