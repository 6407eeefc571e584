"""A projection may delay its spikes: by so many steps, or each synapse by its own."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar.diagnostics import LaharError
from lahar.rules.library import LIF, STDP
from lahar.rules.network import Group, Network, Projection
from lahar.rules.parser import parse_network
from lahar.rules.printer import print_network
from lahar.sim.reference_delays import OneSourceEach, on_the_way

OWN = np.array([[0, 5, 2], [3, 0, 7]])
TEXT = """\
network n:
    dt = 0.5 ms
    group a = input[2]
    group b = lif[3]
    projection p = a -> b.current, weights 0.5, delay {}
"""


def network(delay, rule=None) -> Network:
    weights = np.array([[0.5, 0.25, 0.125], [0.1, 0.2, 0.3]])
    projection = Projection("p", "pre", "post", weights, rule=rule, delay=delay)
    groups = (Group("pre", 3), Group("post", 2, LIF(threshold=0.9)))
    return Network("late", groups, (projection,), dt_seconds=1 * lahar.ms)


def one_spike_each() -> lahar.Stimulus:
    spikes = np.zeros((12, 3), np.uint8)
    spikes[0] = 1
    return lahar.Stimulus({"pre": spikes})


@pytest.mark.parametrize("backend", ["sim", "interpreter", "reference"])
@pytest.mark.parametrize("delay", [3, OWN], ids=["alike", "own"])
def test_a_weight_arrives_a_step_and_its_delay_later(backend, delay):
    original = network(delay)
    program = lahar.compile(original)
    unit = program.connection("p").weights / original.projections[0].weights
    scale = 1 if backend == "reference" else unit.mean()

    run = lahar.run(program, one_spike_each(), 12, backend, record=["p.a_out"])

    expected = np.zeros((12, 2))
    for (post, pre), steps in np.ndenumerate(np.broadcast_to(delay, (2, 3))):
        expected[1 + steps, post] += original.projections[0].weights[post, pre]
    assert run["p.a_out"] / scale == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("backend", ["interpreter", "reference"])
def test_a_rule_hears_spikes_as_they_are_sent(backend):
    late, early = (lahar.compile(network(d, STDP())) for d in (4, 0))
    spikes = one_spike_each()

    traces = [lahar.run(p, spikes, 12, backend, record=["p.x1"]) for p in (late, early)]

    assert traces[0]["p.x1"].any()
    assert np.array_equal(traces[0]["p.x1"], traces[1]["p.x1"])


@pytest.mark.parametrize("delay", [3, OWN], ids=["alike", "own"])
def test_lava_delays_alike(delay):
    program = lahar.compile(network(delay))

    verdict = lahar.validate(
        program, ("interpreter", "lava"), stimulus="poisson:rate=200Hz", steps=80
    )

    assert verdict.level == "identical"


def test_lava_cannot_learn_with_delays_and_says_so():
    program = lahar.compile(network(2, STDP()))

    with pytest.raises(LaharError, match="synapses that learn have no delays"):
        lahar.run(program, one_spike_each(), 12, "lava")


def test_a_chip_has_a_longest_delay():
    with pytest.raises(LaharError, match="a delay of 64 steps does not fit"):
        lahar.compile(network(64))


@pytest.mark.parametrize("delay", [-1, 0.5, np.inf])
def test_a_delay_is_a_whole_number_of_steps_from_0_on(delay):
    with pytest.raises(LaharError, match="is no whole number of steps"):
        lahar.compile(network(delay))


@pytest.mark.parametrize(
    ("delay", "shown"), [(3, "delay 3 steps"), (OWN, "delay @p.delay")]
)
def test_the_text_keeps_delays(delay, shown):
    text, arrays = print_network(network(delay))

    assert shown in text
    assert parse_network(text, arrays) == network(delay)
    assert parse_network(text, arrays) != network(0)


def test_a_text_may_give_a_delay_as_a_time():
    given = parse_network(TEXT.format("3 ms")).projections[0]

    assert (given.delays == 6).all()


@pytest.mark.parametrize("delay", [0, 3])
def test_neurons_with_one_source_each_get_what_a_product_gives(delay):
    weights = np.array([[0.0, -0.25, 0.0], [0.7, 0.0, 0.0], [0.0, 0.0, 0.0]])
    one_each, learning = (
        Projection("p", "a", "b", weights, rule=rule, delay=delay)
        for rule in (None, STDP())
    )
    fast, whole = on_the_way(one_each), on_the_way(learning)
    assert isinstance(fast, OneSourceEach)
    assert not isinstance(whole, OneSourceEach)
    random = np.random.default_rng(1)

    for _ in range(20):
        assert fast.next().tobytes() == whole.next().tobytes()
        sent = random.normal(size=3) * random.integers(0, 2, 3)
        fast.send(weights, sent)
        whole.send(weights, sent)
