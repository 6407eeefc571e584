"""The elementary operations of the interpreter, for one element, compiled by numba.

Every function here has a twin of the same name in operations.py, which defines it;
a test compares all pairs. Arguments are int64 (uint64 for keys of the hash).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from .operations import DECAY_UNITY, TRACE_MAX, WORD

HALF_WORD = WORD // 2
ONE = np.uint64(1)
STEP_STRIDE = np.uint64(0xD1B54A32D192ED03)
INDEX_STRIDE = np.uint64(0x9E3779B97F4A7C15)


@njit("int64(int64)", cache=True)
def copy(a: int) -> int:
    return a


@njit("int64(int64, int64)", cache=True)
def add(a: int, b: int) -> int:
    return a + b


@njit("int64(int64, int64)", cache=True)
def sub(a: int, b: int) -> int:
    return a - b


@njit("int64(int64, int64)", cache=True)
def mul(a: int, b: int) -> int:
    return a * b


@njit("int64(int64, int64)", cache=True)
def shl(a: int, k: int) -> int:
    return a << k


@njit("int64(int64, int64)", cache=True)
def shr(a: int, k: int) -> int:
    return a >> k


@njit("int64(int64, int64, int64)", cache=True)
def mulshift(a: int, m: int, k: int) -> int:
    return (a * m) >> k


@njit("int64(int64, int64)", cache=True)
def decay(a: int, f: int) -> int:
    size = (abs(a) * (DECAY_UNITY - f)) >> 12
    return size if a >= 0 else -size


@njit("int64(int64)", cache=True)
def wrap_single(a: int) -> int:
    if a > HALF_WORD:
        return a - WORD
    return a + WORD if a <= -HALF_WORD else a


@njit("int64(int64)", cache=True)
def wrap_twos_complement(a: int) -> int:
    return ((a + HALF_WORD) & (WORD - 1)) - HALF_WORD


@njit("int64(int64, int64, int64)", cache=True)
def saturate(a: int, low: int, high: int) -> int:
    return min(max(a, low), high)


@njit("int64(int64, int64)", cache=True)
def gt(a: int, b: int) -> int:
    return 1 if a > b else 0


@njit("int64(int64, int64)", cache=True)
def ge(a: int, b: int) -> int:
    return 1 if a >= b else 0


@njit("int64(int64, int64, int64)", cache=True)
def select(c: int, a: int, b: int) -> int:
    return a if c != 0 else b


@njit("int64(int64)", cache=True)
def to_int32(a: int) -> int:
    return ((a & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000


@njit("int64(int64, int64, int64, int64)", cache=True)
def add_impulse(v: int, impulse: int, fraction_256: int, r: int) -> int:
    raised = v + impulse + (1 if r < fraction_256 else 0)
    return min(max(raised, 0), TRACE_MAX)


@njit("int64(int64, int64[::1], int64[::1], int64)", cache=True)
def decay_by_table(v: int, floors: np.ndarray, thresholds: np.ndarray, r: int) -> int:
    return floors[v] + (1 if r < thresholds[v] else 0)


@njit("int64(int64, int64, int64)", cache=True)
def decay_q16(v: int, factor: int, r: int) -> int:
    return (v * factor + r) >> 16


@njit("int64(float64)", cache=True)
def fraction_threshold(fraction: float) -> int:
    return np.int64(math.ceil(fraction * 9007199254740992.0))


@njit("int64(int64, float64, int64)", cache=True)
def decay_float(v: int, factor: float, r: int) -> int:
    exact = factor * v
    whole = math.floor(exact)
    return np.int64(whole) + (1 if r < fraction_threshold(exact - whole) else 0)


@njit("int64(int64, int64)", cache=True)
def clip_factor(value: int, bits: int) -> int:
    return min(max(value, -(1 << bits)), (1 << bits) - 1)


@njit("int64(int64)", cache=True)
def sign_of(a: int) -> int:
    return (1 if a > 0 else 0) - (1 if a < 0 else 0)


@njit("int64(int64, int64, int64, int64)", cache=True)
def scale_product(r: int, shift: int, exponent: int, low: int) -> int:
    return min(max(to_int32((r >> shift) << exponent), low), 32767)


@njit("int64(int64, int64, int64)", cache=True)
def round_stochastically(acc: int, bits: int, r: int) -> int:
    return (acc >> bits) + (1 if r < (acc & ((1 << bits) - 1)) else 0)


@njit("uint64(uint64)", cache=True)
def mix(z: np.uint64) -> np.uint64:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit("uint64(uint64, uint64)", cache=True)
def element_key(seed: np.uint64, stream: np.uint64) -> np.uint64:
    return mix(seed * INDEX_STRIDE + stream + ONE)


@njit("int64(uint64, int64, int64, int64)", cache=True)
def element_bits(key: np.uint64, step: int, index: int, bits: int) -> int:
    place = np.uint64(step) * STEP_STRIDE + np.uint64(index) * INDEX_STRIDE
    return np.int64(mix(key + place) >> np.uint64(64 - bits))
