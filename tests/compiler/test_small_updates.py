"""A tag collects changes too small for a weight: expected changes are right."""

from __future__ import annotations

import numpy as np
import pytest

import lahar
from lahar import LaharError, ms
from lahar.rules.parser import parse_rule
from lahar.sim.recording import in_rule_units

STEPS = 20_000
RATE = 0.05

TOO_SMALL = """
rule Slow:
    trace x = pre, tau 20 ms
    dw = {update}
    bounds = [{low}, 1.0]
    polarity = {polarity}
"""
# In LSB of an 8-bit weight: 0.0026 a spike, where 2^-8 is the least that is not 0.
UP = "0.00001 * pre"
MIXED = "0.00002 * pre - 0.000008 * post * x"
LEAST = 2.0**-8 / 255


def compiled(update: str, chip: str = "loihi2", low: float = 0.0) -> lahar.Program:
    polarity = "mixed" if low < 0 else "excitatory"
    rule = parse_rule(TOO_SMALL.format(update=update, low=low, polarity=polarity))
    return lahar.compile(rule, chip=chip, dt=1 * ms, pre=40, post=6)


def after(program: lahar.Program, profile: str) -> tuple[np.ndarray, np.ndarray]:
    """Give what the weights moved in LSB, wanted and got."""
    random = np.random.default_rng(0)
    stimulus = lahar.Stimulus({"pre": random.random((STEPS, 40)) < RATE})
    record = ["*.s_out", "*.weights", "synapse.tag_1"]
    run = lahar.run(program, stimulus, steps=STEPS, record=record, profile=profile)
    reference = lahar.run(
        program, stimulus, steps=STEPS, backend="reference", given=run, record=record
    )
    lahar.compare(run, reference).require()
    scale = next(v.scale for v in program.views if v.variable == "synapse.weights")
    wanted = reference["synapse.weights"][[0, -1]] * scale
    rest = in_rule_units(run["synapse.tag_1"][-1], run.view("synapse.tag_1")) * scale
    return wanted[1] - wanted[0], run["synapse.weights"][-1] + rest - wanted[0]


@pytest.mark.parametrize(
    ("update", "low"),
    [
        (UP, 0.0),
        ("-" + UP, -1.0),
        pytest.param("-" + UP, 0.0, marks=pytest.mark.slow),
        pytest.param(UP, -1.0, marks=pytest.mark.slow),
    ],
)
def test_expected_changes_are_right(update: str, low: float) -> None:
    program = compiled(update, low=low)

    # In profile lava-0.10 all synapses are rounded alike: their mean is no expectation.
    wanted, got = after(program, "loihi2")

    assert abs(wanted.mean()) > 1.0
    # Coefficients are off by what the report says; the tag has what is still to come.
    off = max(t.relative_error for t in program.report.terms)
    assert off < 0.05
    assert abs(got.mean() - wanted.mean()) < off * abs(wanted.mean()) + 0.15


def test_the_report_says_what_a_tag_collects() -> None:
    program = compiled(UP)
    learning = program.connections[0].learning

    assert learning is not None
    assert {p.target for p in learning.products} == {"w", "t"}
    how = [
        t.how for t in program.report.terms if t.term == UP.replace("0.00001", "1e-05")
    ]
    assert len(how) == 1
    assert "collected by the tag: 64 of it are a step of w" in how[0]


def test_what_a_product_can_hold_needs_no_tag() -> None:
    learning = compiled(f"{LEAST * 1.1:.12f} * pre").connections[0].learning

    assert learning is not None
    assert {p.target for p in learning.products} == {"w"}


def test_a_rule_with_a_tag_of_its_own_is_refused_as_before() -> None:
    text = TOO_SMALL.format(
        update=UP + " + e * 0.00001", low=0.0, polarity="excitatory"
    )
    rule = parse_rule(text + "    tag e, tau 20 ms\n    de = pre\n")

    with pytest.raises(LaharError, match="L17"):
        lahar.compile(rule, chip="loihi2", dt=1 * ms)


def test_both_backends_collect_the_same() -> None:
    program = compiled(MIXED)

    runs = [
        lahar.run(program, steps=300, backend=b, record="all", profile="lava-0.10")
        for b in ("sim", "interpreter")
    ]

    lahar.compare(*runs).require()


@pytest.mark.slow
def test_lava_collects_the_same() -> None:
    program = compiled("0.000015 * pre")
    stimulus = lahar.Stimulus({"pre": np.ones((600, 40), np.uint8)})

    runs = [
        lahar.run(
            program, stimulus, steps=600, backend=b, record="all", profile="lava-0.10"
        )
        for b in ("sim", "lava")
    ]

    lahar.compare(*runs).require()
    moved = runs[0]["synapse.weights"][-1] - runs[0]["synapse.weights"][0]
    assert moved.mean() > 1.0
