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
    "N713": {
        "node": "delay",
        "type": "Delay",
        "what": "`delay`",
        "value": "0.0015 s, 1.5 steps",
        "wanted": "whole steps of dt = 0.001 s, 0 or more",
    },
    "N714": {"tau": 0.0005, "dt": 0.001},
    "N715": {
        "source": "out",
        "source_type": "Output",
        "target": "lif",
        "target_type": "LIF",
        "reason": "nothing leaves an Output",
    },
    "N716": {"source": "b", "target": "a", "here": 2, "there": 1},
    "N717": {"reason": "No space left on device"},
    "U918": {"text": "li=4"},
    "U919": {"option": "--bounds", "spec": "stdp"},
    "N724": {
        "source": "lif",
        "target": "fc2",
        "missing": "fc2",
        "known": "in, fc, lif, out",
    },
    "N725": {"node": "fc2", "type": "Linear"},
    "N726": {"source": "in", "target": "fc"},
    "N727": {"node": "lif1", "end": "Input", "count": 2},
    "N728": {"node": "fc", "type": "Linear", "shape": "(3, 4)", "wanted": "(12,)"},
    "N729": {
        "node": "li",
        "type": "LI",
        "known": "surely within -3 to 4; closer bounds keep more bits",
        "example": '{"li": (-3, 4)}',
        "option": "li=-3:4",
    },
    "N730": {"node": "lif", "known": "in, li"},
    "N731": {"node": "lif", "type": "LIF", "parameter": "v_threshold"},
    "N732": {"reset": "soft", "known": "hard, subtract, subtract-late"},
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
