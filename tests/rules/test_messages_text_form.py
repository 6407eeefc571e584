"""What is said about text that the grammar cannot read: compared with golden texts."""

import pytest

from lahar.rules.parser import parse_expr, parse_network, parse_rule


def test_a_message_of_the_text_form_is_the_golden_one(case, assert_golden):
    assert_golden(case)


@pytest.mark.case("R111")
def _misspelt_line():
    parse_rule("rule Mine:\n    parm a = 2\n    dw = pre\n")


@pytest.mark.case("R111")
def _nothing_after_plus():
    parse_rule("rule Mine:\n    dw = pre +\n")


@pytest.mark.case("R111")
def _no_block():
    parse_rule("rule Mine:\ndw = pre\n")


@pytest.mark.case("R111")
def _words_of_python():
    parse_expr("x and y")


@pytest.mark.case("R111")
def _two_comparisons():
    parse_expr("0 < x < 1")


@pytest.mark.case("R111")
def _open_parenthesis():
    parse_expr("clip(x, 0, 1")


@pytest.mark.case("R112")
def _misspelt_function():
    parse_rule("rule Mine:\n    dw = clp(pre, 0, 1) * tanh(post)\n")


@pytest.mark.case("R113")
def _too_few_arguments():
    parse_expr("1 + clip(x)")


@pytest.mark.case("R114")
def _unknown_attribute_of_a_trace():
    parse_expr("x.after * post")


@pytest.mark.case("R115")
def _uneven_indentation():
    parse_rule("rule Mine:\n    dw = pre\n  ddelay = post\n")


@pytest.mark.case("R116")
def _half_a_step():
    parse_expr("every(2.5)")


@pytest.mark.case("R116")
def _half_a_neuron():
    parse_network("network n:\n    group a = input[2.5]\n")


@pytest.mark.case("R117")
def _too_deep():
    parse_expr("(1 +" * 160 + " 1" + ")" * 160)


@pytest.mark.case("R125")
def _two_rules():
    parse_rule("rule A:\n    dw = pre\nrule B:\n    dw = post\n")
