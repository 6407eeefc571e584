"""The closed loop of the float reference against values computed by hand.

The order of events first, then rules: sections 1 and 2 of docs/semantics.md.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from lahar.rules.expr import every, exp, pre, w
from lahar.rules.language import Rule, Tag, Trace
from lahar.rules.library import (
    LIF,
    STDP,
    InhibitorySTDP,
    NearestSTDP,
    Oja,
    RewardSTDP,
)
from lahar.rules.network import Group, Network, Projection
from lahar.rules.rule import LearningRule
from lahar.sim.backend import Trajectory
from lahar.sim.reference import run_reference
from lahar.sim.reference_names import reference_variables
from lahar.sim.stimulus import Stimulus

DT = 1e-3
TAU = 20e-3
START = 0.3


def driven(rule: LearningRule) -> Network:
    """One synapse that learns; a spike of `drive` makes `post` spike a step later."""
    return Network(
        "pair",
        (Group("pre", 1), Group("drive", 1), Group("post", 1, LIF())),
        (
            Projection("synapse", "pre", "post", np.full((1, 1), START), rule=rule),
            Projection("force", "drive", "post", np.full((1, 1), 50.0)),
        ),
        DT,
    )


def spikes_at(steps: int, *times: int) -> np.ndarray:
    rows = np.zeros((steps, 1))
    rows[np.array(times, int) - 1] = 1
    return rows


def run(
    network: Network,
    steps: int,
    pre_at: tuple[int, ...] = (),
    post_at: tuple[int, ...] = (),
    **modulators: object,
) -> Trajectory:
    """Run with pre spikes and (through `drive`) post spikes at the given steps."""
    drive = spikes_at(steps, *(t - 1 for t in post_at))
    stimulus = Stimulus(
        {"pre": spikes_at(steps, *pre_at), "drive": drive},
        {k: np.asarray(v, float) for k, v in modulators.items()},
    )
    everything = frozenset(reference_variables(network))
    return run_reference(network, stimulus, steps, record=everything)


def test_a_spike_arrives_one_step_after_it_was_sent() -> None:
    trajectory = run(driven(STDP()), 4, pre_at=(2,))

    assert trajectory.variables["synapse.a_out"][:, 0].tolist() == [0, 0, START, 0]


def test_new_weights_act_on_spikes_of_the_next_step() -> None:
    class Grow(Rule):
        dw = 0.1 * pre
        bounds = (0.0, 1.0)

    trajectory = run(driven(Grow()), 4, pre_at=(1, 2))

    # The spike of step 1 travels with the old weight, that of step 2 with the new one.
    assert trajectory.variables["synapse.a_out"][:3, 0] == pytest.approx(
        [0, START, START + 0.1]
    )


def test_a_trace_read_at_t_includes_the_spike_of_t() -> None:
    class Read(Rule):
        x = Trace(pre, tau=TAU)
        dw = 0.1 * x * pre
        bounds = (0.0, 1.0)

    trajectory = run(driven(Read()), 3, pre_at=(2,))

    weights = trajectory.variables["synapse.weights"][:, 0, 0]
    assert weights == pytest.approx([START, START + 0.1, START + 0.1])


def test_before_excludes_the_spike_of_this_step() -> None:
    class Read(Rule):
        x = Trace(pre, tau=TAU)
        dw = 0.1 * x.before * pre
        bounds = (0.0, 1.0)

    trajectory = run(driven(Read()), 4, pre_at=(2, 4))

    weights = trajectory.variables["synapse.weights"][:, 0, 0]
    grown = START + 0.1 * math.exp(-2 * DT / TAU)
    assert weights == pytest.approx([START, START, START, grown], rel=1e-14)


def test_a_tag_is_read_before_it_decays_and_before_its_update() -> None:
    rule = RewardSTDP(tau_tag=0.01, a_plus=0.10, a_minus=0.15, rate=0.05)
    tag_decay, jump = math.exp(-DT / 0.01), 0.10 - 0.15

    # Pre and post coincide at step 3: x = y = 1, so dtag = a_plus - a_minus.
    trajectory = run(driven(rule), 5, pre_at=(3,), post_at=(3,), reward=[1, 1, 1, 1, 0])

    tags = trajectory.variables["synapse.tag"][:, 0, 0]
    assert tags == pytest.approx(
        [0, 0, jump, jump * tag_decay, jump * tag_decay**2], rel=1e-12
    )
    # Step 3 sees the old tag (0), step 4 the tag of step 3, undecayed.
    weights = trajectory.variables["synapse.weights"][:, 0, 0]
    assert weights[2] == START
    assert weights[3] == pytest.approx(START + 0.05 * jump, rel=1e-14)
    assert weights[4] == weights[3]


def test_all_updates_read_the_values_before_the_step() -> None:
    class Swap(Rule):
        tag = Tag()
        dw = tag - w
        dtag = w - tag
        bounds = (0.0, 1.0)

    trajectory = run(driven(Swap()), 3)

    assert trajectory.variables["synapse.weights"][:, 0, 0].tolist() == [0, START, 0]
    assert trajectory.variables["synapse.tag"][:, 0, 0].tolist() == [START, 0, START]


def test_every_holds_in_multiples_of_n_counted_from_step_1() -> None:
    class Tick(Rule):
        dw = 0.1 * every(3)
        bounds = (0.0, 1.0)

    trajectory = run(driven(Tick()), 7)

    growth = np.diff(trajectory.variables["synapse.weights"][:, 0, 0], prepend=START)
    assert growth == pytest.approx([0, 0, 0.1, 0, 0, 0.1, 0])


@pytest.mark.parametrize("lag", [-40, -7, -1, 0, 1, 2, 13, 40])
def test_stdp_gives_its_exponential_window_exactly(lag: int) -> None:
    pair = STDP(a_plus=0.010, a_minus=0.012, tau_plus=TAU, tau_minus=TAU)
    pre_at = 50
    trajectory = run(driven(pair), 100, pre_at=(pre_at,), post_at=(pre_at + lag,))

    expected = START
    if lag >= 0:  # coincident spikes use traces that include each other (section 1)
        expected += 0.010 * math.exp(-lag * DT / TAU)
    if lag <= 0:
        expected -= 0.012 * math.exp(lag * DT / TAU)
    assert trajectory.final["synapse.weights"][0, 0] == pytest.approx(
        expected, rel=1e-13
    )


def test_traces_of_all_spikes_add_up_and_nearest_ones_do_not() -> None:
    decay = math.exp(-DT / TAU)
    times = {"pre_at": (2, 5), "post_at": (9,)}

    adding = run(driven(STDP()), 10, **times)
    nearest = run(driven(NearestSTDP(a_plus=0.01)), 10, **times)

    assert adding.variables["synapse.x"][8, 0] == pytest.approx(decay**7 + decay**4)
    assert nearest.variables["synapse.x"][8, 0] == pytest.approx(decay**4)
    assert nearest.variables["synapse.weights"][9, 0, 0] == pytest.approx(
        START + 0.010 * decay**4, rel=1e-14
    )


def test_oja_grows_by_the_trace_and_forgets_by_the_weight() -> None:
    trajectory = run(driven(Oja(eta=0.02)), 6, pre_at=(3,), post_at=(5,))

    x = math.exp(-2 * DT / TAU)
    expected = START + 0.02 * (x - 1.0 * START)
    assert trajectory.final["synapse.weights"][0, 0] == pytest.approx(
        expected, rel=1e-14
    )


def test_inhibitory_weights_count_positive_and_act_negative() -> None:
    trajectory = run(
        driven(InhibitorySTDP(eta=0.01, alpha=0.2)), 6, pre_at=(2, 5), post_at=(4,)
    )

    decay = math.exp(-DT / TAU)
    weight = START + 0.01 * (0 - 0.2)  # a pre spike alone depresses
    a_out = trajectory.variables["synapse.a_out"][:, 0]
    assert a_out[2] == -START
    weight += 0.01 * decay**2  # a post spike potentiates by the pre trace
    assert a_out[5] == pytest.approx(-weight, rel=1e-14)
    weight += 0.01 * (decay - 0.2)  # a pre spike soon after a post spike
    assert trajectory.final["synapse.weights"][0, 0] == pytest.approx(weight, rel=1e-14)


def test_a_delay_variable_starts_at_zero_and_reads_as_such() -> None:
    from lahar.rules.expr import delay

    class Read(Rule):
        dw = 0.1 * (delay + 1) * pre
        bounds = (0.0, 1.0)

    trajectory = run(driven(Read()), 2, pre_at=(1,))

    assert trajectory.final["synapse.weights"][0, 0] == pytest.approx(START + 0.1)
    assert trajectory.final["synapse.delay"].tolist() == [[0]]


def test_final_values_are_there_whether_recorded_or_not() -> None:
    network = driven(RewardSTDP())
    stimulus = Stimulus(
        {"pre": np.ones((5, 1)), "drive": np.ones((5, 1))}, {"reward": np.ones(5)}
    )
    done: list[int] = []

    trajectory = run_reference(network, stimulus, 5, progress=done.append)

    assert not trajectory.variables
    assert {n: v.shape for n, v in trajectory.final.items()} == reference_variables(
        network
    )
    assert sum(done) == 5


def test_exp_of_a_trace_is_the_exponential() -> None:
    class Exponential(Rule):
        x = Trace(pre, tau=TAU)
        dw = 0.01 * exp(x) * pre
        bounds = (0.0, 1.0)

    trajectory = run(driven(Exponential()), 2, pre_at=(1,))

    assert trajectory.final["synapse.weights"][0, 0] == pytest.approx(
        START + 0.01 * math.e
    )
