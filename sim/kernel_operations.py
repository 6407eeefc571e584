"""The elementary operations of the interpreter, for one element, compiled by numba.

Every function here has a twin of the same name in operations.py, which defines it;
a test compares all pairs. Arguments are int64 (uint64 for keys of the hash).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from .operations import DECAY_UNITY, INT64_SIZE, TRACE_MAX, WORD

Integer = int | np.int64
Fraction = float | np.floating[Any]
Table = npt.NDArray[np.int64]

HALF_WORD = WORD // 2
ONE = np.uint64(1)
STEP_STRIDE = np.uint64(0xD1B54A32D192ED03)
INDEX_STRIDE = np.uint64(0x9E3779B97F4A7C15)


@njit("int64(int64)", cache=True)
def copy(a: Integer) -> Integer:
    return a


@njit("int64(int64, int64)", cache=True)
def add(a: Integer, b: Integer) -> Integer:
    return a + b


@njit("int64(int64, int64)", cache=True)
def sub(a: Integer, b: Integer) -> Integer:
    return a - b


@njit("int64(int64, int64)", cache=True)
def mul(a: Integer, b: Integer) -> Integer:
    return a * b


@njit("int64(int64, int64)", cache=True)
def shl(a: Integer, k: Integer) -> Integer:
    return a << k


@njit("int64(int64, int64)", cache=True)
def shr(a: Integer, k: Integer) -> Integer:
    return a >> k


@njit("int64(int64, int64, int64)", cache=True)
def mulshift(a: Integer, m: Integer, k: Integer) -> Integer:
    return (a * m) >> k


@njit("int64(int64, int64)", cache=True)
def decay(a: Integer, f: Integer) -> Integer:
    size = -a if a < 0 else a
    kept = (size * (DECAY_UNITY - f)) >> 12
    return -kept if a < 0 else kept


@njit("int64(int64, int64, int64)", cache=True)
def fscale(a: Integer, m: Integer, k: Integer) -> Integer:
    scaled = float(a) * math.ldexp(float(m), int(-k))
    fits = -INT64_SIZE <= scaled < INT64_SIZE
    return np.int64(scaled) if fits else np.int64(-INT64_SIZE)


@njit("int64(int64, int64, int64)", cache=True)
def every(step: Integer, n: Integer, k: Integer) -> Integer:
    return 1 if step % n == k else 0


@njit("int64(int64)", cache=True)
def wrap_single(a: Integer) -> Integer:
    if a > HALF_WORD:
        return a - WORD
    return a + WORD if a <= -HALF_WORD else a


@njit("int64(int64)", cache=True)
def wrap_twos_complement(a: Integer) -> Integer:
    return ((a + HALF_WORD) & (WORD - 1)) - HALF_WORD


@njit("int64(int64, int64, int64)", cache=True)
def saturate(a: Integer, low: Integer, high: Integer) -> Integer:
    return min(max(a, low), high)


@njit("int64(int64, int64)", cache=True)
def gt(a: Integer, b: Integer) -> Integer:
    return 1 if a > b else 0


@njit("int64(int64, int64)", cache=True)
def ge(a: Integer, b: Integer) -> Integer:
    return 1 if a >= b else 0


@njit("int64(int64, int64, int64)", cache=True)
def select(c: Integer, a: Integer, b: Integer) -> Integer:
    return a if c != 0 else b


@njit("int64(int64, int64[::1])", cache=True)
def lookup(a: Integer, table: Table) -> Integer:
    entry: Integer = table[min(max(a, 0), table.size - 1)]
    return entry


@njit("int64(int64)", cache=True)
def to_int32(a: Integer) -> Integer:
    return ((a & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000


@njit("int64(int64, int64)", cache=True)
def signed_bits(a: Integer, bits: Integer) -> Integer:
    unused = 64 - bits
    return (np.int64(a) << unused) >> unused


@njit("int64(int64, int64, int64, int64)", cache=True)
def add_impulse(
    v: Integer, impulse: Integer, fraction_256: Integer, r: Integer
) -> Integer:
    raised = v + impulse + (1 if r < fraction_256 else 0)
    return min(max(raised, 0), TRACE_MAX)


@njit("int64(int64)", cache=True)
def half_payload(p: Integer) -> Integer:
    half = p >> 1
    return (half + (p & half & 1)) & 255


@njit("int64(int64, int64[::1], int64[::1], int64)", cache=True)
def decay_by_table(v: Integer, floors: Table, thresholds: Table, r: Integer) -> Integer:
    floor: Integer = floors[v]
    return floor + (1 if r < thresholds[v] else 0)


@njit("int64(int64, int64, int64)", cache=True)
def decay_q16(v: Integer, factor: Integer, r: Integer) -> Integer:
    return (v * factor + r) >> 16


@njit("int64(float64)", cache=True)
def fraction_threshold(fraction: Fraction) -> Integer:
    return np.int64(math.ceil(fraction * 9007199254740992.0))


@njit("int64(int64, float64, int64)", cache=True)
def decay_float(v: Integer, factor: float, r: Integer) -> Integer:
    exact = factor * v
    whole = math.floor(exact)
    return np.int64(whole) + (1 if r < fraction_threshold(exact - whole) else 0)


@njit("int64(int64, int64)", cache=True)
def clip_factor(value: Integer, bits: Integer) -> Integer:
    return min(max(value, -(1 << bits)), (1 << bits) - 1)


@njit("int64(int64)", cache=True)
def sign_of(a: Integer) -> Integer:
    return (1 if a > 0 else 0) - (1 if a < 0 else 0)


@njit("int64(int64, int64, int64)", cache=True)
def scale_product(product: Integer, shift: Integer, exponent: Integer) -> Integer:
    return to_int32((product >> shift) << exponent)


@njit("int64(int64, int64, int64)", cache=True)
def scale_product_toward_zero(
    product: Integer, shift: Integer, exponent: Integer
) -> Integer:
    size = (-product if product < 0 else product) >> shift
    return to_int32((-size if product < 0 else size) << exponent)


@njit("int64(int64, int64, int64)", cache=True)
def round_stochastically(acc: Integer, bits: Integer, r: Integer) -> Integer:
    return (acc >> bits) + (1 if r < (acc & ((1 << bits) - 1)) else 0)


@njit("int64(int64, int64)", cache=True)
def round_away_from_zero(change: Integer, bits: Integer) -> Integer:
    size = ((-change if change < 0 else change) + ((1 << bits) - 1)) >> bits
    return -size if change < 0 else size


@njit("uint64(uint64)", cache=True)
def mix(z: np.uint64) -> np.uint64:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit("uint64(uint64, uint64)", cache=True)
def element_key(seed: np.uint64, stream: np.uint64) -> np.uint64:
    return mix(seed * INDEX_STRIDE + stream + ONE)


@njit("int64(uint64, int64, int64, int64)", cache=True)
def element_bits(
    key: np.uint64, step: Integer, index: Integer, bits: Integer
) -> Integer:
    place = np.uint64(step) * STEP_STRIDE + np.uint64(index) * INDEX_STRIDE
    return np.int64(mix(key + place) >> np.uint64(64 - bits))
