"""Over how long lints judge a rule, and by what."""

from __future__ import annotations

EVALUATIONS = 1000
"""Learning evaluations, or steps, over which drift and noise are judged."""
COARSE = 0.05
"""Relative error of a coefficient or time constant that is worth a warning."""
