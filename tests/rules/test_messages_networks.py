"""What is said about groups, projections and weights: compared with golden texts."""

import numpy as np
import pytest

from lahar.rules.check import check_whole_network as check_all
from lahar.rules.library import LIF, STDP
from lahar.rules.network import Group, Network
from lahar.rules.parser import parse_network

NETWORK = """\
network n:
    dt = 1 ms
    group a = input[2]
    group b = lif[3]
    projection p = {}
"""


def test_a_message_about_a_network_is_the_golden_one(case, assert_golden):
    assert_golden(case)


@pytest.mark.case("R118")
def _unknown_models():
    text = NETWORK.replace("lif[", "lief[").format(
        "a -> b.current, weights 0.5, rule stpd"
    )
    parse_network(text)


@pytest.mark.case("R119")
def _unknown_array():
    parse_network(NETWORK.format("a -> b.current, weights @p.weights"))


@pytest.mark.case("R120")
def _unknown_group():
    parse_network(NETWORK.format("a -> c.current, weights 0.5"))


@pytest.mark.case("R121")
def _unknown_port():
    return check_all(parse_network(NETWORK.format("a -> b.apical, weights 0.5")))


@pytest.mark.case("R122")
def _transposed_weights():
    text = NETWORK.format("a -> b.current, weights @p")
    return check_all(parse_network(text, {"p": np.zeros((2, 3))}))


@pytest.mark.case("R129")
def _transposed_mask():
    text = NETWORK.format("a -> b.current, weights 0.5, connected @p")
    return check_all(parse_network(text, {"p": np.ones((2, 3))}))


@pytest.mark.case("R127")
def _first_values_of_another_group():
    group = Group("b", 3, LIF(), initial={"v": np.zeros(2)})
    return check_all(Network("n", (group,), ()))


@pytest.mark.case("R128")
def _first_value_of_an_output():
    group = Group("b", 3, LIF(), initial={"u": 0.5})
    return check_all(Network("n", (group,), ()))


@pytest.mark.case("R142")
def _first_value_is_infinite():
    group = Group("b", 3, LIF(), initial={"v": np.array([0.0, np.inf, 0.0])})
    return check_all(Network("n", (group,), ()))


@pytest.mark.case("R171")
def _transposed_delays():
    text = NETWORK.format("a -> b.current, weights 0.5, delay @p")
    return check_all(parse_network(text, {"p": np.ones((2, 3))}))


@pytest.mark.case("R172")
def _delay_between_two_steps():
    parse_network(NETWORK.format("a -> b.current, weights 0.5, delay 2.5 ms"))


@pytest.mark.case("R177")
def _latency_between_two_steps():
    Group("b", 3, LIF(), latency=0.5)


@pytest.mark.case("R174")
def _nothing_is_out_of_bounds():
    return check_all(Network("n", (Group("in", 3, graded=(0.5, 1.0)),), ()))


@pytest.mark.case("R175")
def _neurons_with_bounds_of_a_stimulus():
    group = Group("b", 3, LIF(), graded=(0.0, 1.0))
    return check_all(Network("n", (group,), ()))


@pytest.mark.case("R123")
def _weight_is_nan():
    weights = np.full((3, 2), 0.5)
    weights[1, 0] = np.nan
    text = NETWORK.format("a -> b.current, weights @p")
    return check_all(parse_network(text, {"p": weights}))


@pytest.mark.case("R124")
def _projection_to_an_input():
    return check_all(parse_network(NETWORK.format("b -> a.current, weights 0.5")))


@pytest.mark.case("R126")
def _too_many_synapses():
    text = NETWORK.format("a -> b.current, weights 0.5")
    parse_network(text.replace("[2]", "[1e6]").replace("[3]", "[1e6]"))


@pytest.mark.case("R144")
def _source_that_never_spikes():
    text = """
        network n:
            neuron N:
                port current
                state v
                dv = current
            group a = N[1]
            group b = lif[1]
            projection p = a -> b.current, weights 1
    """
    return check_all(parse_network(text))


@pytest.mark.case("R149")
def _group_of_none():
    return check_all(Network("n", (Group("a", 0),), ()))


@pytest.mark.case("R150")
def _time_step_of_none():
    return check_all(Network("n", (Group("a", 1),), (), 0.0))


@pytest.mark.case("R185")
def _attached_to_nothing():
    text = NETWORK.format("a -> b.current, weights 0.5")
    parse_network(text).attach("q", STDP)


@pytest.mark.case("R186")
def _attached_twice():
    text = NETWORK.format("a -> b.current, weights 0.5")
    parse_network(text).attach("p", STDP).attach("p", STDP)
