"""What the language itself says about a rule or a model: compared with golden texts."""

import pytest

from lahar.rules.check import check_rule
from lahar.rules.parser import parse_neuron, parse_rule
from lahar.units import parse_duration


def test_a_message_of_the_language_is_the_golden_one(case, assert_golden):
    assert_golden(case)


@pytest.mark.case("R101")
def _bare_number_as_time():
    parse_duration("5")


@pytest.mark.case("R102")
def _symbol_in_an_if(load_python):
    load_python(
        "class Mine(Rule):\n"
        "    x = Trace(pre, tau=20 * ms)\n"
        "    dw = pre if x > 0.5 else -1.0 * pre\n"
    )


@pytest.mark.case("R103")
def _symbol_in_math(load_python):
    load_python("import math\nclass Mine(Rule):\n    dw = pre * math.sqrt(w)\n")


@pytest.mark.case("R104")
def _text_in_an_expression(load_python):
    load_python("class Mine(Rule):\n    dw = pre * 'half'\n")


@pytest.mark.case("R105")
def _unknown_parameter(load_python):
    load_python("Mine = STDP(a_pluss=0.02)\n")


@pytest.mark.case("R106")
def _unknown_attribute(load_python):
    load_python("class Mine(Rule):\n    dw = pre * 0.1\n    bound = (0.0, 2.0)\n")


@pytest.mark.case("R106")
def _unknown_line():
    parse_rule("rule Mine:\n    dw = pre\n    wd = pre\n")


@pytest.mark.case("R107")
def _rule_without_update(load_python):
    load_python("class Mine(Rule):\n    x = Trace(pre, tau=20 * ms)\n")


@pytest.mark.case("R107")
def _state_without_drive():
    parse_neuron("neuron Mine:\n    state v\n    spike = v > 1\n")


@pytest.mark.case("R107")
def _text_without_update():
    return check_rule(parse_rule("rule Mine:\n    param a = 1\n"))


@pytest.mark.case("R108")
def _nameless_trace(load_python):
    load_python("class Mine(Rule):\n    dw = pre * Trace(post, tau=20 * ms)\n")


@pytest.mark.case("R173")
def _send_without_bounds(load_python):
    lines = "    v = State()\n    dv = 0.0\n    send = v + 1\n"
    load_python("class Mine(NeuronModel):\n" + lines)


@pytest.mark.case("R109")
def _subclass_of_a_rule(load_python):
    load_python("class Mine(STDP):\n    bounds = (0.0, 2.0)\n")


@pytest.mark.case("R110")
def _index(load_python):
    load_python("class Mine(Rule):\n    dw = pre * w[3]\n")


@pytest.mark.case("R110")
def _voltage_of_the_pre_neuron(load_python):
    load_python("class Mine(Rule):\n    dw = post * pre.v\n")


@pytest.mark.case("R110")
def _sum_over_synapses():
    parse_rule("rule Mine:\n    dw = pre * (1 - sum(w)) - w[3] + w.mean() + pre.v\n")
