"""The elementary integer operations, on numpy arrays: their definition.

docs/semantics.md sections 4, 6, 7 and 8. The interpreter computes with these; the
kernels have scalar twins of the same names (kernel_operations.py), and one test
compares every pair.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Constant = Integers | int

TRACE_MAX = 127  # a trace has 7 bits
DECAY_UNITY = 4096  # decay factors of a neuron have 12 bits
WORD = 1 << 24  # u and v have 24 bits
INT64_SIZE = np.float64(1 << 63)  # fscale is a float64 operation: Lava's ATRLIF is
FRACTION_BITS = 53  # a random float64 in [0, 1) is k * 2**-53


def copy(a: Integers) -> Integers:
    """Give the value itself."""
    return a


def add(a: Integers, b: Integers) -> Integers:
    """Give a + b."""
    return a + b


def sub(a: Integers, b: Integers) -> Integers:
    """Give a - b."""
    return a - b


def mul(a: Integers, b: Integers) -> Integers:
    """Give a * b."""
    return a * b


def shl(a: Integers, k: Integers) -> Integers:
    """Give a * 2**k."""
    return a << k


def shr(a: Integers, k: Integers) -> Integers:
    """Give floor(a / 2**k)."""
    return a >> k


def mulshift(a: Integers, m: Integers, k: Integers) -> Integers:
    """Give floor(a * m / 2**k)."""
    return (a * m) >> k


def decay(a: Integers, f: Integers) -> Integers:
    """Keep (4096 - f) / 4096 of a, rounded toward zero."""
    size: Integers = (np.abs(a) * (DECAY_UNITY - f)) >> 12
    return np.sign(a) * size


def fscale(a: Integers, m: Integers, k: Integers) -> Integers:
    """Give the float64 product of a and m * 2**-k, rounded toward zero.

    What 64 bit cannot hold reads -2**63.
    """
    scaled = a.astype(np.float64) * np.ldexp(m.astype(np.float64), -k)
    fits = (scaled >= -INT64_SIZE) & (scaled < INT64_SIZE)
    return np.where(fits, scaled, -INT64_SIZE).astype(np.int64)


def every(step: Constant, n: Integers, k: Integers) -> Integers:
    """Give 1 in the steps whose remainder by n is k, else 0."""
    return np.equal(step % n, k).astype(np.int64)


def wrap_single(a: Integers) -> Integers:
    """Add or subtract 2**24 once; the range is (-2**23, 2**23]."""
    half = WORD // 2
    a = np.where(a > half, a - WORD, a)
    return np.where(a <= -half, a + WORD, a)


def wrap_twos_complement(a: Integers) -> Integers:
    """Wrap modulo 2**24 into [-2**23, 2**23)."""
    half = WORD // 2
    return ((a + half) & (WORD - 1)) - half


def saturate(a: Integers, low: Integers, high: Integers) -> Integers:
    """Give min(max(a, low), high)."""
    return np.minimum(np.maximum(a, low), high)


def gt(a: Integers, b: Integers) -> Integers:
    """Give 1 where a > b, else 0."""
    return np.greater(a, b).astype(np.int64)


def ge(a: Integers, b: Integers) -> Integers:
    """Give 1 where a >= b, else 0."""
    return np.greater_equal(a, b).astype(np.int64)


def select(c: Integers, a: Integers, b: Integers) -> Integers:
    """Give a where c is not 0, else b."""
    return np.where(c != 0, a, b)


def lookup(a: Integers, table: Integers) -> Integers:
    """Give entry a of a table; beyond its ends, the entry there."""
    return table[np.clip(a, 0, table.size - 1)]


def to_int32(a: Integers) -> Integers:
    """Take a modulo 2**32 into [-2**31, 2**31)."""
    return a.astype(np.int32).astype(np.int64)


def signed_bits(a: Integers, bits: int) -> Integers:
    """Take a modulo 2**bits into [-2**(bits-1), 2**(bits-1)); bits is at most 64."""
    unused = 64 - bits
    return (a << unused) >> unused


def add_impulse(
    v: Integers, impulse: Constant, fraction_256: Constant, r: Integers
) -> Integers:
    """Add an impulse to a trace; its 8-bit fraction counts if r is below it."""
    return np.clip(v + impulse + (r < fraction_256), 0, TRACE_MAX)


def half_payload(p: Integers) -> Integers:
    """Give what a graded spike adds to a trace: p / 2, half to even, modulo 256."""
    half: Integers = p >> 1
    return (half + (p & half & 1)) & 255


def decay_by_table(
    v: Integers, floors: Integers, thresholds: Integers, r: Integers
) -> Integers:
    """Decay a trace of 0 to 255 by its table (trace_decay.py); r has 53 bits."""
    return floors[v] + (r < thresholds[v])


def decay_q16(v: Integers, factor: Constant, r: Integers) -> Integers:
    """Decay a trace by factor / 2**16, rounded by a random r of 16 bits."""
    return (v * factor + r) >> 16


def decay_float(v: Integers, factor: float, r: Integers) -> Integers:
    """Decay by a float64 factor in (0, 1], which is Lava's own specification.

    Lava adds 1 if draw < fraction; with draw = r * 2**-53 that is r < fraction * 2**53.
    Only third factors need this in a run: traces of 7 bits have a table of it.
    """
    exact: npt.NDArray[np.float64] = factor * v.astype(np.float64)
    whole = np.floor(exact)
    return whole.astype(np.int64) + (r < fraction_threshold(exact - whole))


def fraction_threshold(fraction: npt.NDArray[np.float64]) -> Integers:
    """Give the n for which r < n means r * 2**-53 < fraction, for integers r."""
    threshold: Integers = np.ceil(np.ldexp(fraction, FRACTION_BITS)).astype(np.int64)
    return threshold


def clip_factor(value: Integers, bits: int) -> Integers:
    """Clip a factor of a product to [-2**bits, 2**bits - 1]."""
    return np.clip(value, -(1 << bits), (1 << bits) - 1)


def sign_of(a: Integers) -> Integers:
    """Give -1, 0 or 1."""
    return np.sign(a)


def scale_product(product: Integers, shift: Constant, exponent: Constant) -> Integers:
    """Bring a product to the accumulator's scale: shift down (floor), shift up."""
    return to_int32((product >> shift) << exponent)


def scale_product_toward_zero(
    product: Integers, shift: Constant, exponent: Constant
) -> Integers:
    """Bring a product to the accumulator's scale; the shift down forgets the sign."""
    size: Integers = np.abs(product) >> shift
    return to_int32((np.sign(product) * size) << exponent)


def round_stochastically(acc: Integers, bits: int, r: Integers) -> Integers:
    """Drop low bits; the higher they were, the likelier the result goes up by 1."""
    return (acc >> bits) + (r < (acc & ((1 << bits) - 1)))


def round_away_from_zero(change: Integers, bits: int) -> Integers:
    """Drop low bits; whatever they held, the absolute value goes up."""
    size: Integers = (np.abs(change) + ((1 << bits) - 1)) >> bits
    return np.sign(change) * size


def mix(z: Words) -> Words:
    """Scramble 64 bits (the finaliser of SplitMix64)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def element_key(seed: Words, stream: Words) -> Words:
    """Give the key of a stream of per-element random numbers."""
    return mix(seed * np.uint64(0x9E3779B97F4A7C15) + stream + np.uint64(1))


def element_bits(key: Words, step: Constant, index: Integers, bits: int) -> Integers:
    """Draw an integer in [0, 2**bits) that depends on nothing but its arguments."""
    steps = np.asarray(step, np.uint64) * np.array([0xD1B54A32D192ED03], np.uint64)
    place = steps + index.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    drawn = mix(key + place) >> np.uint64(64 - bits)
    return drawn.astype(np.int64)
