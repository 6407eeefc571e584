"""The interpreter against Lava's own models, stepped in this process.

Lava's LearningDense and LIF models are ordinary objects: given ports and variables by
hand they compute a step without Lava's runtime, so thousands of random rules can be
compared. The Lava backend (test_lava_runner) runs the real thing.
"""

from __future__ import annotations

import random as python_random
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lahar.hardware.profile import LAVA_0_10
from lahar.hardware.program import (
    Connection,
    Factor,
    Learning,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Product,
    Program,
    SignMode,
    TraceProgram,
)
from lahar.sim.backend import Inputs
from lahar.sim.interpreter import execute

pytest.importorskip("lava.proc.dense.models")

TRACES = ("x1", "x2", "y1", "y2", "y3")
VARIABLES = {
    "x1": "pre",
    "x2": "pre",
    "tx": "pre",
    "y1": "post",
    "y2": "post",
    "y3": "post",
    "ty": "post",
}
RECORDED = ("weights", "tag_1", "tag_2", *TRACES)


class Port:
    """Receives what a test puts in, keeps what a model sends."""

    def __init__(self) -> None:
        self.value: Any = None

    def recv(self) -> Any:
        return self.value

    def send(self, value: Any) -> None:
        self.value = np.array(value)


def lava_rule(learning: Learning, seed: int) -> Any:
    """Build Lava's rule object from products, past its own rule parser."""
    from lava.magma.core.learning import learning_rule, product_series

    third = bool(learning.third_factors)
    kind = "Loihi3FLearningRule" if third else "Loihi2FLearningRule"
    parameters = {}
    for name in TRACES[:2] if third else TRACES:
        trace = learning.traces.get(name, TraceProgram(0, 0))
        fraction = trace.impulse_fraction_256 / 256
        parameters[f"{name}_impulse"] = trace.impulse + fraction
        parameters[f"{name}_tau"] = trace.tau_256 / 256
    rule = getattr(learning_rule, kind)(
        dw="x0*x1", t_epoch=learning.epoch_steps, rng_seed=seed, **parameters
    )

    def product(p: Product) -> Any:
        factors = [
            product_series.Factor(f.variable.replace("c", "C"), f.constant, f.sign)
            for f in p.factors
        ]
        decimate = learning.decimate_exponent if p.gate == "u" else None
        target = f"d{p.target}"
        exponent = p.exponent + 7
        return product_series.Product(
            target, p.gate, p.mantissa, exponent, factors, decimate
        )

    rule._active_product_series = {
        f"d{target}": SimpleNamespace(products=products)
        for target in "wdt"
        if (products := [product(p) for p in learning.products if p.target == target])
    }
    rule._decimate_exponent = learning.decimate_exponent
    return rule


def lava_learning_dense(connection: Connection, seed: int) -> Any:
    """Build Lava's LearningDense model with its variables as at the start of a run."""
    from lava.magma.core.learning.constants import GradedSpikeCfg
    from lava.proc.dense.models import PyLearningDenseModelBitApproximate
    from lava.utils.weightutils import SignMode as LavaSignMode

    assert connection.learning is not None
    model = PyLearningDenseModelBitApproximate(
        {
            "learning_rule": lava_rule(connection.learning, seed),
            "shape": connection.weights.shape,
            "graded_spike_cfg": GradedSpikeCfg.USE_REGULAR_IMPULSE,
            "sign_mode": LavaSignMode(int(connection.sign_mode)),
            "weight_exp": connection.weight_exponent,
            "num_weight_bits": connection.weight_bits,
        }
    )
    post, pre = connection.weights.shape
    sizes = {"pre": pre, "post": post}
    for name, side in VARIABLES.items():
        setattr(model, name, np.zeros(sizes[side], int))
    model.x0, model.y0 = np.zeros(pre, bool), np.zeros(post, bool)
    model.tag_1, model.tag_2 = np.zeros((2, post, pre), int)
    model.weights = connection.weights.copy()
    model.a_buff = np.zeros(post, np.int32)
    model.num_message_bits = np.array([0])
    for port in ("s_in", "a_out", "s_in_bap", "s_in_y1", "s_in_y2", "s_in_y3"):
        setattr(model, port, Port())
    return model


def step_lava(model: Any, received: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Run one time step: the spiking phase and, if due, the learning phase."""
    for port, value in received.items():
        getattr(model, port).value = value.astype(np.int32)
    model.time_step += 1
    model.run_spk()
    if model.lrn_guard():
        model.run_lrn()
    now = {name: np.array(getattr(model, name)) for name in RECORDED}
    return {"a_out": model.a_out.value, **now}


def random_learning(random: python_random.Random) -> Learning:
    """Choose a rule from the whole alphabet of Lava's learning engine."""
    third = random.random() < 0.4
    decimate = random.choice([None, 0, 1, 2])
    gates = ["x0", "y0"] if decimate is None else ["x0", "y0", "u"]
    products = [_random_product(random, gates) for _ in range(random.randint(1, 6))]
    # so that post spikes reach the engine whatever was chosen
    products.append(Product("w", "y0", (), 1, -7))
    names = TRACES[:2] if third else TRACES
    slots = [s for s in TRACES[2:] if random.random() < 0.7] or ["y1"]
    return Learning(
        epoch_steps=random.randint(1, 4),
        products=tuple(products),
        traces={n: _random_trace(random) for n in names if random.random() < 0.8},
        third_factors={s: s for s in slots} if third else {},
        decimate_exponent=decimate,
    )


def _random_trace(random: python_random.Random) -> TraceProgram:
    return TraceProgram(
        random.choice([0, 5, 16, 40, 127]),
        random.choice([0, 256, 300, 512, 5000, 65535 * 256]),
        random.choice([0, 0, 64, 100, 200, 255]),
    )


def _random_product(random: python_random.Random, gates: list[str]) -> Product:
    factors = []
    for _ in range(random.randint(0, 4)):
        variable: Any = random.choice(["x0", "y0", "w", "t", "d", "c", *TRACES])
        constant = random.choice([0, 0, random.randint(-300, 300)])
        signed = variable in "wtd" and random.random() < 0.3
        factors.append(Factor(variable, constant, signed))
    target: Any = random.choice("wwtd")
    gate: Any = random.choice(gates)
    return Product(
        target, gate, tuple(factors), random.randint(-8, 7), random.randint(-7, 8)
    )


def random_program(random: python_random.Random) -> Program:
    """Make inputs, a learning connection and neurons that spike and send as told."""
    learning = random_learning(random)
    numbers = np.random.default_rng(random.randrange(10**9))
    shape = (random.randint(1, 5), random.randint(1, 5))
    weights = numbers.integers(-320, 320, shape).astype(np.int32)
    neuron = NeuronProgram(
        ports=(
            NeuronPort("event", "modulator"),
            *(NeuronPort(slot, "modulator") for slot in learning.third_factors),
        ),
        registers=(),
        ops=(Op("gt", "spike", ("event", 0)),),
        spike="spike",
        outputs=tuple(NeuronOutput(slot, slot) for slot in learning.third_factors),
    )
    connection = Connection(
        "synapse",
        "pre",
        "post",
        "",
        weights,
        weight_exponent=random.randint(-3, 6),
        weight_bits=random.randint(4, 8),
        sign_mode=random.choice(list(SignMode)),
        learning=learning,
    )
    return Program(
        name="random",
        chip="loihi2",
        profile="lava-0.10",
        dt_seconds=1e-3,
        populations=(
            Population("pre", shape[1]),
            Population("post", shape[0], neuron),
        ),
        connections=(connection,),
    )


def assert_equals_lava(case: int) -> None:
    random = python_random.Random(case)
    program = random_program(random)
    connection = program.connections[0]
    post, pre = connection.weights.shape
    steps, seed = random.choice([8, 16, 24]), random.randrange(10000)
    numbers = np.random.default_rng(case)
    spikes = (numbers.random((steps, pre)) < 0.4).astype(np.uint8)
    events = (numbers.random((steps, post)) < 0.4).astype(np.int32)
    assert connection.learning is not None
    sent = {
        slot: numbers.integers(-300, 300, (steps, post)).astype(np.int32)
        for slot in connection.learning.third_factors
    }
    ports = {("post", "event"): events, **{("post", s): v for s, v in sent.items()}}
    names = ["a_out", *(n for n in RECORDED if n in recordable(connection.learning))]

    got = execute(
        program,
        Inputs({"pre": spikes}, ports),
        steps,
        profile=LAVA_0_10,
        record=frozenset(f"synapse.{n}" for n in names),
        seed=seed,
    )

    model = lava_learning_dense(connection, seed)
    silent = np.zeros((steps, post))
    for t in range(steps):
        slots = {f"s_in_{y}": sent.get(y, silent)[t] for y in TRACES[2:]}
        wanted = step_lava(model, {"s_in": spikes[t], "s_in_bap": events[t], **slots})
        for name in names:
            np.testing.assert_array_equal(
                got.variables[f"synapse.{name}"][t], wanted[name], f"{name}, row {t}"
            )


def recordable(learning: Learning) -> set[str]:
    used = {"weights", *learning.traces, *learning.third_factors}
    used |= {"tag_1"} if learning.uses_tag else set()
    return used | ({"tag_2"} if learning.uses_delay else set())


@pytest.mark.parametrize("block", range(5))
def test_random_rules_equal_lavas_learning_dense(block: int) -> None:
    for case in range(40 * block, 40 * (block + 1)):
        assert_equals_lava(case)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_many_random_rules_equal_lavas_learning_dense(block: int) -> None:
    for case in range(1000 + 300 * block, 1000 + 300 * (block + 1)):
        assert_equals_lava(case)


def lava_lif(size: int, du: int, dv: int, vth: int, bias: int) -> Any:
    from lava.proc.lif.models import PyLifModelBitAcc

    model = PyLifModelBitAcc({})
    model.u, model.v = np.zeros(size, np.int32), np.zeros(size, np.int32)
    model.du, model.dv, model.vth = du, dv, vth
    model.bias_mant = np.full(size, bias, np.int16)
    model.bias_exp = np.zeros(size, np.int16)
    model.a_in, model.s_out = Port(), Port()
    return model


@pytest.mark.parametrize("case", range(30))
def test_lif_core_equals_lavas_lif(
    case: int, lif: Callable[..., NeuronProgram]
) -> None:
    random = np.random.default_rng(case)
    du, dv = (int(v) for v in random.choice([0, 1, 100, 2048, 4095], 2))
    vth, bias = int(random.choice([0, 1, 500, 131071])), int(random.integers(-500, 500))
    reach = int(random.choice([100, 20000, 500000, 2**26]))
    steps, size = 30, 6
    currents = random.integers(-reach, reach + 1, (steps, size)).astype(np.int32)
    core = lif(du=du, dv=dv, vth=vth, bias=bias)
    driven = NeuronProgram(
        (NeuronPort("current", "modulator"),), core.registers, core.ops, core.spike
    )
    program = Program(
        name="lif",
        chip="loihi2",
        profile="lava-0.10",
        dt_seconds=1e-3,
        populations=(Population("lif", size, driven),),
        connections=(),
    )

    got = execute(
        program,
        Inputs({}, {("lif", "current"): currents}),
        steps,
        profile=LAVA_0_10,
        record=frozenset(["lif.u", "lif.v", "lif.s_out"]),
        seed=0,
    )

    model = lava_lif(size, du, dv, vth, bias)
    for t in range(steps):
        model.a_in.value = currents[t]
        model.run_spk()
        np.testing.assert_array_equal(got.variables["lif.u"][t], model.u)
        np.testing.assert_array_equal(got.variables["lif.v"][t], model.v)
        np.testing.assert_array_equal(got.variables["lif.s_out"][t], model.s_out.value)
