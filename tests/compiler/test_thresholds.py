"""Thresholds on the weight or a tag are decided by signs, as the rule means them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lahar
from lahar import Program, ms
from lahar.compiler.compile import PIPELINE
from lahar.compiler.demonstration import network_of_rule
from lahar.compiler.draft import Draft, SynapseDraft
from lahar.compiler.factorise import Polynomial, expand
from lahar.compiler.passes import Pipeline
from lahar.compiler.sign_atoms import sign_parts
from lahar.hardware.chips import get_chip
from lahar.rules.evaluate import RELATIONS
from lahar.rules.expr import Binary, Call, Compare, Const, Expr, Name, Spike, Weight
from lahar.rules.library import LIF
from lahar.rules.parser import parse_expr, parse_rule
from lahar.sim.stimulus import Stimulus

Integers = npt.NDArray[np.int64]

STORED = np.arange(-256, 256)
CONSTANTS = get_chip("loihi2").factor_constant.value
TAG = """
rule Mine:
    trace x = pre, tau 20 ms
    tag tag
    dtag = x * post
    dw = {0}
    bounds = [0.0, 1.0]
"""
WEIGHT = """
rule Mine:
    trace x = pre, tau 20 ms
    trace y = post, tau 20 ms
    dw = {0}
    bounds = [0.0, 1.0]
"""


NO_TRACE_IS_READ = SynapseDraft("synapse", parse_rule(WEIGHT.format("pre")), (0.0, 1.0))


def placed(text: str) -> SynapseDraft:
    """Run the first two passes on a rule of text."""
    network = network_of_rule(
        parse_rule(text), dt_seconds=1 * ms, pre=2, post=2, neuron=LIF()
    )
    draft = Draft(network, get_chip("loihi2"), 1 * ms, 1, 0.02)
    return Pipeline(PIPELINE.passes[:2]).run(draft).synapses[0]


def on_the_chip(expr: Expr, scale: float, stored: Integers = STORED) -> npt.NDArray:
    """Compute a placed function of the tag as the engine does: signs of n - K."""
    return sum(
        (c * _product(atoms, scale, stored) for atoms, c in expand_all(expr).items()),
        np.zeros(stored.size),
    )


def expand_all(expr: Expr) -> Polynomial:
    return expand(expr, NO_TRACE_IS_READ)


def _product(atoms: tuple[Expr, ...], scale: float, stored: Integers) -> npt.NDArray:
    result = np.ones(stored.size)
    for atom in atoms:
        sign = sign_parts(atom)
        if sign is None:
            result = result * stored / scale
        else:
            result = result * np.sign(stored - sign.stored(scale, CONSTANTS))
    return result


def tag_function(text: str) -> Expr:
    return placed(TAG.format(text)).rule.updates[-1].expr


# --- comparisons ------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    threshold=st.integers(-254, 253),
    relation=st.sampled_from(sorted(RELATIONS)),
    scale=st.sampled_from([1.0, 0.5, 37.0, 255.0]),
    turned=st.booleans(),
)
def test_a_comparison_is_right_on_its_own_threshold(
    threshold: int, relation: str, scale: float, turned: bool
) -> None:
    c = threshold / scale
    text = f"{c!r} {relation} tag" if turned else f"tag {relation} {c!r}"
    sides = (threshold, STORED) if turned else (STORED, threshold)
    meant = RELATIONS[relation](*sides).astype(float)  # type: ignore[index, attr-defined]

    got = on_the_chip(tag_function(text), scale)

    (tie,) = np.flatnonzero(got != meant)
    assert got[tie] == 0.5
    assert abs(STORED[tie] - threshold) == 1


@settings(max_examples=30, deadline=None)
@given(
    threshold=st.floats(-250, 250).filter(lambda c: 0.01 < c % 1 < 0.99),
    relation=st.sampled_from(sorted(RELATIONS)),
)
def test_between_two_integers_one_of_them_reads_half(
    threshold: float, relation: str
) -> None:
    meant = RELATIONS[relation](STORED, threshold).astype(float)  # type: ignore[index, attr-defined]

    got = on_the_chip(tag_function(f"tag {relation} {threshold!r}"), 1.0)

    (tie,) = np.flatnonzero(got != meant)
    assert got[tie] == 0.5
    assert abs(STORED[tie] - threshold) < 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("sign(tag)", np.sign(STORED)),
        ("sign(3 - tag)", np.sign(3 - STORED)),
        ("abs(tag)", np.abs(STORED)),
        ("abs(2 * tag - 7)", np.abs(2 * STORED - 7)),
        ("max(tag, 5)", np.maximum(STORED, 5)),
        ("min(-tag, 5)", np.minimum(-STORED, 5)),
        ("max(tag, 3 - tag)", np.maximum(STORED, 3 - STORED)),
        ("clip(tag, -10, 20)", np.clip(STORED, -10, 20)),
        ("min(max(tag, -10), 20)", np.clip(STORED, -10, 20)),
    ],
)
def test_a_function_with_corners_is_exact_on_integers(
    text: str, meant: Integers
) -> None:
    got = on_the_chip(tag_function(text), 1.0)

    # A corner between two integers rounds: by half a step of the slope's change.
    assert np.abs(got - meant).max() <= (
        1.0 if "7" in text or "3 - tag)" in text else 0
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tag * tag > 100", STORED**2 > 100),
        ("abs(tag) > 10", np.abs(STORED) > 10),
        ("abs(tag - 3) <= 10", np.abs(STORED - 3) <= 10),
        (
            "(tag - 1) * (tag - 5) * (tag - 90) >= 0",
            (STORED - 1) * (STORED - 5) * (STORED - 90) >= 0,
        ),
    ],
)
def test_every_root_of_a_polynomial_is_a_step(text: str, meant: Integers) -> None:
    got = on_the_chip(tag_function(text), 1.0)

    assert set(got[got != meant]) <= {0.5}
    assert np.count_nonzero(got != meant) <= 3


@settings(max_examples=30, deadline=None)
@given(a=st.integers(-9, 9), b=st.integers(-9, 9))
def test_a_product_of_signs_of_a_variable_is_a_sum_of_signs(a: int, b: int) -> None:
    text = f"sign(tag - ({a})) * sign(tag - ({b}))"

    atoms = expand_all(parse_expr(text))

    assert all(len(product) <= 1 for product in atoms)
    # Where both are one sign the square is 1 at its tie too.
    meant = np.sign(STORED - a) * np.sign(STORED - b) if a != b else np.ones(512)
    assert np.array_equal(on_the_chip(parse_expr(text), 1.0), meant)


def test_the_sign_of_a_weight_that_is_stored_negative_turns() -> None:
    rule = parse_rule(
        WEIGHT.format("where(w > 0.25, 0.04, 0) * pre") + "    polarity = inhibitory\n"
    )
    program = lahar.compile(rule, dt=1 * ms, pre=256, post=1)

    changed = change_of_weights(program, np.arange(0, -256, -1))

    # -64 * 10.2/255 is the threshold; a change of a stored negative weight is negative.
    wanted = np.where(np.arange(256) > 63.75, -10.2, 0.0)
    wanted = np.where(np.arange(256) == 64, -5.1, wanted)
    room = np.arange(256) < 244
    assert np.abs(changed - wanted)[room].max() <= 1.2


# --- spikes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("where(post > 0, x, 0.5)", "post * x + (1 - post) * 0.5"),
        ("where(post, x, 0)", "post * x"),
        ("abs(pre - post)", "pre + post - 2 * pre * post"),
        ("max(pre, post) * x", "(pre + post - pre * post) * x"),
        ("where(pre * post > 0, w, 0)", "pre * post * w"),
        ("where((pre > 0) * (post > 0), w, 0)", "pre * post * w"),
        ("exp(pre)", "1 + 1.718281828459045 * pre"),
        (
            "abs(w * pre - 0.5) * post",
            "pre * post * abs(w - 0.5) + 0.5 * post - 0.5 * pre * post",
        ),
    ],
)
def test_a_function_of_spikes_is_a_table(text: str, same: str) -> None:
    got, wanted = (expanded(WEIGHT.format(f"{t} + 0 * w")) for t in (text, same))

    assert got.keys() == wanted.keys()
    assert list(got.values()) == pytest.approx(list(wanted.values()))


def expanded(rule: str) -> Polynomial:
    synapse = placed(rule)
    terms = expand(synapse.rule.updates[0].expr, synapse)
    return dict(sorted(((a, c) for a, c in terms.items() if c), key=repr))


# --- a step of the chip -----------------------------------------------------------


def change_of_weights(
    program: Program, weights: Integers, tags: Integers | None = None
) -> npt.NDArray[np.int64]:
    """Change of every weight in a step in which all inputs spike; nothing else does."""
    (connection,) = program.connections
    connection = replace(
        connection,
        weights=np.broadcast_to(weights, connection.weights.shape).astype(np.int32),
        initial={} if tags is None else {"tag_1": tags.reshape(1, -1).astype(np.int32)},
    )
    program = replace(program, connections=(connection,))
    spikes = np.ones((1, connection.weights.shape[1]), bool)

    run = lahar.run(
        program, Stimulus({"pre": spikes}, {}), 1, "interpreter", record=None
    )

    weights_now: npt.NDArray[np.int64] = run.final["synapse.weights"]
    return (weights_now - weights).reshape(-1)


def test_a_tag_above_its_threshold_decides_what_a_spike_does() -> None:
    rule = parse_rule(TAG.format("where(tag > 0.5, 0.04, -0.02) * pre"))
    program = lahar.compile(rule, dt=1 * ms, pre=512, post=1)
    scale = tag_scale(program)

    changed = change_of_weights(program, np.full(512, 128), STORED)

    wanted = np.where(STORED / scale > 0.5, 0.04 * 255, -0.02 * 255)
    wanted[np.abs(STORED / scale - 0.5) * scale < 1] = 0.01 * 255  # half at the tie
    off = np.abs(changed - wanted)
    assert np.count_nonzero(off > 1.1) <= 2  # the neighbours of the tie
    assert set(np.flatnonzero(off > 1.1)) <= set(
        np.flatnonzero(np.abs(STORED / scale - 0.5) * scale < 2)
    )


def tag_scale(program: Program) -> float:
    return next(v.scale for v in program.views if v.variable.endswith("tag_1"))


def test_a_tag_can_reach_its_threshold() -> None:
    # Tags of this rule stay below 0.1; the threshold asks for more.
    program = lahar.compile(
        parse_rule(
            TAG.format("where(tag > 5, 0.04, 0) * pre").replace(
                "x * post", "0.001 * x * post"
            )
        ),
        dt=1 * ms,
        pre=2,
        post=2,
    )

    assert 5 * tag_scale(program) < 255


# --- atoms ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expr",
    [
        Call("sign", (Spike("pre"),)),
        Call("abs", (Weight(),)),
        Call("sign", (Binary("+", Weight(), Const(1.0)),)),
        Compare(">", Weight(), Const(0.5)),
        Name("tag"),
    ],
)
def test_nothing_else_is_a_sign_atom(expr: Expr) -> None:
    assert sign_parts(expr) is None
