"""The closed loop of the float reference against values computed by hand.

Section numbers are those of docs/semantics.md.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.rules.expr import clip, every, exp, post, pre, w, where
from lahar.rules.language import (
    Modulator,
    Param,
    Rule,
    Tag,
    Trace,
)
from lahar.rules.library import (
    LIF,
    STDP,
    InhibitorySTDP,
    NearestSTDP,
    Oja,
    RewardSTDP,
)
from lahar.rules.network import Group, Network, Projection
from lahar.rules.neuron import Neuron
from lahar.rules.rule import LearningRule
from lahar.sim.backend import Trajectory
from lahar.sim.reference import run_reference
from lahar.sim.reference_names import reference_variables
from lahar.sim.stimulus import Stimulus

DT = 1e-3
TAU = 20e-3
START = 0.3


def driven(rule: LearningRule, neuron: Neuron | None = None) -> Network:
    """One synapse that learns; a spike of `drive` makes `post` spike a step later."""
    return Network(
        "pair",
        (Group("pre", 1), Group("drive", 1), Group("post", 1, neuron or LIF())),
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


# --- section 1: the order of events -----------------------------------------------


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


# --- section 2: rules -------------------------------------------------------------


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


def test_weights_stay_within_their_bounds() -> None:
    class Push(Rule):
        top = Param(0.5)
        dw = 0.3 * pre - 0.4 * post
        bounds = (0.1, top)

    trajectory = run(driven(Push()), 5, pre_at=(2,), post_at=(3, 4))

    weights = trajectory.variables["synapse.weights"][:, 0, 0]
    assert weights == pytest.approx([START, 0.5, 0.1, 0.1, 0.1])


def test_initial_weights_outside_the_bounds_are_clipped_by_the_first_step() -> None:
    trajectory = run(driven(STDP(), None), 1)
    assert trajectory.final["synapse.weights"][0, 0] == START

    class Narrow(Rule):
        dw = 0.0 * pre
        bounds = (0.4, 0.5)

    assert run(driven(Narrow()), 1).final["synapse.weights"][0, 0] == 0.4


def test_a_delay_variable_starts_at_zero_and_reads_as_such() -> None:
    from lahar.rules.expr import delay

    class Read(Rule):
        dw = 0.1 * (delay + 1) * pre
        bounds = (0.0, 1.0)

    trajectory = run(driven(Read()), 2, pre_at=(1,))

    assert trajectory.final["synapse.weights"][0, 0] == pytest.approx(START + 0.1)
    assert trajectory.final["synapse.delay"].tolist() == [[0]]


def test_modulators_reach_each_neuron_and_stay_in_their_bounds() -> None:
    class Reward(Rule):
        reward = Modulator(low=-1.0, high=1.0)
        dw = 0.1 * reward
        bounds = (-1.0, 1.0)
        polarity = "mixed"

    network = Network(
        "two",
        (Group("pre", 1), Group("post", 2, LIF())),
        (Projection("s", "pre", "post", np.zeros((2, 1)), rule=Reward()),),
        DT,
    )
    reward = np.array([[0.5, -0.5], [4.0, -4.0]])
    stimulus = Stimulus({"pre": np.zeros((2, 1))}, {"reward": reward})

    trajectory = run_reference(
        network, stimulus, 2, record=frozenset({"post.reward", "s.reward"})
    )

    assert trajectory.final["s.weights"][:, 0] == pytest.approx([0.15, -0.15])
    assert trajectory.variables["post.reward"].tolist() == [[0.5, -0.5], [1.0, -1.0]]
    assert trajectory.variables["s.reward"].tolist() == [[0.5, -0.5], [1.0, -1.0]]


# --- what is refused --------------------------------------------------------------


def code_of(error: pytest.ExceptionInfo[LaharError]) -> str:
    return error.value.diagnostics[0].code


def test_a_division_by_zero_names_expression_and_step() -> None:
    class Divides(Rule):
        x = Trace(pre, tau=TAU)
        dw = 0.1 * post / x
        bounds = (0.0, 1.0)

    with pytest.raises(LaharError) as error:
        run(driven(Divides()), 5, post_at=(3,))

    assert code_of(error) == "S451"
    assert "in step 1" in str(error.value)


def test_a_guarded_division_is_computed() -> None:
    class Guarded(Rule):
        x = Trace(pre, tau=TAU)
        dw = where(x > 0, 0.1 / where(x > 0.5, x, 0.5), 0.0) * pre
        bounds = (0.0, 1.0)

    class ByHalves(Rule):
        x = Trace(pre, tau=TAU)
        dw = pre * where(x > 0, 0.1 / x, 0.0)
        bounds = (0.0, 1.0)

    for rule in (Guarded(), ByHalves()):
        trajectory = run(driven(rule), 3, pre_at=(2,))
        assert trajectory.final["synapse.weights"][0, 0] == pytest.approx(START + 0.1)


def test_a_chosen_branch_without_a_number_stops_the_run() -> None:
    class WrongWay(Rule):
        x = Trace(pre, tau=TAU)
        dw = where(x > 0, 0.0, 0.1 / x)
        bounds = (0.0, 1.0)

    with pytest.raises(LaharError) as error:
        run(driven(WrongWay()), 2)

    assert code_of(error) == "S451"


def test_an_overflow_stops_the_run_even_where_a_clip_would_hide_it() -> None:
    class Explodes(Rule):
        dw = clip(exp(10000 * w), 0, 1) * pre
        bounds = (0.0, 1.0)

    with pytest.raises(LaharError) as error:
        run(driven(Explodes()), 2)

    assert code_of(error) == "S451"


def test_a_constant_part_without_a_value_stops_the_run() -> None:
    class Constant(Rule):
        zero = Param(0.0)
        dw = pre * (1 / zero)
        bounds = (0.0, 1.0)

    with pytest.raises(LaharError) as error:
        run(driven(Constant()), 1)

    assert code_of(error) == "R148"


def test_a_network_without_dt_and_a_learned_delay_are_refused() -> None:
    from dataclasses import replace

    network = driven(STDP())
    with pytest.raises(LaharError) as error:
        run(replace(network, dt_seconds=None), 2)
    assert code_of(error) == "S450"

    class LearnsDelay(Rule):
        dw = 0.1 * pre
        ddelay = 1.0 * pre
        bounds = (0.0, 1.0)

    with pytest.raises(LaharError) as error:
        run(driven(LearnsDelay()), 2)
    assert code_of(error) == "S452"


def test_a_faulty_network_or_stimulus_is_refused_before_the_run() -> None:
    class ReadsError(Rule):
        dw = pre * post.error
        bounds = (0.0, 1.0)

    with pytest.raises(LaharError) as error:
        run(driven(ReadsError()), 2)
    assert code_of(error) == "R146"

    with pytest.raises(LaharError) as error:
        run_reference(driven(STDP()), Stimulus({"pre": np.zeros((2, 1))}), 2)
    assert code_of(error) == "S401"


def test_an_unknown_name_to_record_is_refused_with_what_was_meant() -> None:
    network = driven(STDP())
    stimulus = Stimulus({"pre": np.zeros((2, 1)), "drive": np.zeros((2, 1))})

    with pytest.raises(LaharError) as error:
        run_reference(network, stimulus, 2, record=frozenset({"post.vv"}))

    assert code_of(error) == "S420"
    assert "did you mean `post.v`" in str(error.value)


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
