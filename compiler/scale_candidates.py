"""Which scales of a rule are free, and what they may be.

In: a rule with registers, and the scale of its weights. Out: the scales that are fixed,
and candidates for the others, the largest first: of equals the search takes that.

Fixed are: weights, since the chip clips at the largest weight, and that is where the
rule's bound has to be; constants that the neuron sends, chosen by Assign; an engine's
trace of the nearest spike, which has to fill the register for only that to count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..hardware.chip import Chip
from .draft import Draft, NeuronValue, SynapseDraft, TraceSteps
from .factor_errors import is_sent
from .pre_values import scale_of_values
from .small_updates import COLLECTOR, PARTS, quantum
from .typical import peak_of, size_of_tag

SMALLEST_SIGNED_RANGE = 16
SIGNED_STEPS = 63
SEARCHED_BITS = 7
"""Of a trace: its largest values are 127 steps of the search."""

SMALLEST_IMPULSE = 8  # below, a trace is mostly rounding noise (lint L12)
TAG_CANDIDATES = 24
SMALLEST_TAG = 0.6
"""Share of the largest scale of a tag; below, it wastes its bits."""


def fixed_scales(draft: Draft, synapse: SynapseDraft) -> dict[str, float]:
    """Give the scales that are not up to the search."""
    fixed = {"w": draft.weights[synapse.projection].scale}
    for value in synapse.values:
        if value.kind == "constant":
            fixed[value.symbol] = float(value.level)
    if synapse.collects:
        fixed[COLLECTOR] = PARTS / quantum(draft, synapse)
    payload = draft.payloads.get(draft.network.projection(synapse.projection).source)
    for trace in _traces(synapse):
        if trace.carries is not None and payload is not None:
            fixed[trace.name] = scale_of_values(trace, payload)
        elif trace.pairing == "nearest" and not is_sent(synapse, trace):
            fixed[trace.name] = float(draft.chip.trace_max.value)
    return fixed


def free_scales(
    draft: Draft, synapse: SynapseDraft, smallest_impulse: int = SMALLEST_IMPULSE
) -> dict[str, Sequence[float]]:
    """Give the candidates for every other scale."""
    found: dict[str, Sequence[float]] = {}
    fixed = fixed_scales(draft, synapse)
    for trace in _traces(synapse):
        if trace.name not in fixed:
            found[trace.name] = _impulses(draft, trace, smallest_impulse)
    for value in synapse.values:
        if value.kind == "signed":
            found[value.symbol] = _signed(value, draft.chip)
    for tag in (t for t in synapse.tags if t.name not in fixed):
        largest = size_of_tag(draft, synapse, tag).peak
        found[tag.name] = list(_tag(draft.chip.tag.value[1] / largest))
    return found


def _traces(synapse: SynapseDraft) -> list[TraceSteps]:
    return [t for t in synapse.traces if t.name in synapse.slots]


def _impulses(draft: Draft, trace: TraceSteps, smallest: int) -> list[float]:
    high = top = draft.chip.trace_max.value
    fine = 1 << (draft.chip.trace_bits.value - SEARCHED_BITS)  # needs no finer search
    if trace.pairing == "all":
        high = int(top / peak_of(draft, trace))
    most = max(high // fine, SMALLEST_IMPULSE)
    return [float(k * fine) for k in range(most, smallest - 1, -1)]


def _signed(value: NeuronValue, chip: Chip) -> list[float]:
    """Offer fewer steps than fit in 7 bits, too: they reach smaller coefficients."""
    whole = signed_range(chip) / max(abs(value.low), abs(value.high), 1e-12)
    steps = range(SIGNED_STEPS, SMALLEST_SIGNED_RANGE - 1, -1)
    return [whole / SIGNED_STEPS * k for k in steps]


def _tag(ideal: float) -> Iterator[float]:
    for k in range(TAG_CANDIDATES):
        yield ideal * SMALLEST_TAG ** (k / (TAG_CANDIDATES - 1))


def signed_range(chip: Chip) -> int:
    """Give the largest magnitude of a signed graded value; it has a trace's bits."""
    return signed_offset(chip) - 1


def signed_offset(chip: Chip) -> int:
    """Give what is added to a signed graded value, so that it travels unsigned."""
    return 1 << (chip.trace_bits.value - 1)
