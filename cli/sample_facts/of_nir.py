"""Facts for examples of what is wrong with NIR files and graphs of layers."""

from __future__ import annotations

from collections.abc import Mapping

FACTS: Mapping[str, Mapping[str, str | int | float]] = {
    "N704": {"reason": "not JSON: Expecting value: line 1 column 1 (char 0)"},
    "N702": {"reason": "it does not begin like an HDF5 file"},
    "N703": {"reason": "KeyError: node"},
    "N706": {
        "node": "fc",
        "type": "Linear",
        "parameter": "weight",
        "index": "[1, 0]",
        "value": "nan",
        "count": 1,
        "total": 6,
    },
    "N707": {"changes": "node `syn` is gone; edge pre -> syn is gone"},
    "N708": {"parameter": "v_threshold", "node": "out", "wrote": 1.0, "now": "2.0"},
    "N709": {"node": "fc", "change": 0.031},
    "N711": {
        "node": "out",
        "type": "Izhikevich",
        "supported": "LIF, CubaLIF, IF, LI, Linear, Affine, Input, Output",
    },
    "N712": {"low": 0.01, "high": 0.02},
    "N713": {
        "node": "fc",
        "type": "Affine",
        "what": "a bias",
        "value": "0.1",
        "wanted": "0",
    },
    "N714": {"tau": 0.0005, "dt": 0.001},
    "N715": {
        "source": "fc",
        "source_type": "Linear",
        "target": "fc2",
        "target_type": "Linear",
        "reason": "weights follow weights",
    },
    "N717": {"reason": "No space left on device"},
    "N720": {"loop": "`pool` -> `delay` -> `pool`"},
    "N721": {"source": "fc", "target": "lif", "given": 10, "taken": 12},
    "N722": {
        "parameter": "tau_rate",
        "what": "the time constant of `rate`",
        "low": 0.01,
        "high": 0.02,
    },
    "N723": {
        "loop": "`a` -> `b` -> `a`",
        "lag": "1 step",
        "hops": "2 steps",
        "missing": "1 step",
    },
}
