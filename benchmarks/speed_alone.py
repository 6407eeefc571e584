"""Histories of single synapses, computed alone from the spikes that a run recorded.

A second, scalar writing of docs/semantics.md sections 6 to 8 for pair STDP with an
epoch of one step under `loihi2`: no code of the engines is used.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lahar.hardware.program import Connection

MASK = (1 << 64) - 1
KINDS = {"x1": (0, 5), "y1": (2, 7)}
W_KIND = 10


def _mix(z: int) -> int:
    z ^= z >> 30
    z = z * 0xBF58476D1CE4E5B9 & MASK
    z ^= z >> 27
    z = z * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def _bits(seed: int, kind: int, step: int, index: int, bits: int) -> int:
    """Draw for the connection at position 0."""
    key = _mix(seed * 0x9E3779B97F4A7C15 + kind + 1 & MASK)
    place = step * 0xD1B54A32D192ED03 + index * 0x9E3779B97F4A7C15
    return _mix(key + place & MASK) >> 64 - bits


class Alone:
    """A connection of which single synapses are followed."""

    def __init__(self, connection: Connection, seed: int, impulse_bits: int) -> None:
        assert connection.learning is not None
        assert connection.pairs is not None
        self.learning = connection.learning
        self.pre_size = connection.pairs.shape[1]
        self.seed = seed + self.learning.seed_offset
        self.impulse_bits = impulse_bits

    def trace(self, name: str, spikes: npt.NDArray[np.uint8], index: int) -> list[int]:
        """Follow the trace of one neuron through all steps."""
        trace, (decay, impulse) = self.learning.traces[name], KINDS[name]
        tau = trace.tau_steps
        factor = round(float(np.exp(-1 / tau)) * (1 << 16))
        value, found = 0, []
        for step, spiked in enumerate(spikes.tolist(), start=1):
            if value:
                value = value * factor + _bits(self.seed, decay, step, index, 16) >> 16
            if spiked:
                r = _bits(self.seed, impulse, step, index, self.impulse_bits)
                value += trace.impulse + (r < trace.impulse_fraction_256)
                value = min(max(value, 0), 127)
            found.append(value)
        return found

    def weight(
        self,
        first: int,
        pre: tuple[int, npt.NDArray[np.uint8]],
        post: tuple[int, npt.NDArray[np.uint8]],
    ) -> int:
        """Give the weight after all steps of a synapse between two neurons."""
        (i, pre_spikes), (j, post_spikes) = pre, post
        x, y = self.trace("x1", pre_spikes, i), self.trace("y1", post_spikes, j)
        index, weight = j * self.pre_size + i, first
        for step in np.flatnonzero(pre_spikes | post_spikes).tolist():
            total = weight << 7
            for product in self.learning.products:
                (factor,) = product.factors
                trace = {"x1": x, "y1": y}[factor.variable][step]
                spiked = (pre_spikes if product.gate == "x0" else post_spikes)[step]
                added = int(spiked) * trace * product.mantissa
                total += added << product.exponent + 7
                total = min(total, (1 << 15) - 1)
            r = _bits(self.seed, W_KIND, step + 1, index, 7)
            total = max(total, 0)
            weight = min((total >> 7) + (r < total % 128), 255)
        return weight
