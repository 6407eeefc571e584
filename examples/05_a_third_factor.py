"""A reward that comes later decides whether a pairing strengthens or weakens.

Reward-modulated STDP (Izhikevich 2007, Cerebral Cortex 17:2443): a pairing of spikes
only leaves a tag at the synapse, which fades; a reward writes the tag into the weight,
with its sign. Two inputs are paired with a neuron here, one 5 ms before its spike and
one 5 ms after; 40 ms later comes the reward.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

import lahar
from lahar import (
    Group,
    Modulator,
    Network,
    Param,
    Program,
    Projection,
    Rule,
    Stimulus,
    Tag,
    Trace,
    ms,
    post,
    pre,
)
from lahar.rules.library import LIF

NEURONS = 50
TRIALS = 10
TRIAL_STEPS = 500
STEPS = TRIALS * TRIAL_STEPS


class RewardSTDP(Rule):
    """STDP into a tag that decays; reward times tag into the weight."""

    tau = Param(20 * ms)
    # The tag loses 1/128 of itself in a step, the slowest decay that the engine has
    # of its own. A slower one, such as the paper's second, is possible and loses bits:
    # the report then warns with L18.
    tau_tag = Param(128 * ms)
    x = Trace(pre, tau=tau)
    y = Trace(post, tau=tau)
    tag = Tag(tau=tau_tag)
    reward = Modulator(low=-1.0, high=1.0)
    dtag = 0.10 * x * post - 0.10 * y * pre
    dw = 0.02 * reward * tag
    bounds = (0.0, 1.0)


def network() -> Network:
    """Two plastic inputs that are too weak to matter, and a teacher that decides."""
    neuron = LIF(threshold=5.0)
    return Network(
        "reward",
        (Group("cue", 2), Group("teacher", 1), Group("cell", NEURONS, neuron)),
        (
            Projection("teach", "teacher", "cell", np.full((NEURONS, 1), 10.0)),
            Projection(
                "learn", "cue", "cell", np.full((NEURONS, 2), 0.5), rule=RewardSTDP()
            ),
        ),
        dt_seconds=1 * ms,
    )


def stimulus(reward: float) -> Stimulus:
    """Ten trials: cue 0, the neuron's spike, cue 1; the reward lasts 20 ms."""
    cue = np.zeros((STEPS, 2), np.uint8)
    teacher = np.zeros((STEPS, 1), np.uint8)
    level = np.zeros(STEPS)
    for start in range(0, STEPS, TRIAL_STEPS):
        cue[start + 20, 0] = 1
        teacher[start + 24] = 1  # a spike takes one step: the neuron fires at 25
        cue[start + 30, 1] = 1
        level[start + 70 : start + 90] = reward
    return Stimulus({"cue": cue, "teacher": teacher}, {"reward": level})


def learned(program: Program, reward: float) -> npt.NDArray[np.float64]:
    """Mean change of the weight of each cue, in units of the rule."""
    recording = lahar.run(program, stimulus(reward), steps=STEPS, record=None)
    before = program.connection("learn").weights.mean(axis=0)
    after = recording.final["learn.weights"].mean(axis=0)
    change: npt.NDArray[np.float64] = after - before
    return change / recording.view("learn.weights").scale


def main() -> None:
    program = lahar.compile(network(), chip="loihi2")

    # Where the parts of the rule went. The reward is broadcast to the neurons, which
    # hand it to their synapses as one of three graded values. Such a value has 7 bits
    # and no sign, so reward + 64 is sent and y2 - 64 is read.
    for term in program.report.terms:
        print(f"    {term.target:5} {term.term:22} {term.status:13} {term.how}")

    print("\nreward    cue before the spike    cue after it")
    for reward in (1.0, 0.0, -1.0):
        first, second = learned(program, reward)
        print(f"{reward:+6.0f}    {first:+20.3f}    {second:+12.3f}")


if __name__ == "__main__":
    main()
