from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.hardware.chips import CHIPS, get_chip
from lahar.hardware.learning import (
    Factor,
    GradedSpikes,
    Learning,
    Product,
    TraceProgram,
)
from lahar.hardware.limits import LIMITS, check_program
from lahar.hardware.program import NeuronProgram, Program, Register, SignMode
from lahar.hardware.value import Value

Make = Callable[..., Program]
MakeLif = Callable[..., NeuronProgram]

LOIHI1, LOIHI2 = get_chip("loihi1"), get_chip("loihi2")
X1 = {"x1": TraceProgram(40, 5120)}


def codes(program: Program, chip: str = "loihi2") -> list[str]:
    found = check_program(program, get_chip(chip))
    for diagnostic in found:
        text = diagnostic.render()
        assert chip in text
        assert "source:" in text
    return [d.code for d in found]


def learning_with(**product: object) -> Learning:
    settings = {"factors": (Factor("x1"),), "mantissa": 1, "exponent": 0, **product}
    return Learning(1, (Product("w", "y0", **settings),), X1)  # type: ignore[arg-type]


@pytest.mark.parametrize("chip", CHIPS)
def test_a_plain_stdp_network_breaks_no_limit(make_dense: Make, chip: str) -> None:
    assert codes(make_dense(learning=learning_with()), chip) == []


def test_every_limit_has_a_name_of_its_own() -> None:
    names = [limit.__name__ for limit in LIMITS]

    assert len(set(names)) == len(names) == 22


@pytest.mark.parametrize(
    ("trace", "broken"),
    [
        (TraceProgram(127, 256), False),
        (TraceProgram(128, 256), True),
        (TraceProgram(-1, 256), True),
        (TraceProgram(126, 256, 255), False),
        (TraceProgram(127, 256, 1), True),
    ],
)
def test_every_trace_impulse_fits_its_register(
    make_dense: Make, trace: TraceProgram, broken: bool
) -> None:
    program = make_dense(learning=Learning(1, (), {"x1": trace}))

    assert codes(program) == ["P330"] * broken


@pytest.mark.parametrize(
    ("mantissa", "broken"), [(-8, False), (7, False), (-9, True), (8, True)]
)
def test_every_mantissa_fits_four_bits(
    make_dense: Make, mantissa: int, broken: bool
) -> None:
    program = make_dense(learning=learning_with(mantissa=mantissa))

    assert codes(program) == ["P331"] * broken


@pytest.mark.parametrize(
    ("exponent", "broken"), [(-7, False), (8, False), (-8, True), (9, True)]
)
def test_every_exponent_fits_its_field(
    make_dense: Make, exponent: int, broken: bool
) -> None:
    program = make_dense(learning=learning_with(exponent=exponent))

    assert codes(program) == ["P332"] * broken


@pytest.mark.parametrize(("steps", "broken"), [(1, False), (63, False), (64, True)])
def test_every_epoch_fits_its_register(
    make_dense: Make, steps: int, broken: bool
) -> None:
    assert codes(make_dense(learning=Learning(steps, ()))) == ["P333"] * broken


def test_a_synapse_has_two_pre_and_three_post_traces(make_dense: Make) -> None:
    fits = {n: TraceProgram(1, 256) for n in ("x1", "x2", "y1", "y2", "y3")}
    three_pre = fits | {"x3": TraceProgram(1, 256)}

    assert codes(make_dense(learning=Learning(1, (), fits))) == []
    assert codes(make_dense(learning=Learning(1, (), three_pre))) == ["P334"]


def test_third_factors_need_neurons_that_send_them(make_dense: Make) -> None:
    program = make_dense(learning=Learning(1, (), third_factors={"y1": "error"}))

    assert codes(program, "loihi2") == []
    assert codes(program, "loihi1") == ["P335"]


def test_factors_and_targets_are_those_of_the_chip(make_dense: Make) -> None:
    poor = replace(
        LOIHI2,
        learning_targets=replace(LOIHI2.learning_targets, value=("w",)),
        learning_factors=replace(LOIHI2.learning_factors, value=("x1", "w")),
    )
    products = (
        Product("t", "x0", (Factor("x1"),), 1, 0),
        Product("w", "x0", (Factor("y1"),), 1, 0),
        Product("w", "x0", (Factor("x1", sign=True),), 1, 0),
    )
    program = make_dense(learning=Learning(1, products, X1))

    assert [d.code for d in check_program(program, poor)] == ["P336"] * 3
    assert codes(program) == ["P336"]  # the sign of a trace


@pytest.mark.parametrize(("constant", "broken"), [(-256, 0), (255, 0), (256, 1)])
def test_every_constant_fits_its_field(
    make_dense: Make, constant: int, broken: int
) -> None:
    learning = learning_with(factors=(Factor("w", constant),))

    assert codes(make_dense(learning=learning)) == ["P337"] * broken


def test_every_decimation_is_known(make_dense: Make) -> None:
    assert codes(make_dense(learning=Learning(1, (), decimate_exponent=9))) == []
    assert codes(make_dense(learning=Learning(1, (), decimate_exponent=10))) == ["P338"]


def test_products_fit_an_engine_that_says_how_many(make_dense: Make) -> None:
    product = learning_with().products[0]
    program = make_dense(learning=Learning(1, (product,) * 3, X1))
    limit = Value(2, "product", "a data sheet", "high")
    few = replace(get_chip("loihi2"), products_per_rule=limit)

    assert codes(program) == []  # nobody has published it
    assert [d.code for d in check_program(program, few)] == ["P339"]


@pytest.mark.parametrize(
    ("mode", "low", "high"),
    [
        (SignMode.MIXED, -256, 254),
        (SignMode.EXCITATORY, 0, 255),
        (SignMode.INHIBITORY, -255, 0),
    ],
)
def test_weights_fit_their_sign_mode(
    make_dense: Make, mode: SignMode, low: int, high: int
) -> None:
    def with_weights(a: int, b: int) -> Program:
        weights = np.array([[a, b]], dtype=np.int32)
        return make_dense(1, 2, weights=weights, sign_mode=mode)

    assert codes(with_weights(low, high)) == []
    assert codes(with_weights(low - 2, high)) == ["P340"]
    assert codes(with_weights(low, high + 2)) == ["P340"]


def test_weights_lie_on_the_grid_that_is_stored(make_dense: Make) -> None:
    odd = np.array([[3]], dtype=np.int32)

    assert codes(make_dense(1, 1, weights=odd)) == []
    assert codes(make_dense(1, 1, weights=odd, sign_mode=SignMode.MIXED)) == ["P341"]
    assert codes(make_dense(1, 1, weights=odd, weight_bits=7)) == ["P341"]


def test_loihi_1_has_no_format_of_seven_bits(make_dense: Make) -> None:
    assert codes(make_dense(weight_bits=7), "loihi1") == ["P342"]
    assert codes(make_dense(weight_bits=7), "loihi2") == []


@pytest.mark.parametrize(("exponent", "broken"), [(-7, 0), (7, 0), (8, 1), (-8, 1)])
def test_weight_exponents_fit_their_field(
    make_dense: Make, exponent: int, broken: int
) -> None:
    assert codes(make_dense(weight_exponent=exponent)) == ["P343"] * broken


@pytest.mark.parametrize(
    ("chip", "delay", "broken"),
    [
        ("loihi1", 62, False),
        ("loihi1", 63, True),
        ("loihi2", 63, False),
    ],
)
def test_delays_fit_the_slots_of_a_neuron(
    make_dense: Make, chip: str, delay: int, broken: bool
) -> None:
    delays = np.array([[0, 1, delay], [0, 0, 0]], dtype=np.int32)

    assert codes(make_dense(delays=delays), chip) == ["P344"] * broken


def test_only_chips_that_send_values_take_graded_spikes(make_dense: Make) -> None:
    assert codes(make_dense(message_bits=1), "loihi1") == ["P345"]
    assert codes(make_dense(message_bits=32), "loihi2") == []
    assert codes(make_dense(message_bits=0), "loihi1") == []
    reading = Learning(1, (), graded_spikes=GradedSpikes.OVERWRITE)
    assert codes(make_dense(learning=reading), "loihi1") == ["P345"]
    assert codes(make_dense(learning=reading), "loihi2") == []


def test_only_programmable_chips_run_other_neurons(
    make_dense: Make, everything: Program
) -> None:
    other = everything.populations[1].neuron

    assert codes(make_dense(neuron=other), "loihi2") == []
    assert codes(make_dense(neuron=other), "loihi1") == ["P350"]


@pytest.mark.parametrize(
    ("threshold", "broken"),
    [(64, 0), (131071 * 64, 0), (131072 * 64, 1), (0, 1), (65, 1), (-64, 1)],
)
def test_thresholds_fit_mantissa_and_shift(
    make_dense: Make, make_lif: MakeLif, threshold: int, broken: int
) -> None:
    program = make_dense(neuron=make_lif(threshold=threshold))

    assert codes(program) == ["P351"] * broken


@pytest.mark.parametrize(
    ("du", "dv", "broken"),
    [(1, 0, 0), (4096, 4095, 0), (0, 0, 1), (1, 4096, 1)],
)
def test_decays_fit_their_registers(
    make_dense: Make, make_lif: MakeLif, du: int, dv: int, broken: int
) -> None:
    assert codes(make_dense(neuron=make_lif(du=du, dv=dv))) == ["P352"] * broken


@pytest.mark.parametrize(
    ("bias", "broken"),
    [(4095, 0), (-4096, 0), (4096, 0), (4097, 1), (4095 * 128, 0), (4096 * 128, 1)],
)
def test_biases_are_mantissa_times_power_of_two(
    make_dense: Make, make_lif: MakeLif, bias: int, broken: int
) -> None:
    assert codes(make_dense(neuron=make_lif(bias=bias))) == ["P353"] * broken


def test_registers_start_within_the_state(make_dense: Make, make_lif: MakeLif) -> None:
    def starting(value: int) -> Program:
        registers = (Register("u"), Register("v", value))
        return make_dense(neuron=replace(make_lif(), registers=registers))

    assert codes(starting(2**23 - 1)) == []
    assert codes(starting(2**23)) == ["P354"]


@pytest.mark.parametrize(
    ("first", "broken"), [([0, 2**23 - 1], 0), ([2**23, 0], 1), ([-(2**31), 2**23], 2)]
)
def test_neurons_that_start_apart_start_within_the_state(
    make_dense: Make, first: list[int], broken: int
) -> None:
    program = make_dense()
    pre, post = program.populations
    apart = replace(post, initial={"v": np.array(first)})

    found = codes(replace(program, populations=(pre, apart)))

    assert found == ["P354"] * broken


def test_registers_fit_the_state_of_a_neuron(
    make_dense: Make, everything: Program
) -> None:
    neuron = everything.populations[1].neuron
    assert neuron is not None
    many = tuple(Register(f"r{n}") for n in range(1365))

    assert codes(make_dense(neuron=replace(neuron, registers=many))) == []
    more = (*many, Register("last"))
    assert codes(make_dense(neuron=replace(neuron, registers=more))) == ["P355"]


def test_all_broken_limits_are_told_at_once(make_dense: Make) -> None:
    program = make_dense(
        learning=learning_with(mantissa=9, exponent=9), weight_exponent=8
    )

    assert codes(program) == ["P343", "P331", "P332"]


def test_a_broken_limit_names_value_limit_and_source(make_dense: Make) -> None:
    program = make_dense(learning=learning_with(mantissa=9))

    (problem,) = check_program(program, LOIHI1)

    text = problem.render()
    assert "connection `synapse`, product 0: mantissa 9 does not fit" in text
    assert "loihi1 has -8 to 7 integer (source: Lava W_S_MANT; trust: medium)" in text
