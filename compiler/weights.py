"""Scale weights: choose what one weight LSB is worth, for every projection.

In: float weights and bounds. Out: stored = weight * scale, so that a plastic weight's
upper bound is the chip's largest weight, and the exponents that bring all projections
onto one target to the same unit. Thresholds then fit their mantissa.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, final

import numpy as np

from ..diagnostics import Diagnostic
from ..hardware.chip import Chip
from ..hardware.formats import weight_step
from ..hardware.program import SignMode
from ..rules.expr import Compare, Name
from ..rules.network import Group, Projection
from .constants import constant_value
from .differing_neurons import constants_of
from .draft import Draft, WeightScale
from .membrane_unit import finest_exponent
from .passes import AbstractPass
from .payloads import PLAIN, fewest_bits, full_value, payloads_of

UNITS = (1e-100, 1e100)
"""Largest weights that lahar scales; beyond, a product of scales leaves the floats."""


@dataclass(frozen=True)
class WeightOutsideBounds(Diagnostic):
    """An initial weight lies outside the bounds that the rule declares.

    The rule would clip such a weight in its first update, whatever it learns.
    Either the array or the bounds are not what was meant.
    """

    code = "R230"
    title = "projection `{projection}`: {count} weights lie outside [{low:g}, {high:g}]"
    note = "the bounds are those of rule `{rule}`; the first is {value:g} at {index}"
    help = "clip the weights, or widen the rule's bounds"

    projection: str
    rule: str
    count: int
    low: float
    high: float
    value: float
    index: str


@dataclass(frozen=True)
class BoundNotHeld(Diagnostic):
    """A weight bound is not where the chip clips, so learning may cross it.

    The chip clips at the largest weight of the sign mode, and at zero for one-signed
    weights. Other bounds hold only where the rule itself respects them.
    """

    code = "L21"
    severity = "warning"
    title = "projection `{projection}`: the bound {bound:g} is not held by the chip"
    note = "the chip clips at {clip:g} (stored {stored})"
    help = "use bounds (0, w_max), or symmetric ones for mixed weights"

    projection: str
    bound: float
    clip: float
    stored: int


@dataclass(frozen=True)
class ThresholdDoesNotFit(Diagnostic):
    """A neuron's threshold cannot be held, whatever the weight exponent.

    threshold * (stored units per weight) must lie between 1 and the mantissa's limit.
    A programmable neuron may also compare with 0 or less.
    """

    code = "R231"
    title = "the threshold of group `{group}` needs {wanted:.6g} units"
    note = "{chip} holds 1 to {limit} ({source}), with weight exponents {exponents}"
    help = "{advice}"

    group: str
    wanted: float
    chip: str
    limit: int
    source: str
    exponents: str
    advice: str


@dataclass(frozen=True)
class WeightsDoNotFit(Diagnostic):
    """The weights onto one group differ by more than their exponents can even out.

    All projections onto a group add up in one unit; a weight exponent shifts each by
    a power of two, and 8 bits hold a weight.
    """

    code = "R233"
    title = "projection `{projection}`: {problem} beside those of `{base}`"
    note = "largest: {largest:g}, of `{base}` {other:g}; exponents go from {exponents}"
    help = "bring the weights onto `{group}` closer together, or leave small ones out"

    projection: str
    base: str
    group: str
    problem: str
    largest: float
    other: float
    exponents: str


@dataclass(frozen=True)
class UnitIsExtreme(Diagnostic):
    """Weights or bounds are so small or large that no float holds their scale.

    The stored weight is an integer of 8 bits with one scale for all. Values near
    the ends of what a float holds leave no room for that scale.
    """

    code = "R234"
    title = "projection `{projection}`: weights of {largest:g} have no scale"
    note = "a scale makes the largest weight 255; it may be {low:g} to {high:g}"
    help = "express the weights in another unit"

    projection: str
    largest: float
    low: float
    high: float


def sign_mode_of(projection: Projection) -> SignMode:
    """Tell which signs a projection's weights take on the chip."""
    if projection.rule is not None:
        return {
            "excitatory": SignMode.EXCITATORY,
            "inhibitory": SignMode.INHIBITORY,
            "mixed": SignMode.MIXED,
        }[projection.rule.polarity]
    if np.all(projection.weights >= 0):
        return SignMode.EXCITATORY
    if np.all(projection.weights <= 0):
        return SignMode.INHIBITORY
    return SignMode.MIXED


def largest_stored(chip: Chip, mode: SignMode) -> int:
    """Give the largest magnitude that both signs of a mode can store."""
    low, high = chip.weight_ranges.value[mode]
    return min(-low, high) if mode is SignMode.MIXED else max(-low, high)


@final
@dataclass(frozen=True)
class ScaleWeights(AbstractPass):
    """Choose weight scales, weight exponents and the unit of each group's input.

    1. bounds (0, 1), excitatory         ->  scale 255
    2. two projections onto one group    ->  scale_1 * 2**e_1 == scale_2 * 2**e_2
    3. inhibitory rule                   ->  negative scale: stored weights are <= 0
    """

    name: ClassVar[str] = "scale-weights"

    def requires(self, draft: Draft) -> Iterable[Diagnostic]:
        low, high = UNITS
        for projection in draft.network.projections:
            largest = _largest_weight(draft, projection)
            if not low <= largest <= high:
                span = projection.span
                yield UnitIsExtreme(projection.name, largest, low, high, span=span)
        for synapse in draft.synapses:
            projection = draft.network.projection(synapse.projection)
            low, high = synapse.bounds
            outside = (projection.weights < low) | (projection.weights > high)
            if outside.any():
                first = tuple(int(k) for k in np.argwhere(outside)[0])
                pairs = projection.pairs
                index = first if pairs is None else pairs.ends(first[0])
                yield WeightOutsideBounds(
                    draft.written(projection.name).name,
                    synapse.rule.name,
                    int(outside.sum()),
                    low,
                    high,
                    float(projection.weights[first]),
                    str(index),
                    span=synapse.rule.span,
                )

    def apply(self, draft: Draft) -> Draft:
        with_neurons = [g for g in draft.network.groups if g.neuron is not None]
        arrivals, exponents = {}, {}
        for group in with_neurons:
            arrivals[group.name], exponents[group.name] = _unit_of(draft, group)
        draft = replace(draft, payloads=payloads_of(draft, exponents))
        weights = {
            p.name: _onto(draft, p, arrivals[p.target])
            for p in draft.network.projections
        }
        return replace(draft, weights=weights, arrival_scale=arrivals)

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        yield from _weights_fit(draft)
        yield from _bounds_are_held(draft)
        yield from _thresholds_fit(draft)


def _largest_weight(draft: Draft, projection: Projection) -> float:
    synapse = draft.synapse(projection.name)
    if synapse is not None:
        return max(abs(b) for b in synapse.bounds)
    largest = float(np.abs(projection.weights).max(initial=0.0)) or 1.0
    return min(draft.calibration.clips.get(projection.name, largest), largest)


def _unit_of(draft: Draft, group: Group) -> tuple[float, int]:
    """Choose the unit of a group's input, and the exponent that a plain spike has."""
    incoming = [p for p in draft.network.projections if p.target == group.name]
    if not incoming:
        natural = float(largest_stored(draft.chip, SignMode.EXCITATORY))
        lowest, _ = draft.chip.weight_exponent.value
    else:
        natural = _natural_scale(draft, _base(draft, incoming))
        lowest = _lowest_exponent(draft, incoming)
    _, high = draft.chip.weight_exponent.value
    exponent = _base_exponent(draft, group, natural, lowest)
    if incoming:
        # Whatever is larger than the base needs a larger exponent than the base has.
        ratios = (_natural_scale(draft, p) / natural for p in incoming)
        most = max(lowest, high + math.floor(math.log2(min(ratios)) + 1e-9))
        exponent = min(exponent, most)
    return natural * 2.0**exponent, exponent


def _lowest_exponent(draft: Draft, incoming: list[Projection]) -> int:
    """Leave the bits of a payload room below the exponent of a plain spike."""
    low, high = draft.chip.weight_exponent.value
    groups = {p.source: draft.network.group(p.source) for p in incoming}
    return min(low + max(fewest_bits(draft, g) for g in groups.values()), high)


def _base(draft: Draft, incoming: list[Projection]) -> Projection:
    """Choose the projection that sets the unit of a group.

    Plastic bounds sit exactly on the chip's clip; fixed weights adapt to them. Of
    those, the one with the fewest units to a weight: all others then fit without an
    exponent that costs a bit. Mixed weights end at 254 where others end at 255.
    """
    return min(incoming, key=lambda p: (p.rule is None, _natural_scale(draft, p)))


def _natural_scale(draft: Draft, projection: Projection) -> float:
    """Give the largest scale at which the largest weight times value is stored."""
    largest = largest_stored(draft.chip, sign_mode_of(projection))
    value = full_value(draft, draft.network.group(projection.source))
    return largest / (_largest_weight(draft, projection) * value)


def _base_exponent(draft: Draft, group: Group, natural: float, low: int) -> int:
    """Prefer 0; move only as far as the threshold's mantissa asks for.

    Where sample data say how far the states go, take the finest unit instead.
    """
    threshold = threshold_of(group)
    _, high = draft.chip.weight_exponent.value
    peak = draft.calibration.peaks.get(group.name)
    if peak is not None:
        return finest_exponent(draft.chip, group, peak, threshold, natural, (low, high))
    if threshold is None or threshold <= 0:
        return max(0, low)
    # A quarter of the mantissa's range leaves v room below zero and above threshold.
    roomy = draft.chip.threshold_mantissa_max.value / 4
    coarse = 128  # below this, rounding a threshold costs more than 0.4 %
    stored = threshold * natural
    exponent = max(0, low)
    while stored * 2.0**exponent > roomy and exponent > low:
        exponent -= 1
    while stored * 2.0**exponent < coarse and exponent < high:
        exponent += 1
    return exponent


def _onto(draft: Draft, projection: Projection, arrival: float) -> WeightScale:
    natural = _natural_scale(draft, projection)
    low, high = draft.chip.weight_exponent.value
    payload = draft.payloads.get(projection.source, PLAIN)
    wanted = math.ceil(math.log2(arrival / natural) - 1e-9) - payload.bits
    exponent = min(max(wanted, low), high)
    scale = arrival / (payload.scale * 2.0**exponent)
    rule = draft.written(projection.name).rule  # of a split rule, parts keep its sign
    inhibitory = rule is not None and rule.polarity == "inhibitory"
    return WeightScale(-scale if inhibitory else scale, exponent)


def _weights_fit(draft: Draft) -> Iterable[Diagnostic]:
    """Find weights that would be clipped, or all rounded to zero, in their group."""
    low, high = draft.chip.weight_exponent.value
    for group in draft.network.groups:
        incoming = [p for p in draft.network.projections if p.target == group.name]
        for p in incoming:
            base = _base(draft, incoming)
            largest = _largest_weight(draft, p)
            stored = largest * abs(draft.weights[p.name].scale)
            limit = largest_stored(draft.chip, sign_mode_of(p))
            problem = "the weights are too large" if stored > limit + 0.5 else ""
            step = weight_step(draft.chip.weight_bits.value, sign_mode_of(p))
            if stored < step / 2:
                problem = "the weights all round to 0"
            if problem:
                yield WeightsDoNotFit(
                    p.name,
                    base.name,
                    group.name,
                    problem,
                    largest,
                    _largest_weight(draft, base),
                    f"{low} to {high}",
                    span=p.span,
                )


def threshold_of(group: Group) -> float | None:
    """Give the constant that a group's membrane is compared with, if there is one.

    Where it differs from neuron to neuron, the largest.
    """
    if group.neuron is None or not isinstance(group.neuron.spike, Compare):
        return None
    spike, values = group.neuron.spike, group.neuron.param_values
    for side in (spike.right, spike.left):
        value = constant_value(side, values)
        if value is not None:
            return value
    differing = constants_of(group)
    for side in (spike.right, spike.left):
        if isinstance(side, Name) and side.name in differing:
            return float(differing[side.name].max())
    return None


def _bounds_are_held(draft: Draft) -> Iterable[Diagnostic]:
    for synapse in draft.synapses:
        projection = draft.network.projection(synapse.projection)
        mode = sign_mode_of(projection)
        scale = draft.weights[synapse.projection].scale
        span = synapse.rule.span
        for bound, stored in zip(
            synapse.bounds, _clips(draft.chip, mode, scale), strict=True
        ):
            clip = stored / scale
            # Mixed weights reach one grid step further below zero than above.
            if abs(clip - bound) > 0.02 * max(abs(b) for b in synapse.bounds):
                yield BoundNotHeld(projection.name, bound, clip, stored, span=span)


def _clips(chip: Chip, mode: SignMode, scale: float) -> tuple[int, int]:
    low, high = chip.weight_ranges.value[mode]
    return (high, low) if scale < 0 else (low, high)


def _thresholds_fit(draft: Draft) -> Iterable[Diagnostic]:
    limit = draft.chip.threshold_mantissa_max
    for group in draft.network.groups:
        threshold = threshold_of(group)
        if threshold is None:
            continue
        unit = draft.arrival_scale[group.name]
        stored = threshold * unit
        programmable = draft.chip.programmable_neurons.value
        lost = threshold > 0 and stored <= 0.5
        if abs(stored) > limit.value or lost or (threshold <= 0 and not programmable):
            assert group.neuron is not None
            exponents = str(draft.chip.weight_exponent.value)
            yield ThresholdDoesNotFit(
                group.name,
                stored,
                draft.chip.name,
                limit.value,
                limit.source,
                exponents,
                _threshold_advice(threshold, limit.value / unit, 1 / unit),
                span=group.neuron.span,
            )


def _threshold_advice(threshold: float, highest: float, lowest: float) -> str:
    if threshold <= 0:
        return "use a threshold above 0"
    if threshold > highest:
        return f"use a threshold of at most {highest:.4g}, or larger weights"
    return f"use a threshold of at least {lowest:.4g}, or smaller weights"
