"""Lints: each warns where it should, in full, and is silent just beside that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import lahar
from lahar import Hz, ms
from lahar.diagnostics import Diagnostic, all_diagnostics
from lahar.rules.library import RULES

Warned = Callable[..., dict[str, str]]
Golden = Callable[[str, str], None]

NETWORK = """\
import numpy as np

class Cell(NeuronModel):
    current = Port()
    v = State(leak=20 * ms, reset=0.0)
    dv = current
    spike = v > 1.0

network = Network(
    "mine",
    (Group("in", {inputs}), Group("out", 2, Cell.declared)),
    (Projection("fixed", "in", "out", np.full((2, {inputs}), 1.0)),),
    1 * ms,
)
"""
RULE = """\
class Mine(Rule):
    x = Trace(pre, tau={tau} * ms)
    y = Trace(post, tau=20 * ms)
    dw = {dw}
    bounds = ({low}, {high})
"""
TAGGED = """\
class Mine(Rule):
    x = Trace(pre, tau=20 * ms)
    tag = Tag(tau={tau} * ms)
    reward = Modulator()
    dtag = 0.1 * x * post
    dw = {rate} * reward * tag
"""
LEAKY = """\
class Mine(Rule):
    dw = 0.1 * pre

class Cell(NeuronModel):
    current = Port()
    v = State(leak={leak})
    dv = current
    spike = v > 1.0
"""


def rule(
    dw: str = "0.05 * x * post", tau: float = 20.0, low: float = 0.0, high: float = 1.0
) -> str:
    return RULE.format(dw=dw, tau=tau, low=low, high=high)


# What warns, and what just does not.
CASES: dict[str, tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]] = {
    # 0.02 * 255 * n + 4 * sqrt(0.02 * n) * 255 > 32767
    "L02": (
        (NETWORK.format(inputs=4560), {}),
        (NETWORK.format(inputs=4500), {}),
    ),
    "L08": (
        (LEAKY.format(leak=6.0), {}),
        (LEAKY.format(leak=4.0), {}),
    ),
    # 255 * 1000 / 4 / 2**3 and 2**2 are the next below a quarter of 2**17 - 1
    "L09": (
        (NETWORK.format(inputs=4).replace("> 1.0", "> 700.0"), {}),
        (NETWORK.format(inputs=4).replace("> 1.0", "> 500.0"), {}),
    ),
    # 8 * (1 + 1.6 * r + 4 * sqrt(0.8 * r)) > 127, r in units of 1 / (80 ms)
    "L11": (
        (rule(tau=80.0), {"rate": 100 * Hz}),
        (rule(tau=80.0), {"rate": 80 * Hz}),
    ),
    "L14": ((rule(), {"epoch": 2}), (rule(), {"epoch": 1})),
    # 1.5 and 1.96 times the smallest product
    "L15": ((rule("0.000046 * pre"), {}), (rule("0.00006 * pre"), {})),
    "L18": (
        (rule("8.0 * x * w * post"), {}),
        (rule("0.2 * x * w * post"), {}),
    ),
    "L19": (
        (TAGGED.format(tau=1000, rate=0.01), {}),
        (TAGGED.format(tau=20, rate=0.01), {}),
    ),
    "L21": ((rule(low=0.03), {}), (rule(low=0.0), {})),
    # The tag of two traces is one, that of a third has no place beside it.
    "L27": (
        (
            TAGGED.format(tau=20, rate=0.01)
            + "    more = Tag()\n    dmore = x * pre\n",
            {},
        ),
        (TAGGED.format(tau=20, rate=0.01), {}),
    ),
    "L25": ((rule("0.1 * x * w * post"), {}), (rule("0.1 * x * post"), {})),
    "L31": (
        (rule("0.1 * w ** 0.05 * x * post"), {}),
        (rule("0.1 * w ** 0.4 * x * post"), {}),
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_the_lint_is_the_golden_one(code: str, warned: Warned, golden: Golden) -> None:
    body, options = CASES[code][0]

    found = warned(body, **options)

    assert code in found
    golden(f"lint_{code}", found[code])


@pytest.mark.parametrize("code", CASES)
def test_just_beside_the_limit_there_is_no_lint(code: str, warned: Warned) -> None:
    body, options = CASES[code][1]

    assert code not in warned(body, **options)


def test_every_lint_of_the_compiler_has_a_case() -> None:
    assert lints() == set(CASES)


def lints() -> set[str]:
    return {
        code
        for code, kind in all_diagnostics().items()
        if is_of_the_compiler(kind) and kind.severity == "warning"
    }


def is_of_the_compiler(kind: type[Diagnostic]) -> bool:
    module = kind.__module__
    return module.startswith("lahar.compiler.") and ".lava." not in module


def test_lints_never_stop_a_compilation() -> None:
    program = lahar.compile(RULES["stdp-reward"], pre=3, post=2, dt=1 * ms)

    assert {f.severity for f in program.report.findings} == {"warning"}
    assert {f.code for f in program.report.findings} == {"L18", "L19", "L25"}


def test_a_finding_knows_its_line(warned: Warned, compile_file: Any) -> None:
    body, _ = CASES["L25"][0]

    (finding,) = [f for f in compile_file(body).report.findings if f.code == "L25"]

    assert finding.where == "mine.py:6"
