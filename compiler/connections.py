"""Write a projection's integers down: stored weights, traces, learning products.

In: a draft with scales and fitted terms. Out: a Connection of the Program.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..hardware.chip import Range
from ..hardware.formats import round_half_even, round_weights, tau_256
from ..hardware.learning import (
    Factor,
    Learning,
    Product,
    Target,
    TraceProgram,
    Variable,
)
from ..hardware.program import Connection, IntArray, SignMode
from ..pairs import PART
from ..rules.expr import Expr, Name
from ..rules.network import FloatArray, Projection
from .draft import Draft, FittedTerm, SynapseDraft
from .event_wires import event_feedback
from .pre_values import graded_mode
from .quantise import factor_variable
from .shared_outputs import outputs_of
from .sign_atoms import sign_parts
from .weights import sign_mode_of

LONGEST_TAU_256 = 2**31 - 1  # Programs hold 32-bit integers
SEED_STRIDE = 16  # streams of one connection use seed .. seed + 3


def lower_projection(draft: Draft, projection: Projection, index: int) -> Connection:
    """Give the connection of a projection; ``index`` separates the random streams."""
    scale = draft.weights[projection.name]
    mode = sign_mode_of(projection)
    stored = store_weights(projection.weights, scale.scale, mode, draft)
    synapse = draft.synapse(projection.name)
    learning = None if synapse is None else _learning(draft, synapse, index)
    payload = draft.payloads.get(projection.source)
    message_bits = 0 if payload is None else payload.message_bits
    return Connection(
        name=projection.name,
        source=projection.source,
        target=projection.target,
        port=projection.port,
        weights=stored,
        weight_exponent=scale.exponent,
        weight_bits=draft.chip.weight_bits.value,
        sign_mode=mode,
        learning=learning,
        exists=_exists(projection, learning),
        feedback={} if synapse is None else event_feedback(draft, synapse, learning),
        delays=_delays(projection),
        message_bits=message_bits,
        pairs=projection.pairs,
        sum_bits=32 if message_bits and projection.rule else 64,
    )


def _delays(projection: Projection) -> IntArray | None:
    """Write delays down; the chip's longest is for the check of its limits."""
    delays = projection.delays
    return delays.astype(np.int32) if delays.any() else None


def _exists(
    projection: Projection, learning: Learning | None
) -> dict[Target, IntArray]:
    """Say where learning finds a synapse; without learning a weight of 0 says it."""
    if learning is None or projection.connected is None:
        return {}
    there = projection.connected.astype(np.int32)
    return {product.target: there for product in learning.products}


def store_weights(
    weights: FloatArray, scale: float, mode: SignMode, draft: Draft
) -> IntArray:
    """Round weights to what the chip stores: even numbers if signs are mixed."""
    limits = draft.chip.weight_ranges.value[mode]
    bits = draft.chip.weight_bits.value
    if weights.ndim != 1:
        return round_weights(weights * scale, bits, mode, limits)
    # a list of synapses may be very long: part by part, into what holds them
    narrow = np.uint8 if mode is SignMode.EXCITATORY else np.int16
    kind = narrow if holds(narrow, limits) else np.int32
    stored: IntArray = np.empty(weights.shape, kind)
    for start in range(0, weights.size, PART):
        part = weights[start : start + PART].astype(np.float64) * scale
        stored[start : start + PART] = round_weights(part, bits, mode, limits)
    return stored


def holds(narrow: type[np.integer[Any]], limits: Range) -> bool:
    """Tell whether a type has all numbers of a range."""
    info = np.iinfo(narrow)
    return bool(info.min <= limits[0] and limits[1] <= info.max)


def _learning(draft: Draft, synapse: SynapseDraft, index: int) -> Learning:
    products = tuple(
        _product(synapse, fitted, fit_index, number, draft.chip.factor_constant.value)
        for number, fitted in enumerate(synapse.fitted)
        for fit_index in range(len(fitted.fits))
    )
    every = max((t.every for t in synapse.terms if t.gate == "u"), default=0)
    has_u = any(t.gate == "u" for t in synapse.terms)
    exponent = round(math.log2(every / draft.epoch_steps)) if every else 0
    return Learning(
        epoch_steps=draft.epoch_steps,
        products=tuple(sorted(products, key=_order_of(synapse))),
        traces=engine_traces(synapse),
        third_factors=_third_factors(draft, synapse),
        decimate_exponent=exponent if has_u else None,
        seed_offset=SEED_STRIDE * index,
        graded_spikes=graded_mode(synapse),
    )


def _order_of(synapse: SynapseDraft) -> Callable[[Product], tuple[int, bool]]:
    """Sort products by target, and those first that take a weight toward zero.

    The accumulator clips after every product. Below a weight of one sign it has room
    for the other, above the largest weight it has none.
    """
    order = {"w": 0, "t": 1, "d": 2}
    outward = math.copysign(1.0, synapse.scales["w"])

    def key(product: Product) -> tuple[int, bool]:
        is_outward = product.mantissa * outward > 0
        return order[product.target], product.target == "w" and is_outward

    return key


def engine_traces(synapse: SynapseDraft) -> dict[str, TraceProgram]:
    """List the engine's traces; with third factors the neuron has the post side."""
    found = {}
    for trace in synapse.traces:
        slot = synapse.slots.get(trace.name)
        if slot is None or (slot[0] == "y" and synapse.third_factor):
            continue
        values = trace.carries is not None  # payloads, not spikes, bring them
        impulse = 0 if values else int(synapse.scales[trace.name])
        tau = min(tau_256(trace.tau_steps), LONGEST_TAU_256)
        finer = min(synapse.finer_bits, LONGEST_TAU_256.bit_length() - tau.bit_length())
        if finer > 0:
            tau = min(
                round_half_even(math.ldexp(trace.tau_steps, 8 + finer)), LONGEST_TAU_256
            )
        found[slot] = TraceProgram(impulse, tau, tau_extra_bits=finer)
    return found


def _third_factors(draft: Draft, synapse: SynapseDraft) -> dict[str, str]:
    if not synapse.third_factor:
        return {}
    outputs = outputs_of(draft)
    return {
        synapse.slots[v.symbol]: outputs[synapse.projection, v.symbol]
        for v in synapse.values
    }


def _product(
    synapse: SynapseDraft,
    fitted: FittedTerm,
    fit_index: int,
    number: int,
    constants: Range,
) -> Product:
    fit = fitted.fits[fit_index]
    return Product(
        target=fitted.target,
        gate=fitted.term.gate,
        factors=tuple(factor_of(a, synapse, constants) for a in fitted.term.atoms),
        mantissa=fit.mantissa,
        exponent=fit.exponent,
        origin=number,
    )


def factor_of(atom: Expr, synapse: SynapseDraft, constants: Range) -> Factor:
    """Give the engine's factor for an atom; signed values travel with an offset.

    ``constants`` bounds the constant of a factor on the chip.
    """
    variable: Variable = factor_variable(atom, synapse)  # type: ignore[assignment]
    sign = sign_parts(atom)
    if sign is not None:
        stored = sign.stored(scale_of(sign.variable, synapse), constants)
        return Factor(variable, -stored, sign=True)
    return Factor(variable, -synapse.signed_offset if synapse.sends_signed(atom) else 0)


def scale_of(variable: Expr, synapse: SynapseDraft) -> float:
    """Give the stored units of the weight or a tag for each of the rule's."""
    return synapse.scales[variable.name if isinstance(variable, Name) else "w"]
