"""Hebbian rules that bound themselves."""

from __future__ import annotations

from ...units import ms
from ..expr import post, pre, w
from ..language import Rule
from ..symbols import Param, Trace


class Oja(Rule):
    """Oja's rule with spikes: Hebbian growth, forgetting in proportion to the output.

    Oja 1982, Journal of Mathematical Biology 15:267-273: dw = eta * y * (x - y * w).
    Here x and y are rates read from traces, and the outer y is the post spike
    itself, whose mean is the rate.
    """

    tau = Param(20 * ms)
    eta = Param(0.02)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau)
    y = Trace(post, tau=tau)
    dw = eta * post * (x - y * w)
    bounds = (0.0, w_max)
