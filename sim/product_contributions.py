"""What the products of a learning rule added at one synapse, from a recording.

A recording, a step and a synapse in; each product whose gate was open out, with the
values of its factors. Uses the recording's own state, so it explains what that side
computed (docs/semantics.md section 7).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..hardware.profile import PROFILES, Profile
from ..hardware.program import Connection, Factor, Learning, Product, Program
from ..hardware.program_text import format_factor, format_product
from .initial_weights import initial_weights
from .interpreter_learning import (
    EXPONENT_BASE,
    FACTOR_BITS,
    decimated_gate,
    product_shift,
)
from .operations import clip_factor, scale_product, sign_of, to_int32
from .recording import Recording
from .verdict import ProductContribution

SYNAPSE_TARGETS = {"weights": "w", "tag_1": "t", "tag_2": "d"}
SYNAPSE_SUFFIXES = {target: suffix for suffix, target in SYNAPSE_TARGETS.items()}


def explain(
    program: Program, recording: Recording, variable: str, row: int, post: int, pre: int
) -> Iterator[ProductContribution]:
    """Give the products that wrote a synaptic variable in a step (row + 1).

    Products whose gate was shut are left out; a gate that nobody recorded counts as
    open, with an unknown amount.
    """
    owner, _, suffix = variable.rpartition(".")
    connection = next((c for c in program.connections if c.name == owner), None)
    if connection is None or connection.learning is None:
        return
    profile = PROFILES.get(recording.provenance.profile or "")
    synapse = Synapse(
        connection, connection.learning, profile, recording, row, post, pre
    )
    for product in connection.learning.products:
        if product.target == SYNAPSE_TARGETS.get(suffix) and synapse.gate(product) != 0:
            yield synapse.contribution(product)


@dataclass(frozen=True)
class Synapse:
    """One synapse in the learning phase of one step, as a recording shows it.

    With an epoch of one step, traces read as they were recorded in that step. With a
    longer one their values at the time of a spike are in no recording: unknown. Third
    factors read as the neuron sent them.
    """

    connection: Connection
    learning: Learning
    profile: Profile | None
    recording: Recording
    row: int
    post: int
    pre: int

    def gate(self, product: Product) -> int | None:
        """Tell whether a product's gate was open: 1, 0, or None if nobody knows."""
        step = self.row + 1
        if step % self.learning.epoch_steps:
            return 0
        if product.gate == "u":
            return decimated_gate(self.learning, step)
        return self._value(product.gate)

    def contribution(self, product: Product) -> ProductContribution:
        """Compute what a product adds; unknown if one of its factors is."""
        values = [self._factor(f) for f in product.factors]
        known = [v for v in values if v is not None]
        amount = None
        if self.gate(product) is not None and len(known) == len(values):
            amount = self._amount(product, known)
        names = [format_factor(f) for f in product.factors]
        factors = tuple(zip(names, values, strict=True))
        return ProductContribution(format_product(product), factors, amount)

    def _amount(self, product: Product, values: list[int]) -> int | None:
        if self.profile is None:
            return None
        r = np.ones(1, np.int64)
        for value, factor in zip(values, product.factors, strict=True):
            clipped = clip_factor(np.full(1, value), FACTOR_BITS[factor.variable])
            r = to_int32(r * clipped)
        r = to_int32(r * product.mantissa)
        shift = product_shift(product, self.profile)
        exponent = product.exponent + EXPONENT_BASE
        low = self.profile.accumulator_low
        return int(scale_product(r, shift, exponent, low)[0])

    def _factor(self, factor: Factor) -> int | None:
        value = 0 if factor.variable == "c" else self._value(factor.variable)
        if value is None:
            return None
        total = value + factor.constant
        return int(sign_of(np.full(1, total))[0]) if factor.sign else total

    def _value(self, variable: str) -> int | None:
        """Read a variable as this step's learning phase saw it."""
        match variable:
            case "x0":
                return self._spiked(self.connection.source, self.pre)
            case "y0":
                return self._spiked(self.connection.target, self.post)
            case "w" | "t" | "d":
                return self._old(variable)
            case _ if self.learning.epoch_steps > 1:
                return None
            case _:
                index = self.pre if variable.startswith("x") else self.post
                return self._read(f"{self.connection.name}.{variable}", self.row, index)

    def _spiked(self, population: str, index: int) -> int | None:
        """Tell whether a neuron spiked in the epoch that ends with this step."""
        epoch = range(self.row + 1 - self.learning.epoch_steps, self.row + 1)
        values = [self._read(f"{population}.s_out", row, index) for row in epoch]
        return None if None in values else int(any(values))

    def _old(self, variable: str) -> int | None:
        """Read a synaptic variable as it stood before the step."""
        if self.row:
            name = f"{self.connection.name}.{SYNAPSE_SUFFIXES[variable]}"
            return self._read(name, self.row - 1, self.post, self.pre)
        if variable != "w":
            return 0
        if self.profile is None:
            return None
        start = initial_weights(self.connection, self.profile)
        return int(start[self.post, self.pre])

    def _read(self, name: str, row: int, *index: int) -> int | None:
        values: npt.NDArray[Any] | None = self.recording.variables.get(name)
        place = (row, *index)
        return None if values is None else int(values[place])
