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

from ..diagnostics import LaharError
from ..hardware.learning import Factor, GradedSpikes, Learning, Product, Target
from ..hardware.profile import Profile, find_profile
from ..hardware.program import Connection, Program
from ..hardware.program_text import format_factor, format_product
from .initial_weights import initial_weights
from .interpreter_learning import decimated_gate, scaled
from .operations import clip_factor, sign_of
from .product_words import word_of
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
    profile = _profile_of(recording)
    synapse = Synapse(
        connection, connection.learning, profile, recording, row, post, pre
    )
    for product in connection.learning.products:
        if product.target != SYNAPSE_TARGETS.get(suffix):
            continue
        if synapse.exists(product.target) and synapse.gate(product) != 0:
            yield synapse.contribution(product)


def _profile_of(recording: Recording) -> Profile | None:
    """Find whose arithmetic was computed; None if this lahar does not know it."""
    try:
        return find_profile(recording.provenance.profile or "")
    except LaharError:
        return None


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

    @property
    def _place(self) -> tuple[int, ...]:
        """Where it is in arrays of the connection's synapses."""
        pairs = self.connection.pairs
        if pairs is None:
            return self.post, self.pre
        start, stop = pairs.starts[self.pre], pairs.starts[self.pre + 1]
        return (int(start + np.searchsorted(pairs.posts[start:stop], self.post)),)

    def exists(self, target: Target) -> bool:
        """Tell whether the synapse has the variable."""
        mask = self.connection.exists.get(target)
        return mask is None or bool(mask[self._place])

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
        widths = self.profile.widths
        word = word_of(widths)
        r = word.held(np.ones(1, np.int64))
        for value, factor in zip(values, product.factors, strict=True):
            bits = widths.factor_bits(factor.variable)
            r = word.wrapped(r * clip_factor(np.full(1, value), bits))
        return int(scaled(product, r, self.profile)[0])

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
                return self._pre_spiked()
            case "y0":
                return self._post_spiked()
            case "w" | "t" | "d":
                return self._old(variable)
            case _ if self.learning.epoch_steps > 1:
                return None
            case _ if self._is_silent_trace(variable):
                return None
            case _:
                index = self.pre if variable.startswith("x") else self.post
                return self._read(f"{self.connection.name}.{variable}", self.row, index)

    def _is_silent_trace(self, variable: str) -> bool:
        """Tell whether a y trace decays in a phase and is then put back."""
        sent = bool(self.learning.third_factors)
        heard = self.learning.uses_post_event
        return variable.startswith("y") and not sent and not heard

    def _pre_spiked(self) -> int | None:
        if self.learning.graded_spikes == GradedSpikes.ADD_WITHOUT_SATURATION:
            return None  # only what makes x1 overflow counts
        return self._spiked(self.connection.source, self.pre)

    def _post_spiked(self) -> int | None:
        if not self.learning.uses_post_event:
            return 0
        event = self.connection.feedback.get("event", self.connection.target)
        return self._spiked(event, self.post) if event else 0

    def _spiked(self, source: str, index: int) -> int | None:
        """Tell whether a neuron spiked in the epoch that ends with this step."""
        epoch = range(self.row + 1 - self.learning.epoch_steps, self.row + 1)
        name = f"{source}.s_out"
        if name not in self.recording.variables:
            name = f"{source}.a_in"  # a wire; recorded if it is a sink
        values = [self._read(name, row, index) for row in epoch]
        return None if None in values else int(any(values))

    def _old(self, variable: str) -> int | None:
        """Read a synaptic variable as it stood before the step."""
        weights = self.connection.weights
        place = int(np.ravel_multi_index(self._place, weights.shape))
        suffix = SYNAPSE_SUFFIXES[variable]
        if self.row:
            return self._read(f"{self.connection.name}.{suffix}", self.row - 1, place)
        if variable != "w":
            first = self.connection.initial.get(suffix)
            return 0 if first is None else int(first[self._place])
        if self.profile is None:
            return None
        start = initial_weights(self.connection, self.profile)
        return int(start[self._place])

    def _read(self, name: str, row: int, element: int) -> int | None:
        """Read an element, counted in C order whatever the shape of a step."""
        values: npt.NDArray[Any] | None = self.recording.variables.get(name)
        return None if values is None else int(values[row].flat[element])
