"""Every switch of a profile, in a case small enough to compute by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.profile import find_profile
from lahar.hardware.profile_switches import SWITCHES
from lahar.hardware.program import (
    Connection,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    SignMode,
)
from lahar.sim.backend import Trajectory
from lahar.sim.trace_decay import trace_decay

Run = Callable[..., Trajectory]
FIRST_ORDER = "loihi2:trace_decay=q16 first order,"
"""Halves of a tau of two steps are exact, so that nothing is left to chance."""


def engine(
    *products: Product,
    weights: object = ((0,),),
    traces: dict[str, TraceProgram] | None = None,
    epoch_steps: int = 1,
    sign_mode: SignMode = SignMode.MIXED,
    weight_bits: int = 8,
    learns: bool = True,
    initial: dict[str, np.ndarray] | None = None,
) -> Program:
    """Make inputs `pre` and `post` and the connection `s` between them."""
    array = np.asarray(weights, np.int32)
    learning = Learning(epoch_steps, products, traces or {}, decimate_exponent=0)
    connection = Connection(
        "s",
        "pre",
        "post",
        "",
        array,
        sign_mode=sign_mode,
        weight_bits=weight_bits,
        learning=learning if learns else None,
        initial=initial or {},
    )
    return _program(connection, Population("post", array.shape[0]))


def driven(neuron: NeuronProgram, weight: int = 1, exponent: int = 0) -> Program:
    """Make one input whose spike arrives at the port `in` of one neuron."""
    weights = np.array([[weight]], np.int32)
    connection = Connection("s", "pre", "post", "in", weights, exponent)
    return _program(connection, Population("post", 1, neuron))


def _program(connection: Connection, post: Population) -> Program:
    pre = Population("pre", connection.weights.shape[1])
    return Program("one", "loihi2", "loihi2", 1e-3, (pre, post), (connection,))


def after(
    run: Run,
    program: Program,
    profile: str,
    variable: str = "weights",
    pre: list[list[int]] | None = None,
    post: list[list[int]] | None = None,
    steps: int = 1,
) -> list[int]:
    """Run with spikes in step 1, unless said otherwise; give a variable at the end."""
    sizes = {p.name: p.size for p in program.inputs}
    spikes = {"pre": pre or [[1]] * sizes["pre"]}
    if "post" in sizes:
        spikes["post"] = post or [[1]] * sizes["post"]
    result = run(program, steps, spikes, find_profile(profile))
    name = variable if "." in variable else f"s.{variable}"
    return [int(v) for v in result.variables[name][-1].ravel()]


def test_every_switch_has_its_test() -> None:
    for name in SWITCHES:
        assert f"test_{name}" in globals(), name


def test_randomness(run: Run) -> None:
    program = engine(weights=[[0] * 50], traces={"x1": TraceProgram(100, 10 * 256)})
    for base in ("lava-0.10", "loihi2"):
        one = after(run, program, f"{base}:randomness=population", "x1", steps=5)
        each = after(run, program, f"{base}:randomness=element", "x1", steps=5)
        assert len(set(one)) == 1
        assert len(set(each)) > 1


def test_trace_decay() -> None:
    def decayed(profile: str, tau: float, value: int, r: float) -> int:
        decay = trace_decay(find_profile(profile), tau)
        number = np.array([int(r * (1 << decay.bits))])
        return int(decay(np.array([value]), number)[0])

    # exp(-1/2) = 0.6065 and 1 - 1/2
    kinds = ("float exp", "q16", "q16 first order")
    names = [f"loihi2:trace_decay={kind}" for kind in kinds]
    assert [decayed(name, 2.0, 100, 0.0) for name in names] == [61, 60, 50]
    assert [decayed(name, 2.0, 100, 0.99) for name in names] == [60, 61, 50]
    # exp(-1e-6) is less than 1, but not by 2^-17
    assert [decayed(name, 1e6, 127, 0.99999) for name in names] == [126, 127, 127]


@pytest.mark.parametrize(("period", "weight"), [("step", 32), ("epoch", 4)])
def test_trace_decay_period(run: Run, period: str, weight: int) -> None:
    program = engine(
        Product("w", "y0", (Factor("x1"),), 1, 0),
        traces={"x1": TraceProgram(64, 2 * 256)},
        epoch_steps=4,
        sign_mode=SignMode.EXCITATORY,
    )
    # x1 is 64 after epoch 1 (spike in step 4); the post spike is the first of epoch 2
    profile = f"{FIRST_ORDER}trace_decay_period={period}"
    spikes = {"pre": [[4]], "post": [[5]], "steps": 8}

    assert after(run, program, profile, **spikes) == [weight]
    assert after(run, program, profile, "x1", **spikes) == [4]


@pytest.mark.parametrize(("bits", "found"), [(7, {11}), (8, {10, 11})])
def test_impulse_random_bits(run: Run, bits: int, found: set[int]) -> None:
    half = TraceProgram(10, 0, impulse_fraction_256=128)
    program = engine(weights=[[0] * 60], traces={"x1": half})

    profile = f"loihi2:impulse_random_bits={bits}"
    assert set(after(run, program, profile, "x1")) == found


@pytest.mark.parametrize(("how", "found"), [("apart", {0, 1, 2}), ("with decay", {1})])
def test_impulse_rounding(run: Run, how: str, found: set[int]) -> None:
    half = TraceProgram(0, 2 * 256, impulse_fraction_256=128)
    ones = {"x1": np.ones(60, np.int32)}
    program = engine(weights=[[0] * 60], traces={"x1": half}, initial=ones)

    # 1 / 2 + 1 / 2
    profile = f"{FIRST_ORDER}impulse_rounding={how}"
    assert set(after(run, program, profile, "x1")) == found


@pytest.mark.parametrize(("what", "trace"), [("impulse", 50), ("time only", 40)])
def test_repeated_spike(run: Run, what: str, trace: int) -> None:
    program = engine(traces={"x1": TraceProgram(40, 2 * 256)}, epoch_steps=2)

    # 40 or nothing, halved twice, and 40 for the spike of step 2
    profile = f"{FIRST_ORDER}repeated_spike={what}"
    assert after(run, program, profile, "x1", pre=[[1, 2]], steps=2) == [trace]


@pytest.mark.parametrize(
    ("how", "low", "high", "beyond"),
    [
        ("single", 2**23, 2**23, 5),
        ("twos complement", -(2**23), -(2**23), 5),
        ("none", -(2**23), 2**23, 2**24 + 5),
    ],
)
def test_u_wrap(run: Run, how: str, low: int, high: int, beyond: int) -> None:
    neuron = NeuronProgram(
        ports=(NeuronPort("in", "synaptic"),),
        registers=(Register("a"), Register("b"), Register("c")),
        ops=(
            Op("wrap", "a", (-(2**23),)),
            Op("wrap", "b", (2**23,)),
            Op("wrap", "c", (2**24 + 5,)),
            Op("gt", "spike", ("in", 0)),
        ),
        spike="spike",
    )
    found = [
        after(run, driven(neuron), f"loihi2:u_wrap={how}", f"post.{name}")
        for name in "abc"
    ]

    assert found == [[low], [high], [beyond]]


KEEPS = NeuronProgram(
    ports=(NeuronPort("in", "synaptic"),),
    registers=(Register("v"),),
    ops=(
        Op("add", "v", ("v", "in")),
        Op("saturate", "v", ("v", -1000, 100000)),
        Op("gt", "spike", ("v", 90)),
        Op("select", "v", ("spike", 3, "v")),
    ),
    spike="spike",
    membrane="v",
)


@pytest.mark.parametrize(("bits", "arrived"), [(16, -14336), (32, 51200)])
def test_arrival_bits(run: Run, bits: int, arrived: int) -> None:
    program = driven(
        NeuronProgram(
            ports=(NeuronPort("in", "synaptic"),),
            registers=(Register("v"),),
            ops=(Op("copy", "v", ("in",)), Op("gt", "spike", ("v", 10**9))),
            spike="spike",
        ),
        weight=200,
        exponent=8,
    )

    profile = f"loihi2:arrival_bits={bits}"
    assert after(run, program, profile, "post.v", steps=2) == [arrived]  # 200 * 256


@pytest.mark.parametrize(("low", "v"), [("none", -200), ("0", 0), ("-50", -50)])
def test_membrane_low(run: Run, low: str, v: int) -> None:
    program = driven(KEEPS, weight=-200)

    assert after(run, program, f"loihi2:membrane_low={low}", "post.v", steps=2) == [v]


@pytest.mark.parametrize(("shown", "v"), [("none", 3), ("128", 128)])
def test_v_after_spike(run: Run, shown: str, v: int) -> None:
    program, profile = driven(KEEPS, weight=200), f"lava-0.10:v_after_spike={shown}"

    assert after(run, program, profile, "post.v", steps=2) == [v]
    assert after(run, program, profile, "post.v", steps=3) == [3]


def third_factor(value: int, constant: int = 0) -> Program:
    """Make a neuron that spikes in step 1 and sends a number, which is added to w."""
    neuron = NeuronProgram(
        ports=(NeuronPort("in", "synaptic"),),
        registers=(),
        ops=(Op("copy", "sent", (value,)), Op("ge", "spike", ("in", 0))),
        spike="spike",
        outputs=(NeuronOutput("error", "sent"),),
    )
    product = Product("w", "y0", (Factor("y1", constant),), 1, 0)
    learning = Learning(1, (product,), {}, {"y1": "error"})
    weights = np.array([[100]], np.int32)
    connection = Connection("s", "pre", "post", "in", weights, learning=learning)
    return _program(connection, Population("post", 1, neuron))


def test_third_factor_tau_256(run: Run) -> None:
    program = third_factor(10**6, constant=-(10**6))

    # 10^6 / 65535 = 15.26 are lost, or nothing
    slow = "loihi2:third_factor_tau_256=16776960,learned_weight_grid=unit"
    assert after(run, program, slow)[0] in (100 - 15, 100 - 16)
    assert after(run, program, "loihi2:learned_weight_grid=unit") == [100]


@pytest.mark.parametrize(("clips", "weight"), [("yes", 100), ("no", 60)])
def test_clip_third_factor_on_event(run: Run, clips: str, weight: int) -> None:
    profile = f"loihi2:clip_third_factor_on_event={clips}"

    assert after(run, third_factor(-40), profile) == [weight]


@pytest.mark.parametrize(("base", "weight"), [("4", 8), ("3", 16), ("none", 64)])
def test_product_shift_base(run: Run, base: str, weight: int) -> None:
    eight = TraceProgram(8, 0)
    program = engine(
        Product("w", "y0", (Factor("x1"), Factor("y1")), 1, 0),
        traces={"x1": eight, "y1": eight},
    )

    assert after(run, program, f"lava-0.10:product_shift_base={base}") == [weight]


@pytest.mark.parametrize(("how", "change"), [("floor", -128), ("toward zero", 0)])
def test_product_rounding(run: Run, how: str, change: int) -> None:
    factors = (Factor("w"), Factor("c", 3), Factor("c", -1))
    program = engine(Product("w", "x0", factors, 1, 7), weights=[[2]])

    # -6 >> 14 is -1 or 0, times 2^14 / 128
    assert after(run, program, f"loihi2:product_rounding={how}") == [2 + change]


@pytest.mark.parametrize(("clips", "found"), [("yes", {5, 6}), ("no", {250})])
def test_accumulator_clips(run: Run, clips: str, found: set[int]) -> None:
    up = Product("w", "x0", (Factor("c", 125),), 1, 1)
    down = Product("w", "x0", (Factor("c", -125),), 1, 1)
    program = engine(up, up, down)

    # 250 + 250 - 250, and 32767 / 128 is 255.99
    assert after(run, program, f"lava-0.10:accumulator_clips={clips}")[0] in found


def lowest_tags(run: Run, profile: str) -> set[int]:
    """Push a tag down in every step; give what it was after the first."""
    program = engine(Product("t", "x0", (), -8, 8))
    steps = list(range(1, 1001))
    result = run(program, 1000, {"pre": [steps], "post": [[]]}, find_profile(profile))
    return set(result.variables["s.tag_1"][1:].ravel().tolist())


@pytest.mark.parametrize(("low", "tags"), [(-32769, {-257, -256}), (-32768, {-256})])
def test_accumulator_low(run: Run, low: int, tags: set[int]) -> None:
    # -32769 / 128 is -256.008, which is almost always rounded up
    assert lowest_tags(run, f"lava-0.10:accumulator_low={low}") == tags


@pytest.mark.parametrize(("low", "tags"), [(-257, {-257, -256}), (-256, {-256})])
def test_tag_low(run: Run, low: int, tags: set[int]) -> None:
    assert lowest_tags(run, f"lava-0.10:tag_low={low}") == tags


@pytest.mark.parametrize(("how", "least"), [("stochastic", 0), ("away from zero", 1)])
def test_update_rounding(run: Run, how: str, least: int) -> None:
    profile = f"loihi2:learned_weight_grid=unit,update_rounding={how}"
    for sign in (1, -1):
        product = Product("w", "x0", (), sign, -7)
        program = engine(product, weights=[[10] * 40])

        # 1 / 128 of a weight
        moved = [sign * (w - 10) for w in after(run, program, profile)]
        assert min(moved) == least
        assert max(moved) <= 1


def test_update_rounding_away_from_zero_keeps_to_the_grid(run: Run) -> None:
    profile = "loihi2:update_rounding=away from zero"
    program = engine(
        Product("w", "x0", (Factor("c", 9),), 1, 0), weights=[[8]], weight_bits=6
    )

    assert after(run, program, profile) == [24]  # 8 + 9, the grid is 8


@pytest.mark.parametrize(
    ("grid", "mode", "found", "highest"),
    [
        ("unit", SignMode.MIXED, {3}, 255),
        ("stored bits", SignMode.MIXED, {0, 16}, 240),
        ("unit", SignMode.EXCITATORY, {3}, 255),
        ("stored bits", SignMode.EXCITATORY, {0, 8}, 248),
    ],
)
def test_learned_weight_grid(
    run: Run, grid: str, mode: SignMode, found: set[int], highest: int
) -> None:
    profile = f"loihi2:learned_weight_grid={grid}"
    few = engine(
        Product("w", "x0", (Factor("c", 3),), 1, 0),
        weights=[[0] * 60],
        sign_mode=mode,
        weight_bits=5,
    )
    many = engine(Product("w", "x0", (), 7, 8), sign_mode=mode, weight_bits=5)

    assert set(after(run, few, profile)) == found
    assert after(run, many, profile) == [highest]


@pytest.mark.parametrize(
    ("how", "kept"),
    [
        ("floor", [-16, -16, -8, 0, 8, 248]),
        ("toward zero", [-8, -8, 0, 0, 8, 248]),
        ("nearest", [-16, -16, -8, 0, 16, 248]),
    ],
)
def test_weight_truncation(run: Run, how: str, kept: list[int]) -> None:
    program = engine(weights=[[-15, -12, -4, 3, 12, 255]], weight_bits=6, learns=True)

    assert after(run, program, f"loihi2:weight_truncation={how}") == kept


@pytest.mark.parametrize(("drops", "sent"), [("yes", -16), ("no", -15)])
def test_dense_drops_low_bits(run: Run, drops: str, sent: int) -> None:
    program = engine(weights=[[-15]], learns=False, weight_bits=6)
    profile = f"loihi2:dense_drops_low_bits={drops}"

    assert after(run, program, profile, "a_out", steps=2) == [sent]


@pytest.mark.parametrize(("drops", "weight"), [("yes", -16), ("no", -15)])
def test_learning_drops_low_bits(run: Run, drops: str, weight: int) -> None:
    program = engine(weights=[[-15]], weight_bits=6)

    assert after(run, program, f"loihi2:learning_drops_low_bits={drops}") == [weight]


@pytest.mark.parametrize(("clips", "weight"), [("yes", 254), ("no", 300)])
def test_learning_clips_initial_weights(run: Run, clips: str, weight: int) -> None:
    profile = f"loihi2:learning_clips_initial_weights={clips}"

    assert after(run, engine(weights=[[300]]), profile) == [weight]
