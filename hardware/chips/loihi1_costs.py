"""What a step costs on Loihi 1: the two tables that are public.

Davies et al. 2018 give what was simulated before there was silicon, at 0.75 V; a lower
bound. SANA-FE gives coefficients that were fitted to measurements of Nahuku boards,
though the header of its file names the paper; learning is not among them. Numbers only:
the program is under another licence and nothing of it is used.
"""

from __future__ import annotations

from types import MappingProxyType

from ..cost_tables import EVENTS, CostTable, Event
from ..value import Value, unpublished

_TABLE_2 = "Davies et al. 2018, table 2, 0.75 V, simulated (via public notes)"
_NOT_THERE = "Davies et al. 2018, table 2 has no row of its own for it"
_FIT = "SANA-FE arch/loihi.yaml; TCAD, doi 10.1109/TCAD.2025.3537971"

# In the order of EVENTS. Both neuron rows of SANA-FE hold its access to the neuron,
# 51.2 pJ and 6.0 ns; the update of an active one adds 21.6 pJ and 3.7 ns.
_DAVIES_ENERGIES = (23.6, 23.6, 81.0, 52.0, 0.0, 1.7, 0.0, 3.0, 4.0, 120.0)
_DAVIES_TIMES = (3.5, 3.5, 8.4, 5.3, 0.0, 2.1, 0.0, 4.1, 6.5, 6.1)
_FIT_ENERGIES = (35.5, 33.6, 51.2 + 21.6, 51.2, 69.3, 111.0, 0.0, 3.0, 4.2)
_FIT_TIMES = (3.8, 4.7, 6.0 + 3.7, 6.0, 30.0, 5.1, 16.0, 4.1, 6.5)
_NO_ROW = ("spike", "message received")


def _davies(value: float, event: str, unit: str) -> Value[float | None]:
    if event in _NO_ROW:
        return Value(value, unit, _NOT_THERE, "low")
    return Value(value, unit, _TABLE_2, "medium")


DAVIES_2018 = CostTable(
    name="A",
    title="Davies et al. 2018, table 2",
    basis="simulated",
    energies=MappingProxyType(
        {
            event: _davies(energy, event, "pJ")
            for event, energy in zip(EVENTS, _DAVIES_ENERGIES, strict=True)
        }
    ),
    times=MappingProxyType(
        {
            event: _davies(time, event, "ns")
            for event, time in zip(EVENTS, _DAVIES_TIMES, strict=True)
        }
    ),
    barrier=Value(((1, 113.0), (32, 465.0)), "ns", _TABLE_2, "medium"),
)


def _fit(numbers: tuple[float, ...], unit: str) -> dict[Event, Value[float | None]]:
    missing = unpublished(unit, "SANA-FE has no coefficient for learning")
    rows: dict[Event, Value[float | None]] = {"learning update": missing}
    for event, number in zip(EVENTS, numbers, strict=False):
        rows[event] = Value(number, unit, _FIT, "medium")
    return rows


SANA_FE = CostTable(
    name="B",
    title="SANA-FE, fitted to Nahuku boards",
    basis="fitted",
    energies=MappingProxyType(_fit(_FIT_ENERGIES, "pJ")),
    times=MappingProxyType(_fit(_FIT_TIMES, "ns")),
    barrier=Value(
        ((1, 600.0), (2, 1000.0), (4, 1400.0), (29, 1800.0)), "ns", _FIT, "medium"
    ),
)
