"""Random learning engines for random Programs: everything that the contract takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lahar.hardware.learning import (
    Factor,
    GradedSpikes,
    Learning,
    Product,
    TraceProgram,
)

from .chance import Chance

X_TRACES = ("x1", "x2")
Y_TRACES = ("y1", "y2", "y3")
VARIABLES: tuple[Any, ...] = ("x0", *X_TRACES, "y0", *Y_TRACES, "w", "t", "d", "c")
TAUS_256 = (0, 1, 256, 700, 5120, 20 * 256, 65535 * 256)


def draw_learning(chance: Chance, outputs: Sequence[str]) -> Learning:
    """Draw an engine; ``outputs`` are what the post neuron sends."""
    graded = chance.one_of([GradedSpikes.REGULAR] * 2 + list(GradedSpikes))
    third = _third_factors(chance, outputs)
    names = X_TRACES if third else (*X_TRACES, *Y_TRACES)
    needed = {"x1"} if graded != GradedSpikes.REGULAR else set()
    chosen = [n for n in names if n in needed or chance.happens(0.6)]
    return Learning(
        epoch_steps=chance.weighted({1: 40, 2: 20, 3: 15, 4: 15, 7: 10}),
        products=tuple(_product(chance) for _ in range(chance.integer(0, 5))),
        traces={name: _trace(chance) for name in chosen},
        third_factors=third,
        decimate_exponent=chance.integer(0, 3),
        seed_offset=chance.integer(0, 2**31 - 10) if chance.happens(0.5) else 0,
        graded_spikes=graded,
        hears_post=chance.one_of([None, None, True, False]),
    )


def _third_factors(chance: Chance, outputs: Sequence[str]) -> dict[str, str]:
    if chance.happens(0.6):
        return {}
    slots = [slot for slot in Y_TRACES if chance.happens(0.6)]
    return {slot: chance.one_of(["", *outputs, *outputs]) for slot in slots}


def _product(chance: Chance) -> Product:
    factors = [_factor(chance) for _ in range(chance.integer(0, 4))]
    gates: Sequence[Any] = ("x0", "y0", "u")
    targets: Sequence[Any] = ("w", "w", "t", "d")
    return Product(
        target=chance.one_of(targets),
        gate=chance.one_of(gates),
        factors=tuple(factors),
        mantissa=chance.integer(-8, 7),
        exponent=chance.integer(-7, 8),
    )


def _factor(chance: Chance) -> Factor:
    most = chance.weighted({0: 50, 10: 25, 300: 20, 2**31 - 1: 5})
    return Factor(
        variable=chance.one_of(VARIABLES),
        constant=chance.integer(-most, most),
        sign=chance.happens(0.25),
    )


def _trace(chance: Chance) -> TraceProgram:
    return TraceProgram(
        impulse=chance.one_of([0, 1, 16, 16, 60, 127, 200]),
        tau_256=chance.one_of([*TAUS_256, chance.integer(1, 30_000)]),
        impulse_fraction_256=chance.one_of([0, 0, 1, 100, 255, 256]),
        tau_extra_bits=chance.one_of([0, 0, 0, 3, 12]),
    )
