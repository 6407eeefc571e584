"""Interval arithmetic on the integer operations of a neuron program.

In: bounds of the arguments of an operation. Out: bounds that hold every value it can
take (docs/semantics.md section 4). Bounds are inclusive; 64 bit is all there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from types import MappingProxyType

from .formats import DECAY_ONE

Interval = tuple[int, int]

INT32: Interval = (-(2**31), 2**31 - 1)
INT64: Interval = (-(2**63), 2**63 - 1)
WRAPPED: Interval = (-(2**23), 2**23)
"""24 bits; Lava's ``wrap`` gives +2**23 where two's complement gives -2**23."""
WORD = 2**24
BIT: Interval = (0, 1)


def inside(inner: Interval, outer: Interval) -> bool:
    """Tell whether one interval lies in another."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def union(a: Interval, b: Interval) -> Interval:
    """Give the smallest interval that holds both."""
    return min(a[0], b[0]), max(a[1], b[1])


def clamped(a: Interval, limits: Interval) -> Interval:
    """Bound what is saturated to limits."""
    low, high = limits
    return min(max(a[0], low), high), min(max(a[1], low), high)


def modulo(a: Interval, whole: Interval) -> Interval:
    """Bound what wraps into ``whole``: anything, if a value may leave it."""
    return a if inside(a, whole) else whole


def looked_up(table: tuple[int, ...], index: Interval) -> Interval:
    """Bound the entries of a table that an index may reach."""
    last = len(table) - 1
    first, stop = (min(max(i, 0), last) for i in index)
    reached = table[first : stop + 1]
    return min(reached), max(reached)


def decayed(value: int, factor: int) -> int:
    """Keep (4096 - factor) / 4096 of a value, toward zero."""
    size = (abs(value) * (DECAY_ONE - factor)) >> 12
    return size if value >= 0 else -size


def scaled_as_float(value: int, multiplier: int, shift: int) -> int:
    """Multiply in float64 and truncate, as Lava's ATRLIF does."""
    return int(float(value) * float(multiplier) * 2.0**-shift)


def operation(code: str, args: list[Interval]) -> Interval:
    """Bound the value of an operation; ``select`` of two is their union."""
    match code:
        case "copy":
            found = args[0]
        case "wrap":
            found = _wrapped(args[0])
        case "int32":
            found = modulo(args[0], INT32)
        case "saturate":
            found = clamped(args[0], (args[1][0], args[2][1]))
        case "gt":
            found = _truth(args[0][0] > args[1][1], args[0][1] > args[1][0])
        case "ge":
            found = _truth(args[0][0] >= args[1][1], args[0][1] >= args[1][0])
        case "every":
            found = BIT
        case "random":
            found = 0, (1 << args[1][1]) - 1
        case "select":
            found = union(args[1], args[2])
        case _:
            found = _corners(_MONOTONE[code], args)
    return modulo(found, INT64)


def point(code: str, args: list[int]) -> int:
    """Give the value of an operation on numbers; not of ``every``, which needs a step.

    Wrapped as two's complement; of a random number the middle.
    """
    exact = _MONOTONE.get(code)
    if exact is not None:
        return exact(*args)
    match code:
        case "select":
            return args[1] if args[0] else args[2]
        case "random":
            return 1 << (args[1] - 1)
        case "gt":
            return int(args[0] > args[1])
        case "ge":
            return int(args[0] >= args[1])
        case "saturate":
            return min(max(args[0], args[1]), args[2])
        case "wrap":
            return (args[0] + WORD // 2) % WORD - WORD // 2
        case "int32":
            return (args[0] - INT32[0]) % 2**32 + INT32[0]
        case _:
            return args[0]


def _wrapped(a: Interval) -> Interval:
    """Bound both ways to wrap: Lava adds or takes 2**24 away only once."""
    if inside(a, WRAPPED):
        return a
    return min(WRAPPED[0], a[0] + WORD), max(WRAPPED[1], a[1] - WORD)


def _truth(always: bool, sometimes: bool) -> Interval:
    return int(always), int(sometimes)


def _corners(function: Callable[..., int], args: list[Interval]) -> Interval:
    """Bound what is monotone in each argument: its extremes lie in the corners."""
    values = [function(*corner) for corner in product(*map(dict.fromkeys, args))]
    return min(values), max(values)


_MONOTONE: Mapping[str, Callable[..., int]] = MappingProxyType(
    {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "shl": lambda a, k: a << k,
        "shr": lambda a, k: a >> k,
        "mulshift": lambda a, m, k: (a * m) >> k,
        "decay": decayed,
        "fscale": scaled_as_float,
    }
)
