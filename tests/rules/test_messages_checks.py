"""What is said about rules and neuron models that parse but make no sense."""

import pytest

from lahar.rules.check import check_neuron, check_rule, check_rule_on_neuron
from lahar.rules.check import check_whole_network as check_all
from lahar.rules.library import LIF, NEURONS, RULES
from lahar.rules.parser import (
    parse_document,
    parse_network,
    parse_neuron,
    parse_rule,
)


def _check(lines):
    head = ["rule Mine:", "    param a = 0.1", "    trace x = pre, tau 20 ms"]
    text = "\n".join([*head, *(f"    {line}" for line in lines)])
    return check_rule(parse_rule(text, "mine.rule"))


def _check_neuron(lines):
    head = ["neuron Mine:", "    port current"]
    text = "\n".join([*head, *(f"    {line}" for line in lines)])
    return check_neuron(parse_neuron(text, "mine.rule"))


def test_a_message_of_a_check_is_the_golden_one(case, assert_golden):
    assert_golden(case)


@pytest.mark.case("R130")
def _unknown_names():
    return _check(["modulator reward in [-1, 1]", "dw = a * y * reword + 20 * ms"])


@pytest.mark.case("R130")
def _unknown_name_in_a_neuron():
    return _check_neuron(["state v, leak 20 ms", "dv = curent", "spike = v > 1"])


@pytest.mark.case("R131")
def _declared_twice():
    return _check(["tag x", "dw = x", "dw = pre"])


@pytest.mark.case("R131")
def _two_groups_of_one_name():
    text = """
        network n:
            dt = 1 ms
            group a = input[2]
            group a = lif[3]
            projection p = a -> a.current, weights 1
    """
    return check_all(parse_network(text))


@pytest.mark.case("R131")
def _two_rules_of_one_name():
    parse_document("rule A:\n    dw = pre\nrule A:\n    dw = post\n", "mine.rule")


@pytest.mark.case("R131")
def _value_before_reset_is_taken():
    return _check_neuron(
        [
            "state v, reset 0",
            "dv = current",
            "spike = v > 1",
            "output v_pre_reset = v in [0, 1]",
        ]
    )


@pytest.mark.case("R132")
def _reserved_names():
    return _check(["param w = 2", "param lambda = 3", "dw = pre"])


@pytest.mark.case("R133")
def _negative_tau():
    return _check(["trace y = post, tau -5 ms", "tag t, tau 0 ms", "dw = pre"])


@pytest.mark.case("R133")
def _negative_leak():
    return _check_neuron(["state v, leak -5 ms", "dv = current"])


@pytest.mark.case("R134")
def _before_of_a_parameter():
    return _check(["dw = a.before * x.before"])


@pytest.mark.case("R135")
def _before_of_a_nearest_trace():
    return _check(["trace y = post, tau 20 ms, nearest", "dw = y.before * post"])


@pytest.mark.case("R136")
def _update_of_no_tag():
    return _check(["tag t", "dtt = pre", "dw = t"])


@pytest.mark.case("R137")
def _empty_bounds():
    return _check(["modulator m in [1, 1]", "dw = m", "bounds = [1, a]"])


@pytest.mark.case("R138")
def _negative_bound_of_an_excitatory_rule():
    return _check(["dw = pre", "bounds = [-a, a]"])


@pytest.mark.case("R138")
def _mixed_rule_without_negative_weights():
    return _check(["dw = pre", "polarity = mixed"])


@pytest.mark.case("R139")
def _every_zero():
    return _check(["dw = every(0) * w"])


@pytest.mark.case("R140")
def _numbers_that_are_none():
    return _check(["param b = 1e999", "dw = b * nan", "modulator m in [-inf, 1]"])


@pytest.mark.case("R141")
def _wrong_words():
    parse_document(
        "rule A:\n    trace x = spike, tau 1 ms\n    dw = x\n    polarity = excite\n"
    )


@pytest.mark.case("R141")
def _trace_of_what_is_no_event():
    lines = ["state v", "dv = current", "event e = v > 1", "trace r = v, tau 1 ms"]
    return _check_neuron(lines)


@pytest.mark.case("R141")
def _misspelt_pairing_in_a_class(load_python):
    load_python(
        "class Mine(Rule):\n"
        "    x = Trace(pre, tau=20 * ms, pairing='neerest')\n"
        "    dw = x * post\n"
    )


@pytest.mark.case("R143")
def _reset_without_spike():
    return _check_neuron(["state v, reset 0", "dv = current"])


@pytest.mark.case("R145")
def _synapse_in_a_neuron():
    return _check_neuron(["state v", "dv = current * w + post.v", "spike = v > 1"])


@pytest.mark.case("R159")
def _outputs_that_need_each_other():
    lines = ["state v", "dv = current", "output a = b + v in [0, 1]"]
    lines += ["output b = 0.5 * a in [0, 1]", "output c = c + v in [0, 1]"]
    return _check_neuron(lines)


@pytest.mark.case("R146")
def _neuron_without_the_quantity():
    return check_rule_on_neuron(RULES["delta"], NEURONS["lif"])


@pytest.mark.case("R146")
def _quantity_of_no_library_neuron():
    rule = parse_rule("rule Mine:\n    dw = pre * post.potassium\n", "mine.rule")
    return check_rule_on_neuron(rule, LIF())


@pytest.mark.case("R158")
def _trace_of_a_graded_quantity():
    rule = parse_rule("rule Mine:\n    trace v = post.v, tau 9 ms\n    dw = v * pre\n")
    return check_rule_on_neuron(rule, LIF())


@pytest.mark.case("R147")
def _tau_of_a_trace():
    return _check(["trace y = post, tau 2 * x", "dw = y"])


@pytest.mark.case("R148")
def _division_by_zero():
    return _check(["trace y = post, tau 1 / (a - a)", "dw = y"])
