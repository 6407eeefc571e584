"""An update that is said to be 0 everywhere is, and leaving it out changes no bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lahar.rules.expr import (
    Binary,
    Call,
    Const,
    Expr,
    Name,
    Negative,
    Quantity,
    Spike,
    Weight,
    Where,
)
from lahar.rules.library.tempotron import RankRelay, Tempotron, TempotronNeuron
from lahar.rules.network import Group, Network, Projection
from lahar.sim.reference import run_reference
from lahar.sim.reference_expressions import compile_expr
from lahar.sim.reference_names import reference_variables
from lahar.sim.reference_stillness import compile_is_zero, never
from lahar.sim.reference_synapses import ReferenceRule
from lahar.sim.stimulus import Stimulus
from lahar.units import ms

PARAMS = {"eta": 0.5, "off": 0.0}
SHARED = frozenset({"x", "m"})
KEYS = {"spike pre": (1, 3), "post error": (2, 1), "x": (1, 3), "m": ()}

leaves: st.SearchStrategy[Expr] = st.sampled_from(
    [
        Spike("pre"),
        Quantity("error"),
        Weight(),
        *map(Name, ("x", "m", "eta", "off")),
        Const(2.0),
    ]
)


def inner(part: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-**"), part, part),
        st.builds(Negative, part),
        st.builds(Where, part, part, part),
        st.builds(lambda a, b: Call("max", (a, b)), part, part),
        st.builds(lambda a: Call("abs", (a,)), part),
    )


@settings(max_examples=400, deadline=None)
@given(st.recursive(leaves, inner, max_leaves=8), st.sets(st.sampled_from([*KEYS])))
def test_what_is_said_to_be_0_is(expr: Expr, zeros: set[str]) -> None:
    values = {
        key: np.zeros(shape) if key in zeros else np.full(shape, 0.25)
        for key, shape in KEYS.items()
    }
    values["the weight"] = np.full((2, 3), 0.1)

    if compile_is_zero(expr, PARAMS, SHARED)(values):
        assert not np.any(compile_expr(expr, PARAMS)(values))


def test_one_factor_is_enough_and_every_term_needs_one() -> None:
    x, error, w = Name("x"), Quantity("error"), Weight()
    values = {"x": np.ones((1, 3)), "post error": np.zeros((2, 1))}

    product = compile_is_zero(w * error * x, {}, SHARED)
    both = compile_is_zero(error * x + 0.1 * error * w, {}, SHARED)
    half = compile_is_zero(error * x + 0.1 * x, {}, SHARED)

    assert product(values)
    assert both(values)
    assert not half(values)
    assert compile_is_zero(w * w, {}, SHARED) is never


def test_leaving_still_updates_out_changes_no_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network, stimulus, steps = tempotron()
    record = frozenset(reference_variables(network))
    left_out = run_reference(network, stimulus, steps, record=record)

    original = ReferenceRule.__init__

    def computes_all(self: ReferenceRule, *arguments: object) -> None:
        original(self, *arguments)  # type: ignore[arg-type]
        self.is_zero = dict.fromkeys(self.is_zero, never)

    monkeypatch.setattr(ReferenceRule, "__init__", computes_all)
    whole = run_reference(network, stimulus, steps, record=record)

    for name in record:
        np.testing.assert_array_equal(left_out.variables[name], whole.variables[name])
    weights = whole.variables["synapse.weights"]
    assert (weights[-1] != weights[0]).any()


def tempotron() -> tuple[Network, Stimulus, int]:
    """Two tempotrons that are told in every 40th step to be louder, then less."""
    random = np.random.default_rng(3)
    steps = 160
    network = Network(
        "tempotron",
        (
            Group("in", 8),
            Group("relay", 8, RankRelay(), initial={"rank": np.zeros(8)}),
            Group("neuron", 2, TempotronNeuron()),
        ),
        (
            Projection("fan", "in", "relay", np.eye(8), connected=np.eye(8) > 0),
            Projection(
                "synapse", "relay", "neuron", np.full((2, 8), 0.5), rule=Tempotron()
            ),
        ),
        dt_seconds=1 * ms,
    )
    begin, teach = np.zeros(steps), np.zeros(steps)
    begin[::40] = 1.0
    teach[39::40] = (1.0, -1.0, 1.0, -1.0)
    spikes = (random.random((steps, 8)) < 0.05).astype(np.uint8)
    return network, Stimulus({"in": spikes}, {"begin": begin, "teach": teach}), steps
