"""Changes that synapses share are computed once for a neuron, with the same bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import lahar
from lahar import Group, Network, Projection, Sparse, ms
from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.profile import Profile, find_profile
from lahar.hardware.program import Connection, Program, SignMode
from lahar.pairs import Pairs
from lahar.rules.library import NEURONS, RULES
from lahar.sim import interpreter
from lahar.sim.backend import Inputs, Machine, Trajectory, run_in_one, silent
from lahar.sim.kernel_layout import layout_of
from lahar.sim.kernel_shared_changes import shares_changes
from lahar.sim.kernel_source import kernel_source

PRE, POST, STEPS = 13, 11, 60
LAVA = find_profile("lava-0.10")
StartMachine = Callable[[Program, Profile, int], Machine]
Same = Callable[[Trajectory, Trajectory], None]

DEPRESS = Product("w", "x0", (Factor("y1"),), -3, -2)
POTENTIATE = Product("w", "y0", (Factor("x1"),), 2, -2)
TRACES = {
    "x1": TraceProgram(impulse=40, tau_256=20 * 256),
    "x2": TraceProgram(impulse=90, tau_256=5 * 256, impulse_fraction_256=77),
    "y1": TraceProgram(impulse=30, tau_256=10 * 256, impulse_fraction_256=100),
    "y2": TraceProgram(impulse=100, tau_256=40 * 256),
}


def network(rule: str) -> Network:
    """Two groups that are sparsely joined, and one of them to itself."""
    random = np.random.default_rng(5)
    groups = (Group("in", PRE), Group("out", POST, NEURONS["lif"]))
    projections = []
    for name, source, pre in (("a", "in", PRE), ("b", "out", POST)):
        post_of, pre_of = np.nonzero(random.random((POST, pre)) < 0.4)
        weights = random.random(post_of.size)
        listed = Sparse(pre=pre_of, post=post_of, weights=weights, shape=(POST, pre))
        projections.append(Projection(name, source, "out", listed, rule=RULES[rule]))
    return Network("n", groups, tuple(projections), dt_seconds=1 * ms)


def program_of(
    products: tuple[Product, ...],
    seed: int = 0,
    *,
    mode: SignMode = SignMode.EXCITATORY,
    epoch: int = 1,
    weight_bits: int = 8,
    exponent: int = 0,
) -> Program:
    """Put a rule on random synapses; some of the weights lie outside of the range."""
    random = np.random.default_rng(seed)
    post_of, pre_of = np.nonzero(random.random((POST, PRE)) < 0.5)
    order = np.lexsort((post_of, pre_of))
    starts = np.searchsorted(pre_of[order], np.arange(PRE + 1))
    pairs = Pairs(starts, post_of[order].astype(np.int32), (POST, PRE))
    low = {SignMode.MIXED: -280, SignMode.EXCITATORY: 0, SignMode.INHIBITORY: -300}
    connection = Connection(
        "a",
        "in",
        "out",
        "current",
        random.integers(low[mode], low[mode] + 300, pairs.count).astype(np.int32),
        weight_exponent=exponent,
        weight_bits=weight_bits,
        sign_mode=mode,
        learning=Learning(epoch, products, TRACES, decimate_exponent=1),
        pairs=pairs,
    )
    program = lahar.compile(network("stdp"))
    return replace(program, connections=(connection,), source=None, views=())


def inputs_of(steps: int, seed: int) -> Inputs:
    """Give spikes of every rate, from none at all to nearly one in every step."""
    random = np.random.default_rng(seed)
    rates = np.geomspace(0.01, 0.9, PRE)
    rates[0] = 0.0
    return Inputs({"in": (random.random((steps, PRE)) < rates).astype(np.uint8)}, {})


def both(
    program: Program, profile: Profile, start: StartMachine, seed: int = 0
) -> tuple[Trajectory, Trajectory]:
    inputs = inputs_of(STEPS, seed)
    names = {"out.s_out", "a.weights", "a.a_out", "a.x1", "a.y1"}
    record = frozenset(names if program.connections[0].name == "a" else ())
    wanted = interpreter.execute(
        program, inputs, STEPS, profile=profile, record=record, seed=3
    )
    with np.errstate(over="ignore"):
        machine = start(program, profile, 3)
        found = run_in_one(machine, program, inputs, STEPS, record, silent)
    return wanted, found


@pytest.mark.filterwarnings("ignore:overflow")
def test_pair_stdp_of_a_network(start_plain: StartMachine, assert_same: Same) -> None:
    program = lahar.compile(network("stdp"))
    assert all(shares_changes(c, LAVA) for c in program.connections)

    wanted, found = both(program, LAVA, start_plain)

    assert wanted.variables["out.s_out"].any()
    assert (wanted.final["b.weights"] != program.connections[1].weights).any()
    assert_same(wanted, found)


PROFILES = (
    {},
    {"accumulator_clips": False},
    {"accumulator_low": -32768, "learning_clips_initial_weights": True},
    {"product_rounding": "toward zero", "product_shift_base": None},
    {"trace_decay": "q16", "impulse_rounding": "with decay"},
)


def random_rule(random: np.random.Generator) -> tuple[Product, ...]:
    """Draw a product for each gate that reads the other side only, or for one gate."""

    def product(gate: str, *names: str) -> Product:
        factors = tuple(
            Factor(
                str(random.choice(names)),
                int(random.integers(-9, 9)),
                sign=bool(random.random() < 0.2),
            )
            for _ in range(random.integers(0, 3))
        )
        size, exponent = int(random.integers(-7, 8)), int(random.integers(-6, 4))
        return Product("w", gate, factors, size, exponent)

    rule = [product("x0", "y1", "y2", "c"), product("y0", "x1", "x2", "c")]
    if random.random() < 0.3:
        rule.pop(int(random.integers(2)))
    return tuple(rule)


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("seed", range(30))
def test_random_rules(seed: int, start_plain: StartMachine, assert_same: Same) -> None:
    random = np.random.default_rng(seed)
    mode = list(SignMode)[seed % 3 if seed % 3 < len(SignMode) else 0]
    exponent = int(random.integers(-2, 3))
    program = program_of(
        random_rule(random), seed, mode=SignMode(mode), exponent=exponent
    )
    profile = replace(LAVA, **PROFILES[seed % len(PROFILES)])
    assert shares_changes(program.connections[0], profile)

    wanted, found = both(program, profile, start_plain, seed)

    assert_same(wanted, found)


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("mode", SignMode)
@pytest.mark.parametrize("exponent", [-2, 0, 6])
def test_weights_that_saturate(
    mode: SignMode, exponent: int, start_plain: StartMachine, assert_same: Same
) -> None:
    rule = (
        replace(DEPRESS, exponent=exponent),
        replace(POTENTIATE, exponent=exponent, mantissa=5),
    )
    program = program_of(rule, mode=mode)
    assert shares_changes(program.connections[0], LAVA)

    wanted, found = both(program, LAVA, start_plain)

    assert_same(wanted, found)
    if exponent == 6:
        assert np.isin(wanted.variables["a.weights"][-1], [-256, -255, 0, 255]).any()


BARELY_NOT = {
    "reads the weight": (
        DEPRESS,
        Product("w", "y0", (Factor("w"), Factor("x1")), 1, -6),
    ),
    "reads both sides": (
        DEPRESS,
        Product("w", "y0", (Factor("x1"), Factor("y2")), 1, -6),
    ),
    "two at one gate": (DEPRESS, replace(DEPRESS, mantissa=7), POTENTIATE),
    "a product in every phase": (DEPRESS, Product("w", "u", (Factor("y1"),), 1, -4)),
    "a tag besides": (DEPRESS, replace(POTENTIATE, target="t")),
    "its own trace": (replace(DEPRESS, factors=(Factor("x2"),)), POTENTIATE),
}


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("why", BARELY_NOT)
def test_rules_that_barely_do_not(
    why: str, start_plain: StartMachine, assert_same: Same
) -> None:
    program = program_of(BARELY_NOT[why])
    assert not shares_changes(program.connections[0], LAVA)

    wanted, found = both(program, LAVA, start_plain)

    assert_same(wanted, found)


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize(
    ("switches", "epoch", "bits"),
    [
        ({"randomness": "element"}, 1, 8),
        ({"update_rounding": "away from zero"}, 1, 8),
        ({"learned_weight_grid": "stored bits"}, 1, 6),
        ({}, 4, 8),
    ],
)
def test_arithmetic_that_barely_does_not(
    switches: dict[str, str],
    epoch: int,
    bits: int,
    start_plain: StartMachine,
    assert_same: Same,
) -> None:
    program = program_of((DEPRESS, POTENTIATE), epoch=epoch, weight_bits=bits)
    profile = replace(LAVA, **switches)
    assert not shares_changes(program.connections[0], profile)

    wanted, found = both(program, profile, start_plain)

    assert_same(wanted, found)


def test_the_grid_is_what_matters_not_the_bits() -> None:
    program = program_of((DEPRESS, POTENTIATE), weight_bits=6)

    assert shares_changes(program.connections[0], LAVA)


def test_rows_are_sent_on_where_they_learn() -> None:
    program = program_of((DEPRESS, POTENTIATE))

    text = kernel_source(program, LAVA, layout_of(program, LAVA), "").text

    assert "change_of_pre[column_pres[c]]" in text
    assert "spread(" not in text


@pytest.mark.slow
def test_compiled_in_threads_too(
    monkeypatch: pytest.MonkeyPatch, assert_same: Same
) -> None:
    from lahar.sim import kernel_threads
    from lahar.sim.kernels import execute

    program = program_of((DEPRESS, POTENTIATE), mode=SignMode.MIXED)
    inputs, seen = inputs_of(STEPS, 1), frozenset({"out.s_out", "a.weights"})
    given = {"profile": LAVA, "record": seen, "seed": 3}
    wanted = interpreter.execute(program, inputs, STEPS, **given)

    assert_same(wanted, execute(program, inputs, STEPS, **given))
    monkeypatch.setattr(kernel_threads, "pays", lambda program: True)
    for threads in "12":
        monkeypatch.setenv("LAHAR_THREADS", threads)
        assert_same(wanted, execute(program, inputs, STEPS, **given))
