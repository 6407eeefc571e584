"""When post neurons spiked, as bits: what post events that were put off are had from.

Generated kernels (kernel_deferred_learning.py) call these. The history of a neuron is
WORDS words of WORD_STEPS bits each, used in turn (kernel_deferral.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, types
from numba.extending import intrinsic, overload

from .kernel_deferral import WORD_STEPS, WORDS
from .kernel_operations import Integer
from .kernel_prefetch import touch
from .kernel_steps import Cells

PER_NEURON = np.uint64(WORDS)
EVERY_BIT = np.uint64((1 << WORD_STEPS) - 1)
LAST_BIT = np.uint64(WORD_STEPS - 1)
ONE = np.uint64(1)
History = npt.NDArray[np.int64]


def lowest_bit(bits: Integer) -> int:
    """Give the number of the lowest bit that is 1; of no meaning if there is none."""
    return (int(bits) & -int(bits)).bit_length() - 1


@intrinsic
def _lowest_bit(typing: Any, bits: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, 0))

    return types.int64(types.int64), codegen


trailing: Any = _lowest_bit


@overload(lowest_bit)
def _overload_lowest_bit(bits: Any) -> Any:
    def implementation(bits: Any) -> Any:
        return trailing(bits)

    return implementation


@njit(cache=True)
def bits_up_to(last: Integer, begin: Integer) -> Integer:
    """Give the bits for the steps [begin, last] of the word that starts with begin."""
    count = min(last - begin + 1, WORD_STEPS)
    if count <= 0:
        return np.int64(0)
    return np.int64(EVERY_BIT >> np.uint64(WORD_STEPS - count))


@njit(cache=True)
def cut_out(word: np.int64, after: np.int64, shift: np.uint64) -> np.int64:
    """Give the word that begins at a bit of one and ends in the next one."""
    rest = np.uint64(after) << ONE << (LAST_BIT - shift)
    return np.int64(np.uint64(word) >> shift | rest)


@njit(cache=True)
def spiked_in(word: np.int64, bit: np.uint64) -> np.int32:
    """Tell whether a bit of a word is 1."""
    return np.int32(np.uint64(word) >> bit & ONE)


@njit(cache=True)
def place_in_history(j: np.uint64, word: np.uint64) -> np.uint64:
    """Say where a word of a neuron lies."""
    return j * PER_NEURON + word % PER_NEURON


@njit(cache=True)
def touch_histories(
    posts: Cells, start: Integer, stop: Integer, history: History
) -> None:
    """Ask for the histories of the neurons of a row, each somewhere else."""
    for k in range(start, stop):
        touch(history, np.int64(posts[k]) * WORDS)


@njit(cache=True)
def note_events(marked: Cells, count: Integer, history: History, step: Integer) -> None:
    """Note the neurons that spiked in a step; a word begins with no bits."""
    word = np.uint64(step // WORD_STEPS)
    if step % WORD_STEPS == 0:
        for j in range(history.size // WORDS):
            history[place_in_history(np.uint64(j), word)] = 0
    bit = np.int64(1) << np.int64(step % WORD_STEPS)
    for n in range(count):
        history[place_in_history(np.uint64(marked[n]), word)] |= bit
