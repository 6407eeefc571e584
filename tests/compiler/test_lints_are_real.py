"""What a lint warns of happens: a run of the same Program shows it, and how large.

Those of the library's rules are in test_library_lints_are_real.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import lahar
from lahar import Hz, Program, ms
from lahar.hardware.learning import Factor, Product
from lahar.rules.library import RULES
from lahar.sim.stimulus_needs import Stimulus

Compile = Callable[..., Program]
Floats = npt.NDArray[np.float64]

NETWORK = """\
import numpy as np

class Cell(NeuronModel):
    current = Port()
{states}

network = Network(
    "mine",
    (Group("in", {inputs}), Group("out", 1, Cell.declared)),
    (Projection("fixed", "in", "out", np.full((1, {inputs}), 1.0)),),
    1 * ms,
)
"""
LIF = """\
    v = State(leak={leak} * ms, reset=0.0)
    dv = current + {bias}
    spike = v > {threshold}"""
CUBA = """\
    u = State(leak={leak} * ms)
    du = current
    v = State(leak=20 * ms, reset=0.0)
    dv = u
    spike = v > 100.0"""
RULE = """\
class Mine(Rule):
    x = Trace(pre, tau={tau} * ms)
    y = Trace(post, tau=20 * ms)
    dw = {dw}
    bounds = ({low}, 1.0)
"""


def network(states: str, inputs: int = 1) -> str:
    return NETWORK.format(states=states, inputs=inputs)


def lif(leak: float = 20, bias: float = 0.0, threshold: float = 1e3) -> str:
    return LIF.format(leak=leak, bias=bias, threshold=threshold)


def rule(dw: str, tau: float = 20.0, low: float = 0.0) -> str:
    return RULE.format(dw=dw, tau=tau, low=low)


def spikes(program: Program, steps: int, *at: int) -> Stimulus:
    """All inputs spike together in these steps (from 0), or in all of them."""
    chosen = list(at) if at else list(range(steps))
    arrays = {}
    for population in program.inputs:
        arrays[population.name] = np.zeros((steps, population.size), int)
        arrays[population.name][chosen] = 1
    return Stimulus(arrays)


def run(program: Program, stimulus: Any, steps: int, **options: Any) -> Any:
    return lahar.run(program, stimulus, steps, "interpreter", record="all", **options)


@pytest.mark.parametrize(("inputs", "sign"), [(128, 1), (129, -1)])
def test_l02_one_weight_more_turns_excitation_into_inhibition(
    inputs: int, sign: int, compile_file: Compile
) -> None:
    program = compile_file(network(lif(threshold=2.0), inputs))

    recorded = run(program, spikes(program, 4, 0), 4)

    assert np.sign(recorded["out.u"]).sum() == sign


def test_l03_a_current_wraps(compile_file: Compile) -> None:
    """100 * 255 * 64 * tau is beyond 2**23 at 6 steps, and not at 5."""
    signs = []
    for leak in (5, 6):
        program = compile_file(network(CUBA.format(leak=leak), 100))
        stimulus = spikes(program, 60)
        signs.append(int(run(program, stimulus, 60)["out.u"].min()) >= 0)

    assert signs == [True, False]


def test_l04_a_membrane_saturates(compile_file: Compile) -> None:
    states = "    v = State(leak=27 * ms)\n    dv = current"
    program = compile_file(network(states, 100))

    recorded = run(program, spikes(program, 60), 60)

    assert recorded["out.v"].max() == 2**23 - 1


def test_l06_a_small_drive_ends_one_unit_too_low(compile_file: Compile) -> None:
    program = compile_file(network(lif(bias=0.001, threshold=1.0)))

    v = run(program, spikes(program, 400, 399), 400)["out.v"][398, 0]

    drive, factor = 16, 205
    ideal = drive * 4096 / factor
    assert 0.5 / drive < 1 - v / ideal < 1.5 / drive


def test_l07_a_small_spike_decays_in_a_line(compile_file: Compile) -> None:
    program = compile_file(network(lif(leak=1000, threshold=20000.0)), rate=0.05 * Hz)

    v = run(program, spikes(program, 60, 0), 60)["out.v"][2:, 0]

    assert v[0] > 60
    assert set(np.diff(v)) == {-1}


def test_l08_a_neuron_forgets_faster_than_it_was_told(compile_file: Compile) -> None:
    program = compile_file(network(lif(leak=6000, threshold=100.0), 100))

    v = run(program, spikes(program, 1000, 0), 1000)["out.v"][:, 0]

    assert v[900] / v[1] == pytest.approx(math.exp(-899 / 4096), rel=0.01)


def test_l09_a_small_weight_does_not_arrive(compile_file: Compile) -> None:
    body = network(lif(threshold=700.0)).replace("np.full((1, 1), 1.0)", "np.eye(1)")
    small = body.replace("np.eye(1)", "np.array([[1.0, 0.02]])")
    program = compile_file(small.replace('Group("in", 1)', 'Group("in", 2)'))
    stimulus = np.zeros((6, 2), int)
    stimulus[0, 1] = stimulus[3, 0] = 1

    arrived = run(program, Stimulus({"in": stimulus}), 6)["fixed.a_out"][:, 0]

    assert program.connections[0].weights.tolist() == [[255, 5]]
    assert arrived.tolist() == [0, 0, 0, 0, 31, 0]


@pytest.mark.parametrize(("profile", "added"), [("loihi2", 10.25), ("lava-0.10", 10.5)])
def test_l10_a_fraction_of_an_impulse_counts_twice_in_lava(
    profile: str, added: float
) -> None:
    program = lahar.compile(RULES["stdp"], pre=20, post=1, dt=1 * ms)
    learning = program.connections[0].learning
    assert learning is not None
    forgetful = replace(learning.traces["x1"], impulse=10, tau_256=0)
    traces = {**learning.traces, "x1": replace(forgetful, impulse_fraction_256=64)}
    connection = replace(
        program.connections[0], learning=replace(learning, traces=traces)
    )
    program = replace(program, connections=(connection,))

    recorded = run(program, spikes(program, 600), 600, profile=profile)

    assert recorded["synapse.x1"].mean() == pytest.approx(added, abs=0.07)


def test_l11_a_trace_reaches_its_ceiling(compile_file: Compile) -> None:
    program = compile_file(rule("0.05 * x * post", tau=80.0), rate=130 * Hz, pre=20)

    recorded = run(program, "poisson:rate=130Hz", 800)

    assert recorded["synapse.x1"].max() == 127


def test_l12_a_small_impulse_is_gone_after_tau_ln_impulse() -> None:
    program = lahar.compile(RULES["stdp"], pre=400, post=1, dt=1 * ms)
    learning = program.connections[0].learning
    assert learning is not None
    gone = {}
    for impulse in (3, 40):
        traces = {**learning.traces}
        traces["x1"] = replace(traces["x1"], impulse=impulse)
        connection = replace(
            program.connections[0], learning=replace(learning, traces=traces)
        )
        few = replace(program, connections=(connection,))
        recorded = run(few, spikes(few, 24, 0), 24)
        gone[impulse] = float((recorded["synapse.x1"][22] == 0).mean())

    # Each of n units is left with probability 1/n: (1 - 1/3)**3 of the traces are 0.
    assert gone[3] == pytest.approx((2 / 3) ** 3, abs=0.08)
    assert gone[40] == 0.0


@pytest.mark.parametrize(
    ("decay", "kept"), [("q16", math.exp(-1 / 3)), ("q16 first order", 1 - 1 / 3)]
)
def test_l13_and_l25_a_short_trace_depends_on_how_a_chip_decays(
    decay: str, kept: float
) -> None:
    steep = RULES["stdp"].with_params(tau_plus=3 * ms)
    program = lahar.compile(steep, pre=400, post=1, dt=1 * ms)

    recorded = run(
        program, spikes(program, 4, 0), 4, profile=f"loihi2:trace_decay={decay}"
    )

    x = recorded["synapse.x1"].mean(axis=1)
    assert x[3] / x[0] == pytest.approx(kept**3, rel=0.06)


def test_l14_an_epoch_notes_one_spike_of_many(compile_file: Compile) -> None:
    moved = []
    for epoch in (1, 8):
        program = compile_file(rule("-0.001 * pre"), epoch=epoch, pre=50)
        start = program.connections[0].weights
        recorded = run(program, spikes(program, 160), 160)
        moved.append((start - recorded.final["synapse.weights"]).mean())

    assert moved[0] / moved[1] == pytest.approx(8, rel=0.15)


def test_l15_a_coarse_coefficient_moves_weights_by_what_it_got(
    compile_file: Compile,
) -> None:
    program = compile_file(rule("0.000046 * pre"), pre=100, post=10)

    recorded = run(program, spikes(program, 400), 400)

    moved = (recorded.final["synapse.weights"] - program.connections[0].weights).mean()
    assert moved == pytest.approx(400 * 2**-6, rel=0.08)  # wanted: 4.7


def product_of_traces(impulse: int, *mantissas: int) -> Program:
    """Every step each synapse adds x1 * y1 * mantissa >> 3, in units of 2**-3 LSB."""
    program = lahar.compile(RULES["stdp"], pre=60, post=10, dt=1 * ms)
    connection = program.connections[0]
    assert connection.learning is not None
    traces = {
        name: replace(trace, impulse=impulse)
        for name, trace in connection.learning.traces.items()
    }
    factors = (Factor("x1"), Factor("y1"))
    learning = replace(
        connection.learning,
        products=tuple(Product("w", "u", factors, m, -3) for m in mantissas),
        traces=traces,
        decimate_exponent=0,
    )
    learns = replace(connection, learning=learning)
    return replace(program, connections=(learns,), budgets=())


def moved_and_products(program: Program, steps: int = 300) -> tuple[float, Floats]:
    """Give the mean change of a weight, and the product of traces in every step."""
    recorded = run(program, "poisson:rate=50Hz", steps)
    x, y = recorded["synapse.x1"], recorded["synapse.y1"]
    change = recorded.final["synapse.weights"] - program.connections[0].weights
    return float(change.mean()), (x[:, None, :] * y[:, :, None]).astype(float)


def test_l16_floors_take_a_share_of_small_products() -> None:
    moved, products = moved_and_products(product_of_traces(3, 1))

    wanted = (products / 8).mean() * 300 * 2**-3
    assert 1 < products[products > 0].mean() / 8 < 5
    assert moved < 0.9 * wanted


@pytest.mark.parametrize(("mantissa", "moves"), [(1, False), (-1, True)])
def test_l17_a_product_below_its_shift_never_moves_a_weight_up(
    mantissa: int, moves: bool
) -> None:
    """Impulses of 1: x1 * y1 is below 8 at first, and a positive product is 0."""
    moved, products = moved_and_products(product_of_traces(1, mantissa), 25)

    assert 0 < products.max() < 8
    assert (moved < -0.5) is moves
    assert moved <= 0


def test_l18_the_drift_of_a_floor_is_the_one_predicted() -> None:
    """Two products that cancel lose twice (0.5 - 2**-4) units where they are not 0."""
    moved, products = moved_and_products(product_of_traces(6, 1, -1))

    evaluated = (products > 0).mean() * 300
    assert evaluated > 30
    assert moved == pytest.approx(-evaluated * 2 * (0.5 - 2**-4) * 2**-3, rel=0.25)


def test_l19_signs_are_luck_below_three_deviations(compile_file: Compile) -> None:
    program = compile_file(rule("0.000034 * pre"), pre=100, post=10)

    recorded = run(program, spikes(program, 1000), 1000)

    moved = recorded.final["synapse.weights"] - program.connections[0].weights
    assert moved.mean() < 3.2 * moved.std()


def test_l20_a_weight_jumps_by_a_quarter_of_its_range(compile_file: Compile) -> None:
    program = compile_file(rule("0.3 * x * post"), rate=50 * Hz, pre=20)

    recorded = run(program, "poisson:rate=50Hz", 600)

    jumps = np.abs(np.diff(recorded["synapse.weights"].astype(int), axis=0))
    assert jumps.max() > 64


def test_l21_weights_cross_a_bound_that_the_chip_does_not_hold(
    compile_file: Compile,
) -> None:
    program = compile_file(rule("-0.02 * pre", low=0.1))

    recorded = run(program, spikes(program, 200), 200)

    assert recorded.final["synapse.weights"].max() == 0


def test_l22_a_tag_that_never_decays_fills_up(compile_file: Compile) -> None:
    body = (
        "class Mine(Rule):\n    x = Trace(pre, tau=20 * ms)\n    tag = Tag()\n"
        "    reward = Modulator()\n    dtag = 0.1 * x * pre\n"
        "    dw = 0.01 * reward * tag\n"
    )
    program = compile_file(body)

    recorded = run(program, "poisson:rate=100Hz", 400)

    assert recorded["synapse.tag_1"][-1].min() == 255


def test_l25_another_product_shift_doubles_a_term(compile_file: Compile) -> None:
    program = compile_file(rule("-0.02 * x * w * pre"), pre=60, post=10)
    other = replace(program, product_shift_base=3)
    stimulus = spikes(program, 60, 0, 10)

    moved = [
        (
            run(p, stimulus, 60, profile=profile).final["synapse.weights"]
            - p.connections[0].weights
        ).mean()
        for p, profile in ((program, "loihi2"), (other, "loihi2:product_shift_base=3"))
    ]

    assert moved[1] / moved[0] == pytest.approx(2, rel=0.15)
