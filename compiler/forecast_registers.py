"""Weights and tags of a sample of synapses: as wanted, and as the chip stores them.

In: what a step adds to each, by the rule and by the products. Out: both after all
steps. Stored values are rounded at random to their grid and stop at its ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..hardware.formats import weight_step
from ..rules.expr import Expr, Name, Weight
from .array_expressions import Floats, Stepwise
from .connections import store_weights
from .draft import Draft, SynapseDraft, Term
from .forecast_bits import Bits, Shape
from .forecast_moments import Moments
from .small_updates import hands_on
from .weights import sign_mode_of

WEIGHT = Weight()


@dataclass(frozen=True)
class Grid:
    """Multiples of ``step`` within [low, high]; ``noise`` rounds to them."""

    step: float
    low: float
    high: float
    noise: Floats  # (moments, synapses), even in [0, step) of the accumulator

    def rounded(self, accumulator: Floats, lift: float, moment: int) -> Floats:
        """Round at random: the nearer a multiple, the likelier."""
        size = self.step * lift
        whole = np.floor((accumulator + self.noise[moment]) * (1.0 / size))
        limited: Floats = np.maximum(whole * self.step, self.low)
        return np.minimum(limited, self.high, out=limited)


class Registers:
    """The state of a sample of synapses, in the rule's units and in LSB."""

    def __init__(
        self,
        draft: Draft,
        synapse: SynapseDraft,
        weights: Floats,
        bits: Bits,
        moments: Moments,
    ) -> None:
        self.synapse, self.epoch = synapse, draft.epoch_steps
        self.fraction_bits = draft.chip.accumulator_fraction_bits.value
        self.lift = 2.0**self.fraction_bits
        self.limit = 2.0 ** (draft.chip.accumulator_bits.value - 1)
        projection = draft.network.projection(synapse.projection)
        mode = sign_mode_of(projection)
        low, high = draft.chip.weight_ranges.value[mode]
        step = weight_step(draft.chip.weight_bits.value, mode)
        shape = moments.shape
        start = _spread(weights, shape[1])
        stored = store_weights(start, synapse.scales["w"], mode, draft)
        self.wanted: dict[Expr, Floats] = {WEIGHT: start}
        self.stored: dict[Expr, Floats] = {WEIGHT: stored.astype(np.float64)}
        self.grids: dict[Expr, Grid] = {
            WEIGHT: self._grid(step, (low, high), bits, shape)
        }
        self.kept: dict[Expr, float] = {}
        for tag in synapse.tags:
            name = Name(tag.name)
            self.wanted[name] = self.stored[name] = np.zeros(shape[1])
            self.grids[name] = self._grid(1, draft.chip.tag.value, bits, shape)
            forgets = 0.0 if tag.tau_steps is None else 1.0 / tag.tau_steps
            self.kept[name] = math.exp(-forgets)
        self.way = np.zeros(shape[1])

    def _grid(
        self, step: int, limits: tuple[int, int], bits: Bits, shape: Shape
    ) -> Grid:
        width = self.fraction_bits + step.bit_length() - 1
        noise = bits.halves(shape) >> (16 - width)
        return Grid(step, *limits, noise.astype(np.float64))

    def follow(
        self,
        changes: Mapping[Expr, Stepwise],
        sums: Mapping[Expr, Stepwise],
        moments: range,
    ) -> None:
        """Let rule and products act at some moments, one after the other."""
        added: dict[Expr, Any] = dict.fromkeys(sums, 0.0)
        for moment in moments:
            self._learn_exactly(changes, moment)
            for target, total in sums.items():
                added[target] = added[target] + total(moment, self.stored)
            if (moment + 1) % self.epoch == 0:
                self._write(added, moment)
                added = dict.fromkeys(sums, 0.0)

    def _learn_exactly(self, changes: Mapping[Expr, Stepwise], moment: int) -> None:
        """Write all variables from their old values: docs/semantics.md section 2."""
        old = self.wanted
        change = {target: f(moment, old) for target, f in changes.items()}
        new = {tag: old[tag] * kept for tag, kept in self.kept.items()}
        for target, value in change.items():
            if target == WEIGHT:
                low, high = self.synapse.bounds
                weight = np.minimum(np.maximum(old[WEIGHT] + value, low), high)
                self.way += np.abs(weight - old[WEIGHT])
                new[WEIGHT] = weight
            else:
                new[target] = new[target] + value
        self.wanted = {**old, **new}

    def _write(self, added: Mapping[Expr, Any], moment: int) -> None:
        new = {}
        for target, total in added.items():
            accumulator = self.stored[target] * self.lift + total
            limited = np.minimum(accumulator, self.limit - 1)
            limited = np.maximum(limited, -self.limit, out=limited)
            new[target] = self.grids[target].rounded(limited, self.lift, moment)
        self.stored = {**self.stored, **new}

    def error(self) -> Floats:
        """Give stored less wanted weights, in LSB."""
        wanted = self.wanted[WEIGHT] * self.synapse.scales["w"]
        return np.asarray(self.stored[WEIGHT] - wanted)

    def travel(self) -> Floats:
        """Give the way that the wanted weights went, in LSB."""
        travel: Floats = self.way * abs(self.synapse.scales["w"])
        return travel


def is_decay(term: Term) -> bool:
    """Tell whether a term is of a tag itself, its decay or a step that it hands on."""
    return term.text == f"decay of {term.target}" or hands_on(term)


def _spread(weights: Floats, count: int) -> Floats:
    """Take so many of the initial weights, from all over the projection."""
    places = np.arange(count) * weights.size // count % max(weights.size, 1)
    return np.asarray(weights.ravel()[places], np.float64)
