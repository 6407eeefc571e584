"""Ranges of generated expressions hold; what they make needless is not written."""

from __future__ import annotations

import numpy as np

from lahar.sim.kernel_expressions import Ranged, literal, variable
from lahar.sim.kernel_operations import to_int32

STEPS = 6
CASES = 300


def grown(random: np.random.Generator) -> tuple[Ranged, list[str]]:
    """Build an expression of a few random operations."""
    expression: Ranged = variable("a", -130, 127)
    done: list[str] = []
    for _ in range(STEPS):
        other = variable("b", 0, 9) if random.random() < 0.5 else literal(-3)
        low, high = sorted(random.integers(-500, 500, 2).tolist())
        bits = int(random.integers(0, 5))
        grow = {
            "plus": lambda e, o=other: e.plus(o),
            "minus": lambda e, o=other: e.minus(o),
            "times": lambda e, o=other: e.times(o),
            "left": lambda e, k=bits: e.left(k),
            "right": lambda e, k=bits: e.right(k),
            "clipped": lambda e, ends=(low, high): e.clipped(*ends),
            "wrapped": lambda e: e.wrapped(),
        }
        name = random.choice(list(grow))
        expression = grow[name](expression)
        done.append(name)
    return expression, done


def test_values_lie_in_the_range_that_an_expression_knows() -> None:
    random = np.random.default_rng(1)

    for _ in range(CASES):
        expression, done = grown(random)
        for a in (-130, -1, 0, 1, 127):
            for b in (0, 5, 9):
                names = {"a": a, "b": b, "np": np, "to_int32": to_int32}
                value = int(eval(expression.text, names))
                assert expression.low <= value <= expression.high, (expression, done)


def test_needless_clips_and_wraps_are_not_written() -> None:
    byte = variable("byte", 0, 255)

    assert byte.clipped(-512, 511) == byte
    assert byte.wrapped() == byte
    assert byte.clipped(0, 100).text == "np.int32(min(byte, 100))"
    assert byte.times(literal(1)) == byte
    assert byte.plus(literal(0)) == byte


def test_what_needs_more_than_32_bits_is_not_narrowed() -> None:
    wide = variable("w").left(7)

    assert wide.text == "(np.int64(w) << 7)"
    assert wide.wrapped().text == "np.int32(to_int32((np.int64(w) << 7)))"


def test_what_needs_more_than_32_bits_is_wide_in_numpy_too() -> None:
    """The text as plain Python must compute what numba makes of it."""
    a, b = variable("a"), variable("b")
    names = {"np": np, "a": np.int32(2_000_000_000), "b": np.int32(2_000_000_000)}

    with np.errstate(over="raise"):
        assert eval(a.plus(b).text, names) == 4_000_000_000
        assert eval(a.minus(b.minus(a)).text, names) == 2_000_000_000
        assert eval(a.times(b).text, names) == 4 * 10**18
        assert eval(a.left(3).text, names) == 16_000_000_000
