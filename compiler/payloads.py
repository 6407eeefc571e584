"""Scale what graded spikes carry: how many bits a value has on its way.

In: a draft, and the weight exponents that plain spikes would have at its targets. Out:
a payload for each group that sends values. A port gets the sum of stored weight times
stored value, shifted by the weight exponent: each bit of a payload takes one from that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..hardware.formats import round_half_even
from ..rules.network import Group
from .draft import Draft, Payload
from .onto_neurons import most_sources
from .pre_values import learned_payload
from .typical import peak_of

FEWEST_BITS, MOST_BITS = 7, 12
"""Magnitude of a payload: as many bits as a weight has, and what is still worth it."""
PLAIN = Payload(1.0, 0, 0, 1)
"""A plain spike carries 1."""
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


def _bits(draft: Draft, group: Group, exponents: Mapping[str, int]) -> int:
    """Take what the exponents of all targets and the sums there leave."""
    lowest = draft.chip.weight_exponent.value[0]
    largest = 2.0**draft.chip.weight_bits.value
    bits = MOST_BITS
    for p in draft.network.projections:
        if p.source == group.name:
            summed = math.log2(largest * most_sources(p))
            bits = min(
                bits, exponents[p.target] - lowest, math.floor(SUM_BITS - summed)
            )
    return max(bits, FEWEST_BITS)
