"""How many steps to come a neuron keeps arrivals for.

Davies et al. 2018 (via public notes): a core has 8 slots for each of its 1024 neurons,
or more for fewer neurons; 64 slots hold delays up to 62. So slots come in powers of
two, and two of them are not for delays.
"""

from __future__ import annotations

from .program import Connection

FEWEST = 8
NOT_FOR_DELAYS = 2


def delay_slots(connection: Connection | None = None) -> int:
    """Give the slots of each target neuron; without delays there are still some."""
    if connection is None or connection.delays is None:
        return FEWEST
    longest = int(connection.delays.max(initial=0))
    return max(FEWEST, 1 << (longest + NOT_FOR_DELAYS - 1).bit_length())
