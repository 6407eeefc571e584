"""Post events that wait for the next visit of a row change what they always changed."""

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
from lahar.hardware.variables import state_variables
from lahar.pairs import Pairs
from lahar.rules.library import NEURONS, RULES
from lahar.sim import interpreter, kernel_history
from lahar.sim.backend import Inputs, Machine, Trajectory, run_in_one, silent
from lahar.sim.kernel_deferral import PERIOD, defers

PRE, POST = 11, 9
LONG = 320
LOIHI2 = find_profile("loihi2")
StartMachine = Callable[[Program, Profile, int], Machine]
RunAll = Callable[[Program, Inputs, int, Profile, int], Trajectory]
Same = Callable[[Trajectory, Trajectory], None]


def network(rule: str) -> Network:
    """Two groups that are sparsely joined, and one of them to itself."""
    random = np.random.default_rng(5)
    groups = (Group("in", PRE), Group("out", POST, NEURONS["lif"]))
    projections = []
    for name, source, pre in (("a", "in", PRE), ("b", "out", POST)):
        post_of, pre_of = np.nonzero(random.random((POST, pre)) < 0.3)
        weights = random.random(post_of.size)
        listed = Sparse(pre=pre_of, post=post_of, weights=weights, shape=(POST, pre))
        projections.append(Projection(name, source, "out", listed, rule=RULES[rule]))
    return Network("n", groups, tuple(projections), dt_seconds=1 * ms)


def inputs_of(steps: int, seed: int) -> Inputs:
    """Give spikes of every rate, from none at all to one in two steps."""
    random = np.random.default_rng(seed)
    rates = np.geomspace(0.002, 0.5, PRE)
    rates[0] = 0.0
    return Inputs({"in": (random.random((steps, PRE)) < rates).astype(np.uint8)}, {})


def both(
    program: Program,
    inputs: Inputs,
    steps: int,
    profile: Profile,
    start: StartMachine,
    record: frozenset[str],
) -> tuple[Trajectory, Trajectory]:
    wanted = interpreter.execute(
        program, inputs, steps, profile=profile, record=record, seed=3
    )
    with np.errstate(over="ignore"):
        machine = start(program, profile, 3)
        found = run_in_one(machine, program, inputs, steps, record, silent)
    return wanted, found


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("rule", ["stdp", "stdp-multiplicative", "stdp-inhibitory"])
def test_what_nobody_looked_at_is_settled_at_the_end(
    rule: str, start_plain: StartMachine, assert_same: Same
) -> None:
    program = lahar.compile(network(rule))
    assert all(defers(c, LOIHI2) for c in program.connections)
    inputs, seen = inputs_of(LONG, 1), frozenset({"out.s_out"})

    wanted, found = both(program, inputs, LONG, LOIHI2, start_plain, seen)

    changed = wanted.final["a.weights"] != program.connections[0].weights
    assert changed.mean() > 0.2
    assert_same(wanted, found)


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_look_in_between_changes_nothing(
    start_plain: StartMachine, assert_same: Same
) -> None:
    program = lahar.compile(network("stdp"))
    inputs, record = inputs_of(LONG, 2), frozenset({"out.s_out"})
    wanted = interpreter.execute(
        program, inputs, LONG, profile=LOIHI2, record=record, seed=3
    )
    weights = next(v for v in state_variables(program) if v.name == "b.weights")
    machine, done = start_plain(program, LOIHI2, 3), 0
    looks = []

    for steps in (1, 63, 64, PERIOD, 7, LONG - PERIOD - 135):
        piece = Inputs({"in": inputs.spikes["in"][done : done + steps]}, {})
        machine.run(piece, steps, frozenset())
        done += steps
        looks.append(machine.read(weights))

    np.testing.assert_array_equal(looks[-1], wanted.final["b.weights"])


SWITCHES = (
    {},
    {"trace_decay": "float exp"},
    {"trace_decay": "q16 first order", "impulse_rounding": "with decay"},
    {"update_rounding": "away from zero", "product_rounding": "toward zero"},
    {"learned_weight_grid": "unit", "accumulator_clips": False},
)


def random_program(seed: int) -> Program:
    """Draw a rule whose post events can wait, on neurons of random synapses."""
    random = np.random.default_rng(seed)

    def factor(*names: str) -> Factor:
        return Factor(str(random.choice(names)), int(random.integers(-9, 9)))

    def product(gate: str, *factors: Factor) -> Product:
        size, exponent = int(random.integers(-7, 8)), int(random.integers(-6, 0))
        return Product("w", gate, factors, size, exponent)

    traces = {
        name: TraceProgram(
            impulse=int(random.integers(1, 100)),
            tau_256=int(random.integers(1, 60)) * 256,
            impulse_fraction_256=int(random.integers(0, 256)),
        )
        for name in ("x1", "x2", "y1", "y2")
    }
    fading = [Factor(str(random.choice(["x1", "x2"]))) for _ in range(2)]
    products = [
        product("y0", fading[0]),
        product("y0", fading[1], factor("w", "x2", "y0")),
        product("x0", factor("y1", "y2", "x1", "w")),
        product("x0", factor("y1", "y0"), factor("y2", "x2", "c")),
    ]
    learning = Learning(1, tuple(products[: random.integers(1, 5)]), traces)
    mode = random.choice(list(SignMode))
    low = {SignMode.MIXED: -200, SignMode.EXCITATORY: 1, SignMode.INHIBITORY: -250}
    post_of, pre_of = np.nonzero(random.random((POST, PRE)) < 0.4)
    order = np.lexsort((post_of, pre_of))
    starts = np.searchsorted(pre_of[order], np.arange(PRE + 1))
    pairs = Pairs(starts, post_of[order].astype(np.int32), (POST, PRE))
    weights = random.integers(low[mode], low[mode] + 249, pairs.count)
    connection = Connection(
        "a",
        "in",
        "out",
        "current",
        weights.astype(np.int32),
        weight_exponent=int(random.integers(-1, 3)),
        sign_mode=SignMode(mode),
        learning=learning,
        pairs=pairs,
    )
    program = lahar.compile(network("stdp"))
    return replace(program, connections=(connection,), source=None, views=())


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("seed", range(12))
def test_random_rules(seed: int, start_plain: StartMachine, assert_same: Same) -> None:
    program = random_program(seed)
    profile = replace(LOIHI2, **SWITCHES[seed % len(SWITCHES)])
    assert defers(program.connections[0], profile)
    inputs, seen = inputs_of(150, seed), frozenset({"out.s_out"})

    wanted, found = both(program, inputs, 150, profile, start_plain, seen)

    assert_same(wanted, found)


@pytest.mark.parametrize(
    "rule", ["stdp-triplet", "stdp-soft-bound", "stdp-reward", "oja"]
)
def test_what_cannot_wait_does_not(rule: str) -> None:
    program = lahar.compile(network(rule))

    assert not any(defers(c, LOIHI2) for c in program.connections)


@pytest.mark.parametrize("begin", [128, 129, 191])
@pytest.mark.parametrize("last", [127, 130, 191, 250])
def test_a_word_may_begin_anywhere(begin: int, last: int) -> None:
    random = np.random.default_rng(begin)
    spiked = random.random(256) < 0.4
    words = np.packbits(spiked, bitorder="little").view(np.int64)
    first, after = words[begin // 64], words[begin // 64 + 1]

    cut = kernel_history.cut_out(first, after, np.uint64(begin % 64))
    bits = int(cut & kernel_history.bits_up_to(last, begin)) & (2**64 - 1)

    wanted = [t for t in range(begin, begin + 64) if t <= last and spiked[t]]
    assert [begin + k for k in range(64) if bits >> k & 1] == wanted


@pytest.mark.slow
def test_compiled_in_threads_too(
    monkeypatch: pytest.MonkeyPatch, assert_same: Same
) -> None:
    from lahar.sim import kernel_threads
    from lahar.sim.kernels import execute

    program = lahar.compile(network("stdp"))
    inputs, seen = inputs_of(LONG, 1), frozenset({"out.s_out"})
    given = {"profile": LOIHI2, "record": seen, "seed": 3}
    wanted = interpreter.execute(program, inputs, LONG, **given)

    assert_same(wanted, execute(program, inputs, LONG, **given))
    monkeypatch.setattr(kernel_threads, "pays", lambda program: True)
    for threads in "12":
        monkeypatch.setenv("LAHAR_THREADS", threads)
        assert_same(wanted, execute(program, inputs, LONG, **given))
