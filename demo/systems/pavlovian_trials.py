"""Trials of conditioning: a cue, then a reward or none, and a host that is surprised.

64 associative units. A cue comes alone for 400 ms; before the reward the host decodes
from the rates whether it is expected, and 200 ms after its onset it lets the synapses
learn for 200 ms, by as much as it was wrong.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ...hardware.program import Program
from ...live import start
from ...rules.library.conditioning import (
    AssociativeUnit,
    Cue,
    ForetellSoma,
    ForetellSomaRecurrent,
    SurprisingHebb,
)
from ...rules.network import FloatArray, Group, Network, Projection
from ...rules.rule import LearningRule
from ...sim.stimulus import Stimulus
from ...units import Hz, ms
from ...verbs import compile as compile_for_chip
from .frame import Arithmetic, value_in_rule_units

UNITS, LINES = 64, 20
APART = 8  # bits in which two patterns differ at least
SPREAD = UNITS**-0.5  # standard deviation of the first weights
SHUNT = 3 * SPREAD  # inhibition that comes with every reward
LOUDEST = 3.0  # of two cues together, one of them twice as loud
GRAIN = 64  # a host says whole parts of so many of a surprise, and less as none
PAUSE, ALONE, UNTIL_SURPRISE, LEARNING = 10, 40, 20, 20  # steps of 10 ms
_T = 10.0 * np.arange(1, LEARNING + 1)
_RISE = np.exp(-_T / 75) - np.exp(-_T / 50)
GATE: FloatArray = _RISE / _RISE.max()
"""Course of a surprise of 1: the paper's two low-passes of 200 and 300 ms, four times
as fast; the rule's rate is higher in return."""

Rules = tuple[LearningRule, LearningRule | None]
"""Of the synapses of cues, and of those between units."""
PAPER: Rules = (ForetellSoma(), ForetellSomaRecurrent())
THRICE: Rules = (ForetellSoma(eta=0.09), ForetellSomaRecurrent(eta=0.0117))
HEBB: Rules = (SurprisingHebb(), None)


def patterns(random: np.random.Generator, number: int) -> FloatArray:
    """Draw patterns of 0 and 1 that are far apart, (number, line)."""
    drawn: list[FloatArray] = []
    while len(drawn) < number:
        pattern = random.integers(0, 2, LINES).astype(float)
        if all((pattern != other).sum() >= APART for other in drawn):
            drawn.append(pattern)
    return np.array(drawn)


def network(seed: int, rules: Rules) -> Network:
    """Draw the weights; rewards go to the soma, cues and other units to the dendrite.

    The last line of the reward is on with all patterns and shunts.
    """
    random = np.random.default_rng([seed, *b"pavlov"])
    between = np.abs(random.normal(0.0, SPREAD, (UNITS, UNITS))).clip(0.0, 0.95)
    reward = random.normal(0.0, SPREAD, (UNITS, LINES))
    cue = random.normal(0.0, SPREAD, (UNITS, LINES))
    reward = np.column_stack([reward, np.full(UNITS, -SHUNT)])
    relayed = np.eye(LINES)
    rule, recurrent = rules
    return Network(
        "conditioning",
        (
            Group("reward", LINES + 1),
            Group("shown", LINES, graded=(0.0, LOUDEST)),
            Group("cue", LINES, Cue()),
            Group("unit", UNITS, AssociativeUnit()),
        ),
        (
            Projection("excite", "reward", "unit", reward.clip(0.0), "excitation"),
            Projection("inhibit", "reward", "unit", (-reward).clip(0.0), "inhibition"),
            Projection("hear", "shown", "cue", relayed, "heard"),
            Projection("learn", "cue", "unit", cue, "cue", rule),
            Projection("between", "unit", "unit", between, "recurrent", recurrent),
        ),
        dt_seconds=10 * ms,
    )


@cache
def compiled(seed: int, rules: Rules) -> tuple[Network, Program]:
    """Draw and compile, once for all animals of a seed."""
    drawn = network(seed, rules)
    return drawn, compile_for_chip(drawn, rate=10 * Hz)


def rates_of_reward(network: Network, reward: FloatArray) -> FloatArray:
    """Give the rates that a reward alone would bring about, without a dendrite."""
    lines = np.append(reward, 1.0)
    g_e, g_i = (network.projection(n).weights @ lines for n in ("excite", "inhibit"))
    soma = (14.0 / 3.0 * g_e - g_i / 3.0) / (g_e + g_i)
    rates: FloatArray = 1.0 / (1.0 + np.exp(-2.0 * (soma - 1.5)))
    return rates


class Animal:
    """A network under way, with the pairs it may be taught and the host's decoder."""

    def __init__(
        self,
        arithmetic: Arithmetic,
        seed: int,
        pairs: int,
        rules: Rules = PAPER,
        rewards: FloatArray | None = None,
    ) -> None:
        """Draw what is not given; ``rewards`` (pair, line) may be another's."""
        drawn, program = compiled(seed, rules)
        random = np.random.default_rng([seed, *b"pairs"])
        own = patterns(random, pairs)
        self.rewards = own if rewards is None else rewards
        self.cues = patterns(random, pairs)
        self.aims = np.array([rates_of_reward(drawn, r) for r in self.rewards])
        self._decode = (np.linalg.pinv(self.aims) @ self.rewards).T
        in_float = arithmetic == "reference"
        profile, backend = (None, "reference") if in_float else (arithmetic, "sim")
        self._live = start(program, profile, backend, seed)

    def _show(
        self, steps: int, cue: FloatArray, reward: FloatArray, gate: FloatArray
    ) -> FloatArray:
        """Go on with constant input; give the rates of the last step."""
        given = presented(steps, cue, reward, gate)
        recording = self._live.run(given, steps, ["unit.r"])
        last: FloatArray = value_in_rule_units(recording, "unit.r")[-1]
        return last

    def weights(self) -> FloatArray:
        """Read what cues weigh now, (unit, line)."""
        return self._live.weights("learn")

    def respond(self, cue: FloatArray) -> FloatArray:
        """Show a cue alone after a pause, and give the rates it leads to."""
        nothing = np.zeros(LINES)
        self._show(PAUSE, nothing, nothing, np.zeros(PAUSE))
        return self._show(ALONE, cue, nothing, np.zeros(ALONE))

    def expects(self, rates: FloatArray, pair: int) -> float:
        """Give E: 1 if the decoded rates are that reward, near 0 if they are not."""
        off = self._decode @ rates - self.rewards[pair]
        return float(np.exp(-(off**2).sum()))

    def likeness(self, cue: FloatArray, pair: int = 0) -> float:
        """Correlate the response to a cue with the one to the reward; 0 if flat."""
        rates = self.respond(cue)
        if rates.std() == 0.0:  # as after too much of Hebb's rule
            return 0.0
        return float(np.corrcoef(rates, self.aims[pair])[0, 1])

    def trial(self, cue: FloatArray, pair: int, *, omitted: bool = False) -> float:
        """Show a cue, then its reward or nothing, learn; give what was expected."""
        expected = self.expects(self.respond(cue), pair)
        reward = 0.0 * self.rewards[pair] if omitted else self.rewards[pair]
        self.learn(cue, reward, -expected if omitted else 1.0 - expected)
        return expected

    def learn(self, cue: FloatArray, reward: FloatArray, surprise: float) -> None:
        """Go on with a cue and what follows; learn by whole 64ths of the surprise."""
        told = int(surprise * GRAIN) / GRAIN
        self._show(UNTIL_SURPRISE, cue, reward, np.zeros(UNTIL_SURPRISE))
        self._show(LEARNING, cue, reward, told * GATE)


def presented(
    steps: int, cue: FloatArray, reward: FloatArray, gate: FloatArray
) -> Stimulus:
    """Give constant inputs for some steps, with the host's surprise."""
    lines = np.append(reward, float(reward.any()))
    spikes = {"reward": np.tile(lines, (steps, 1)).astype(np.uint8)}
    values = {"shown": np.tile(cue, (steps, 1))}
    return Stimulus({**spikes, **values}, {"surprise": gate})
