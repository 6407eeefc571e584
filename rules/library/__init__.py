"""The library: rules and neuron models by the name used on the command line."""

from __future__ import annotations

from ..neuron import Neuron
from ..rule import LearningRule
from .btsp import BTSP
from .bursting_neuron import BurstingLIF
from .calcium import CalciumThreshold
from .dendritic import BurstDependent, Clopath
from .dendritic_neurons import CalciumLIF, PlateauLIF, Pyramidal, TwoCompartment
from .hebbian import BCM, HomeostaticScaling, Oja
from .learning_neurons import BCMLIF, EPropLIF, HomeostaticLIF, VoltageLIF
from .neurons import LIF, CubaLIF, ErrorLIF
from .predictive import Predictive, PredictiveLIF
from .snntorch_neurons import (
    LateSubtractCubaLIF,
    LateSubtractLIF,
    LateZeroCubaLIF,
    LateZeroLIF,
    NoResetCubaLIF,
    NoResetLIF,
    PromptSubtractCubaLIF,
    PromptSubtractLIF,
)
from .standard_neurons import (
    IF,
    LI,
    AdaptiveLIF,
    CubaLI,
    Integrator,
    Izhikevich,
    RefractoryLIF,
    Step,
)
from .stdp import (
    STDP,
    InhibitorySTDP,
    MultiplicativeSTDP,
    NearestSTDP,
    PowerLawSTDP,
    SoftBoundSTDP,
    TripletSTDP,
)
from .stochastic_neurons import EscapeLIF, PoissonNeuron, SoftmaxLIF
from .tempotron import RankRelay, Tempotron, TempotronNeuron
from .three_factor import DeltaRule, EProp, RewardSTDP, TwoTraceReward

RULES: dict[str, LearningRule] = {
    "stdp": STDP(),
    "stdp-nearest": NearestSTDP(),
    "stdp-triplet": TripletSTDP(),
    "stdp-multiplicative": MultiplicativeSTDP(),
    "stdp-power-law": PowerLawSTDP(),
    "stdp-soft-bound": SoftBoundSTDP(),
    "stdp-inhibitory": InhibitorySTDP(),
    "stdp-reward": RewardSTDP(),
    "eligibility-two-taus": TwoTraceReward(),
    "delta": DeltaRule(),
    "e-prop": EProp(),
    "oja": Oja(),
    "bcm": BCM(),
    "homeostatic": HomeostaticScaling(),
    "clopath": Clopath(),
    "burst": BurstDependent(),
    "calcium": CalciumThreshold(),
    "predictive": Predictive(),
}

NEURONS: dict[str, Neuron] = {
    "lif": LIF(),
    "cuba-lif": CubaLIF(),
    "error-lif": ErrorLIF(),
    "e-prop-lif": EPropLIF(),
    "bcm-lif": BCMLIF(),
    "homeostatic-lif": HomeostaticLIF(),
    "voltage-lif": VoltageLIF(),
    "bursting-lif": BurstingLIF(),
    "if": IF(),
    "li": LI(),
    "integrator": Integrator(),
    "cuba-li": CubaLI(),
    "step": Step(),
    "refractory-lif": RefractoryLIF(),
    "adaptive-lif": AdaptiveLIF(),
    "izhikevich": Izhikevich(),
    "poisson": PoissonNeuron(),
    "escape-lif": EscapeLIF(),
    "softmax-lif": SoftmaxLIF(),
    "two-compartment": TwoCompartment(),
    "pyramidal": Pyramidal(),
    "plateau-lif": PlateauLIF(),
    "calcium-lif": CalciumLIF(),
    "predictive-lif": PredictiveLIF(),
    "late-subtract-lif": LateSubtractLIF(),
    "late-subtract-cuba-lif": LateSubtractCubaLIF(),
    "prompt-subtract-lif": PromptSubtractLIF(),
    "prompt-subtract-cuba-lif": PromptSubtractCubaLIF(),
    "late-zero-lif": LateZeroLIF(),
    "late-zero-cuba-lif": LateZeroCubaLIF(),
    "no-reset-lif": NoResetLIF(),
    "no-reset-cuba-lif": NoResetCubaLIF(),
}

__all__ = [
    "BCM",
    "BCMLIF",
    "BTSP",
    "IF",
    "LI",
    "LIF",
    "NEURONS",
    "RULES",
    "STDP",
    "AdaptiveLIF",
    "BurstDependent",
    "BurstingLIF",
    "CalciumLIF",
    "CalciumThreshold",
    "Clopath",
    "CubaLI",
    "CubaLIF",
    "DeltaRule",
    "EProp",
    "EPropLIF",
    "ErrorLIF",
    "EscapeLIF",
    "HomeostaticLIF",
    "HomeostaticScaling",
    "InhibitorySTDP",
    "Integrator",
    "Izhikevich",
    "LateSubtractCubaLIF",
    "LateSubtractLIF",
    "LateZeroCubaLIF",
    "LateZeroLIF",
    "MultiplicativeSTDP",
    "NearestSTDP",
    "NoResetCubaLIF",
    "NoResetLIF",
    "Oja",
    "PlateauLIF",
    "PoissonNeuron",
    "PowerLawSTDP",
    "Predictive",
    "PredictiveLIF",
    "PromptSubtractCubaLIF",
    "PromptSubtractLIF",
    "Pyramidal",
    "RankRelay",
    "RefractoryLIF",
    "RewardSTDP",
    "SoftBoundSTDP",
    "SoftmaxLIF",
    "Step",
    "Tempotron",
    "TempotronNeuron",
    "TripletSTDP",
    "TwoCompartment",
    "TwoTraceReward",
    "VoltageLIF",
]
