"""Whether predicted errors of weights are those of a run: random rules, many seeds.

    uv run python -m benchmarks.budget_coverage --rules 200 --seeds 20 [--json]

For each rule e = stored - wanted weight in LSB, of every synapse at step 1,000 under
profile loihi2; the reference replays the recorded spikes (open loop). Pre and post
spikes are independent Poisson trains of 20 Hz: the plastic synapses end at a port that
does not decide the spikes. Two bars:

1. for at least 90 % of the rules the predicted 95 % interval holds 90 to 99.5 % of e;
2. in at least half of them it is at most 4 times as wide as the range of e from its
   2.5 % to its 97.5 % quantile.

Replaced, and counted: rules that the compiler refuses, whose weights move less than
2 LSB in the mean, or of which more than 5 % of the weights end at their bounds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import numpy.typing as npt

import lahar
from lahar import (
    Group,
    LaharError,
    Modulator,
    Network,
    NeuronModel,
    Output,
    Port,
    Program,
    Projection,
    State,
    Trace,
    ms,
)
from lahar.rules.printer import print_rule
from lahar.rules.rule import LearningRule

from .chance import Chance
from .random_rules import random_rule

STEPS = 1000
RATE = 20.0  # Hz, of both sides
SIDE = 16  # neurons of each side: 256 synapses
LEAST_MOVED = 2.0  # LSB
MOST_SATURATED = 0.05
HELD = (0.90, 0.995)
WIDEST = 4.0
RULES_BAR, WIDTH_BAR = 0.9, 0.5

Floats = npt.NDArray[np.float64]


class Driven(NeuronModel):
    """Spikes exactly when it is told to; what it learns does not move it."""

    drive = Port()
    learned = Port()
    teacher = Modulator(low=-1.0, high=1.0)
    v = State(leak=0 * ms, reset=0.0)
    dv = drive
    u = State(leak=5 * ms)
    du = learned
    spike = v > 0.5
    rate = Trace(spike, tau=20 * ms)
    error = Output(teacher - rate, low=-1.0, high=1.0)


@dataclass(frozen=True)
class Case:
    """One rule: how often the prediction held, and how wide it was."""

    rule: str
    held: float
    width_ratio: float
    predicted_bias: float
    predicted_sd: float
    bias: float
    sd: float
    interval: tuple[float, float]
    measured: tuple[float, float]

    @property
    def covered(self) -> bool:
        """Tell whether the interval held as much as it should."""
        return HELD[0] <= self.held <= HELD[1]

    @property
    def narrow(self) -> bool:
        """Tell whether the interval is not much wider than the errors."""
        return self.width_ratio <= WIDEST


@dataclass
class Coverage:
    """All rules that were judged, and how many were not."""

    cases: list[Case] = field(default_factory=list)
    replaced: Counter[str] = field(default_factory=Counter)

    @property
    def share_covered(self) -> float:
        """The figure of the first bar."""
        return sum(c.covered for c in self.cases) / len(self.cases)

    @property
    def share_narrow(self) -> float:
        """The figure of the second bar."""
        return sum(c.narrow for c in self.cases) / len(self.cases)

    @property
    def is_met(self) -> bool:
        """Tell whether both bars are met."""
        return self.share_covered >= RULES_BAR and self.share_narrow >= WIDTH_BAR


def network_of(rule: LearningRule, seed: int) -> Network:
    """Show a rule between two groups whose spikes are both given."""
    (low, high), random = _bounds(rule), np.random.default_rng(seed)
    quarter = (high - low) / 4
    weights = random.uniform(low + quarter, high - quarter, (SIDE, SIDE))
    return Network(
        "coverage",
        (Group("pre", SIDE), Group("told", SIDE), Group("post", SIDE, Driven())),
        (
            Projection("synapse", "pre", "post", weights, "learned", rule),
            Projection("drive", "told", "post", np.eye(SIDE), "drive"),
        ),
        1 * ms,
    )


def _bounds(rule: LearningRule) -> tuple[float, float]:
    low, high = (bound.value for bound in rule.bounds)  # type: ignore[attr-defined]
    return low, high


@dataclass(frozen=True)
class Errors:
    """Of all synapses and seeds: error and change in LSB, and whether at a bound."""

    error: Floats
    moved: Floats
    saturated: npt.NDArray[np.bool_]

    @property
    def unfit(self) -> str:
        """Say why the rule is replaced; empty: it is not."""
        if self.saturated.mean() > MOST_SATURATED:
            return "saturates"
        return "" if self.moved.mean() >= LEAST_MOVED else "moves less than 2 LSB"


def measured(program: Program, shown: Projection, seeds: range, backend: str) -> Errors:
    """Run a program with many seeds, and the reference on what it recorded."""
    parts = [_of_seed(program, shown, seed, backend) for seed in seeds]
    return Errors(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _of_seed(
    program: Program, shown: Projection, seed: int, backend: str
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    stimulus = f"poisson:rate={RATE:g}Hz"
    record = ("*.s_out", "post.*")
    chip = lahar.run(
        program, stimulus, STEPS, backend, "loihi2", record=record, seed=seed
    )
    wanted = lahar.run(
        program, stimulus, STEPS, "reference", record=None, seed=seed, given=chip
    )
    name = "synapse.weights"
    scale = chip.view(name).scale
    stored = chip.final[name].astype(np.float64)
    exact = wanted.final[name] * scale
    moved = np.abs(exact - shown.weights * scale)
    assert shown.rule is not None
    low, high = _bounds(shown.rule)
    saturated = (wanted.final[name] <= low) | (wanted.final[name] >= high)
    return (stored - exact).ravel(), moved.ravel(), saturated.ravel()


def coverage(
    rules: int, seeds: int, first: int = 0, backend: str = "sim"
) -> Iterator[tuple[Case | None, str]]:
    """Judge rules until there are enough; give each case, or why it is replaced."""
    number, found = first, 0
    while found < rules:
        rule = random_rule(Chance(number))
        case, why = judged(rule, number, seeds, backend)
        number += 1
        found += case is not None
        yield case, why


def judged(
    rule: LearningRule, number: int, seeds: int, backend: str
) -> tuple[Case | None, str]:
    """Compare what was predicted of a rule with what happened."""
    try:
        network = network_of(rule, number)
        program = lahar.compile(network, rate=RATE)
    except LaharError as refused:
        return None, f"refused: {refused.diagnostics[0].code}"
    shown = network.projection("synapse")
    # One run of the interpreter is sooner than a kernel, and most that is replaced
    # is far from both limits.
    first = measured(program, shown, range(1), "interpreter")
    if first.saturated.mean() > 2 * MOST_SATURATED or first.moved.mean() < 1:
        return None, first.unfit
    errors = measured(program, shown, range(seeds), backend)
    if errors.unfit:
        return None, errors.unfit
    return _case(print_rule(rule), program, errors.error), ""


def _case(text: str, program: Program, error: Floats) -> Case:
    (budget,) = program.budgets
    low, high = budget.low, budget.high
    quantiles = np.quantile(error, (0.025, 0.975))
    return Case(
        rule=text,
        held=float(((error >= low) & (error <= high)).mean()),
        width_ratio=float((high - low) / (quantiles[1] - quantiles[0])),
        predicted_bias=budget.bias,
        predicted_sd=budget.sd,
        bias=float(error.mean()),
        sd=float(error.std()),
        interval=(low, high),
        measured=(float(quantiles[0]), float(quantiles[1])),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the coverage; 0 if both bars are met."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="number of the first rule")
    parser.add_argument("--backend", choices=("sim", "interpreter"), default="sim")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    found = Coverage()
    work = coverage(options.rules, options.seeds, options.first, options.backend)
    for case, why in work:
        if case is None:
            found.replaced[why] += 1
        else:
            found.cases.append(case)
            if not options.json:
                _show(case)
    if options.json:
        print(json.dumps(_as_json(found), indent=2))
    else:
        _summarise(found)
    return 0 if found.is_met else 1


def _show(case: Case) -> None:
    mark = " " if case.covered else "*"
    print(
        f"{mark} held {case.held:6.1%}, width {case.width_ratio:5.2f}: predicted "
        f"{case.predicted_bias:+.2f} +- {case.predicted_sd:.2f}, measured "
        f"{case.bias:+.2f} +- {case.sd:.2f} LSB",
        flush=True,
    )
    if not case.covered:
        print("    " + case.rule.replace("\n", "\n    "))


def _summarise(found: Coverage) -> None:
    held = np.quantile([c.held for c in found.cases], (0.05, 0.25, 0.5, 0.75, 0.95))
    width = np.quantile([c.width_ratio for c in found.cases], (0.05, 0.5, 0.95))
    print("held, quantiles 5 25 50 75 95 %:", *(f"{h:.1%}" for h in held))
    print("width ratio, quantiles 5 50 95 %:", *(f"{w:.2f}" for w in width))
    print("replaced:", dict(found.replaced))
    print(
        f"{found.share_covered:.1%} of {len(found.cases)} rules (bar {RULES_BAR:.0%})"
    )
    print(f"{found.share_narrow:.1%} narrow enough (bar {WIDTH_BAR:.0%})")


def _as_json(found: Coverage) -> dict[str, object]:
    return {
        "share_covered": found.share_covered,
        "share_narrow": found.share_narrow,
        "bars": [RULES_BAR, WIDTH_BAR],
        "is_met": found.is_met,
        "replaced": dict(found.replaced),
        "cases": [asdict(case) for case in found.cases],
    }


if __name__ == "__main__":
    sys.exit(main())
