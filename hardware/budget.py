"""The error of learned weights that a compiler predicted, as plain data.

In: nothing. Out: what a report shows and a verdict judges by; docs/error_budget.md says
how it is predicted.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """Predicted error of the weights of a connection or sum against the reference.

    All in weight LSB, open loop (the reference replays recorded spikes); an error is
    the stored weight less the wanted one. docs/error_budget.md says how it comes about.

    relative, bias_per_update, variance_per_update
        For a run of any length: of a synapse with ``n`` gated updates and a summed
        absolute reference change ``a`` the error is at most ``relative*a``, and beside
        that has the mean ``bias_per_update*n`` and the variance
        ``variance_per_update*n``.
    steps, pre_rate_hz, post_rate_hz
        The run that the other fields are predicted for; 0 steps: none is.
    bias, sd
        Mean and standard deviation over synapses.
    low, high
        95 % of all synapses have an error in between.
    """

    connection: str
    relative: float
    bias_per_update: float
    variance_per_update: float
    steps: int = 0
    pre_rate_hz: float = 0.0
    post_rate_hz: float = 0.0
    bias: float = 0.0
    sd: float = 0.0
    low: float = 0.0
    high: float = 0.0

    @property
    def text(self) -> str:
        """Say what is predicted, for a report."""
        rates = f"{self.pre_rate_hz:g} Hz"
        if self.post_rate_hz != self.pre_rate_hz:
            rates += f" (post {self.post_rate_hz:.3g} Hz)"
        return (
            f"after {self.steps:,} steps at {rates}: bias {self.bias:+.2g} +- "
            f"{self.sd:.2g} LSB, 95 % within {self.low:+.3g} to {self.high:+.3g}"
        )
