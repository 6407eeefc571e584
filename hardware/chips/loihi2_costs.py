"""What a step costs on Loihi 2: no energy is public, and times only as ratios.

Intel's brief says how much faster than Loihi 1 some operations are; those ratios, put
on Loihi 1's simulated times, are the one estimate there is. Energies are not scaled: no
ratio of energies is public.
"""

from __future__ import annotations

from types import MappingProxyType

from ..cost_tables import EVENTS, CostTable, Event
from ..value import Value, unpublished
from .loihi1_costs import DAVIES_2018

_BRIEF = "Intel Loihi 2 technology brief 2021 (via public notes)"
_NO_ENERGY = "Intel has published no energy per operation for Loihi 2"
_NO_RATIO = f"{_BRIEF} states no ratio for it"

# How many times faster than Loihi 1; the brief says partly before silicon.
_RATIOS: dict[Event, float] = {
    "synaptic operation, dense list": 5.0,
    "synaptic operation, sparse list": 5.0,
    "active neuron update": 2.0,
    "inactive neuron update": 2.0,
    "message sent": 10.0,
}


def _time(event: Event) -> Value[float | None]:
    published = DAVIES_2018.times[event].value
    if event not in _RATIOS or published is None:
        return unpublished("ns", _NO_RATIO)
    ratio = _RATIOS[event]
    said = f"{DAVIES_2018.title}, divided by {ratio:g}: {_BRIEF}"
    return Value(published / ratio, "ns", said, "low")


VENDOR_RATIOS = CostTable(
    name="ratio",
    title="Loihi 1's times divided by the ratios of Intel's brief",
    basis="vendor-stated",
    energies=MappingProxyType({e: unpublished("pJ", _NO_ENERGY) for e in EVENTS}),
    times=MappingProxyType({e: _time(e) for e in EVENTS}),
    barrier=Value(
        ((1, 200.0),), "ns", f"{_BRIEF}: a chip-wide step takes less than 200 ns", "low"
    ),
)
