"""What the fitted terms add to a synapse, for a sample of synapses.

In: the terms of a rule with the products that the compiler chose for them, and what
those read. Out: for each target a function of a step and of the stored weight and tags:
the sum in the accumulator's unit, floors of shifted products included. What the floors
take is counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..hardware.chip import Range
from ..rules.expr import Expr, Name, Spike, Weight
from .array_expressions import Floats, State, Stepwise
from .draft import Draft, FittedTerm, SynapseDraft
from .sign_atoms import sign_parts

ReadFactor = Callable[[State], Any]


class FloorLoss:
    """LSB that the floors of one term took from each synapse of a sample so far."""

    def __init__(self) -> None:
        self.taken: Any = 0.0

    def floored(self, product: Floats, unit: float) -> Floats:
        """Floor what is worth ``unit`` LSB a count, and keep the books."""
        floors: Floats = np.floor(product)
        self.taken = self.taken + (product - floors) * unit
        return floors

    @property
    def mean(self) -> float:
        """Give the loss of an average synapse."""
        taken: Floats = np.atleast_1d(self.taken)
        return float(taken.sum()) / taken.shape[-1]


def target_of(name: str) -> Expr:
    """Give the node that stands for a target in expressions."""
    return Weight() if name == "w" else Name(name)


def sums_of_products(
    draft: Draft,
    synapse: SynapseDraft,
    stored: Mapping[str, Floats],
    gates: Sequence[Floats],
    losses: Sequence[FloorLoss],
) -> dict[Expr, Stepwise]:
    """Give for each target what its products add up to, 2**fraction_bits an LSB.

    ``stored`` has what products read by symbol, ``gates`` is 1 where a fitted term
    acts; arrays (steps, synapses). ``losses`` of each term are counted as steps go by.
    """
    lift = 2.0**draft.chip.accumulator_fraction_bits.value
    constants = draft.chip.factor_constant.value
    found: dict[Expr, Stepwise] = {}
    for name in dict.fromkeys(f.term.target for f in synapse.fitted):
        terms = [
            (fitted, gate, loss)
            for fitted, gate, loss in zip(synapse.fitted, gates, losses, strict=True)
            if fitted.term.target == name
        ]
        found[target_of(name)] = _sum(terms, synapse, stored, constants, lift)
    return found


def _sum(
    terms: list[tuple[FittedTerm, Floats, FloorLoss]],
    synapse: SynapseDraft,
    stored: Mapping[str, Floats],
    constants: Range,
    lift: float,
) -> Stepwise:
    fixed: Floats | None = None
    moving: list[Stepwise] = []
    for fitted, gate, loss in terms:
        known = gate
        state: list[ReadFactor] = []
        for atom in fitted.term.atoms:
            array = _known_factor(atom, stored)
            if array is None:
                state.append(_state_factor(atom, synapse, constants))
            else:
                known = known * array
        if state:
            moving += _moving(fitted, known, state, lift, loss)
        else:
            value = _shifted(fitted, known, lift, loss)
            fixed = value if fixed is None else fixed + value
    return _together(fixed, moving)


def _together(fixed: Floats | None, moving: list[Stepwise]) -> Stepwise:
    def add_up(step: int, state: State) -> Any:
        total: Any = 0.0 if fixed is None else fixed[step]
        for part in moving:
            total = total + part(step, state)
        return total

    return add_up


def _shifted(
    fitted: FittedTerm, product: Floats, lift: float, loss: FloorLoss
) -> Floats:
    """Scale a product by each of its fits; a shift to the right floors."""
    total: Floats = np.zeros_like(product)
    for fit in fitted.fits:
        scaled = product * (fit.mantissa * 2.0**-fitted.shift)
        if fitted.shift:
            scaled = loss.floored(scaled, 2.0**fit.exponent)
        total = total + scaled * (2.0**fit.exponent * lift)
    return total


def _moving(
    fitted: FittedTerm,
    known: Floats,
    state: list[ReadFactor],
    lift: float,
    loss: FloorLoss,
) -> Iterator[Stepwise]:
    for fit in fitted.fits:
        # Powers of two are exact, so the floor is the engine's own.
        unit = known * (fit.mantissa * 2.0**-fitted.shift)
        worth = 2.0**fit.exponent
        if not fitted.shift:
            yield _plain(unit * (worth * lift), state)
        else:
            yield _floored(_plain(unit, state), worth, lift, loss)


def _plain(unit: Floats, state: list[ReadFactor]) -> Stepwise:
    def value(step: int, values: State) -> Any:
        product = unit[step]
        for read in state:
            product = product * read(values)
        return product

    return value


def _floored(product: Stepwise, worth: float, lift: float, loss: FloorLoss) -> Stepwise:
    gain = worth * lift
    return lambda step, values: loss.floored(product(step, values), worth) * gain


# --- factors ----------------------------------------------------------------------


def _known_factor(atom: Expr, stored: Mapping[str, Floats]) -> Floats | None:
    """Give what a product reads, unless it is the weight, a tag or a sign of one."""
    match atom:
        case Spike(side=side):
            return stored[side]
        case Name(name=name):
            return stored.get(name)
        case _:
            return None


def _state_factor(atom: Expr, synapse: SynapseDraft, constants: Range) -> ReadFactor:
    """Read the weight or a tag, or the sign of one less the integer threshold."""
    sign = sign_parts(atom)
    if sign is None:
        return lambda state: state[atom]
    variable = sign.variable
    name = variable.name if isinstance(variable, Name) else "w"
    threshold = float(sign.stored(synapse.scales[name], constants))
    return lambda state: np.sign(state[variable] - threshold)
