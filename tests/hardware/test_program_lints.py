"""Lints of Programs that no rule came with: what warns, and what just does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lahar.hardware.chips import get_chip
from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.limits import check_program
from lahar.hardware.lint_table import CHECKS
from lahar.hardware.program import NeuronPort, NeuronProgram, Op, Program, Register
from lahar.hardware.program_lints import program_lints
from lahar.hardware.value import Value

Make = Callable[..., Program]
MakeLif = Callable[..., NeuronProgram]

LOIHI2 = get_chip("loihi2")
FLOORING = replace(LOIHI2, stochastic_rounding=Value(False, "", "a test", "high"))


def lints(
    program: Program, chip: object = LOIHI2, rate: float = 0.02
) -> dict[str, str]:
    return {d.code: d.render() for d in program_lints(program, chip, rate)}  # type: ignore[arg-type]


def learning(trace: TraceProgram, target: str = "w") -> Learning:
    product = Product(target, "y0", (Factor("x1"),), 1, -4)  # type: ignore[arg-type]
    return Learning(1, (product,), {"x1": trace})


def test_a_plain_network_has_no_lint(make_dense: Make) -> None:
    assert lints(make_dense(learning=learning(TraceProgram(40, 20 * 256)))) == {}


@pytest.mark.parametrize(
    ("code", "trace", "beside"),
    [
        ("L10", TraceProgram(10, 5120, 64), TraceProgram(10, 5120)),
        ("L12", TraceProgram(3, 5120), TraceProgram(4, 5120)),
        ("L13", TraceProgram(40, 4 * 256 - 1), TraceProgram(40, 4 * 256)),
        ("L13", TraceProgram(40, 256 * 256 + 1), TraceProgram(40, 256 * 256)),
    ],
)
def test_traces_that_will_not_do_what_they_say(
    code: str,
    trace: TraceProgram,
    beside: TraceProgram,
    make_dense: Make,
    golden: Callable[[str, str], None],
) -> None:
    found = lints(make_dense(learning=learning(trace)))

    golden(f"program_{code}_tau_{trace.tau_steps:.0f}", found[code] + "\n")
    assert lints(make_dense(learning=learning(beside))) == {}


def test_a_chip_that_rounds_down_forgets_traces_early(make_dense: Make) -> None:
    """An impulse of 16 with a tau of 100 steps is gone after 16."""
    program = make_dense(learning=learning(TraceProgram(16, 100 * 256)))

    assert "is 0 after 16 steps of a tau of 100" in lints(program, FLOORING)["L12"]
    assert lints(program) == {}


def test_a_learned_delay_moves_no_spike(make_dense: Make) -> None:
    trace = TraceProgram(40, 5120)

    assert list(lints(make_dense(learning=learning(trace, "d")))) == ["L22"]
    assert lints(make_dense(learning=learning(trace, "t"))) == {}


@pytest.mark.parametrize(("exponent", "fills"), [(-6, False), (-7, True), (None, True)])
def test_a_tag_that_forgets_too_slowly_fills_up(
    exponent: int | None,
    fills: bool,
    make_dense: Make,
    golden: Callable[[str, str], None],
) -> None:
    """A trace of 16 writes 8 * 16 at 0.02 a step: 2.56, which 64 steps hold."""
    products = [Product("t", "y0", (Factor("x1"),), 1, 3)]
    if exponent is not None:
        products.append(Product("t", "u", (Factor("t"),), -1, exponent))
    trace = TraceProgram(40, 20 * 256)
    learns = Learning(1, tuple(products), {"x1": trace}, decimate_exponent=0)

    found = lints(make_dense(learning=learns))

    assert list(found) == (["L22"] if fills else [])
    if fills:
        golden(f"program_L22_decay_{exponent}", found["L22"] + "\n")


def test_a_current_whose_register_is_0_leaks_all_the_same(
    make_dense: Make, make_lif: MakeLif
) -> None:
    """A LIF adds 1 to the register: an effective decay of 1/4096 is what 0 means."""
    found = lints(make_dense(neuron=make_lif(du=1)))

    assert "`post.u.leak` is 4096 instead of inf" in found["L08"]
    assert "L08" not in lints(make_dense(neuron=make_lif(du=2)))


def test_a_membrane_below_what_its_profile_keeps(make_dense: Make) -> None:
    """nengo-loihi's emulator ends a membrane at 0 unless it is told otherwise."""
    inhibited = make_dense(weights=-make_dense().connections[0].weights, sign_mode=3)
    clipping = replace(inhibited, profile="loihi2:membrane_low=0")

    assert lints(inhibited) == {}
    assert list(lints(clipping)) == ["L04"]
    assert "clipped at 0" in lints(clipping)["L04"]


def test_lints_of_a_network_that_wires_feed_are_left_out(wired: Program) -> None:
    """Nobody bounds what a wire carries; other checks still run."""
    codes = {d.code for d in program_lints(wired, LOIHI2, 0.02)}

    assert codes <= {"L10", "L12", "L13", "L22"}


def test_a_program_of_other_operations_is_analysed_too(make_dense: Make) -> None:
    """Two states that drain into each other by a shift, and a threshold with `ge`."""
    neuron = NeuronProgram(
        ports=(NeuronPort("current", "synaptic"),),
        registers=(Register("a"), Register("b")),
        ops=(
            Op("shl", "input", ("current", 6)),
            Op("decay", "a", ("a", 512)),
            Op("add", "a", ("a", "input")),
            Op("mulshift", "fed", ("a", 3, 2)),
            Op("decay", "b", ("b", 256)),
            Op("add", "b", ("b", "fed")),
            Op("saturate", "b", ("b", -8388607, 8388607)),
            Op("ge", "spike", ("b", 10**6)),
            Op("select", "b", ("spike", 0, "b")),
        ),
        spike="spike",
    )

    assert lints(make_dense(neuron=neuron)) == {}


@pytest.mark.parametrize(
    ("check", "broken", "beside"),
    [
        ("L01", {"weights": [[256, 2, 2]]}, {"weights": [[255, 2, 2]]}),
        ("L01", {"weights": [[3, 2, 2]], "sign_mode": 1}, {"weights": [[3, 2, 2]]}),
        ("L05", {"threshold": 131072 * 64}, {"threshold": 131071 * 64}),
        ("L10", {"impulse": 128}, {"impulse": 127}),
        ("L14", {"epoch": 64}, {"epoch": 63}),
        ("L15", {"mantissa": 8}, {"mantissa": 7}),
        ("L15", {"exponent": 9}, {"exponent": 8}),
        ("L24", {"message_bits": 33}, {"message_bits": 32}),
    ],
)
def test_checks_that_end_the_work_are_limits_of_the_table(
    check: str,
    broken: dict[str, Any],
    beside: dict[str, Any],
    make_dense: Make,
    make_lif: MakeLif,
) -> None:
    carriers = set(CHECKS[check].carriers)

    assert carriers & limits(broken, make_dense, make_lif)
    assert not limits(beside, make_dense, make_lif)


def limits(given: dict[str, Any], make_dense: Make, make_lif: MakeLif) -> set[str]:
    """Build a Program with one setting changed; give the codes of its limits."""
    settings = dict(given)
    if "threshold" in settings:
        settings["neuron"] = make_lif(threshold=settings.pop("threshold"))
    if "weights" in settings:
        settings["weights"] = np.array(settings["weights"], np.int32)
        settings["post"] = 1
    product = Product("w", "y0", (Factor("x1"),), 1, -4)
    numbers = {k: settings.pop(k) for k in ("mantissa", "exponent") if k in settings}
    traces = {"x1": TraceProgram(settings.pop("impulse", 40), 5120)}
    epoch = settings.pop("epoch", 1)
    learns = Learning(epoch, (replace(product, **numbers),), traces)
    program = make_dense(learning=learns, **settings)
    return {d.code for d in check_program(program, LOIHI2)}
