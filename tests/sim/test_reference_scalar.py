"""The vectorised reference against one synapse at a time in plain Python.

The twin below walks the expression tree for every neuron and synapse in every step,
with nothing but floats, as docs/semantics.md sections 1 and 2 say. It shares the data
classes with the reference and none of its code.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from lahar.compiler.demonstration import neuron_for
from lahar.rules.evaluate import evaluate
from lahar.rules.expr import (
    Before,
    Const,
    Every,
    Expr,
    Name,
    Quantity,
    Spike,
    Weight,
    every,
    post,
    pre,
    sign,
    transform,
    w,
    where,
)
from lahar.rules.language import Modulator, Rule, Tag, Trace
from lahar.rules.library import NEURONS, RULES
from lahar.rules.network import Group, Network, Projection
from lahar.rules.neuron import Neuron
from lahar.rules.rule import LearningRule
from lahar.sim import reference_synapses
from lahar.sim.reference import run_reference
from lahar.sim.reference_names import reference_variables
from lahar.sim.reference_synapses import ReferenceRule
from lahar.sim.stimulus import Stimulus, poisson
from lahar.units import ms

DT = 1e-3
STEPS = 60


class Everything(Rule):
    """One rule that uses most of the vocabulary."""

    x = Trace(pre, tau=0.01)
    y = Trace(post, tau=0.02)
    near = Trace(post, tau=0.005, pairing="nearest")
    slow = Tag(tau=0.05)
    kept = Tag()
    reward = Modulator()
    dslow = 0.1 * x * post - 0.05 * y.before * pre
    dkept = every(4) * (near - 0.1) * w
    dw = (
        0.05 * reward * slow
        + 0.01 * where(post.v > 0.2, x, -near) * (1 - w)
        + 0.002 * sign(kept) * pre
    )
    bounds = (0.0, 1.0)


def network_for(rule: LearningRule, neuron: Neuron | None = None) -> Network:
    random = np.random.default_rng(3)
    low = -0.5 if rule.polarity == "mixed" else 0.1
    strength = 2.0 if rule.polarity == "inhibitory" else 0.4
    chosen = (neuron or neuron_for(rule)).with_params(threshold=0.5)
    return Network(
        "net",
        (Group("in", 4), Group("out", 3, chosen)),
        (
            Projection("s", "in", "out", random.uniform(low, 0.9, (3, 4)), rule=rule),
            Projection("drive", "in", "out", random.uniform(0, strength, (3, 4))),
            Projection("back", "out", "out", -0.2 * (1 - np.eye(3))),
        ),
        DT,
    )


# --- the twin ---------------------------------------------------------------------


def scalar(
    expr: Expr, params: dict[str, float], leaf: Callable[[Expr], float]
) -> float:
    def number(node: Expr) -> Expr:
        if isinstance(node, Name) and node.name in params:
            return Const(params[node.name])
        if isinstance(node, (Name, Before, Spike, Quantity, Weight, Every)):
            return Const(float(leaf(node)))
        return node

    return evaluate(transform(expr, number), {})


class ScalarNeuron:
    def __init__(self, network: Network, index: int) -> None:
        model = network.group("out").neuron
        assert model is not None
        self.model = model
        self.index = index
        self.values = dict.fromkeys(model.quantities, 0.0)
        self.spiked = 0.0

    def step(self, arrived: float, modulators: dict[str, float]) -> None:
        model, params = self.model, self.model.values_at(DT)
        silent = dict.fromkeys((port.name for port in model.ports), 0.0)
        now = {**self.values, **silent, "current": arrived, **modulators}

        def value(expr: Expr) -> float:
            return scalar(expr, params, lambda leaf: now[leaf.name])  # type: ignore[attr-defined]

        for state in model.states:
            tau = math.inf if state.leak is None else evaluate(state.leak, params)
            kept = 0.0 if tau == 0 else 1 - DT / tau
            now[state.name] = now[state.name] * kept + value(state.drive)
        self.spiked = 0.0 if model.spike is None else value(model.spike)
        for state in model.states:
            if state.reset is not None:
                now[f"{state.name}_pre_reset"] = now[state.name]
                if self.spiked:
                    now[state.name] = evaluate(state.reset, params)
        for trace in model.traces:
            decay = math.exp(-DT / evaluate(trace.tau, params))
            now[trace.name] = now[trace.name] * decay + self.spiked
        for output in model.outputs:
            now[output.name] = min(max(value(output.expr), output.low), output.high)
        self.values = {name: now[name] for name in self.values}


class ScalarSynapse:
    def __init__(self, rule: LearningRule, weight: float) -> None:
        self.rule = rule
        self.weight = weight
        self.traces = dict.fromkeys((t.name for t in rule.traces), 0.0)
        self.tags = dict.fromkeys((t.name for t in rule.tags), 0.0)

    def step(
        self,
        t: int,
        spikes: dict[str, float],
        neuron: ScalarNeuron,
        modulators: dict[str, float],
    ) -> None:
        params, before = self.rule.values_at(DT), {}
        for trace in self.rule.traces:
            decay = math.exp(-DT / evaluate(trace.tau, params))
            spike = spikes[trace.source]
            before[trace.name] = self.traces[trace.name] * decay
            self.traces[trace.name] = before[trace.name] + spike
            if trace.pairing == "nearest":
                self.traces[trace.name] = 1.0 if spike else before[trace.name]

        def leaf(node: Expr) -> float:
            match node:
                case Before(trace=name):
                    return before[name]
                case Spike(side=side):
                    return spikes[side]
                case Quantity(name=name):
                    return neuron.values[name]
                case Weight():
                    return self.weight
                case Every(steps=steps):
                    return float(t % steps == 0)
                case Name(name=name):
                    return {**self.traces, **self.tags, **modulators}[name]
            raise AssertionError(node)

        new = {u.target: scalar(u.expr, params, leaf) for u in self.rule.updates}
        for tag in self.rule.tags:
            tau = math.inf if tag.tau is None else evaluate(tag.tau, params)
            self.tags[tag.name] *= math.exp(-DT / tau)
            self.tags[tag.name] += new.get(tag.name, 0.0)
        low, high = (evaluate(b, params) for b in self.rule.bounds)
        if "w" in new:
            self.weight = min(max(self.weight + new["w"], low), high)


def scalar_run(network: Network, stimulus: Stimulus) -> dict[str, np.ndarray]:
    """Give weights, tags, voltages and spikes of every step."""
    rule = network.projection("s").rule
    assert rule is not None
    sign = -1 if rule.polarity == "inhibitory" else 1
    fixed = {n: network.projection(n).weights for n in ("s", "drive", "back")}
    neurons = [ScalarNeuron(network, j) for j in range(3)]
    synapses = [
        [ScalarSynapse(rule, fixed["s"][j, i]) for i in range(4)] for j in range(3)
    ]
    on_the_way = [0.0] * 3
    rows: dict[str, list[object]] = {"s.weights": [], "out.v": [], "out.s_out": []}
    rows.update({f"s.{tag.name}": [] for tag in rule.tags})
    for t in range(1, STEPS + 1):
        modulators = {
            n: float(np.asarray(v)[t - 1]) for n, v in stimulus.modulators.items()
        }
        sent = np.asarray(stimulus.spikes["in"])[t - 1]
        for neuron, arrived in zip(neurons, on_the_way, strict=True):
            neuron.step(arrived, modulators)
        on_the_way = [
            sum(sign * synapses[j][i].weight * sent[i] for i in range(4))
            + sum(fixed["drive"][j, i] * sent[i] for i in range(4))
            + sum(fixed["back"][j, k] * neurons[k].spiked for k in range(3))
            for j in range(3)
        ]
        for j in range(3):
            for i in range(4):
                spikes = {"pre": float(sent[i]), "post": neurons[j].spiked}
                synapses[j][i].step(t, spikes, neurons[j], modulators)
        rows["s.weights"].append([[s.weight for s in row] for row in synapses])
        rows["out.v"].append([n.values["v"] for n in neurons])
        rows["out.s_out"].append([n.spiked for n in neurons])
        for tag in rule.tags:
            tags = [[s.tags[tag.name] for s in row] for row in synapses]
            rows[f"s.{tag.name}"].append(tags)
    return {name: np.array(values) for name, values in rows.items()}


@pytest.mark.parametrize(
    ("rule", "neuron"),
    [
        *((rule, None) for rule in RULES.values()),
        (RULES["stdp"], NEURONS["cuba-lif"]),
        (Everything(), None),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_reference_equals_one_synapse_at_a_time(
    rule: LearningRule, neuron: Neuron | None
) -> None:
    network = network_for(rule, neuron)
    stimulus = poisson(network, 150, STEPS, DT, seed=1)
    expected = scalar_run(network, stimulus)

    trajectory = run_reference(network, stimulus, STEPS, record=frozenset(expected))

    assert expected["out.s_out"].sum() > 5, "the comparison should see post spikes"
    for name, values in expected.items():
        np.testing.assert_allclose(
            trajectory.variables[name], values, rtol=1e-9, atol=1e-12, err_msg=name
        )


class Coincidence(Rule):
    x = Trace(pre, tau=9 * ms)
    memory = Tag(tau=30 * ms)
    dmemory = 0.5 * pre * post * x
    dw = 0.3 * pre * post - 0.2 * post * pre * x
    bounds = (0.0, 1.0)


@pytest.mark.parametrize(
    ("rule", "needed"),
    [
        (RULES["stdp"], set()),
        (RULES["oja"], {"post"}),
        (RULES["stdp-inhibitory"], set()),
        (RULES["stdp-reward"], set()),
        (RULES["bcm"], {"pre"}),
        (Coincidence(), {"pre", "post"}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_updating_only_what_spikes_touch_changes_no_bit(
    rule: LearningRule, needed: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ReferenceRule(rule, DT).needed_spikes == needed
    network = network_for(rule)
    stimulus = poisson(network, 80, 200, DT, seed=2)
    record = frozenset(reference_variables(network))
    whole = run_reference(network, stimulus, 200, record=record)

    monkeypatch.setattr(reference_synapses, "BLOCK_COST", -(1 << 20))
    parts = run_reference(network, stimulus, 200, record=record)

    assert (np.diff(whole.variables["s.weights"], axis=0) != 0).any()
    for variable in record:
        assert np.array_equal(whole.variables[variable], parts.variables[variable])
