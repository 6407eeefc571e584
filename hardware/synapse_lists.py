"""The lists of synapses that a connection's spikes start on one core.

In: a connection, a slice of its target neurons, a chip. Out: how long the list of each
source is and how it is written down. Memory, axons and the cost of a step follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..pairs import Pairs
from .axon_lists import Counts, ListCost, list_bits, synapse_bits
from .chip import Chip
from .program import Connection


@dataclass(frozen=True)
class SynapseLists:
    """One list for each source that has a synapse here.

    sources
        The source of each list, rising.
    listed
        Synapses of each list; zeros of a dense list count.
    pre
        The number of sources, with a list here or without.
    index_bits
        Of each synapse; 0: the list is dense.
    """

    sources: Counts
    listed: Counts
    pre: int
    synapse_bits: int
    index_bits: int
    bits: int
    learns: bool

    @property
    def count(self) -> int:
        """The number of lists."""
        return self.sources.size

    @property
    def lengths(self) -> Counts:
        """Synapses of each source's list, (pre,); 0: no list."""
        found = np.zeros(self.pre, dtype=np.int64)
        found[self.sources] = self.listed
        return found

    def cost(self, chip: Chip) -> ListCost:
        """Give what they take of their core."""
        slots = chip.learning_axon_slots.value if self.learns else 1
        return ListCost(self.bits, self.count * slots)


def synapse_lists(
    connection: Connection, start: int, stop: int, chip: Chip
) -> SynapseLists:
    """Give the lists onto target neurons [start, stop).

    Lists that learn are dense, because any synapse may grow, unless the connection says
    which synapses exist. Others are dense or sparse, whichever is smaller, and a source
    without a synapse here has no list.
    """
    if connection.pairs is not None:
        return _of_pairs(connection, connection.pairs, start, stop, chip)
    rows = connection.weights[start:stop]
    learns = connection.learning is not None
    if not learns:
        sparse = _sparse(connection, rows != 0, chip)
        used = np.count_nonzero(rows, axis=0) > 0
        dense = _dense(connection, used, len(rows), chip)
        return dense if sparse is None or dense.bits <= sparse.bits else sparse
    if "w" in connection.exists:
        sparse = _sparse(connection, connection.exists["w"][start:stop] != 0, chip)
        if sparse is not None:
            return sparse
    return _dense(connection, np.ones(rows.shape[1], np.bool_), len(rows), chip)


def _of_pairs(
    connection: Connection, pairs: Pairs, start: int, stop: int, chip: Chip
) -> SynapseLists:
    """Do so where the synapses themselves are listed."""
    columns = pairs.columns
    mine = slice(int(columns.starts[start]), int(columns.starts[stop]))
    pres, counts = columns.pres[mine], np.diff(columns.starts[start : stop + 1])
    learns = connection.learning is not None
    if not learns:
        there = connection.weights[columns.synapses[mine]] != 0
        posts = np.repeat(np.arange(stop - start), counts)
        pres, counts = pres[there], np.bincount(posts[there], minlength=stop - start)
    sources, lengths = pairs.counted(pres)
    targets = np.flatnonzero(counts)
    last = int(targets[-1]) if targets.size else 0
    wide_enough = [b for b in chip.axon_index_bits.value if last < 1 << b]
    pre, whole = pairs.shape[1], np.full(sources.size, stop - start)
    sparse = None
    if wide_enough:
        sparse = _lists(connection, sources, lengths, pre, min(wide_enough), chip)
    if sparse is not None and learns:
        return sparse
    if learns:
        sources, whole = np.arange(pre), np.full(pre, stop - start)
    dense = _lists(connection, sources, whole, pre, 0, chip)
    return dense if sparse is None or dense.bits <= sparse.bits else sparse


def _dense(
    connection: Connection, used: npt.NDArray[np.bool_], targets: int, chip: Chip
) -> SynapseLists:
    lengths = np.where(used, targets, 0).astype(np.int64)
    return _of_all(connection, lengths, 0, chip)


def _sparse(
    connection: Connection, there: npt.NDArray[np.bool_], chip: Chip
) -> SynapseLists | None:
    """Write down the synapses that are there; None if no index reaches the last."""
    targets = np.flatnonzero(there.any(axis=1))
    last = int(targets[-1]) if targets.size else 0
    wide_enough = [b for b in chip.axon_index_bits.value if last < 1 << b]
    if not wide_enough:
        return None
    lengths = np.count_nonzero(there, axis=0).astype(np.int64)
    return _of_all(connection, lengths, min(wide_enough), chip)


def _of_all(
    connection: Connection, lengths: Counts, index_bits: int, chip: Chip
) -> SynapseLists:
    """Take lengths of all sources, (pre,)."""
    sources = np.flatnonzero(lengths)
    pre = lengths.size
    return _lists(connection, sources, lengths[sources], pre, index_bits, chip)


def _lists(
    connection: Connection,
    sources: Counts,
    lengths: Counts,
    pre: int,
    index_bits: int,
    chip: Chip,
) -> SynapseLists:
    width = synapse_bits(connection, chip)
    # lists are short: far fewer lengths than lists
    of_each = list_bits(np.arange(lengths.max(initial=0) + 1), width + index_bits, chip)
    bits = int(np.bincount(lengths, minlength=of_each.size) @ of_each)
    learns = connection.learning is not None
    return SynapseLists(sources, lengths, pre, width, index_bits, bits, learns)
