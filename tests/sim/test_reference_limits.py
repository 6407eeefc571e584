"""What the float reference keeps within bounds, and what it refuses to compute.

The bounds are those of section 2 of docs/semantics.md.
"""

from __future__ import annotations

import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.rules.expr import clip, exp, post, pre, w, where
from lahar.rules.language import Modulator, Param, Rule, Trace
from lahar.rules.library import LIF, STDP
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
) -> Trajectory:
    """Run with pre spikes and (through `drive`) post spikes at the given steps."""
    drive = spikes_at(steps, *(t - 1 for t in post_at))
    stimulus = Stimulus({"pre": spikes_at(steps, *pre_at), "drive": drive})
    everything = frozenset(reference_variables(network))
    return run_reference(network, stimulus, steps, record=everything)


def code_of(error: pytest.ExceptionInfo[LaharError]) -> str:
    return error.value.diagnostics[0].code


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
