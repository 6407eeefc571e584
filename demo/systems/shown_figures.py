"""Write the figures of a criterion for people: one for each seed, or what was judged.

An Outcome in, a short text out, for the terminal and for docs/systems.md alike.
"""

from __future__ import annotations

from .result import Outcome


def shown_figures(outcome: Outcome) -> str:
    """Give the figures of the seeds, and after an arrow what they became together."""
    figures = ", ".join(f"{value:.4g}" for value in outcome.figures)
    if outcome.criterion.over_seeds is None:
        return figures
    (together,) = outcome.deciding
    return f"{figures} -> {together:.4g}"
