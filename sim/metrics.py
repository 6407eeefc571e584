"""How alike two closed loops are, where no verdict can be given.

Two arrays in the rule's units in; rates, spike-train distances, correlations out.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[Any]

# Of the order of van Rossum 2001, Neural Computation 13:751-763, who has 12 ms.
VAN_ROSSUM_TAU_SECONDS = 0.010


def spike_metrics(first: Rows, second: Rows, dt_seconds: float) -> dict[str, float]:
    """Compare spike trains (steps, neurons).

    Rates are means over neurons in Hz; ``rate_difference`` is the mean absolute
    difference of a neuron's rates; ``van_rossum`` the root of the mean squared distance
    of a neuron's two trains, which is 1 / sqrt(2) for one spike more in one of them;
    ``coincident`` the share of all spikes that both have.
    """
    a, b = first != 0, second != 0
    duration = len(a) * dt_seconds
    distance = van_rossum_squared(a, b, dt_seconds)
    either = int((a | b).sum())
    return {
        "rate_first": float(a.sum() / (a.shape[1] * duration)),
        "rate_second": float(b.sum() / (b.shape[1] * duration)),
        "rate_difference": float(np.abs(a.sum(0) - b.sum(0)).mean() / duration),
        "van_rossum": math.sqrt(float(distance.mean())),
        "coincident": float((a & b).sum() / either) if either else 1.0,
    }


def van_rossum_squared(
    first: Rows, second: Rows, dt_seconds: float
) -> npt.NDArray[np.float64]:
    """Give each neuron's squared van Rossum distance.

    Trains are filtered with exp(-t/tau); the sum over steps is scaled so that one spike
    alone has the continuous-time value 1/2, whatever dt is.
    """
    decay = math.exp(-dt_seconds / VAN_ROSSUM_TAU_SECONDS)
    filtered = np.zeros(first.shape[1])
    energy = np.zeros(first.shape[1])
    for row in first.astype(np.float64) - second:
        filtered = filtered * decay + row
        energy += filtered**2
    # What the filter still holds after the last step.
    energy += filtered**2 * decay**2 / (1 - decay**2)
    squared: npt.NDArray[np.float64] = energy * (1 - decay**2) / 2
    return squared


def value_metrics(first: Rows, second: Rows) -> dict[str, float]:
    """Compare values in the rule's units: root mean square error and correlation.

    The correlation is left out where one of the two does not vary.
    """
    a = np.asarray(first, np.float64).reshape(-1)
    b = np.asarray(second, np.float64).reshape(-1)
    metrics = {
        "rmse": float(np.sqrt(np.mean((a - b) ** 2))),
        "largest_difference": float(np.abs(a - b).max()),
    }
    spread = float(a.std() * b.std())
    if spread > 0:
        covariance = float(((a - a.mean()) * (b - b.mean())).mean())
        metrics["correlation"] = covariance / spread
    return metrics
