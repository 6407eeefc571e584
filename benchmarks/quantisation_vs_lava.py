"""How well lahar and Lava write the constants of STDP down: random rules, two ways.

    uv run python -m benchmarks.quantisation_vs_lava [--rules 1000] [--seed 1] [--json]

A rule is dw = a_plus * x * post - a_minus * y * pre; x and y jump by 1 and decay with
tau_plus and tau_minus. Amplitudes are log-uniform in 0.02 to 6, weights are in LSB of
the chip (bounds 0 to 255), time constants uniform in 5 to 60 steps. One pre and one
post spike, ``lag`` steps apart, change the weight by an expected dw(lag); both sides
are held against the same float curve over lags -60 to 60, as a relative L2 error.

What each side puts on the chip, and what the curve is computed from:

* Lava: its own ``STDPLoihi(learning_rate=1, A_plus, A_minus, tau_plus, tau_minus)``,
  parsed by Lava; impulses are its 16, time constants exact. A literal that Lava itself
  refuses makes the rule illegal: it is counted, and left out of both means.
* lahar: the library's ``stdp`` with these parameters, as compiled for loihi2:
  products, impulses and time constants of the Program.

A trace decays with stochastic rounding, without bias, and so does the new weight: the
expected trace is impulse * exp(-lag / tau), the expected dw that times the products.

An amplitude can be meant in two ways, and both are measured:

* ``parameter``: it is STDPLoihi's own A, which multiplies a trace that jumps by 16: a
  pair at lag 0 moves the weight by 16 * A.
* ``pair``: it is the change at lag 0 itself, in LSB; Lava gets A / 16.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

import lahar
from lahar import Program, ms
from lahar.hardware.chips import get_chip
from lahar.rules.library import RULES

Curve = npt.NDArray[np.float64]
Meaning = Literal["parameter", "pair"]

LAGS = np.arange(-60, 61)
AMPLITUDES = (0.02, 6.0)
TAUS = (5.0, 60.0)
LARGEST_WEIGHT = 255.0
LAVA_IMPULSE = 16
EXPONENT_OFFSET = 7  # Lava keeps exponents of products raised by it
BAR = 5.0


@dataclass(frozen=True)
class Rule:
    """One STDP rule: changes at lag 0 in weight LSB, time constants in steps."""

    plus: float
    minus: float
    tau_plus: float
    tau_minus: float


@dataclass(frozen=True)
class PairTerm:
    """A product of a trace, gated by the other side's spike: dw for each impulse."""

    gate: Literal["x0", "y0"]
    gain: float
    impulse: int
    tau: float


@dataclass(frozen=True)
class Figures:
    """Errors of both sides over the rules that Lava takes; ``ratio``: of the means."""

    amplitudes: Meaning
    rules: int
    illegal: int
    lava_mean: float
    lava_median: float
    lahar_mean: float
    lahar_median: float
    lahar_worst: float
    lahar_mean_where_illegal: float | None

    @property
    def ratio(self) -> float:
        """How many times smaller lahar's mean error is."""
        return self.lava_mean / self.lahar_mean


def expected_curve(terms: Sequence[PairTerm]) -> Curve:
    """Give the expected dw for each of LAGS, t_post - t_pre."""
    curve = np.zeros(len(LAGS))
    for term in terms:
        age = LAGS if term.gate == "y0" else -LAGS
        trace = term.impulse * np.exp(-np.maximum(age, 0) / term.tau)
        curve += term.gain * np.where(age >= 0, trace, 0.0)
    return curve


def float_curve(rule: Rule) -> Curve:
    """Give dw for each of LAGS as the float rule has it."""
    causal = rule.plus * np.exp(-np.maximum(LAGS, 0) / rule.tau_plus)
    acausal = rule.minus * np.exp(np.minimum(LAGS, 0) / rule.tau_minus)
    return np.where(LAGS >= 0, causal, 0.0) - np.where(LAGS <= 0, acausal, 0.0)


def relative_error(curve: Curve, wanted: Curve) -> float:
    """Give the L2 norm of the difference over that of what was wanted."""
    return float(np.linalg.norm(curve - wanted) / np.linalg.norm(wanted))


# --- the two sides ----------------------------------------------------------------


def lahar_terms(program: Program) -> list[PairTerm]:
    """Read the terms of a pair rule off its Program."""
    (connection,) = program.connections
    learning = connection.learning
    assert learning is not None
    widths = get_chip(program.chip).factor_widths.value
    terms = []
    for product in learning.products:
        (factor,) = product.factors
        shift = max(0, widths[factor.variable] + program.product_shift_base - 15)
        gain = product.mantissa * 2.0 ** (product.exponent - shift)
        trace = learning.traces[factor.variable]
        assert product.gate != "u"
        terms.append(PairTerm(product.gate, gain, trace.impulse, trace.tau_steps))
    return terms


def compile_rule(rule: Rule) -> Program:
    """Compile the library's STDP with the rule's numbers, weights in LSB."""
    stdp = RULES["stdp"].with_params(
        a_plus=rule.plus,
        a_minus=rule.minus,
        tau_plus=rule.tau_plus * ms,
        tau_minus=rule.tau_minus * ms,
        w_max=LARGEST_WEIGHT,
    )
    return lahar.compile(stdp, "loihi2", 1 * ms, pre=1, post=1)


def lava_terms(rule: Rule) -> list[PairTerm] | None:
    """Let Lava write the rule down; None if it refuses its own literal."""
    from lava.proc.learning_rules.stdp_learning_rule import STDPLoihi

    try:
        made: Any = STDPLoihi(
            learning_rate=1,
            A_plus=rule.plus / LAVA_IMPULSE,
            A_minus=-rule.minus / LAVA_IMPULSE,
            tau_plus=rule.tau_plus,
            tau_minus=rule.tau_minus,
        )
    except ValueError:
        return None
    taus = {"x1": made.x1_tau, "y1": made.y1_tau}
    impulses = {"x1": made.x1_impulse, "y1": made.y1_impulse}
    terms = []
    for product in made.active_product_series["dw"].products:
        (factor,) = product.factors
        gain = product.s_mantissa * 2.0 ** (product.s_exp - EXPONENT_OFFSET)
        name = factor.state_var
        terms.append(PairTerm(product.dependency, gain, impulses[name], taus[name]))
    return terms


# --- all rules --------------------------------------------------------------------


def draw_rules(count: int, seed: int, meaning: Meaning) -> list[Rule]:
    """Draw rules; the same seed gives the same literals a factor of 16 apart."""
    random = np.random.default_rng(seed)
    a = np.exp(random.uniform(*np.log(AMPLITUDES), (count, 2)))
    taus = random.uniform(*TAUS, (count, 2))
    unit = LAVA_IMPULSE if meaning == "parameter" else 1
    pairs = zip(a * unit, taus, strict=True)
    return [Rule(float(p), float(m), float(t), float(u)) for (p, m), (t, u) in pairs]


def measure(count: int, seed: int, meaning: Meaning) -> Figures:
    """Compare both sides on every rule."""
    lava, ours, apart = [], [], []
    for rule in draw_rules(count, seed, meaning):
        wanted = float_curve(rule)
        compiled = lahar_terms(compile_rule(rule))
        error = relative_error(expected_curve(compiled), wanted)
        literal = lava_terms(rule)
        if literal is None:
            apart.append(error)
            continue
        ours.append(error)
        lava.append(relative_error(expected_curve(literal), wanted))
    return Figures(
        amplitudes=meaning,
        rules=count,
        illegal=len(apart),
        lava_mean=float(np.mean(lava)),
        lava_median=float(np.median(lava)),
        lahar_mean=float(np.mean(ours)),
        lahar_median=float(np.median(ours)),
        lahar_worst=float(np.max(ours + apart)),
        lahar_mean_where_illegal=float(np.mean(apart)) if apart else None,
    )


def _show(f: Figures) -> None:
    print(f"amplitude is the {f.amplitudes}: {f.rules} rules")
    print(f"  Lava refuses its own literal in {f.illegal / f.rules:.1%} of them")
    print(f"  Lava   mean {f.lava_mean:.3%}  median {f.lava_median:.3%}")
    print(f"  lahar  mean {f.lahar_mean:.3%}  median {f.lahar_median:.3%}", end="")
    print(f"  worst of all {f.lahar_worst:.3%}")
    if f.lahar_mean_where_illegal is not None:
        print(f"  lahar  mean {f.lahar_mean_where_illegal:.3%} where Lava refuses")
    print(f"  ratio of the means {f.ratio:.1f} (bar: {BAR:g})")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 if the bar is met, 3 without Lava."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("lava") is None:
        print("lava is not installed (it needs Python 3.10)", file=sys.stderr)
        return 3
    meanings: tuple[Meaning, ...] = ("parameter", "pair")
    found = [measure(options.rules, options.seed, meaning) for meaning in meanings]
    if options.json:
        rows = [{**asdict(f), "ratio": f.ratio} for f in found]
        print(json.dumps({"seed": options.seed, "bar": BAR, "figures": rows}, indent=2))
    else:
        for figures in found:
            _show(figures)
    return 0 if all(f.ratio >= BAR for f in found) else 1


if __name__ == "__main__":
    sys.exit(main())
