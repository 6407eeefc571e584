"""How the synaptic variables of a connection lie in memory in a compiled run.

A connection and a profile go in, the width and the order of its variables come out.
Rows of one pre neuron serve what a pre spike touches. A rule that also acts on post
spikes touches columns; its synapses are packed: a word holds the synapses of several
neighbouring pre neurons with one post neuron, so that a column takes as many times
fewer cache lines and a row still lies in consecutive words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..hardware.learning import Target
from ..hardware.profile import Profile
from ..hardware.program import Connection
from .initial_weights import initial_listed, initial_weights
from .operations import Integers
from .stored_form import stored_form

WORD_BITS = 32
BYTE = 255
LEARNED_MAX = 256
MOST_PHASES_APART = 4
"""A rule that visits all synapses more often than this gains nothing from columns."""

MOST_PACKED_ROWS = 1 << 16
"""Sums of so many packed weights still have 32 bits."""

TARGETS_STORED: dict[str, Target] = {"weights": "w", "tags": "t", "delays": "d"}

Words = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Storage:
    """One variable of all synapses of a connection.

    bits
        The width of an element; 8 bits are never negative, 16 bits may grow to 32 in
        an array that is not packed.
    packed
        Elements in a word; 1: not packed.
    initial
        First values (pre, post), or one for all.
    learned
        The range of what a learning phase stores.
    listed
        The number of synapses where these are listed; ``initial`` is (synapses,) then.
    """

    bits: int
    packed: int
    initial: Integers | int
    learned: tuple[int, int] = (0, BYTE)
    listed: int | None = None

    @property
    def range(self) -> tuple[int, int]:
        """The lowest and the highest value that it can ever have."""
        if self.bits == 8:
            return 0, BYTE
        if _lies_in(self.learned, self.initial):
            return self.learned
        bits = 16 if _fits(16, self.initial) else WORD_BITS
        return -(1 << (bits - 1)), (1 << (bits - 1)) - 1

    def length(self, pre: int, post: int) -> int:
        """Count the cells it takes."""
        if self.listed is not None:
            return self.listed
        return -(-pre // self.packed) * post

    def cells(self, pre: int, post: int) -> Integers | int:
        """Give the first values in the order in which they lie."""
        if isinstance(self.initial, int):
            assert self.initial == 0, "only zeros are the same packed"
            return 0
        if self.packed == 1:
            return self.initial.ravel()
        words = pack(self.initial, self.bits, self.packed)
        return words.ravel().astype(np.int64)


def pack(rows: Integers, bits: int, packed: int) -> Words:
    """Put neighbouring rows (pre, post) into words; the lowest row is the lowest."""
    pre, post = rows.shape
    blocks = -(-pre // packed)
    whole = np.zeros((blocks * packed, post), np.int64)
    whole[:pre] = rows & ((1 << bits) - 1)
    places = bits * np.arange(packed)[np.newaxis, :, np.newaxis]
    words = (whole.reshape(blocks, packed, post) << places).sum(axis=1)
    signed: Words = words.astype(np.uint32).view(np.int32)
    return signed


def unpack(words: npt.NDArray[Any], bits: int, pre: int, post: int) -> Words:
    """Give the rows (..., pre, post) of words (..., cells)."""
    packed = WORD_BITS // bits
    blocks = words.reshape(*words.shape[:-1], -1, 1, post)
    places = bits * np.arange(packed)[:, np.newaxis]
    shifted = blocks >> places
    narrow = shifted.astype(np.uint8 if bits == 8 else np.int16).astype(np.int32)
    rows: Words = narrow.reshape(*words.shape[:-1], -1, post)[..., :pre, :]
    return rows


def storage_of(connection: Connection, profile: Profile) -> dict[str, Storage]:
    """Say how each variable is stored, by the ending of its identifier."""
    variables: dict[str, tuple[int, Integers | int]] = {}
    pairs = connection.pairs
    if pairs is None:
        weights: Integers = initial_weights(connection, profile).T
    else:
        weights = initial_listed(connection, profile)
    variables["weights"] = _bits(weights, connection.sign_mode.name), weights
    learning = connection.learning
    if connection.delays is not None:
        delays = connection.delays.T.astype(np.int64)
        variables["axon_delays"] = 8, delays
    if learning is not None and learning.uses_tag:
        variables["tags"] = 16, _first(connection, "tag_1")
    if learning is not None and learning.uses_delay:
        variables["delays"] = 16, _first(connection, "tag_2")
    if learning is not None:
        for target, mask in sorted(connection.exists.items()):
            there = (mask.T != 0).astype(np.int64)
            variables[f"exists_{target}"] = 8, there
    packs = (
        pairs is None
        and _packs(connection)
        and all(_fits(*v) for v in variables.values())
    )
    return {
        ending: Storage(
            bits,
            WORD_BITS // bits if packs else 1,
            initial,
            _learned(ending, connection, profile),
            None if pairs is None else pairs.count,
        )
        for ending, (bits, initial) in variables.items()
    }


def _learned(ending: str, connection: Connection, profile: Profile) -> tuple[int, int]:
    target = TARGETS_STORED.get(ending)
    if target is None:
        return 0, BYTE
    form = stored_form(target, connection, profile)
    return form.low, form.high


def _packs(connection: Connection) -> bool:
    """Tell whether columns of synapses are visited alone."""
    learning = connection.learning
    if learning is None or not adds_weights(connection):
        return False
    if connection.weights.shape[1] >= MOST_PACKED_ROWS:
        return False
    gates = {p.gate for p in learning.products}
    period = 1 << (learning.decimate_exponent or 0)
    return "y0" in gates and ("u" not in gates or period >= MOST_PHASES_APART)


def adds_weights(connection: Connection) -> bool:
    """Tell whether what arrives is just the sum of the weights of active sources."""
    return (
        connection.message_bits == 0
        and connection.sum_bits == 64
        and connection.delays is None
    )


def sums_narrowly(connection: Connection) -> bool:
    """Tell whether no sum of weights, as they are or ever become, exceeds 32 bit."""
    weights = connection.weights
    ends = int(weights.min(initial=0)), int(weights.max(initial=0))
    largest = max(LEARNED_MAX, *map(abs, ends))
    pairs = connection.pairs
    sources = weights.shape[1] if pairs is None else int(pairs.sources.max(initial=0))
    return sources * largest < 1 << (WORD_BITS - 1)


def _bits(weights: Integers, sign_mode: str) -> int:
    """Give the width of weights: a byte where neither they nor learning need more."""
    fits = weights.size == 0 or (weights.min() >= 0 and weights.max() <= BYTE)
    return 8 if sign_mode == "EXCITATORY" and fits else 16


def _fits(bits: int, initial: Integers | int) -> bool:
    """Tell whether first values can be packed in so many bits."""
    ends = (0, BYTE) if bits == 8 else (-(1 << 15), (1 << 15) - 1)
    return _lies_in(ends, initial)


def _lies_in(ends: tuple[int, int], initial: Integers | int) -> bool:
    values = np.asarray(initial)
    low, high = ends
    return values.size == 0 or bool(values.min() >= low and values.max() <= high)


def _first(connection: Connection, variable: str) -> Integers | int:
    """Give the first values of a variable, in rows of one pre neuron."""
    values = connection.initial.get(variable)
    return 0 if values is None else values.T.astype(np.int64)
