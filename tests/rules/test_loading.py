"""Rules, networks and neuron models are found by all the names they can have."""

import sys

import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.rules.library import LIF, NEURONS, RULES, STDP
from lahar.rules.loading import load_neuron, load_rule
from lahar.rules.network import Group, Network, Projection
from lahar.rules.nir_write import write_nir
from lahar.rules.printer import print_neuron, print_rule

PYTHON = """\
from dataclasses import dataclass

from lahar import *
from lahar.rules.library import STDP as Library
from neighbour import AMOUNT

class Mine(Rule):
    "My rule."
    x = Trace(pre, tau=20 * ms)
    dw = AMOUNT * x * post

class MyLIF(NeuronModel):
    current = Port()
    v = State(leak=10 * ms, reset=0.0)
    dv = current
    spike = v > 1.0

variant = Library(a_plus=0.5)

@dataclass
class Other:
    number: "int"

def network():
    return 1
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(PYTHON)
    (tmp_path / "neighbour.py").write_text("AMOUNT = 0.25\n")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("neighbour", None)


@pytest.mark.parametrize("name", RULES)
def test_a_library_name_gives_the_rule_of_the_library(name):
    assert load_rule(name) == RULES[name]


@pytest.mark.parametrize("name", NEURONS)
def test_a_library_name_gives_the_neuron_model_of_the_library(name):
    assert load_neuron(name) == NEURONS[name]


def test_a_class_of_a_python_file_is_found(folder):
    rule = load_rule("mine.py:Mine")

    assert rule.name == "Mine"
    assert print_rule(rule).count("0.25 * x * post") == 1
    assert str(rule.updates[0].span) == "mine.py:10"


def test_a_variable_of_a_python_file_is_found(folder):
    assert load_rule("mine.py:variant") == STDP(a_plus=0.5)


def test_a_neuron_model_of_a_python_file_is_found_without_its_name(folder):
    assert load_neuron(str(folder / "mine.py")).name == "MyLIF"


def test_running_a_file_leaves_no_module_path_or_cache_behind(folder):
    before = set(sys.modules), list(sys.path)

    load_rule("mine.py:Mine")

    assert set(sys.modules) - before[0] <= {"neighbour"}
    assert list(sys.path) == before[1]
    cached = [p.name for p in folder.glob("__pycache__/*") if "mine" in p.name]
    assert cached == []


def test_a_changed_python_file_is_run_anew(folder):
    load_rule("mine.py:Mine")
    text = PYTHON.replace("AMOUNT * x", "0.75 * x")
    (folder / "mine.py").write_text(text)

    assert "0.75 * x" in print_rule(load_rule("mine.py:Mine"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("def broken(:", "SyntaxError"),
        ("import no_such_module_at_all", "ModuleNotFoundError"),
        ("raise SystemExit(0)", "SystemExit"),
        ("network() + ''", "TypeError"),
    ],
)
def test_an_error_in_the_file_points_at_the_users_line(folder, line, reason):
    (folder / "mine.py").write_text(f"{PYTHON}\n{line}\n")

    with pytest.raises(LaharError, match=f"R155.*{reason}") as error:
        load_rule("mine.py:Mine")

    (problem,) = error.value.diagnostics
    assert str(problem.span) == f"mine.py:{PYTHON.count(chr(10)) + 2}"
    assert problem.span.text == line


def test_what_the_language_refuses_points_at_the_users_line(folder):
    (folder / "mine.py").write_text(PYTHON.replace("x * post", "w[0] * post"))

    with pytest.raises(LaharError, match="R110") as error:
        load_rule("mine.py:Mine")

    assert str(error.value.diagnostics[0].span) == "mine.py:10"


def test_a_text_file_is_read(folder):
    text = f"{print_rule(STDP(a_plus=0.5))}\n\n{print_neuron(LIF(tau=0.01))}\n"
    (folder / "mine.rule").write_text(text, encoding="utf-8-sig")

    assert load_rule("mine.rule") == STDP(a_plus=0.5)
    assert load_rule("mine.rule:STDP") == STDP(a_plus=0.5)
    assert load_neuron("mine.rule") == LIF(tau=0.01)


def test_the_network_of_a_text_file_comes_before_the_rules_it_uses(folder):
    (folder / "net.txt").write_text(
        "rule A:\n    dw = pre\n\n"
        "network n:\n    group a = input[2]\n    group b = lif[2]\n"
        "    projection p = a -> b.current, weights 0.5, rule A\n"
    )

    network = load_rule("net.txt")

    assert isinstance(network, Network)
    assert network.projection("p").rule == load_rule("net.txt:A")


def test_a_nir_file_is_read(folder):
    groups = (Group("a", 1), Group("b", 1, LIF()))
    projections = (Projection("p", "a", "b", np.ones((1, 1)), rule=STDP()),)
    network = Network("n", groups, projections, 0.001)
    write_nir(network, "n.nir")

    assert load_rule("n.nir") == network
    assert load_rule("n.nir", dt=0.002).dt_seconds == 0.002


def test_everything_wrong_with_a_rule_is_said_at_once(folder):
    (folder / "bad.rule").write_text(
        "rule Bad:\n    trace x = pre, tau -1 ms\n    dw = x * y\n    bounds = [1, 0]\n"
    )

    with pytest.raises(LaharError) as error:
        load_rule("bad.rule")

    assert [d.code for d in error.value.diagnostics] == ["R133", "R130", "R137"]
