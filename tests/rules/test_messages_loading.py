"""What is said about rules and models that cannot be found or loaded."""

import pytest

from lahar.rules.loading import load_neuron, load_rule


def _text_file(text):
    with open("mine.rule", "wb") as file:
        file.write(text)


def test_a_message_of_loading_is_the_golden_one(case, assert_golden):
    assert_golden(case)


@pytest.mark.case("R151")
def _misspelt_library_name():
    load_rule("sdtp")


@pytest.mark.case("R151")
def _unlike_any_library_name():
    load_neuron("hodgkin-huxley")


@pytest.mark.case("R152")
def _missing_file():
    load_rule("missing.py:Mine")


@pytest.mark.case("R153")
def _missing_class():
    _text_file(b"rule Mine:\n    dw = pre\n")
    load_rule("mine.rule:Mien")


@pytest.mark.case("R154")
def _not_a_rule(load_python):
    load_python("Mine = 3\n")


@pytest.mark.case("R154")
def _neuron_for_a_rule():
    _text_file(b"neuron Mine:\n    state v\n    dv = 1\n")
    load_rule("mine.rule:Mine")


@pytest.mark.case("R155")
def _python_file_that_fails(load_python):
    load_python("a_plus = 1 / 0\n")


@pytest.mark.case("R156")
def _two_to_choose_from():
    _text_file(b"rule A:\n    dw = pre\nrule B:\n    dw = post\n")
    load_rule("mine.rule")


@pytest.mark.case("R156")
def _nothing_to_choose_from():
    _text_file(b"rule A:\n    dw = pre\n")
    load_neuron("mine.rule")


@pytest.mark.case("R157")
def _text_that_is_none():
    _text_file(b"rule \xff:\n")
    load_rule("mine.rule")
