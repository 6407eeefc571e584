"""Angles between credits of hidden layers and those of backpropagation.

Forward weights, the credits that a network had for some digits, and these digits in;
degrees out. Backpropagation is that of the squared error through sigmoid layers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...rules.network import FloatArray
from ..digits import Digits


def angles_to_backpropagation(
    weights: Sequence[FloatArray], credits: Sequence[FloatArray], digits: Digits
) -> FloatArray:
    """Give the mean angle in degrees of each layer but the last.

    Parameters
    ----------
    weights
        Of each layer, (post, pre).
    credits
        Of each layer, (digits, post).
    digits
        What the network saw and was taught.

    """
    exact = _backpropagation(weights, digits)
    pairs = zip(credits[:-1], exact[:-1], strict=True)
    return np.array([_angles(a, b).mean() for a, b in pairs])


def _backpropagation(weights: Sequence[FloatArray], digits: Digits) -> list[FloatArray]:
    rates = [digits.images]
    for matrix in weights:
        rates.append(1.0 / (1.0 + np.exp(-rates[-1] @ matrix.T)))
    missing = np.eye(weights[-1].shape[0])[digits.labels] - rates[-1]
    found = [missing * rates[-1] * (1.0 - rates[-1])]
    for matrix, rate in zip(weights[:0:-1], rates[-2:0:-1], strict=True):
        found.insert(0, found[0] @ matrix * rate * (1.0 - rate))
    return found


def _angles(one: FloatArray, other: FloatArray) -> FloatArray:
    """Give the angle of each row; 90 degrees to a row of zeros."""
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosine = (one * other).sum(axis=1) / np.maximum(norms, 1e-12)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
