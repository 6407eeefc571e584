"""What a run tells of itself when it is done, be its values in memory or on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .sim.recording import Array, Provenance


@dataclass(frozen=True)
class FinishedRun:
    """The facts of a finished run.

    spikes
        Population to the number of spikes of its mean neuron.
    """

    provenance: Provenance
    names: tuple[str, ...]
    checksum: str
    spikes: Mapping[str, float]
    final: Mapping[str, Array]
