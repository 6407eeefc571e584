"""Which listed synapses change alike: by what belongs to one neuron, not to a pair.

Where one random number serves all synapses and a product reads only the traces of one
side, what it adds to a weight is the same for all synapses of a neuron. With

    new(w) = the range of (clip(128 w + r) + slack) >> 7

for a product r, clip of the accumulator and of the sign, and 0 <= slack < 128, a weight
in its range becomes the range of w + ((r + slack) >> 7): every clip lies outside of
what is stored, and rounding down is monotone (docs/decisions/0089).
"""

from __future__ import annotations

from ..hardware.learning import GradedSpikes, Product
from ..hardware.profile import Profile
from ..hardware.program import Connection
from .interpreter_learning import EXPONENT_BASE
from .kernel_storage import adds_weights, storage_of, sums_narrowly
from .stored_form import StoredForm, stored_form

OWN = {"x0": "yc", "y0": "xc"}
"""Whose factors a product of each gate may have: those of the other side."""


def shares_changes(connection: Connection, profile: Profile) -> bool:
    """Tell whether changes of weights are computed once for each neuron.

    The visit of a row sends its weights on besides, as they were.
    """
    learning = connection.learning
    if learning is None or connection.pairs is None:
        return False
    return (
        profile.randomness == "population"
        and profile.update_rounding == "stochastic"
        and learning.epoch_steps == 1
        and learning.graded_spikes == GradedSpikes.REGULAR
        and adds_weights(connection)
        and sums_narrowly(connection)
        and all(_is_of_one_side(p) for p in learning.products)
        and all(_once(learning.products, gate) for gate in OWN)
        and "exists_w" not in storage_of(connection, profile)
        and _clips_outside(stored_form("w", connection, profile), profile)
    )


def _is_of_one_side(product: Product) -> bool:
    sides = OWN.get(product.gate, "")
    return product.target == "w" and all(
        f.variable[0] in sides for f in product.factors
    )


def _once(products: tuple[Product, ...], gate: str) -> bool:
    """Tell whether nothing is clipped between products."""
    return sum(p.gate == gate for p in products) <= 1


def _clips_outside(form: StoredForm, profile: Profile) -> bool:
    """Tell whether no clip but the last one decides what is stored."""
    if form.grid_bits > 0:
        return False  # a weight that is not on the grid would be brought there
    if form.never_negative and form.low != 0:
        return False
    if form.never_positive and form.high != 0:
        return False
    low, high = form.low << EXPONENT_BASE, form.high << EXPONENT_BASE
    most = profile.widths.accumulator_max
    return not profile.accumulator_clips or (
        profile.accumulator_low <= low and high <= most
    )
