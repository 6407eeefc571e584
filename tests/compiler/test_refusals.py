"""What the compiler refuses, it refuses with a message: compared with golden texts.

Each case is a user's file; the message points at its line and says what to write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import lahar
from lahar import Hz, LaharError, ms
from lahar.diagnostics import Diagnostic, all_diagnostics
from lahar.hardware.chips import get_chip
from lahar.hardware.value import Value
from lahar.rules.library import RULES

GOLDEN = Path(__file__).parents[1] / "golden"

Said = Callable[..., str]
Golden = Callable[[str, str], None]

TWO_TRACES = """\
class Mine(Rule):
    x = Trace(pre, tau=20 * ms)
    y = Trace(post, tau=20 * ms)
    tag = Tag(tau=100 * ms)
    reward = Modulator()
"""
LI = """\
class Cell(NeuronModel):
    current = Port()
    v = State(leak=20 * ms{reset})
    dv = {drive}
    {spike}
"""
NETWORK = """\
import numpy as np

class Mine(Rule):
    x = Trace(pre, tau=20 * ms)
    dw = 0.05 * x * post
    bounds = ({low}, 1.0)

class Cell(NeuronModel):
    current = Port()
    v = State(leak=20 * ms, reset=0.0)
    dv = current
    spike = v > {threshold}

network = Network(
    "mine",
    (Group("in", 4), Group("out", {post}, Cell.declared)),
    (
        Projection("learns", "in", "out", {weights}, rule=Mine.declared),
        Projection("fixed", "in", "out", {fixed}),
    ),
    {dt},
)
"""


def rule(*lines: str) -> str:
    return TWO_TRACES + "".join(f"    {line}\n" for line in lines)


def no_tag(*lines: str) -> str:
    return rule(*lines).replace("    tag = Tag(tau=100 * ms)\n", "")


def cell(
    drive: str = "current", spike: str = "spike = v > 1.0", reset: str = ""
) -> str:
    return LI.format(drive=drive, spike=spike, reset=reset)


def network(**changes: object) -> str:
    plain = {
        "low": 0.0,
        "threshold": 1.0,
        "post": 2,
        "weights": "np.full((2, 4), 0.5)",
        "fixed": "np.full((2, 4), 0.5)",
        "dt": "1 * ms",
    }
    return NETWORK.format(**{**plain, **changes})


def valued(update: str, low: float = 0.0) -> str:
    """Give a network whose source sends values that its rule reads."""
    source = f'Group("in", 4, graded=({low}, 1.0))'
    body = network().replace('Group("in", 4)', source)
    return body.replace("dw = 0.05 * x * post", update)


LOIHI2 = get_chip("loihi2")
FEW_PRODUCTS = replace(
    LOIHI2,
    name="few",
    products_per_rule=Value(3, "product", "a made-up data sheet", "high"),
)
POST = "class Mine(Rule):\n    dw = 0.05 * pre * {0}\n"

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "R137_modulators_without_common_range": (
        rule("dw = 0.1 * reward * pre")
        + cell("current + reward").replace(
            "    v =", "    reward = Modulator(2.0, 3.0)\n    v ="
        ),
        {},
    ),
    "R148_division_by_a_parameter_of_zero": (
        "class Mine(Rule):\n    a = Param(0.0)\n    dw = pre * (1.0 / a)\n",
        {},
    ),
    "R201_epoch_of_0": (rule("dw = 0.1 * x * post"), {"epoch": 0}),
    "R201_epoch_of_64": (rule("dw = every(64) * x * 0.1"), {"epoch": 64}),
    "R202_every_3": (rule("dw = 0.1 * every(3) * x"), {}),
    "R202_every_2_to_the_10": (rule("dw = 0.1 * every(1024) * x"), {}),
    "R202_every_2_with_epoch_4": (rule("dw = 0.1 * every(2) * x"), {"epoch": 4}),
    "R203_no_time_step": (network(dt=None), {}),
    "R204_two_u_gates": (rule("dw = 0.1 * x - every(2) * 0.02 * w"), {}),
    "R204_a_decaying_tag_beside_every": (
        rule("dtag = 0.1 * x * post", "dw = every(4) * reward * tag"),
        {},
    ),
    "R205_learned_delay": (rule("ddelay = 0.1 * x * post", "dw = 0.1 * pre"), {}),
    "R205_delay_that_is_read": (rule("dw = 0.1 * x * post * delay"), {}),
    "R206_two_tags": (
        rule("slow = Tag()", "dtag = x * post", "dslow = tag * 0.1", "dw = slow"),
        {},
    ),
    "R206_two_tags_and_the_square_of_the_weight": (
        rule(
            "slow = Tag()",
            "dtag = x * post",
            "dslow = y * pre",
            "dw = 0.1 * (tag - slow) - 0.1 * post * w ** 2",
        ),
        {},
    ),
    "R206_two_tags_of_one_product": (
        rule(
            "slow = Tag(tau=120 * ms)",
            "dtag = x * post",
            "dslow = y * pre",
            "dw = 0.1 * tag * slow",
        ),
        {},
    ),
    "R207_five_traces": (
        rule("dw = 0.1 * x ** 5 * post".replace("5", "4") + " * y"),
        {},
    ),
    "R207_a_cube_of_the_weight_and_a_trace": (rule("dw = x * w ** 3 * post"), {}),
    "R210_third_factor_on_loihi1": (
        rule("dtag = 0.1 * x * post", "dw = 0.1 * reward * tag"),
        {"chip": "loihi1"},
    ),
    "R211_exp_of_a_pre_trace": (rule("dw = 0.1 * exp(-x) * post"), {}),
    "R211_exp_of_a_post_trace": (rule("dw = 0.1 * exp(-y) * pre"), {}),
    "R211_exp_of_a_tag": (rule("dtag = x * post", "dw = 0.1 * exp(-tag) * pre"), {}),
    "R211_division_by_a_trace": (rule("dw = 0.1 * w * post / x"), {}),
    "R211_division_by_zero": (rule("dw = 0.1 * x * post / 0.0"), {}),
    "R211_root_of_a_mixture": (rule("dw = 0.1 * (w + x) ** 0.5 * post"), {}),
    "R211_all_problems_at_once": (
        rule("dtag = exp(tag) * pre", "dw = where(w > x, x, y) + exp(x)"),
        {},
    ),
    "R214_threshold_on_a_pre_trace": (
        no_tag("dw = 0.1 * where(x > 0.5, w, 0.0) * post"),
        {},
    ),
    "R214_threshold_on_a_pre_trace_beside_a_tag": (
        rule("dtag = x * post", "dw = where(x > 0.5, tag, 0.0)"),
        {},
    ),
    "R214_threshold_on_a_post_trace": (
        rule("dw = 0.1 * where(y > 0.5, x, 0.0) * post"),
        {},
    ),
    "R214_threshold_on_a_product": (no_tag("dw = where(w * x > 0.3, y, 0.0)"), {}),
    "R214_max_of_weight_and_trace": (no_tag("dw = 0.1 * maximum(w, x) * post"), {}),
    "R216_two_thresholds_in_a_product": (
        rule("dtag = x * post", "dw = 0.1 * where(tag > 0.5, w > 0.5, 0) * post"),
        {},
    ),
    "R215_division_by_the_weight": (rule("dw = 0.1 * x * post / w"), {}),
    "R212_state_without_range": (
        POST.format("post.u")
        + """
class Cell(NeuronModel):
    current = Port()
    u = State(leak=5 * ms)
    du = current
    v = State(leak=20 * ms, reset=0.0)
    dv = u
    spike = v > 1.0
""",
        {},
    ),
    "R212_root_of_a_quantity": (POST.format("post.v ** 0.5"), {}),
    "R213_an_output_called_like_a_state": (
        POST.format("post.error")
        + """
class Cell(NeuronModel):
    current = Port()
    synapse_error = State(leak=20 * ms)
    dsynapse_error = current
    spike = synapse_error > 1.0
    error = Output(1.0 - synapse_error)
""",
        {},
    ),
    "R220_three_pre_traces": (
        rule(
            "a = Trace(pre, tau=5 * ms)",
            "b = Trace(pre, tau=50 * ms)",
            "dw = (0.1 * post - 0.1 * pre) * x * (a",
            "    * b)",
        ),
        {},
    ),
    "R220_four_values_from_the_post_side": (
        rule(
            "z = Trace(post, tau=50 * ms)",
            "u = Trace(post, tau=60 * ms)",
            "dw = 0.1 * pre * y * z * u * reward",
        ),
        {},
    ),
    "R221_tag_that_decays_too_slowly": (
        rule("dtag = 0.1 * x * post", "dw = 0.1 * tag * pre").replace(
            "100 * ms", "20.0"
        ),
        {},
    ),
    "R221_tag_on_loihi1": (
        rule("dtag = 0.1 * x * post", "dw = 0.1 * tag * pre").replace(
            "100 * ms", "0.5"
        ),
        {"chip": "loihi1"},
    ),
    "R223_a_tag_with_more_products_than_the_engine_has": (
        rule("dtag = 0.1 * x * post - 0.2 * y * pre", "dw = 0.1 * reward * tag"),
        {"chip": FEW_PRODUCTS},
    ),
    "R223_a_square_of_the_weight_with_more_products": (
        rule("dw = 0.1 * post * x - 0.013 * pre * y - 0.017 * w ** 2 * post"),
        {"chip": FEW_PRODUCTS},
    ),
    "R230_weights_outside_bounds": (network(weights="np.full((2, 4), 1.5)"), {}),
    "R231_threshold_too_large": (network(threshold=1e6), {}),
    "R231_threshold_too_small": (network(threshold=1e-6), {}),
    "R232_coefficient_too_large": (rule("dw = 900.0 * pre"), {}),
    "L17_coefficient_too_small": (rule("dw = 0.0000001 * x * post"), {}),
    "R233_fixed_weights_too_large": (network(fixed="np.full((2, 4), 1e6)"), {}),
    "R233_fixed_weights_too_small": (network(fixed="np.full((2, 4), 1e-6)"), {}),
    "R234_weights_without_a_scale": (network(fixed="np.full((2, 4), 1e200)"), {}),
    "R240_power_of_two_variables_in_a_neuron": (
        rule("dw = 0.1 * x * post") + cell("current ** v"),
        {},
    ),
    "R243_exp_of_anything_in_a_neuron": (
        rule("dw = 0.1 * x * post") + cell("current + 0.1 * exp(v)"),
        {},
    ),
    "R243_root_of_what_only_has_a_lower_end": (
        rule("dw = 0.1 * x * post") + cell("current + maximum(v, 0.0) ** 0.5"),
        {},
    ),
    "R244_division_by_what_may_be_zero_in_a_neuron": (
        rule("dw = 0.1 * x * post") + cell("current / clip(v, -1.0, 2.0)"),
        {},
    ),
    "R244_logarithm_of_a_negative_number_in_a_neuron": (
        rule("dw = 0.1 * x * post") + cell("current + log(clip(v, -1.0, -0.5))"),
        {},
    ),
    "R241_spike_that_is_no_comparison": (
        rule("dw = 0.1 * x * post") + cell(spike="spike = where(v > 1.0, 1.0, 0.0)"),
        {},
    ),
    "R242_leak_shorter_than_a_step": (
        rule("dw = 0.1 * x * post") + cell(),
        {"dt": 50 * ms},
    ),
    "R245_reset_beyond_its_register": (
        rule("dw = 0.1 * x * post") + cell("0.9 * current", reset=", reset=-900.0"),
        {},
    ),
    "R245_threshold_beyond_its_register": (
        rule("dw = 0.1 * x * post")
        + cell(spike="far = Event(v > 9000.0)\n    spike = v > 1.0"),
        {},
    ),
    "R246_output_beyond_its_bounds": (
        rule("dw = 0.1 * x * post")
        + cell(spike="seen = Output(2.0 + tanh(v), high=0.5)\n    spike = v > 1.0"),
        {},
    ),
    "R208_values_below_0": (
        valued("dw = 0.05 * pre.value * post", low=-1.0),
        {},
    ),
    "R209_a_value_before_its_step": (
        valued("v = Trace(pre.value, tau=20 * ms)\n    dw = 0.05 * v.before * post"),
        {},
    ),
    "R250_no_neurons": (rule("dw = 0.1 * x * post"), {"pre": 0, "post": -1}),
    "R251_neuron_without_a_port": (
        rule("dw = 0.1 * x * post") + cell("0.1").replace("    current = Port()\n", ""),
        {},
    ),
    "R252_negative_rate": (rule("dw = 0.1 * x * post"), {"rate": -20 * Hz}),
    "R123_weights_that_are_not_finite": (network(fixed="np.full((2, 4), np.nan)"), {}),
    "R149_group_of_no_neurons": (
        network(post=0, weights="np.zeros((0, 4))", fixed="np.zeros((0, 4))"),
        {},
    ),
    "R150_time_step_of_0": (network(dt=0.0), {}),
    "P350_programmable_neuron_on_loihi1": (
        rule("dw = 0.1 * x * post")
        + cell("current - 0.1 * v * v", reset=", reset=0.0"),
        {"chip": "loihi1"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_message_is_the_golden_one(
    name: str, refused: Said, golden: Golden
) -> None:
    body, options = CASES[name]

    text = refused(body, **options)

    code = name.partition("_")[0]
    assert f"error[{code}]" in text
    golden(f"refused_{name}", text)


@pytest.mark.parametrize("name", [n for n in CASES if n[:3] in ("R20", "R21", "L17")])
def test_the_message_points_at_the_users_line(name: str, refused: Said) -> None:
    if name.startswith(("R201", "R203")):  # of no line: an argument is wrong
        return
    body, options = CASES[name]

    assert "--> mine.py:" in refused(body, **options)


def test_every_refusal_of_the_compiler_has_a_case() -> None:
    codes = {name.partition("_")[0] for name in CASES}

    assert refusals() - codes == set()


def test_every_golden_refusal_has_a_case() -> None:
    texts = {file.stem for file in GOLDEN.glob("refused_*.txt")}

    assert texts == {f"refused_{name}" for name in CASES}


def refusals() -> set[str]:
    return {
        code
        for code, kind in all_diagnostics().items()
        if is_of_the_compiler(kind) and kind.severity == "error"
    }


def is_of_the_compiler(kind: type[Diagnostic]) -> bool:
    module = kind.__module__
    return module.startswith("lahar.compiler.") and ".lava." not in module


# --- networks ---------------------------------------------------------------------


def test_a_network_of_nothing_compiles_to_nothing() -> None:
    program = lahar.compile(lahar.Network("nothing", (), (), 1 * ms))

    assert (program.populations, program.connections) == ((), ())


@pytest.mark.slow
def test_a_network_that_no_chip_holds_says_by_how_much() -> None:
    with pytest.raises(LaharError, match=r"P360.*needs .* a core has"):
        lahar.compile(RULES["stdp"], chip="loihi1", pre=20000, post=2000)


def test_a_neuron_with_too_many_sources_says_how_many_fit() -> None:
    with pytest.raises(LaharError, match=r"(?s)P360.*give `post` at most \d+ sources"):
        lahar.compile(RULES["stdp"], chip="loihi1", pre=20000, post=3)
