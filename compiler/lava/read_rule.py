"""A Lava learning rule as the settings of a learning engine.

In: a process with a rule object. Out: its Learning. Products are taken as Lava parsed
them, never from the rule's text, so that the bits are Lava's whatever the text meant.
Sources: lava-nc 0.10.0, magma/core/learning/ and magma/core/model/py/connection.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from ...hardware.learning import (
    Factor,
    Gate,
    GradedSpikes,
    Learning,
    Product,
    Target,
    TraceProgram,
    Variable,
)
from .from_lava_errors import BeyondAProgram
from .from_lava_warnings import SettingHasNoEffect
from .known_processes import kind_of
from .lava_graph import LavaProcess, Warn
from .lava_values import INT32, read_integer, refuse, unusable, within

TARGETS: tuple[Target, ...] = ("w", "d", "t")
X_TRACES, Y_TRACES = ("x1", "x2"), ("y1", "y2", "y3")
EXPONENT_OFFSET = 7  # Lava keeps exponents of products raised by it
FRACTION = 2**8
LARGEST = 2**63  # a Var of a rule is an int64


def read_rule(process: LavaProcess, warn: Warn) -> Learning:
    """Read the rule of a learning connection.

    Raises
    ------
    LaharError
        B535, B536 for numbers that Lava or a Program cannot take.

    """
    rule = process.proc_params["learning_rule"]
    third = "s_in_y1" in _reads(process)
    hears = "s_in_bap" in _reads(process)
    products = tuple(_products(process, rule))
    if not hears:
        _warn_of_deafness(process, products, warn)
    epoch = read_integer(process, "t_epoch", rule.t_epoch)
    return Learning(
        epoch_steps=within(process, "t_epoch", epoch, 1, INT32[1]),
        products=products,
        traces={
            name: _trace(process, rule, name)
            for name in (X_TRACES if third else X_TRACES + Y_TRACES)
        },
        third_factors=dict.fromkeys(Y_TRACES, "") if third else {},
        decimate_exponent=rule.decimate_exponent,
        seed_offset=_seed(process, rule),
        graded_spikes=GradedSpikes(int(process.proc_params["graded_spike_cfg"])),
        hears_post=hears,
    )


def _reads(process: LavaProcess) -> frozenset[str]:
    kind = kind_of(process)
    assert kind is not None, "only known processes are read"
    return kind.reads


def _products(process: LavaProcess, rule: Any) -> Iterator[Product]:
    for target in TARGETS:
        series = rule.active_product_series.get(f"d{target}")
        for parsed in series.products if series is not None else ():
            yield Product(
                target,
                cast("Gate", parsed.dependency),
                tuple(_factor(process, f) for f in parsed.factors),
                int(parsed.s_mantissa),
                int(parsed.s_exp) - EXPONENT_OFFSET,
            )


def _factor(process: LavaProcess, parsed: Any) -> Factor:
    constant = parsed.const if parsed.const is not None else 0
    if constant != int(constant):
        refuse(
            BeyondAProgram(
                process.name,
                f"the rule adds {constant} to {parsed.state_var}",
                "a Program adds integers; Lava adds the float and then cuts it off",
                "add an integer",
            )
        )
    within(process, "a constant of the rule", int(constant), *INT32)
    variable = cast("Variable", parsed.state_var.replace("C", "c"))
    return Factor(variable, int(constant), bool(parsed.is_sgn))


def _trace(process: LavaProcess, rule: Any, name: str) -> TraceProgram:
    impulse = _finite(process, rule, f"{name}_impulse")
    whole = math.floor(impulse)
    fraction = int(np.round((impulse - whole) * FRACTION))
    within(process, f"{name}_impulse", whole, *INT32)
    tau_256, extra_bits = _tau(process, rule, f"{name}_tau")
    return TraceProgram(whole, tau_256, fraction, extra_bits)


def _finite(process: LavaProcess, rule: Any, name: str) -> float:
    """Take a number of the rule; Lava makes a Var of it, an integer that it has to fit.

    The Var is used only after somebody sets it; until then the float itself is.
    """
    value = float(getattr(rule, name))
    if not abs(value) < LARGEST:
        remedy = "give a number below 2^63"
        refuse(unusable(process, name, value, "its Var is an integer too", remedy))
    return value


def _tau(process: LavaProcess, rule: Any, name: str) -> tuple[int, int]:
    """Write a time constant exactly, in 2**-8 steps and as many bits as it takes."""
    mantissa, divisor = _finite(process, rule, name).as_integer_ratio()
    bits = divisor.bit_length() - 1
    return mantissa << max(0, 8 - bits), max(0, bits - 8)


def _seed(process: LavaProcess, rule: Any) -> int:
    """Give the seed; Lava drew one when the rule was made if the user gave none."""
    seed = read_integer(process, "rng_seed", rule.rng_seed)
    return within(process, "rng_seed", seed, 0, INT32[1])


def _warn_of_deafness(
    process: LavaProcess, products: tuple[Product, ...], warn: Warn
) -> None:
    used = {p.gate for p in products} | {
        f.variable for p in products for f in p.factors
    }
    post = sorted(name for name in used if name.startswith("y"))
    if post:
        why = "a plain LoihiLearningRule never receives post spikes"
        remedy = "use a Loihi2FLearningRule"
        setting = f"reading {', '.join(post)}"
        warn(SettingHasNoEffect(process.name, setting, why, remedy))
