"""Facts of diagnostics about modules of snnTorch and Norse."""

from __future__ import annotations

from collections.abc import Mapping

FACTS: Mapping[str, Mapping[str, str | int | float]] = {
    "N801": {"package": "snntorch", "reason": "No module named 'snntorch'"},
    "N802": {
        "module": "lif1",
        "type": "Leaky",
        "reason": "inhibition lets only the neuron with the largest membrane spike",
        "instead": "add inhibitory synapses between the neurons instead",
    },
    "N803": {"target": "lif2", "sources": "`fc1`, `lif1`", "between": "Relu, Mul"},
    "N804": {
        "shape": "(784,)",
        "error": "IndexError: too many indices for tensor of dimension 2",
        "how": "module(x) for each step, x of shape (1, ...)",
    },
    "N805": {"cell": "lif2", "calls": 8, "other": "lif1", "others": 4},
    "N806": {"cell": "1", "own": 0.001, "given": 0.0001},
    "N807": {
        "type": "Sequential",
        "framework": "snnTorch",
        "known": "Leaky, Synaptic, RLeaky, RSynaptic, Alpha, Lapicque",
    },
    "N808": {"target": "fc2", "cell": "lif1", "what": "states"},
    "N809": {"target": "lif2", "now": "`fc2`, `skip`", "before": "`fc2`"},
    "N810": {"type": "Sequential"},
    "N811": {"module": "lif1"},
    "N812": {"module": "lif1"},
    "N813": {
        "framework": "snnTorch",
        "group": "hidden",
        "neuron": "RefractoryLIF",
        "known": "LIF, IF, LateSubtractLIF",
    },
    "N814": {"projection": "fc2", "rule": "DeltaRule"},
    "N815": {
        "group": "hidden",
        "framework": "snnTorch",
        "parameter": "bias",
        "reason": "Synaptic has no constant input to its membrane",
    },
    "N816": {"network": "digits"},
    "N817": {"module": "pool1", "what": "sums, or what has been weighted"},
}
