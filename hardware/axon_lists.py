"""How synapses are laid out in the memory of a core.

In: lengths of lists, or a connection, and a chip. Out: bits of synapse memory. A source
neuron's synapses are a list of entries; the layout is nengo-loihi's `bits_per_axon`,
the only public one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from .chip import Chip
from .program import Connection

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ListCost:
    """Synapse memory and input axons of one or more connections on one core."""

    bits: int = 0
    axons: int = 0

    def __add__(self, other: ListCost) -> ListCost:
        return ListCost(self.bits + other.bits, self.axons + other.axons)


def list_bits(lengths: Counts, bits_per_synapse: int, chip: Chip) -> Counts:
    """Give the memory of lists with so many synapses each; an empty list costs none.

    Entries hold up to 64 synapses and a header, and fill whole 64-bit words.
    """
    size = chip.axon_entry_synapses.value
    layout = (size, chip.axon_header_bits.value, chip.axon_word_bits.value)
    entry = _entry_bits(bits_per_synapse, *layout)
    total: Counts = lengths // size * entry[size] + entry[lengths % size]
    return total


@cache
def _entry_bits(bits_per_synapse: int, size: int, header: int, word: int) -> Counts:
    """Give what an entry of 0, 1, ... synapses takes; none is needed for 0."""
    bits = np.arange(size + 1, dtype=np.int64) * bits_per_synapse + header
    entry: Counts = -(-bits // word) * word
    entry[0] = 0
    return entry


def synapse_bits(connection: Connection, chip: Chip) -> int:
    """Give the bits of one synapse: weight, and tag and delay where it has them."""
    bits = connection.weight_bits
    learning = connection.learning
    if learning is not None and learning.uses_tag:
        bits += chip.stored_tag_bits.value
    if learning is not None and learning.uses_delay:
        return bits + chip.stored_delay_bits.value
    return bits + _delay_bits(connection)


def _delay_bits(connection: Connection) -> int:
    """Give the width that holds the longest delay; nengo-loihi's are 0 to 7 bits."""
    if connection.delays is None:
        return 0
    return int(connection.delays.max(initial=0)).bit_length()
