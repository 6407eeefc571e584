"""Lints: each warns where it should, in full, and is silent just beside that.

`CASES` are those of the compiler, as golden texts. `OTHER_CHECKS` are the rest of the
table of 26: what is refused, and what only a Program or its cost shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import lahar
from lahar import Hz, LaharError, Program, ms
from lahar.diagnostics import Diagnostic, all_diagnostics
from lahar.hardware.activity import assumed_activity
from lahar.hardware.chips import get_chip
from lahar.hardware.costs import step_cost
from lahar.hardware.energy_claims import energy_claims
from lahar.hardware.limits import check_program
from lahar.hardware.lint_table import CHECKS
from lahar.hardware.program_lints import program_lints
from lahar.rules.library import RULES

Warned = Callable[..., dict[str, str]]
Golden = Callable[[str, str], None]
Codes = Callable[..., set[str]]
Case = tuple[str, dict[str, Any]]

LOIHI1, LOIHI2 = get_chip("loihi1"), get_chip("loihi2")
ONE_CORE = replace(LOIHI1, cores=replace(LOIHI1.cores, value=1))

NETWORK = """\
import numpy as np

class Cell(NeuronModel):
    current = Port()
{states}

network = Network(
    "mine",
    (Group("in", {inputs}), Group("out", 2, Cell.declared)),
    ({projection}),
    1 * ms,
)
"""
PROJECTION = 'Projection("fixed", "in", "out", np.full((2, {inputs}), 1.0)),'
LIF = """\
    v = State(leak={leak} * ms, reset=0.0)
    dv = current + {bias}
    spike = v > {threshold}"""
CUBA = """\
    u = State(leak={leak} * ms)
    du = current
    v = State(leak=20 * ms, reset=0.0)
    dv = u
    spike = v > 1.0"""
INTEGRATOR = """\
    v = State(leak={leak} * ms)
    dv = current"""
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
    tag = Tag({tau})
    reward = Modulator()
    dtag = {jump} * x * post
    dw = 0.01 * reward * tag
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


def lif(leak: float = 20, bias: float = 0.0, threshold: float = 1.0) -> str:
    return LIF.format(leak=leak, bias=bias, threshold=threshold)


def network(states: str, inputs: int = 4, *, connected: bool = True) -> str:
    projection = PROJECTION.format(inputs=inputs) if connected else ""
    return NETWORK.format(states=states, inputs=inputs, projection=projection)


def learning_network(weight: float) -> str:
    """Let every weight start with the same value; its bounds are 0 and 1."""
    projection = PROJECTION.format(inputs=4).replace(
        "1.0)", f"{weight}), rule=Mine.declared"
    )
    return rule() + NETWORK.format(states=lif(), inputs=4, projection=projection)


# What warns, and what just does not.
CASES: dict[str, tuple[Case, Case]] = {
    # 129 * 255 > 32767
    "L02": ((network(lif(), 129), {}), (network(lif(), 128), {})),
    # (0.02 * 400 + 4 * sqrt(0.02 * 0.98 * 400)) * 255 * 64 * tau > 2**23 - 1
    "L03": (
        (network(CUBA.format(leak=27), 400), {}),
        (network(CUBA.format(leak=26), 400), {}),
    ),
    "L04": (
        (network(INTEGRATOR.format(leak=27), 400), {}),
        (network(INTEGRATOR.format(leak=26), 400), {}),
    ),
    # a threshold of 1 is 255 * 64 units: a drive of 16, and of 20
    "L06": (
        (network(lif(bias=0.001), connected=False), {}),
        (network(lif(bias=0.00125), connected=False), {}),
    ),
    # a spike is floored to 64 units; 4096 / d is 1024, and 58
    "L07": (
        (network(lif(leak=1000, threshold=20000.0), 1), {"rate": 0.05 * Hz}),
        (network(lif(leak=60, threshold=20000.0), 1), {"rate": 0.05 * Hz}),
    ),
    "L08": ((LEAKY.format(leak=6.0), {}), (LEAKY.format(leak=4.0), {})),
    # 255 * 1000 / 4 / 2**3 and 2**2 are the next below a quarter of 2**17 - 1
    "L09": (
        (network(lif(threshold=700.0)), {}),
        (network(lif(threshold=500.0)), {}),
    ),
    # 8 * (1 + 1.6 * r + 4 * sqrt(0.8 * r)) > 127, r in units of 1 / (80 ms)
    "L11": (
        (rule(tau=80.0), {"rate": 100 * Hz}),
        (rule(tau=80.0), {"rate": 80 * Hz}),
    ),
    "L13": ((rule(tau=3.9), {}), (rule(tau=4.0), {})),
    "L14": ((rule(), {"epoch": 2}), (rule(), {"epoch": 1})),
    # 1.5 and 1.96 times the smallest product
    "L15": ((rule("0.000046 * pre"), {}), (rule("0.00006 * pre"), {})),
    # the sign of a weight counts 9 bits: a trace beside it is shifted right by 5
    "L16": (
        (rule("0.01 * sign(w - 0.5) * x * post"), {"rate": 30 * Hz}),
        (rule("0.01 * sign(w - 0.5) * x * post"), {"rate": 50 * Hz}),
    ),
    # 8 * 1 and 8 * 5 of 2**5
    "L17": (
        (rule("0.00001 * sign(w - 0.5) * x * post"), {}),
        (rule("0.00004 * sign(w - 0.5) * x * post"), {}),
    ),
    "L18": (
        (rule("8.0 * x * w * post"), {}),
        (rule("0.2 * x * w * post"), {}),
    ),
    # 255 * a * 1000 / (1 - 255 * a) < 9
    "L19": ((rule("0.000034 * pre"), {}), (rule("0.000036 * pre"), {})),
    # 255 * a * (1 + 0.4 + 4 * sqrt(0.2)) > 64
    "L20": ((rule("0.079 * x * post"), {}), (rule("0.078 * x * post"), {})),
    "L21": ((rule(low=0.03), {}), (rule(low=0.0), {})),
    "L22": (
        (TAGGED.format(tau="", jump=0.1), {}),
        (TAGGED.format(tau="tau=1000 * ms", jump=0.1), {}),
    ),
    # The tag of two traces is one, that of a third has no place beside it.
    "L27": (
        (
            TAGGED.format(tau="tau=20 * ms", jump=0.1)
            + "    more = Tag()\n    dmore = x * pre\n",
            {},
        ),
        (TAGGED.format(tau="tau=20 * ms", jump=0.1), {}),
    ),
    "L25": ((rule("0.1 * x * w * post"), {}), (rule("0.1 * x * post"), {})),
    # w * w is at most 4 % and 6.25 % of the brackets
    "L30": (
        (rule("0.01 * x * post * (1 - w/4)**2"), {}),
        (rule("0.01 * x * post * (1 - w/3)**2"), {}),
    ),
    "L31": (
        (rule("0.1 * w ** 0.05 * x * post"), {}),
        (rule("0.1 * w ** 0.4 * x * post"), {}),
    ),
}
# The checks of the table that a warning of the compiler does not say.
OTHER_CHECKS: dict[str, tuple[Case, Case]] = {
    # a weight of 1 is stored as 255, the largest there is
    "L01": ((learning_network(1.01), {}), (learning_network(1.0), {})),
    # 255 / 2**7 units, the smallest: 131071 of them
    "L05": (
        (network(lif(threshold=65800.0)), {}),
        (network(lif(threshold=65790.0)), {}),
    ),
    "L23": (
        (rule(), {"chip": ONE_CORE, "pre": 1, "post": 1025}),
        (rule(), {"chip": ONE_CORE, "pre": 1, "post": 1024}),
    ),
    "L24": (
        (rule("0.05 * x * post.v"), {"chip": LOIHI1}),
        (rule("0.05 * x * post.v"), {"chip": LOIHI2}),
    ),
}
OTHER_FORMS: dict[str, tuple[str, Case, Case]] = {
    "L02_mean_and_deviations": (
        "L02",
        (network(lif(), 4560), {}),
        (network(lif(), 128), {}),
    ),
    "L13_long": ("L13", (rule(tau=257.0), {}), (rule(tau=256.0), {})),
    "L14_short_traces": (
        "L14",
        (rule(tau=15.0), {"epoch": 8}),
        (rule(tau=16.0), {"epoch": 1}),
    ),
    "L18_of_every_step": (
        "L18",
        (rule("0.3 * x * w * every(1)"), {}),
        (rule("0.002 * x * w * every(64)"), {}),
    ),
    "L19_of_a_tag": (
        "L19",
        (TAGGED.format(tau="tau=1000 * ms", jump=0.1), {}),
        (TAGGED.format(tau="tau=20 * ms", jump=0.1), {}),
    ),
    "L25_decay": ("L25", (rule(tau=9.9), {}), (rule(tau=10.0), {})),
}
ERRORS: dict[str, tuple[Case, Case]] = {
    # 0.02 * 255 * n > 32767
    "L02": ((network(lif(), 6427), {}), (network(lif(), 6424), {})),
    # 0.02 * 400 * 255 * 64 * tau > 2**23 - 1
    "L03": (
        (network(CUBA.format(leak=65), 400), {}),
        (network(CUBA.format(leak=64), 400), {}),
    ),
    # a tag that collects holds 1/64 of 0.000015
    "L17": ((rule("0.00000023 * pre"), {}), (rule("0.00000025 * pre"), {})),
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


@pytest.mark.parametrize("form", OTHER_FORMS)
def test_other_forms_of_a_lint_too(form: str, warned: Warned, golden: Golden) -> None:
    code, (body, options), (beside, other) = OTHER_FORMS[form]

    golden(f"lint_{form}", warned(body, **options)[code])
    assert code not in warned(beside, **other)


@pytest.mark.parametrize("code", ERRORS)
def test_what_is_wrong_at_any_time_is_refused(
    code: str, warned: Warned, refused: Callable[..., str], golden: Golden
) -> None:
    (body, options), (beside, other) = ERRORS[code]

    said = refused(body, **options)

    assert said.startswith(f"error[{code}]")
    golden(f"lint_{code}_error", said)
    warned(beside, **other)  # compiles


def test_every_lint_of_the_compiler_has_a_case() -> None:
    of_programs = {"L02", "L03", "L04", "L06", "L07", "L08", "L13", "L22"}

    assert lints() <= set(CASES)
    assert set(CASES) - lints() == of_programs | {"L17"} - lints()


def lints() -> set[str]:
    return {
        code
        for code, kind in all_diagnostics().items()
        if is_of_the_compiler(kind) and kind.severity == "warning"
    }


def is_of_the_compiler(kind: type[Diagnostic]) -> bool:
    module = kind.__module__
    return module.startswith("lahar.compiler.") and ".lava." not in module


def test_lints_of_the_library_never_stop_a_compilation() -> None:
    program = lahar.compile(RULES["stdp-reward"], pre=3, post=2, dt=1 * ms)

    assert {f.severity for f in program.report.findings} == {"warning"}
    assert {f.code for f in program.report.findings} == {"L18", "L19", "L25"}


def test_a_finding_knows_its_line(warned: Warned, compile_file: Any) -> None:
    body, _ = CASES["L25"][0]

    (finding,) = [f for f in compile_file(body).report.findings if f.code == "L25"]

    assert finding.where == "mine.py:6"


def test_a_finding_about_a_program_knows_its_line_too(compile_file: Any) -> None:
    findings = compile_file(CASES["L03"][0][0]).report.findings

    assert {(f.code, f.where) for f in findings} == {
        ("L02", "mine.py:5"),
        ("L03", "mine.py:5"),
        ("L04", "mine.py:5"),
    }


@pytest.fixture
def codes(compile_file: Callable[..., Program]) -> Codes:
    """Give the codes of all that is said of a file, whether it compiles or not."""

    def said(body: str, **options: Any) -> set[str]:
        try:
            return {f.code for f in compile_file(body, **options).report.findings}
        except LaharError as error:
            return {d.code for d in error.diagnostics}

    return said


@pytest.mark.parametrize("code", CHECKS)
def test_each_of_the_26_checks_triggers_and_just_beside_does_not(
    code: str, codes: Codes
) -> None:
    carriers = set(CHECKS[code].carriers)

    if code in OF_PROGRAMS:
        broken, beside = OF_PROGRAMS[code]
        said, not_said = broken(), beside()
    else:
        (body, options), (other, settings) = {**CASES, **OTHER_CHECKS}[code]
        said, not_said = codes(body, **options), codes(other, **settings)

    assert carriers & said
    assert not carriers & not_said


def impulse(units: int) -> set[str]:
    """Check a Program whose pre trace gains so many units with each spike."""
    program = lahar.compile(RULES["stdp"], pre=3, post=2, dt=1 * ms)
    (synapse,) = program.connections
    assert synapse.learning is not None
    traces = dict(synapse.learning.traces)
    traces["x1"] = replace(traces["x1"], impulse=units)
    learning = replace(synapse.learning, traces=traces)
    program = replace(program, connections=(replace(synapse, learning=learning),))
    lints = program_lints(program, LOIHI2, 0.02)
    return {d.code for d in (*check_program(program, LOIHI2), *lints)}


def energy(chip: str) -> set[str]:
    """Ask for the energy of a step."""
    program = lahar.compile(RULES["stdp"], chip, pre=3, post=2, dt=1 * ms)
    activity = assumed_activity(program, 0.02, "assumed")
    cost = step_cost(program, get_chip(chip), activity)
    return {d.code for d in energy_claims(cost, chip)}


OF_PROGRAMS: dict[str, tuple[Callable[[], set[str]], Callable[[], set[str]]]] = {
    "L10": (lambda: impulse(128), lambda: impulse(127)),
    "L12": (lambda: impulse(3), lambda: impulse(4)),
    "L26": (lambda: energy("loihi2"), lambda: energy("loihi1")),
}


def test_the_table_has_all_checks_and_every_code_that_it_names() -> None:
    known = all_diagnostics()

    assert list(CHECKS) == [f"L{n:02}" for n in range(1, 27)]
    for check in CHECKS.values():
        assert set(check.carriers) <= set(known), check.code
        assert check.carriers[0] == check.code or check.code not in known
