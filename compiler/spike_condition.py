"""What a neuron program asks of a spike condition: that it compares."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Diagnostic


@dataclass(frozen=True)
class SpikeMustCompare(Diagnostic):
    """A neuron's spike condition has to be a comparison of a state with a threshold.

    Equality, a sum of conditions or a constant have no operation that sets a spike.
    """

    code = "R241"
    title = "the spike condition of `{neuron}` is not a comparison"
    note = "a neuron program sets its spike by `>` or `>=`"
    help = "write for example `spike = v > threshold`"

    neuron: str
