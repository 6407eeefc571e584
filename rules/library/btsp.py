"""Behavioural time scale plasticity: one dendritic plateau makes a place field."""

from __future__ import annotations

from ...units import Hz, ms, s
from ..expr import dt, post, pre, w, where
from ..language import Rule
from ..symbols import Param, Trace


class BTSP(Rule):
    """Eligibility that lasts seconds, written down by a plateau's instructive signal.

    Milstein, Li, Bittner, Grienberger, Soltesz, Magee & Romani 2021, eLife 10:e73046:
    dW/dt = k_pot (Wmax - W) q_pot(E I) - k_dep W q_dep(E I), with E the filtered rate
    of the input (1.66 s, 1 at most), I the filtered plateau (437 ms, 1 at most), and
    sigmoids q. A sigmoid of a product is no sum of products. Here q_pot is linear, with
    0.9 of the paper's k_pot (1.11 / s); q_dep, which is steep and soon saturates, is a
    trace that saturates (nearest spikes, ``tau_near``) while I is above a tenth, with
    ``k_dep`` 0.5 / s for the paper's 0.425 / s, since that trace is below 1.

    ``spikes_max`` and ``signal_max`` make E and I 1 at most; the second is that of a
    plateau of 300 ms. A weight of 1 is the baseline. Changes take seconds: with steps
    of 10 ms, as in the paper, they are large enough for 8-bit weights; with 1 ms they
    are not, so the rule is in no list of rules that compile alone.
    """

    tau = Param(1664 * ms)
    tau_near = Param(5 * s)
    k_pot = Param(1.0 * Hz)
    k_dep = Param(0.5 * Hz)
    spikes_max = Param(40.0)
    signal_max = Param(0.5)
    w_max = Param(4.68)
    e = Trace(pre, tau=tau)
    near = Trace(pre, tau=tau_near, pairing="nearest")
    dw = (
        k_pot * dt / (spikes_max * signal_max) * e * post.instructive * (w_max - w)
        - k_dep * dt * near * where(post.instructive > 0.1 * signal_max, 1.0, 0.0) * w
    )
    bounds = (0.0, w_max)
