"""Balanced networks whose inhibition of excitatory cells learns by four-term rules.

Rules in, a Network of as many blocks out: 160 excitatory and 40 inhibitory neurons
each, wired alike and driven by the same inputs, so that blocks differ in nothing but
the rule of their inhibitory synapses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...rules.library.meta_learned import FourTermInhibition, TwoCurrentLIF
from ...rules.network import FloatArray, Group, Network, Projection
from ...rules.rule import LearningRule
from ...sim.stimulus import Stimulus
from ...units import Hz, ms

EXCITATORY, INHIBITORY, POOL = 160, 40, 200
HEARD, E_TO_E, E_TO_I, I_TO_I = 80, 16, 32, 8
"""How many of them a neuron hears; inhibitory neurons reach all excitatory ones."""
INPUT_TO_E, INPUT_TO_I = 0.025, 0.0075
EE, EI, II = 0.02, 0.02, -0.03
INITIAL, W_MAX, ETA = 0.025, 0.1, 0.001
INPUT_HZ = 20
BOX = 2.0
"""The paper draws all four coefficients from -2 to 2."""


@dataclass(frozen=True)
class FourTerms:
    """The coefficients of a rule, and its time constants in milliseconds."""

    alpha: float
    beta: float
    gamma: float
    kappa: float
    tau_pre: float
    tau_post: float

    def rule(self) -> LearningRule:
        """Give the rule, at the rate that the networks learn with."""
        return FourTermInhibition(
            alpha=self.alpha,
            beta=self.beta,
            gamma=self.gamma,
            kappa=self.kappa,
            tau_pre=self.tau_pre * ms,
            tau_post=self.tau_post * ms,
            eta=ETA,
            w_max=W_MAX,
        )


def network(rules: Sequence[FourTerms], seed: int) -> Network:
    """Draw a wiring, and give every rule a copy of it."""
    random = np.random.default_rng([seed, *b"wiring"])

    def heard(post: int, pre: int, number: int, weight: float) -> FloatArray:
        wired = np.zeros((post, pre))
        for row in wired:
            row[random.choice(pre, number, replace=False)] = weight
        return wired

    to_e = heard(EXCITATORY, POOL, HEARD, INPUT_TO_E)
    to_i = heard(INHIBITORY, POOL, HEARD, INPUT_TO_I)
    e_to_e = heard(EXCITATORY, EXCITATORY, E_TO_E, EE)
    e_to_i = heard(INHIBITORY, EXCITATORY, E_TO_I, EI)
    i_to_i = heard(INHIBITORY, INHIBITORY, I_TO_I, II)
    i_to_e = np.full((EXCITATORY, INHIBITORY), INITIAL)
    groups, projections = [Group("input", POOL)], []
    for k, rule in enumerate(rules):
        e, i = f"e_{k}", f"i_{k}"
        groups += [
            Group(e, EXCITATORY, TwoCurrentLIF()),
            Group(i, INHIBITORY, TwoCurrentLIF()),
        ]
        projections += [
            Projection(f"to_e_{k}", "input", e, to_e, "excitation"),
            Projection(f"to_i_{k}", "input", i, to_i, "excitation"),
            Projection(f"ee_{k}", e, e, e_to_e, "excitation"),
            Projection(f"ei_{k}", e, i, e_to_i, "excitation"),
            Projection(f"ii_{k}", i, i, i_to_i, "inhibition"),
            Projection(f"learn_{k}", i, e, i_to_e, "inhibition", rule.rule()),
        ]
    return Network("four terms", tuple(groups), tuple(projections), dt_seconds=1 * ms)


def stimulus(steps: int, seed: int) -> Stimulus:
    """Draw Poisson spikes of the inputs."""
    random = np.random.default_rng([seed, *b"poisson"])
    spikes = random.random((steps, POOL)) < INPUT_HZ * Hz * 1 * ms
    return Stimulus({"input": spikes.astype(np.uint8)})
