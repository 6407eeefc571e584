"""What the payload of a graded pre spike does to the trace x1.

docs/semantics.md section 6: Lava's GradedSpikeCfg. A trace and payloads go in, the
trace and the spikes that count as such come out.
"""

from __future__ import annotations

import numpy as np

from ..hardware.learning import GradedSpikes
from .operations import TRACE_MAX, Integers, half_payload

BYTE = 255  # what adds up in x1 is kept in 8 bits


def receive_payload(
    mode: GradedSpikes, x1: Integers, payload: Integers
) -> tuple[Integers, Integers]:
    """Give x1 after a step's payloads, and 1 where a spike counts for x2 and x0."""
    spiked = np.not_equal(payload, 0).astype(np.int64)
    half = half_payload(payload)
    if mode == GradedSpikes.OVERWRITE:
        return np.where(spiked, half, x1), spiked
    total = (x1 + half) & BYTE
    if mode == GradedSpikes.ADD_WITH_SATURATION:
        return np.minimum(total, TRACE_MAX), spiked
    assert mode == GradedSpikes.ADD_WITHOUT_SATURATION, "a regular spike has no payload"
    over = np.greater(total, TRACE_MAX).astype(np.int64)
    return total - TRACE_MAX * over, spiked & over
