"""What the synapses of a slice of neurons cost a core.

In: a connection, a slice of its target neurons, a chip. Out: bits of synapse memory
and slots of input axons. A source neuron's synapses are a list of entries; the layout
is nengo-loihi's `bits_per_axon`, the only public one.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    # What an entry of 0, 1, ... 64 synapses takes; none is needed for 0.
    bits = np.arange(size + 1) * bits_per_synapse + chip.axon_header_bits.value
    word = chip.axon_word_bits.value
    entry: Counts = -(-bits // word) * word
    entry[0] = 0
    total: Counts = lengths // size * entry[size] + entry[lengths % size]
    return total


def connection_cost(
    connection: Connection, start: int, stop: int, chip: Chip
) -> ListCost:
    """Give what the synapses onto target neurons [start, stop) cost their core.

    Lists that learn are dense, because any synapse may grow. Others are dense or
    sparse, whichever is smaller, and a source without a synapse here has no list.
    """
    rows = connection.weights[start:stop]
    sources = rows.shape[1]
    if connection.learning is not None:
        lengths = np.full(sources, stop - start, dtype=np.int64)
        bits = int(list_bits(lengths, synapse_bits(connection, chip), chip).sum())
        return ListCost(bits, sources * chip.learning_axon_slots.value)
    used = np.count_nonzero(rows, axis=0).astype(np.int64)
    dense = np.where(used > 0, stop - start, 0).astype(np.int64)
    options = [int(list_bits(dense, connection.weight_bits, chip).sum())]
    index = _index_bits(stop - start, chip)
    if index is not None:
        sparse = list_bits(used, connection.weight_bits + index, chip)
        options.append(int(sparse.sum()))
    return ListCost(min(options), int(np.count_nonzero(used)))


def synapse_bits(connection: Connection, chip: Chip) -> int:
    """Give the bits of one synapse: weight, and tag and delay where rules use them."""
    bits = connection.weight_bits
    learning = connection.learning
    if learning is not None and learning.uses_tag:
        bits += chip.stored_tag_bits.value
    if learning is not None and learning.uses_delay:
        bits += chip.stored_delay_bits.value
    return bits


def _index_bits(targets: int, chip: Chip) -> int | None:
    wide_enough = [b for b in chip.axon_index_bits.value if targets <= 1 << b]
    return min(wide_enough, default=None)
