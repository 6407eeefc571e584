"""The library: rules and neuron models by the name used on the command line."""

from __future__ import annotations

from ..neuron import Neuron
from ..rule import LearningRule
from .hebbian import Oja
from .neurons import LIF, CubaLIF, ErrorLIF
from .stdp import STDP, InhibitorySTDP, MultiplicativeSTDP, NearestSTDP
from .three_factor import DeltaRule, RewardSTDP

RULES: dict[str, LearningRule] = {
    "stdp": STDP(),
    "stdp-nearest": NearestSTDP(),
    "stdp-multiplicative": MultiplicativeSTDP(),
    "stdp-inhibitory": InhibitorySTDP(),
    "stdp-reward": RewardSTDP(),
    "delta": DeltaRule(),
    "oja": Oja(),
}

NEURONS: dict[str, Neuron] = {
    "lif": LIF(),
    "cuba-lif": CubaLIF(),
    "error-lif": ErrorLIF(),
}

__all__ = [
    "LIF",
    "NEURONS",
    "RULES",
    "STDP",
    "CubaLIF",
    "DeltaRule",
    "ErrorLIF",
    "InhibitorySTDP",
    "MultiplicativeSTDP",
    "NearestSTDP",
    "Oja",
    "RewardSTDP",
]
