"""A rule bound to a connection of a network that is there already."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar import Group, LaharError, Network, Projection
from lahar.rules.library import LIF, STDP, CubaLIF, DeltaRule, ErrorLIF

DT = 1e-3
QUIET = ErrorLIF(gain=0.1)  # its own spikes count little beside the teacher


def network(**params: float) -> Network:
    weights = np.random.default_rng(0).normal(0.1, 0.2, (3, 8))
    groups = (Group("in", 8), Group("out", 3, LIF(**params)))
    return Network("imported", groups, (Projection("fc2", "in", "out", weights),), DT)


def test_a_rule_that_the_neuron_serves_is_bound() -> None:
    learning = network().attach("fc2", DeltaRule(w_max=2.0), ErrorLIF)

    assert learning.projection("fc2").rule == DeltaRule(w_max=2.0)
    assert network().projection("fc2").rule is None
    weights = learning.projection("fc2").weights
    np.testing.assert_array_equal(weights, network().projection("fc2").weights)


def test_what_was_attached_learns_on_the_chip() -> None:
    learning = network().attach("fc2", DeltaRule(w_max=1.0, eta=0.05), QUIET)
    program = lahar.compile(learning)
    spikes = np.random.default_rng(1).random((200, 8)) < 0.1
    teacher = np.tile([1.0, -1.0, 0.0], (200, 1))

    live = lahar.start(program, backend="interpreter")
    before = live.weights("fc2")
    live.run(lahar.Stimulus({"in": spikes}, {"teacher": teacher}), 200)

    change = (live.weights("fc2") - before).mean(axis=1)
    assert change[0] > 0.1
    assert change[1] < -0.1


def test_a_class_takes_over_the_parameters_that_both_models_have() -> None:
    tuned = network(tau=0.037, threshold=0.8)

    swapped = tuned.attach("fc2", DeltaRule, ErrorLIF).group("out").neuron
    given = tuned.attach("fc2", DeltaRule, ErrorLIF(tau=0.01)).group("out").neuron

    assert swapped == ErrorLIF(tau=0.037, threshold=0.8)
    assert given == ErrorLIF(tau=0.01)


def test_neurons_that_differ_go_on_to_do_so() -> None:
    from lahar.rules.per_neuron import with_per_neuron

    thresholds = np.array([0.5, 1.0, 1.5])
    made = with_per_neuron(LIF.declared, {"threshold": thresholds}, DT)
    out = Group("out", 3, made.neuron, initial=made.initial)
    plain = network()
    mixed = Network("imported", (plain.groups[0], out), plain.projections, DT)

    swapped = mixed.attach("fc2", DeltaRule, ErrorLIF).group("out")

    np.testing.assert_array_equal(swapped.initial["threshold"], thresholds)
    assert swapped.neuron is not None
    assert "error" in swapped.neuron.quantities


def test_a_rule_without_a_third_factor_needs_no_other_neuron() -> None:
    positive = network()
    weights = np.abs(positive.projection("fc2").weights)
    fc2 = Projection("fc2", "in", "out", weights)
    plastic = Network("n", positive.groups, (fc2,), DT).attach("fc2", STDP)

    assert plastic.group("out").neuron == LIF.declared
    assert lahar.compile(plastic).connections[0].learning is not None


def test_what_is_in_the_way_is_said() -> None:
    with pytest.raises(LaharError, match=r"R185[\s\S]*no projection `fc3`[\s\S]*fc2"):
        network().attach("fc3", DeltaRule)
    with pytest.raises(LaharError, match=r"R146[\s\S]*post\.error[\s\S]*error-lif"):
        network().attach("fc2", DeltaRule)
    with pytest.raises(LaharError, match=r"R146[\s\S]*CubaLIF"):
        network().attach("fc2", DeltaRule, CubaLIF)
    with pytest.raises(LaharError, match="R186"):
        network().attach("fc2", STDP).attach("fc2", DeltaRule, ErrorLIF)


def test_weights_beyond_the_bounds_are_refused_when_it_is_compiled() -> None:
    learning = network().attach("fc2", DeltaRule(w_max=0.1), ErrorLIF)

    with pytest.raises(LaharError, match="R230"):
        lahar.compile(learning)
