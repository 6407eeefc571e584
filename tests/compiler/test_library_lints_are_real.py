"""Every lint that a rule of the library raises happens: a run of its Program shows it.

`LINTS` says which those are; a test compares it with what is raised. Runs are of the
rule's Program, or of one term of it on a trace that is held still.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import lahar
from lahar import Hz, Program, ms
from lahar.hardware.learning import Product, TraceProgram
from lahar.rules.library import RULES
from lahar.sim.stimulus_needs import Stimulus

Floats = npt.NDArray[np.float64]

POISSON = "poisson:rate=20Hz"
LINTS = {
    "stdp": (),
    "stdp-nearest": (),
    "stdp-triplet": ("L25",),
    "stdp-multiplicative": ("L25",),
    "stdp-power-law": ("L15", "L16", "L18", "L25", "L31"),
    "stdp-soft-bound": ("L16", "L18", "L25", "L31"),
    "stdp-inhibitory": (),
    "stdp-reward": ("L18", "L19", "L25"),
    "eligibility-two-taus": ("L02", "L18", "L19", "L25", "L27"),
    "delta": (),
    "e-prop": ("L18", "L25"),
    "oja": ("L25",),
    "bcm": (),
    "homeostatic": ("L25",),
    "clopath": ("L25",),
    "burst": ("L25",),
    "calcium": ("L25",),
    "predictive": ("L13", "L18", "L25"),
}


def compiled(name: str, pre: int = 30, post: int = 10, **options: Any) -> Program:
    return lahar.compile(RULES[name], pre=pre, post=post, dt=1 * ms, **options)


@pytest.mark.parametrize("name", RULES)
def test_these_are_the_lints_of_the_library(name: str) -> None:
    program = lahar.compile(RULES[name], "loihi2", dt=1 * ms)

    assert tuple(sorted({f.code for f in program.report.findings})) == LINTS[name]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "code"), [(name, code) for name, codes in LINTS.items() for code in codes]
)
def test_a_run_shows_what_the_lint_says(name: str, code: str) -> None:
    SHOWN[code](name)


def said(program: Program, code: str) -> list[str]:
    return [f.message for f in program.report.findings if f.code == code]


def number_after(words: str, message: str) -> float:
    (found,) = re.findall(re.escape(words) + r" (-?[0-9.e-]+[0-9])", message)
    return float(found)


def moved(
    program: Program, steps: int, seed: int = 0, profile: str = "loihi2"
) -> tuple[Floats, Floats]:
    """Give the LSB that the weights move, on the chip and in the open-loop reference.

    Weights of a rule in several connections are their sums.
    """
    options = {"record": "all", "seed": seed}
    given = lahar.run(
        program, POISSON, steps, "interpreter", profile=profile, **options
    )
    reference = lahar.run(program, POISSON, steps, "reference", given=given, seed=seed)
    (view,) = (v for v in program.views if v.variable == "synapse.weights")
    final: Any = 0.0
    start: Any = 0.0
    for connection in program.connections:
        final = final + given.final[f"{connection.name}.weights"]
        start = start + connection.weights.astype(np.float64)
    exact = reference.final["synapse.weights"] * view.scale
    return (final - start).ravel(), (exact - start).ravel()


def errors(program: Program, steps: int, seeds: Iterable[int], **run: Any) -> Floats:
    found = [moved(program, steps, seed, **run) for seed in seeds]
    return np.concatenate([chip - exact for chip, exact in found])


def spikes(program: Program, steps: int, share: float = 1.0) -> Stimulus:
    """Let the first inputs of each group, this share of them, spike in every step."""
    arrays = {}
    for population in program.inputs:
        arrays[population.name] = np.zeros((steps, population.size), int)
        arrays[population.name][:, : int(share * population.size)] = 1
    modulators = {m.name: np.zeros(steps) for m in program.modulators}
    return Stimulus(arrays, modulators)


def learning_by(
    program: Program,
    products: Iterable[Product],
    weight: int,
    trace: TraceProgram | None = None,
) -> Program:
    """Leave these products only; gate `u` acts in every step."""
    (synapse,) = program.connections
    assert synapse.learning is not None
    traces = dict(synapse.learning.traces)
    if trace is not None:
        traces["x1"] = trace
    learning = replace(
        synapse.learning,
        products=tuple(products),
        traces=traces,
        decimate_exponent=0,
    )
    weights = np.full_like(synapse.weights, weight)
    synapse = replace(synapse, learning=learning, weights=weights)
    return replace(program, connections=(synapse,), budgets=())


def terms_said(program: Program, code: str) -> Iterator[tuple[str, list[Product]]]:
    """Give each message of a lint, with the products of the term that it names."""
    (synapse,) = program.connections
    assert synapse.learning is not None
    terms = [t.term for t in program.report.terms]
    for message in said(program, code):
        origin = terms.index(message.split("`")[1])
        yield message, [p for p in synapse.learning.products if p.origin == origin]


HELD = TraceProgram(impulse=64, tau_256=0)
"""A trace of two whole units of a product that is shifted by 5."""


def step_by_step(program: Program, steps: int) -> float:
    """Give the mean LSB that a weight moves in a step in which all inputs spike."""
    recorded = lahar.run(program, spikes(program, steps), steps, "interpreter")
    (synapse,) = program.connections
    change = recorded.final["synapse.weights"] - synapse.weights.astype(np.float64)
    return float(change.mean()) / steps


# --- what each lint says, in a run ------------------------------------------------


def arrivals_wrap(name: str) -> None:
    """At the largest weights that can be learned all inputs at once inhibit."""
    program = lahar.compile(RULES[name], dt=1 * ms)
    largest = {"synapse.1": 255, "synapse.2": 254}
    full = tuple(
        replace(c, weights=np.full_like(c.weights, largest[c.name]))
        for c in program.connections
    )
    program = replace(program, connections=full)

    signs = [
        np.sign(
            lahar.run(
                program, spikes(program, 2, share), 2, "interpreter", record="post.u"
            )["post.u"][1, 0]
        )
        for share in (0.64, 0.65)
    ]

    assert signs == [1, -1]  # 64 * 509 = 32576 and 65 * 509 = 33085


def a_coefficient_is_off(name: str) -> None:
    program = compiled(name, pre=100, post=100)

    for message, products in terms_said(program, "L15"):
        wanted = number_after("needs the factor", message)
        got = number_after("and gets", message)
        one = [replace(p, gate="x0") for p in products]
        step = step_by_step(learning_by(program, one, 100, HELD), 100)

        assert step / (64 / 2**5) == pytest.approx(got, rel=0.015)
        assert abs(got - wanted) > 0.05 * wanted


def floors_take_a_share(name: str) -> None:
    program = compiled(name)

    for _, products in terms_said(program, "L16"):
        (product,) = [replace(p, gate="u") for p in products[:1]]
        threshold = next(-f.constant for f in product.factors if f.sign)
        start = 250 if product.mantissa < 0 else threshold + 10  # stays above it
        one = learning_by(program, [product], start)
        recorded = lahar.run(one, POISSON, 250, "interpreter", record="synapse.x1")
        change = recorded.final["synapse.weights"] - float(start)
        unit = product.mantissa * 2.0 ** (product.exponent - 5)
        wanted = recorded["synapse.x1"].astype(float).mean() * 250 * unit

        lost = (wanted - change.mean()) / abs(wanted)
        assert 0.08 < lost < 0.4


def floors_pull_down(name: str) -> None:
    """What was said of each target, from the integers that its products read."""
    program = compiled(name)
    recorded = [
        lahar.run(program, POISSON, 1000, "interpreter", record="all", seed=seed)
        for seed in range(2)
    ]
    rate = np.mean([r["post.s_out"].mean() for r in recorded]) * 1000 * Hz
    program = compiled(name, post_rate=float(rate))

    connections = {c.name: c for c in program.connections}
    for message in said(program, "L18"):
        variable, name = re.findall(r"d(\w+) of `(.+?)` may", message)[0]
        target = "w" if variable == "w" else "t"
        lost = np.mean([floor_losses(connections[name], target, r) for r in recorded])
        assert lost == pytest.approx(number_after("floors take", message), rel=0.4)


def floor_losses(connection: Any, target: str, recorded: Any) -> float:
    """Add up what the floors of a connection took from a variable, in LSB."""
    name, total = connection.name, 0.0
    values = {
        "w": before(recorded[f"{name}.weights"], connection.weights),
        "x0": recorded["pre.s_out"][:, None, :],
        "y0": recorded["post.s_out"][:, :, None],
    }
    if f"{name}.tag_1" in recorded:
        values["t"] = before(recorded[f"{name}.tag_1"], connection.weights * 0)
    for trace in ("x1", "x2", "y1", "y2", "y3"):
        if f"{name}.{trace}" in recorded:
            axis = 1 if trace[0] == "x" else 2
            values[trace] = np.expand_dims(recorded[f"{name}.{trace}"], axis)
    for product in connection.learning.products:
        if product.target == target and len(product.factors) > 1:
            total += product_loss(product, values)
    return total


def product_loss(product: Product, values: dict[str, Any]) -> float:
    exact: Any = product.mantissa
    for factor in product.factors:
        value = values[factor.variable].astype(np.int64) + factor.constant
        exact = exact * (np.sign(value) if factor.sign else value)
    widths = [9 if f.variable in "tw" else 7 for f in product.factors]
    shift = max(0, sum(widths) + 4 - 15)  # the base of the profile `loihi2` is 4
    gate = values.get(product.gate, np.ones((1, 1, 1)))
    fraction = (exact % 2**shift) / 2**shift * gate
    return float(fraction.sum(axis=0).mean()) * 2.0**product.exponent


def before(recorded: Any, start: Any) -> Any:
    """Give what updates read: the values before each step."""
    return np.concatenate([start[None], recorded[:-1]])


def a_short_trace_decays_otherwise(name: str) -> None:
    """By 1 - 1/tau and not exp(-1/tau) a trace of 2 steps is a tenth lower or more."""
    program = compiled(name, pre=300, post=1)
    kept = []
    for decay in ("q16", "q16 first order"):
        profile = f"loihi2:trace_decay={decay}"
        recorded = lahar.run(
            program, POISSON, 300, "interpreter", profile=profile, record="synapse.x1"
        )
        kept.append(recorded["synapse.x1"].mean())

    assert kept[1] < 0.9 * kept[0]


def noise_rivals_learning(name: str) -> None:
    chip, exact = moved(compiled(name), 250)

    assert (chip - exact).std() > np.abs(exact).mean() / 3


def another_base_is_another_rule(name: str) -> None:
    """On a chip that shifts by one bit less the weights part from the reference."""
    program = compiled(name)
    other = replace(program, product_shift_base=3)

    right = errors(program, 250, range(2))
    wrong = errors(other, 250, range(2), profile="loihi2:product_shift_base=3")

    assert np.sqrt(np.mean(wrong**2)) > 1.5 * np.sqrt(np.mean(right**2))


def the_sum_leaves_its_bounds(name: str) -> None:
    program = compiled(name)

    recorded = lahar.run(program, POISSON, 1000, "interpreter")

    total = recorded.final["synapse.1.weights"] + recorded.final["synapse.2.weights"]
    assert ((total < 0) | (total > 255)).mean() > 0.1


def a_function_is_off(name: str) -> None:
    """Where it was said to be furthest off, one update is that of what it got."""
    program = compiled(name, pre=100, post=100)
    (message,) = said(program, "L31")
    at, got, wanted = (number_after(w, message) for w in ("at w =", "it is", "not"))
    scales = {v.variable: v.scale for v in program.views}
    (synapse,) = program.connections
    assert synapse.learning is not None
    potentiation = [
        replace(p, gate="x0")
        for p in synapse.learning.products
        if p.gate == "y0" and p.factors
    ]
    stored = round(at * scales["synapse.weights"])

    step = step_by_step(learning_by(program, potentiation, stored, HELD), 1)

    rate = {"stdp-power-law": 0.1 * 0.01**0.6, "stdp-soft-bound": 0.1}[name]
    spike = 64 / scales["synapse.x1"] * scales["synapse.weights"]
    assert step / (rate * spike) == pytest.approx(got, abs=abs(got - wanted) / 5)


SHOWN: dict[str, Callable[[str], None]] = {
    "L02": arrivals_wrap,
    "L13": a_short_trace_decays_otherwise,
    "L15": a_coefficient_is_off,
    "L16": floors_take_a_share,
    "L18": floors_pull_down,
    "L19": noise_rivals_learning,
    "L25": another_base_is_another_rule,
    "L27": the_sum_leaves_its_bounds,
    "L31": a_function_is_off,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["stdp-power-law", "stdp-soft-bound", "stdp-reward", "e-prop"]
)
def test_l18_weights_drift_by_what_was_said(name: str) -> None:
    """Where noise leaves the mean of 900 synapses to be seen."""
    program = compiled(name)
    loss = number_after("floors take", said(program, "L18")[0])

    error = errors(program, 1000, range(3))

    noise = error.std() / np.sqrt(error.size)
    assert -1.5 * loss - 2 * noise < error.mean() < -0.5 * loss + 2 * noise
    assert error.mean() < -2 * noise
