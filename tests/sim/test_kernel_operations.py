"""Every compiled operation equals its definition of the same name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lahar.sim import kernel_operations, operations
from lahar.sim.trace_decay import table_decay

SAMPLES = 300
EXTREMES = [0, 1, -1, 2**23, -(2**23), 2**31 - 1, -(2**31), 2**40, -(2**40)]
TABLE = table_decay(700 / 256)


def compiled() -> list[str]:
    return [
        name
        for name, value in inspect.getmembers(kernel_operations)
        if hasattr(value, "py_func") and value.__module__ == kernel_operations.__name__
    ]


def integers(low: int, high: int) -> Callable[[np.random.Generator], Any]:
    return lambda random: random.integers(low, high, SAMPLES, endpoint=True)


def any_integers(random: np.random.Generator) -> Any:
    wide = random.integers(-(2**45), 2**45, SAMPLES)
    wide[: len(EXTREMES)] = EXTREMES
    return random.permutation(wide)


def words(random: np.random.Generator) -> Any:
    return random.integers(0, 2**64 - 1, SAMPLES, dtype=np.uint64, endpoint=True)


# What an argument of each name may be; a new operation with a new kind of argument
# fails until it is listed here.
ARGUMENTS: dict[str, Callable[[np.random.Generator], Any]] = {
    "a": any_integers,
    "b": any_integers,
    "c": integers(-1, 1),
    "k": integers(0, 31),
    "n": integers(1, 40),
    "m": integers(-(2**15), 2**15),
    "f": integers(0, 4096),
    "low": integers(-(2**23), 0),
    "high": integers(0, 2**23),
    "v": integers(0, 255),
    "p": integers(-(2**31), 2**31 - 1),
    "product": integers(-(2**31), 2**31 - 1),
    "change": integers(-(2**40), 2**40),
    "value": integers(-(2**20), 2**20),
    "r": integers(0, 2**53 - 1),
    "impulse": integers(0, 200),
    "fraction_256": integers(0, 256),
    "fraction": lambda random: random.random(SAMPLES),
    "floors": lambda random: TABLE.floors,
    "thresholds": lambda random: TABLE.thresholds,
    "table": lambda random: random.integers(-(2**31), 2**31, 40),
    "acc": integers(-32769, 32767),
    "shift": integers(0, 32),
    "exponent": integers(0, 15),
    "z": words,
    "key": words,
    "seed": words,
    "stream": words,
    "step": integers(0, 2**40),
    "index": integers(0, 2**40),
}
CONSTANTS = {"bits": 8, "factor": 60000}
OTHER_CONSTANTS = {
    "decay_float": {"factor": 0.9999847413},
    "element_bits": {"bits": 53},
}
WHOLE_ARRAYS = ("floors", "thresholds", "table")


@pytest.mark.parametrize("name", compiled())
def test_compiled_operation_equals_its_definition(name: str) -> None:
    definition, kernel = getattr(operations, name), getattr(kernel_operations, name)
    parameters = list(inspect.signature(definition).parameters)
    random = np.random.default_rng(0)
    constants = {**CONSTANTS, **OTHER_CONSTANTS.get(name, {})}
    values = [
        constants[p] if p in constants else ARGUMENTS[p](random) for p in parameters
    ]

    with np.errstate(over="ignore"):
        wanted = definition(*values)

    varying = [p not in constants and p not in WHOLE_ARRAYS for p in parameters]
    for sample in range(SAMPLES):
        one = [
            v[sample] if vary else v for v, vary in zip(values, varying, strict=True)
        ]
        assert kernel(*one) == wanted[sample], one


def test_both_modules_name_the_same_parameters() -> None:
    assert len(compiled()) > 20
    for name in compiled():
        definition, kernel = getattr(operations, name), getattr(kernel_operations, name)
        wanted = list(inspect.signature(definition).parameters)
        assert list(inspect.signature(kernel.py_func).parameters) == wanted, name


def test_every_definition_of_an_operation_has_a_kernel() -> None:
    defined = {
        name
        for name, value in inspect.getmembers(operations, inspect.isfunction)
        if value.__module__ == operations.__name__
    }

    assert defined == set(compiled())
