"""Facts for examples of what Lava cannot do, or does otherwise."""

from __future__ import annotations

from collections.abc import Mapping

FACTS: Mapping[str, Mapping[str, str | int | float]] = {
    "B501": {"version": "0.10.0"},
    "B502": {"package": "lava-nc", "found": "0.9.0", "version": "0.10.0"},
    "B503": {"asked": "loihi2", "known": "lava-0.10"},
    "B504": {"limit": 600.0},
    "B505": {"exit_code_of_run": -9, "said": "Killed"},
    "B520": {
        "product": "y1 * x0 * 9 * 2^-2",
        "problem": "the mantissa 9 has more than 4 bits",
    },
    "B521": {"problem": "the weights have delays"},
    "B531": {"what": "int"},
    "B532": {
        "process": "own",
        "kind": "OwnProcess",
        "reason": "what it computes is Python code of its ProcessModel",
        "known": "LIF, Dense, LearningDense",
    },
    "B533": {"process": "layer", "kind": "Layer"},
    "B534": {"process": "lif"},
    "B535": {
        "process": "lif",
        "problem": "`du` is 10.0",
        "consequence": "raises with it: it shifts bits",
        "remedy": "give an integer as du, or one for each neuron",
    },
    "B536": {
        "process": "lif",
        "problem": "`du` leaves 0..4095",
        "limit": "du is a 12-bit number",
        "remedy": "use a du of 0 to 4095",
    },
    "B537": {
        "source": "dense.a_out",
        "target": "lif.a_in",
        "problem": "the shapes are (3,) and (4,)",
        "when": "in its first step",
        "remedy": "make both of one shape",
    },
    "B538": {"loop": "a, b"},
    "B539": {"found": "0.9.0", "known": "0.10.0"},
    "B541": {"target": "dw", "text": "(x1 - y1) * x0", "read": "x1 * x0"},
    "B542": {
        "variable": "weights",
        "count": 6,
        "size": 6,
        "why": "MIXED weights of 8 bits are -256..255 in steps of 2",
        "before": "1.7",
        "after": "0",
    },
    "B543": {"count": 2, "longest": 3, "needed": 6},
    "B544": {"name": "lif", "unique": "lif#2"},
    "B545": {
        "variable": "plastic.tx",
        "known": "plastic.a_out, plastic.weights, plastic.x1",
    },
    "B546": {
        "process": "conv",
        "setting": "weight_exp=2",
        "why": "the fixed-point Conv takes its weights as they are",
        "remedy": "leave weight_exp out",
    },
    "B547": {"process": "conv", "limit": 59652323},
    "B548": {"source": "source.s_out", "target": "lif.a_in"},
    "B549": {
        "process": "plastic",
        "target": "dw",
        "factor": "(y1 + 200)",
        "value": 127,
    },
}
