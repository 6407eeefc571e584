"""The families of codes: what a code's first signs say about where it comes from."""

from __future__ import annotations

from collections.abc import Mapping

FAMILIES: Mapping[str, str] = {
    "R1": "a rule, neuron model or network as it is written",
    "R2": "what the compiler cannot put on the chip",
    "L": "lints: it compiles, and may not do what was meant",
    "P3": "Programs, their files, chips, boards and profiles",
    "S4": "stimuli, runs, recordings and traces",
    "B5": "Lava, as a backend and as a source of networks",
    "V6": "comparisons and verdicts",
    "N7": "NIR files",
    "N8": "modules of snnTorch and Norse",
    "U9": "the verbs and the command line",
}


def family_of(code: str) -> str:
    """Give the family of a code; fails for a code that belongs to none."""
    return next(prefix for prefix in FAMILIES if code.startswith(prefix))
