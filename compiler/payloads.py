"""Scale what graded spikes carry: how many bits a value has on its way.

In: a draft, and the weight exponents that plain spikes would have at its targets. Out:
a payload for each group that sends values. A port gets the sum of stored weight times
stored value, shifted by the weight exponent: each bit of a payload takes one from that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..hardware.formats import round_half_even
from ..rules.network import Group, Projection
from .draft import Draft, Payload
from .onto_neurons import most_sources
from .pre_values import learned_payload
from .typical import peak_of

FEWEST_BITS, MOST_BITS = 7, 12
"""Magnitude of a payload: as many bits as a weight has, and what is still worth it."""
PLAIN = Payload(1.0, 0, 0, 1)
"""A plain spike carries 1."""
SPARE_BITS = 5
"""A weight of 255 / 2**5 is 8 within 0.4 %."""
SUM_BITS = 31  # Lava sums graded products in 32 bit, signed


def full_value(draft: Draft, group: Group) -> float:
    """Give the value whose payload has the full magnitude; a plain spike is 1."""
    learned = _learned(draft, group)
    if learned is not None:
        return 2.0**learned.bits / learned.scale
    return 1.0 if group.sends is None else max(map(abs, group.sends))


def fewest_bits(draft: Draft, group: Group) -> int:
    """Give the bits that a payload has at least; 0 for plain spikes."""
    learned = _learned(draft, group)
    if learned is not None:
        return learned.bits
    return 0 if group.sends is None else FEWEST_BITS


def _learned(draft: Draft, group: Group) -> Payload | None:
    """Give the payload that the engines ask for which learn from a group's values."""
    if group.sends is None:
        return None
    sources = {p.name: p.source for p in draft.network.projections}
    followed = [
        peak_of(draft, t)
        for s in draft.synapses
        if sources[s.projection] == group.name
        for t in s.traces
        if t.carries is not None and t.name in s.slots
    ]
    return learned_payload(group, max(followed)) if followed else None


def payloads_of(draft: Draft, exponents: Mapping[str, int]) -> dict[str, Payload]:
    """Choose a payload for each group that sends values.

    ``exponents`` has for each group with neurons the weight exponent of a plain spike.
    """
    return {
        group.name: _learned(draft, group)
        or _payload(draft, group, _bits(draft, group, exponents))
        for group in draft.network.groups
        if group.sends is not None
    }


def _payload(draft: Draft, group: Group, bits: int) -> Payload:
    assert group.sends is not None
    scale = 2.0**bits / full_value(draft, group)
    low, high = (round_half_even(bound * scale) for bound in group.sends)
    return Payload(scale, bits, low, high)


def spare_bits(projection: Projection) -> int:
    """Give the bits by which weights may be smaller, since the payload is to be finer.

    Weights of one magnitude need few. What matters of a sum is then the sum's floor
    and what each value has lost on its way, so only what is summed is given any.
    """
    if projection.rule is not None:
        return 0
    weights = np.abs(projection.weights)
    alike = np.unique(weights[weights > 0]).size == 1
    if projection.pairs is None:
        sources = int((weights > 0).sum(axis=1).max(initial=0))
    else:
        sources = most_sources(projection)
    return SPARE_BITS if alike and sources > 1 else 0


def _bits(draft: Draft, group: Group, exponents: Mapping[str, int]) -> int:
    """Take what the exponents of all targets and the sums there leave."""
    lowest = draft.chip.weight_exponent.value[0]
    largest = 2.0**draft.chip.weight_bits.value
    bits = MOST_BITS
    for p in draft.network.projections:
        if p.source == group.name:
            summed = math.log2(largest * most_sources(p))
            room = exponents[p.target] - lowest + spare_bits(p)
            bits = min(bits, room, math.floor(SUM_BITS - summed))
    return max(bits, FEWEST_BITS)
