"""Facts for examples of refusals and lints of the compiler."""

from __future__ import annotations

from collections.abc import Mapping

FACTS: Mapping[str, Mapping[str, str | int | float]] = {
    "L02": {"expected": 32996, "limit": 32767, "source": "Lava LIF a_in precision"},
    "L08": {"parameter": "post.v.leak", "wanted": 6, "got": 4.096},
    "L09": {"bits": 3, "share": 0.031, "exponent": -3, "most": 255},
    "L11": {"impulse": 8, "tau": 80, "rate": 0.1, "peak": 136, "limit": 127},
    "L14": {"epoch": 2, "loss": 0.01, "rate": 0.02},
    "L15": {
        "term": "4.6e-05 * pre",
        "error": 0.332,
        "wanted": 0.01173,
        "got": 0.01562,
        "lowest": -7,
        "ratio": 1.332,
    },
    "L17": {"term": "1e-06 * pre", "wanted": 0.000255, "lowest": -7, "times": 15.3},
    "L18": {"term": "8 * post * x * w", "loss": 20, "count": 1000, "shift": 5},
    "L19": {"sd": 221},
    "L21": {"bound": 0.03, "clip": 0, "stored": 0},
    "L23": {
        "chip": "loihi1",
        "used": 5,
        "resource": "synapse formats",
        "limit": 4,
        "source": "nengo-loihi",
        "trust": "medium",
    },
    "L25": {"term": "0.1 * post * x * w"},
    "L26": {
        "problem": "no energy of its operations is published",
        "reason": "Intel has published no energy per operation for Loihi 2",
        "advice": "measure a board, or describe the chip with numbers of your own",
    },
    "R201": {"epoch": 64, "low": 1, "high": 63},
    "R202": {"steps": 3, "epoch": 1, "low": 0, "high": 9, "nearest": 4},
    "R205": {"what": "learns"},
    "R206": {"count": 2, "limit": 1},
    "R207": {"term": "0.01 * post * x * w ** 3", "bits": 36, "limit": 31},
    "R210": {"chip": "loihi1", "limit": 0},
    "R211": {
        "expression": "0.1 * w * post / x",
        "advice": "divide by numbers, functions of w alone or of post quantities alone",
    },
    "R212": {"expression": "post.v ** 2"},
    "R214": {
        "expression": "w * x > 0.3",
        "sides": "the weight and a pre trace",
        "source": "Lava's grammar of products",
        "advice": "let a tag hold it: `held = Tag()`, `dheld = w * x - held`, "
        "then `held > 0.3`",
    },
    "R215": {"expression": "1.0 / w", "at": 0, "low": 0, "high": 1, "margin": 0.05},
    "L31": {
        "expression": "w ** 0.05",
        "error": 0.061,
        "at": 1,
        "wanted": 1,
        "got": 0.9391,
        "products": 2,
    },
    "R213": {"neuron": "LIF", "name": "synapse_v", "projection": "synapse"},
    "R220": {"needed": 5, "limit": 2, "names": "a, b, c, d, e", "side": "pre"},
    "R221": {"tau": 5000, "longest": 4096},
    "R230": {"count": 7, "low": 0, "high": 1, "value": 1.25, "index": "[2, 4]"},
    "R231": {
        "wanted": 9000000,
        "limit": 8388544,
        "exponents": "-8 to 7",
        "advice": "raise the weights, or lower the threshold",
    },
    "R232": {
        "term": "100 * post * x",
        "wanted": 512000,
        "largest": 8192,
        "share": 0.016,
    },
    "R233": {
        "problem": "weights have no exponent",
        "base": "other",
        "largest": 0.001,
        "other": 400.0,
        "exponents": "-8 to 7",
    },
    "R234": {"largest": 1e-310, "low": 1e-300, "high": 1e300},
    "R240": {"expression": "exp(v)"},
    "R241": {},
    "R242": {"leak": 0.4},
    "R252": {"rate_hz": -5.0},
}
