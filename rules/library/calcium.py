"""Plasticity by thresholds on a synapse's own calcium."""

from __future__ import annotations

from ...units import ms, s
from ..expr import dt, post, pre, where
from ..language import Rule
from ..symbols import Param, Tag


class CalciumThreshold(Rule):
    """Calcium above a low threshold depresses, above a high one potentiates.

    Graupner & Brunel 2012, PNAS 109:3991-3996, parameters of cortical slices: tau_Ca =
    22.7 ms, C_pre = 0.56, C_post = 1.24, theta_d = 1, theta_p = 1.3, gamma_d = 332,
    gamma_p = 725, tau = 346 s. The synapse's tag is its calcium, and a threshold on it
    is the engine's own sign of tag - theta.

    Left out are the delay of the pre transient (4.6 ms), the noise, and the cubic term
    that makes the efficacy bistable over minutes: it is 1/700 of the others. The bounds
    are hard where the paper's changes go with 1 - w and w: such a product has 18 bits,
    and the engine would floor it by 0.2 LSB in every step. ``speed`` makes the signs'
    coefficients whole multiples of the smallest product, so that nothing is left of
    them below both thresholds.
    """

    tau_ca = Param(22.7 * ms)
    c_pre = Param(0.56)
    c_post = Param(1.24)
    theta_d = Param(1.0)
    theta_p = Param(1.3)
    gamma_d = Param(332.0)
    gamma_p = Param(725.0)
    tau = Param(346 * s)
    speed = Param(0.702)
    w_max = Param(1.0)
    calcium = Tag(tau=tau_ca)
    dcalcium = c_pre * pre + c_post * post
    dw = where(calcium > theta_p, speed * gamma_p * dt / tau, 0.0) - where(
        calcium > theta_d, speed * gamma_d * dt / tau, 0.0
    )
    bounds = (0.0, w_max)
