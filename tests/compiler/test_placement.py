"""Every part of an update goes to the side that knows it, and each side sends once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import lahar
from lahar import ms
from lahar.compiler.compile import PIPELINE
from lahar.compiler.demonstration import network_of_rule
from lahar.compiler.draft import Draft, SynapseDraft
from lahar.compiler.passes import Pipeline
from lahar.hardware.chips import get_chip
from lahar.rules.language import NeuronModel
from lahar.rules.library import NEURONS
from lahar.rules.neuron import Neuron
from lahar.rules.parser import parse_rule
from lahar.rules.printer import print_expr
from lahar.rules.symbols import Output, Port, State

RULE = """
rule Mine:
    trace x = pre, tau 20 ms
    trace y = post, tau 20 ms
    modulator reward in [-1.0, 1.0]
    dw = {0}
    bounds = [0.0, 1.0]
"""


class Cell(NeuronModel):
    """A neuron with three outputs, so that a rule can ask for too many."""

    current = Port()
    v = State(leak=20 * ms, reset=0.0)
    dv = current
    spike = v > 1.0
    a = Output(v, low=-1.0, high=1.0)
    b = Output(2.0 * v, low=-2.0, high=2.0)
    c = Output(v * v, low=0.0, high=1.0)


CELL: Neuron = Cell.declared


def placed(text: str) -> SynapseDraft:
    """Run the first two passes on an update."""
    network = network_of_rule(
        parse_rule(RULE.format(text)), dt_seconds=1 * ms, pre=2, post=2, neuron=CELL
    )
    draft = Draft(network, get_chip("loihi2"), 1 * ms, 1, 0.02)
    return Pipeline(PIPELINE.passes[:2]).run(draft).synapses[0]


def sent(text: str) -> list[str]:
    values = placed(text).values
    return [print_expr(v.expr) for v in values if v.expr is not None]


# --- what the neuron sends --------------------------------------------------------


@pytest.mark.parametrize(
    ("update", "values"),
    [
        ("clip(post.v * 2, 0, 1) * exp(-w) * x", ["clip(post.v * 2.0, 0.0, 1.0)"]),
        ("where(post.v > 0.5, x, w)", ["post.v > 0.5"]),
        ("where(post.v > 0.5, x, w) * where(w > 0.5, 1, 2)", ["post.v > 0.5"]),
        ("abs(post.a * x)", ["abs(post.a)"]),
        ("max(post.a, 0) * x + max(post.a, 0) * w", ["max(post.a, 0.0)"]),
        ("post.a * reward * x", ["post.a * reward"]),
        ("(post.a + post.b - 1) * x", ["post.a + post.b - 1.0"]),
        ("(post.a - post.b) * x + post.a * w", ["post.a", "post.b"]),
        ("post.a * x * post.b + post.a * w", ["post.a", "post.b"]),
    ],
)
def test_the_neuron_sends_as_few_values_as_will_do(
    update: str, values: list[str]
) -> None:
    assert sent(update) == values


def test_joining_makes_a_rule_fit_that_asks_for_too_many_values() -> None:
    update = "0.05 * x * (post.a + post.b + post.c + reward)"

    program = lahar.compile(
        parse_rule(RULE.format(update)), dt=1 * ms, neuron=CELL, pre=4, post=2
    )

    (connection,) = program.connections
    assert connection.learning is not None
    assert len(connection.learning.third_factors) == 1


@pytest.mark.parametrize(
    "function",
    ["exp(post.a)", "exp(-post.c)", "1 / (3 + post.b)", "post.c ** 0.5", "post.a ** 5"],
)
def test_the_neuron_approximates_what_it_has_no_operation_for(function: str) -> None:
    synapse = placed(f"0.1 * {function} * x * post")

    (found,) = synapse.approximations
    assert found.variable.startswith("post.")
    assert found.relative_error < 0.09
    program = lahar.compile(
        parse_rule(RULE.format(f"0.1 * {function} * x * post")),
        dt=1 * ms,
        neuron=CELL,
        pre=4,
    )
    assert any(t.target.startswith("f(post.") for t in program.report.terms)


def test_what_the_neuron_sends_is_the_function_within_its_error() -> None:
    rule = parse_rule(RULE.format("0.1 * exp(-2 * post.c) * x * post"))
    program = lahar.compile(rule, dt=1 * ms, neuron=CELL, pre=20, post=20)
    (approximation,) = (t for t in program.report.terms if t.target == "f(post.c)")
    recorded = lahar.run(
        program, "poisson:rate=50Hz", 200, "interpreter", record="all", seed=1
    )

    sent = recorded["post.synapse_f1"].astype(float)
    view = recorded.view("post.synapse_f1")
    c = recorded["post.c"] / recorded.view("post.c").scale

    got = (sent - view.offset) / view.scale
    off = np.abs(got - np.exp(-2 * np.clip(c, 0, 1))).max()
    assert np.ptp(c) > 0.3
    assert off <= approximation.relative_error + 1.5 / view.scale


# --- functions that are split -----------------------------------------------------


@pytest.mark.parametrize(
    ("update", "same"),
    [
        ("exp(1 - w) * x", "exp(1) * exp(-w) * x"),
        ("exp(pre - w) * x", "exp(-w) * (1 + (exp(1) - 1) * pre) * x"),
        ("(w * pre) ** 0.5 * x", "w ** 0.5 * pre * x"),
        ("x / (w + 1)", "x * (1 / (w + 1))"),
        ("x / (2 * (w + 1))", "x * (0.5 / (w + 1))"),
        ("max(x, 0)", "x"),
        ("where(w >= 0, x, y)", "x"),
        ("abs(x) - min(w, 2)", "x - w"),
    ],
)
def test_a_function_of_several_sides_is_split(update: str, same: str) -> None:
    network = [
        lahar.compile(parse_rule(RULE.format(f"0.1 * ({u}) * post")), dt=1 * ms, pre=2)
        for u in (update, same)
    ]

    first, second = (p.connections[0].learning for p in network)
    assert first is not None
    assert second is not None
    assert {replace(p, origin=0) for p in first.products} == {
        replace(p, origin=0) for p in second.products
    }


# --- what is advised compiles -----------------------------------------------------


ADVISED = {
    # a pre trace that is compared: a tag holds the same trace
    "x > 0.5": ("held = Tag(tau=20 * ms)", "dheld = pre", "held > 0.5"),
    "w * x > 0.3": ("held = Tag()", "dheld = w * x - held", "held > 0.3"),
    "w > x": ("held = Tag()", "dheld = w - x - held", "held > 0"),
}


@pytest.mark.parametrize("condition", ADVISED)
def test_the_advised_form_of_a_threshold_compiles(
    condition: str, refused: Callable[..., str], compile_file: Callable[..., object]
) -> None:
    head = "class Mine(Rule):\n    x = Trace(pre, tau=20 * ms)\n"
    tag, written, compared = ADVISED[condition]

    text = refused(f"{head}    dw = 0.1 * where({condition}, 1, 0) * post\n")

    assert f"`{tag}`" in text
    assert f"`{written}`" in text
    body = f"    {tag}\n    {written}\n    dw = 0.1 * where({compared}, 1, 0) * post\n"
    assert compile_file(head + body)


def test_the_advised_form_of_a_normalisation_compiles(
    refused: Callable[..., str], compile_file: Callable[..., object]
) -> None:
    text = refused("class Mine(Rule):\n    dw = 0.1 * pre - w / w.sum()\n")

    assert "error[R110]" in text
    assert "`dw = eta * post.deviation * w` on a HomeostaticLIF" in text
    body = "    eta = Param(0.05)\n    dw = eta * post.deviation * w\n"
    neuron = NEURONS["homeostatic-lif"]
    assert compile_file("class Mine(Rule):\n" + body, neuron=neuron)
