"""Every number that is rounded is in the report: wanted, got, and the user's line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import lahar
from lahar import Program, ms
from lahar.rules.library import RULES
from lahar.rules.user_file import run_user_file

RICH = """\
import numpy as np

class Gated(Rule):
    x = Trace(pre, tau=16.7 * ms)
    y = Trace(post, tau=33.3 * ms)
    tag = Tag(tau=210 * ms)
    reward = Modulator(low=-1.0, high=1.0)
    dtag = 0.13 * x * post - 0.07 * y * pre
    dw = (
        0.011 * reward * where(tag > 0.3, 1, 0)
        + 0.0031 * exp(-w) * x * post
    )

class Slow(Rule):
    x = Trace(pre, tau=11.1 * ms)
    dw = 0.0071 * post.excess * x

class Cell(NeuronModel):
    theta = Param(1.37)
    current = Port()
    other = Port()
    xi = Noise(low=-0.3, high=0.7)
    u = State(leak=4.9 * ms)
    du = current - 0.37 * other
    v = State(leak=21 * ms, reset=-0.21, initial=0.123)
    dv = u + 0.17 * xi + 0.019
    spike = v > theta
    rate = Trace(spike, tau=90 * ms)
    excess = Output(3.3 * rate - 0.1 * v, low=-1.7, high=1.7)

class Plain(NeuronModel):
    current = Port()
    v = State(leak=17 * ms, reset=0.0)
    dv = current + 0.0123
    spike = v > 0.77

wide = np.linspace(0.01, 0.93, 12).reshape(3, 4)
square = np.linspace(0.05, 0.95, 9).reshape(3, 3)

network = Network(
    "mine",
    (
        Group("in", 4),
        Group("cells", 3, Cell.declared),
        Group("plain", 3, Plain.declared),
    ),
    (
        Projection("gated", "in", "plain", wide, rule=Gated.declared),
        Projection("slow", "in", "cells", wide, rule=Slow.declared),
        Projection("fixed", "plain", "cells", square - 0.5, port="other"),
    ),
    1 * ms,
)
"""


def test_each_rounded_number_has_a_line_of_the_user(
    compile_file: Callable[..., Program], golden: Callable[[str, str], None]
) -> None:
    roundings = compile_file(RICH).report.roundings

    assert [r for r in roundings if not r.where.startswith("mine.py:")] == []
    golden(
        "roundings",
        "".join(
            f"{r.where:11} {r.parameter}\n"
            f"            wanted {r.wanted:.6g}, got {r.got:.6g}"
            f" ({r.relative_error:+.2%})\n"
            for r in roundings
        ),
    )


def test_a_line_holds_what_it_is_said_to_be_rounded_for(
    compile_file: Callable[..., Program],
) -> None:
    lines = Path.read_text  # read after compile_file has written the file
    roundings = compile_file(RICH).report.roundings
    text = lines(Path("mine.py"), encoding="utf-8").splitlines()

    for name, part in (
        ("cells.v.leak", "v = State(leak=21"),
        ("cells.u.leak", "u = State(leak=4.9"),
        ("cells.rate.tau", "rate = Trace(spike"),
        ("cells.v.reset", "reset=-0.21"),
        ("cells.v.initial", "initial=0.123"),
        ("cells.xi.low", "Noise(low=-0.3"),
        ("plain.threshold", "spike = v > 0.77"),
        ("plain.bias", "dv = current + 0.0123"),
        ("plain.v.leak", "v = State(leak=17"),
        ("gated.x.tau", "x = Trace(pre, tau=16.7"),
    ):
        (found,) = [r for r in roundings if r.parameter == name]
        assert part in text[int(found.where.rpartition(":")[2]) - 1], name


@pytest.mark.parametrize("name", RULES)
def test_nothing_in_the_library_is_rounded_without_a_line(name: str) -> None:
    report = lahar.compile(RULES[name], pre=4, post=2, dt=1 * ms).report

    assert [r for r in report.roundings if not r.where] == []
    assert [t for t in report.terms if not t.where] == []


def test_integers_of_the_program_that_differ_from_the_rule_are_all_listed(
    compile_file: Callable[..., Program], tmp_path: Path
) -> None:
    """What the views read back, beside what the file says."""
    program = compile_file(RICH)
    network = run_user_file(Path("mine.py"))["network"]
    listed = {r.parameter.split("[")[0] for r in program.report.roundings}
    scales = {v.variable: v.scale for v in program.views}

    for connection in program.connections:
        name = f"{connection.name}.weights"
        wanted = network.projection(connection.name).weights
        changed = not np.array_equal(connection.weights / scales[name], wanted)
        assert (name in listed) == changed
