"""Traces and products in the interpreter: docs/semantics.md sections 6 and 7."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.profile import LAVA_0_10, LOIHI2, Profile
from lahar.hardware.program import (
    Connection,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    SignMode,
)
from lahar.sim.backend import Inputs, Trajectory

MakeProgram = Callable[..., Program]
MakeNeuron = Callable[..., NeuronProgram]
MakeInputs = Callable[..., Inputs]
Everything = Callable[[Program], frozenset[str]]


def plastic(
    product: Product | tuple[Product, ...],
    *,
    weight: int = 10,
    traces: dict[str, TraceProgram] | None = None,
    epoch_steps: int = 1,
    sign_mode: SignMode = SignMode.MIXED,
    decimate_exponent: int | None = 0,
) -> Program:
    """Make one input neuron, one synapse and one input neuron as its target."""
    products = product if isinstance(product, tuple) else (product,)
    learning = Learning(
        epoch_steps, products, traces or {}, decimate_exponent=decimate_exponent
    )
    weights = np.array([[weight]], np.int32)
    return Program(
        name="one synapse",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=(Population("pre", 1), Population("post", 1)),
        connections=(
            Connection(
                "s", "pre", "post", "", weights, sign_mode=sign_mode, learning=learning
            ),
        ),
    )


def column(trajectory: Trajectory, name: str) -> list[int]:
    return [int(v) for v in trajectory.variables[name].reshape(-1)]


# Sections 6 and 7: traces, epochs, products.


@pytest.mark.parametrize(
    ("gate", "weight"),
    [
        # lava: tests/lava/proc/dense/test_learning.py, reg_imp_bit_approx
        ("x0", 26),  # x1 at the pre spike
        ("y0", 25),  # x1 at the post spike, one step later
        ("u", 24),  # x1 at the end of the epoch
    ],
)
def test_gate_chooses_the_moment_of_a_trace_in_the_epoch(
    run: Callable[..., Trajectory], gate: str, weight: int
) -> None:
    traces = {"x1": TraceProgram(16, 20 * 256), "x2": TraceProgram(24, 5 * 256)}
    product = Product("w", gate, (Factor("x1"),), 1, 0)  # type: ignore[arg-type]
    program = plastic(product, traces=traces, epoch_steps=4)

    result = run(program, 5, {"pre": [[2]], "post": [[3]]})

    assert column(result, "s.x1") == [0, 0, 0, 14, 14]
    assert column(result, "s.x2") == [0, 0, 0, 16, 16]
    assert column(result, "s.weights") == [10, 10, 10, weight, weight]


CONSTANT_TRACES = {
    name: TraceProgram(16, 0) for name in ("x1", "y1", "y2")
}  # 16 at a spike, nothing afterwards


@pytest.mark.parametrize(
    ("factors", "change"),
    [
        # facts: "the scale trap", run in Lava with w = 16 and all traces at 16
        ((Factor("x1"),), 16),
        ((Factor("x1"), Factor("y1")), 32),
        ((Factor("x1"), Factor("y1"), Factor("y2")), 4),
        ((Factor("w"), Factor("x1")), 8),
        ((Factor("w", sign=True), Factor("x1")), 0),
    ],
)
def test_products_are_shifted_down_by_what_exceeds_eleven_bits(
    run: Callable[..., Trajectory], factors: tuple[Factor, ...], change: int
) -> None:
    program = plastic(
        Product("w", "y0", factors, 1, 0),
        weight=16,
        traces=CONSTANT_TRACES,
        sign_mode=SignMode.EXCITATORY,
    )

    result = run(program, 1, {"pre": [[1]], "post": [[1]]})

    assert column(result, "s.weights") == [16 + change]


def test_a_negative_product_is_rounded_down_before_it_is_added(
    run: Callable[..., Trajectory],
) -> None:
    products = tuple(
        Product("w", "x0", (Factor("w"), Factor("c", 3), Factor("c", sign)), 1, 7)
        for sign in (1, -1)
    )
    down = plastic(products[1], weight=2)
    up = plastic(products[0], weight=2)

    # 2*3*1 = 6; widths 9+8+8+4-15 = 14: 6 >> 14 = 0 but -6 >> 14 = -1, times 2**14
    assert column(run(up, 1, {"pre": [[1]], "post": [[]]}), "s.weights") == [2]
    assert column(run(down, 1, {"pre": [[1]], "post": [[]]}), "s.weights") == [-126]


def test_all_targets_read_the_old_values(run: Callable[..., Trajectory]) -> None:
    products = (
        Product("w", "x0", (Factor("t"),), 1, 0),
        Product("t", "x0", (Factor("w"),), 1, 0),
        Product("d", "x0", (Factor("t"), Factor("c", 4)), 4, 0),
    )
    program = plastic(products, weight=10)

    result = run(program, 2, {"pre": [[1, 2]], "post": [[]]})

    assert column(result, "s.weights") == [10, 20]
    assert column(result, "s.tag_1") == [10, 20]
    assert column(result, "s.tag_2") == [0, (10 * 4 * 4 >> 6)]


@pytest.mark.parametrize(
    ("mode", "mantissa", "profile", "limit"),
    [
        (SignMode.MIXED, 7, LAVA_0_10, 255),
        (SignMode.MIXED, 7, LOIHI2, 254),
        (SignMode.MIXED, -8, LAVA_0_10, -256),
        (SignMode.MIXED, -8, LOIHI2, -256),
        (SignMode.EXCITATORY, 7, LAVA_0_10, 255),
        (SignMode.EXCITATORY, -8, LAVA_0_10, 0),
        (SignMode.INHIBITORY, 7, LOIHI2, 0),
        (SignMode.INHIBITORY, -8, LOIHI2, -255),
    ],
)
def test_weights_saturate_at_the_range_of_their_sign_mode(
    run: Callable[..., Trajectory],
    mode: SignMode,
    mantissa: int,
    profile: Profile,
    limit: int,
) -> None:
    weight = 0 if mode == SignMode.MIXED else (4 if mode == SignMode.EXCITATORY else -4)
    product = Product("w", "x0", (), mantissa, 8)
    program = plastic(product, weight=weight, sign_mode=mode)

    result = run(program, 2, {"pre": [[1, 2]], "post": [[]]}, profile)

    assert column(result, "s.weights")[-1] == limit


def test_initial_weights_beyond_the_range_stay_until_the_first_phase(
    run: Callable[..., Trajectory],
) -> None:
    product = Product("w", "x0", (), 1, 0)
    program = plastic(product, weight=300, epoch_steps=2)

    result = run(program, 3, {"pre": [[]], "post": [[]]})

    assert column(result, "s.weights") == [300, 255, 255]


def test_a_target_without_products_is_left_alone(
    run: Callable[..., Trajectory],
) -> None:
    program = plastic(Product("t", "x0", (), 1, 0), weight=300)

    result = run(program, 2, {"pre": [[1, 2]], "post": [[]]})

    assert column(result, "s.weights") == [300, 300]
    assert column(result, "s.tag_1") == [1, 2]


def test_lavas_tag_creeps_up_from_a_low_that_its_accumulator_cannot_hold(
    run: Callable[..., Trajectory],
) -> None:
    program = plastic(Product("t", "x0", (), -8, 8), weight=0)

    result = run(program, 400, {"pre": [list(range(1, 401))], "post": [[]]})

    # -32769 / 128 is -257 and 127/128: almost always rounded up to -256
    tags = column(result, "s.tag_1")[1:]
    assert set(tags) == {-256, -257}
    assert tags.count(-257) < 20


@pytest.mark.parametrize(("k", "changed"), [(0, [2, 4, 6, 8]), (1, [4, 8]), (2, [8])])
def test_u_is_open_every_2_to_the_k_epochs(
    run: Callable[..., Trajectory], k: int, changed: list[int]
) -> None:
    program = plastic(
        Product("w", "u", (), 2, 0), weight=0, epoch_steps=2, decimate_exponent=k
    )

    weights = column(run(program, 8, {"pre": [[]], "post": [[]]}), "s.weights")

    grown = [
        t for t in range(1, 9) if weights[t - 1] > (weights[t - 2] if t > 1 else 0)
    ]
    assert grown == changed


def test_second_spike_of_an_epoch_adds_its_impulse_before_the_decay(
    run: Callable[..., Trajectory],
) -> None:
    traces = {"x1": TraceProgram(50, 256 * 4)}
    program = plastic((), traces=traces, epoch_steps=4)

    result = run(program, 4, {"pre": [[1, 3]], "post": [[]]})

    # H[0] = 50; decays at k = 1, 2, 3; the impulse of the last spike at k = 3;
    # one more decay at k = 4. All with Lava's number 8 of the stream.
    draw = np.random.default_rng(0).random(9)[8]
    value = 50
    for k in range(1, 5):
        exact = np.exp(-1 / 4) * value
        value = int(exact) + int(draw < exact - int(exact)) + (50 if k == 3 else 0)
    assert column(result, "s.x1") == [0, 0, 50, value]


def test_impulse_fraction_of_a_half_always_counts_in_lava(
    run: Callable[..., Trajectory],
) -> None:
    traces = {"x1": TraceProgram(10, 0, impulse_fraction_256=128)}
    spikes = {"pre": [list(range(1, 201))], "post": [[]]}

    biased = run(plastic((), traces=traces), 200, spikes)
    unbiased = run(plastic((), traces=traces), 200, spikes, LOIHI2)

    assert set(column(biased, "s.x1")) == {11}  # facts: P(+1) = min(1, 2 * fraction)
    assert 70 < column(unbiased, "s.x1").count(11) < 130


def test_traces_saturate_at_127(run: Callable[..., Trajectory]) -> None:
    traces = {"x1": TraceProgram(100, 65535 * 256)}
    program = plastic((), traces=traces)

    result = run(program, 3, {"pre": [[1, 2, 3]], "post": [[]]})

    assert column(result, "s.x1")[1:] == [127, 127]


# Section 6: third factors.


def third_factor(
    value: int, *, gate: str, event: bool, epoch_steps: int = 1
) -> Program:
    """Make a neuron that sends a constant and spikes on an input event."""
    neuron = NeuronProgram(
        ports=(NeuronPort("event", "modulator"),),
        registers=(),
        ops=(Op("copy", "sent", (value,)), Op("gt", "spike", ("event", 0))),
        spike="spike",
        outputs=(NeuronOutput("error", "sent"),),
    )
    products = [Product("w", gate, (Factor("y1"),), 1, 0)]  # type: ignore[arg-type]
    if event:
        products.append(Product("w", "y0", (), 1, -7))
    learning = Learning(
        epoch_steps, tuple(products), {}, {"y1": "error"}, decimate_exponent=0
    )
    weights = np.array([[100]], np.int32)
    return Program(
        name="third",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=1e-3,
        populations=(Population("pre", 1), Population("post", 1, neuron)),
        connections=(Connection("s", "pre", "post", "", weights, learning=learning),),
    )


@pytest.mark.parametrize(
    ("profile", "event", "weight"),
    [
        (LOIHI2, True, 60),  # read as sent, event or not
        (LAVA_0_10, True, 100),  # a post event clips y to [0, 127]
        (LAVA_0_10, False, 60),
    ],
)
def test_negative_third_factors_survive_only_where_no_event_clips_them(
    run: Callable[..., Trajectory], profile: Profile, event: bool, weight: int
) -> None:
    program = third_factor(-40, gate="u", event=event)
    ports = {("post", "event"): [[1]]}

    result = run(program, 1, {"pre": [[]]}, profile, ports)

    assert column(result, "s.y1") == [-40]
    # the decay of tau 65535 takes at most one off, and the y0 product adds 1/128
    assert abs(column(result, "s.weights")[0] - weight) <= 1


def test_third_factors_are_read_as_clipped_factors_of_seven_bits(
    run: Callable[..., Trajectory],
) -> None:
    program = third_factor(-1000, gate="u", event=False)

    result = run(program, 1, {"pre": [[]]}, LOIHI2, {("post", "event"): [[0]]})

    assert column(result, "s.y1") == [-1000]
    assert column(result, "s.weights") == [100 - 128]
