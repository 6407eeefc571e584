"""What a Program can say and Lava 0.10 cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...diagnostics import Diagnostic
from ...hardware.learning import GradedSpikes, Learning, Target
from ...hardware.program import Connection, IntArray, SignMode


@dataclass(frozen=True)
class ProductIsBeyondLava(Diagnostic):
    """A learning product has no form in Lava's rule grammar.

    lahar writes Lava's rule strings in one canonical form, and never one that Lava
    would misread. What has no such form is refused rather than approximated: a
    comparison with something else would be worth nothing. The simulator runs it.
    """

    code = "B520"
    title = "connection `{connection}`, d{target}: Lava cannot say `{product}`"
    label = "{problem}"
    note = (
        "{problem}; lava-nc 0.10.0 magma/core/learning/product_series.py takes "
        "mantissas of -8..7, exponents of -7..8, u0..u9 and sgn of w, d, t"
    )
    help = "run it with the backend `sim`, or write the rule without this product"

    connection: str
    target: str
    product: str
    problem: str


@dataclass(frozen=True)
class LearningIsBeyondLava(Diagnostic):
    """A connection asks Lava's learning engine for something it has no setting for.

    Lava itself refuses a rule without a product and a trace with a negative impulse;
    with third factors its engine keeps no y traces of its own. Its learning connection
    knows neither delays nor missing synapses.
    """

    code = "B521"
    title = "connection `{connection}`: Lava cannot learn this: {problem}"
    note = "lava-nc 0.10.0 magma/core/learning/learning_rule.py, proc/dense/process.py"
    help = "run it with the backend `sim`, or change the rule"

    connection: str
    problem: str


def learning_is_sayable(connection: Connection) -> Iterator[Diagnostic]:
    """Check that Lava's LearningDense has a setting for everything."""
    learning = connection.learning
    assert learning is not None
    problems = (*_rule_problems(learning), *_synapse_problems(connection))
    yield from (LearningIsBeyondLava(connection.name, p) for p in problems)


def _rule_problems(learning: Learning) -> Iterator[str]:
    if not learning.products:
        yield "the rule has no product"
    for name, trace in learning.traces.items():
        if trace.impulse < 0:
            yield f"the impulse of {name} is negative"
        if name.startswith("y") and learning.third_factors:
            yield f"{name} is a trace, but third factors take all y slots"
    x1 = learning.traces.get("x1")
    payload = learning.graded_spikes != GradedSpikes.REGULAR
    if payload and x1 is not None and (x1.impulse or x1.impulse_fraction_256):
        yield "x1 has an impulse, which Lava takes away where payloads set x1"


def _synapse_problems(connection: Connection) -> Iterator[str]:
    if connection.delays is not None and connection.delays.any():
        yield "synapses that learn have no delays"
    if connection.weight_format == "raw":
        yield "weights that learn are stored as synapses, not raw"
    if connection.result_bits != 32:
        yield f"what arrives has 32 bits, not {connection.result_bits}"
    if connection.message_bits and connection.sum_bits != 32:
        yield f"graded spikes are summed in 32 bit, not {connection.sum_bits}"
    if not all(exists.all() for exists in connection.exists.values()):
        yield from _sparse_problems(connection)


def _sparse_problems(connection: Connection) -> Iterator[str]:
    """Say what Lava's LearningSparse fails on: it has no products of matrices."""
    assert connection.learning is not None
    products = connection.learning.products
    if any(f.variable in ("w", "t", "d") for p in products for f in p.factors):
        yield "synapses are missing, and a product has w, t or d as a factor"
    tags: tuple[tuple[Target, str], ...] = (("t", "tag_1"), ("d", "tag_2"))
    for target, tag in tags:
        missing = connection.exists.get(target, np.int32(1)) == 0
        if (missing & (connection.initial.get(tag, np.int32(0)) != 0)).any():
            yield f"synapses are missing, and {tag} starts where none is"
    if all(p.target != "w" for p in products):
        return
    if connection.sign_mode != SignMode.MIXED:
        yield "synapses are missing, and learned weights have one sign"
    exists = connection.exists.get("w", np.int32(1))
    stored = stored_weight(connection.weights, connection.weight_bits)
    if (exists * (stored == 0)).any():
        yield "synapses are missing, and one that is not has a weight of 0"


def stored_weight(weights: IntArray, weight_bits: int) -> IntArray:
    """Take off the low bits of weights of both signs, as Lava does at the start."""
    lost = 9 - weight_bits
    return (weights >> lost) << lost
