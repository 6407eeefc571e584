"""Lava's own model objects against the interpreter; a script, for a process of its own.

Lava's LearningDense and LIF models are ordinary objects: given ports and variables by
hand they compute a step without Lava's runtime, so thousands of random rules can be
compared. ``lava_models.py learning FIRST COUNT`` ends with status 0 if all are equal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from learning_cases import TRACES, Case, random_case, recordable, sparse_case

from lahar.hardware.learning import Learning, Product, TraceProgram
from lahar.hardware.profile import LAVA_0_10
from lahar.hardware.program import (
    Connection,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
)
from lahar.sim.backend import Inputs
from lahar.sim.interpreter import execute
from lahar.sim.randomness import PopulationNumbers
from lahar.sim.trace_decay import trace_decay

VARIABLES = {
    "x1": "pre",
    "x2": "pre",
    "tx": "pre",
    "y1": "post",
    "y2": "post",
    "y3": "post",
    "ty": "post",
}
PORTS = ("s_in", "a_out", "s_in_bap", "s_in_y1", "s_in_y2", "s_in_y3")
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
    from lava.magma.core.learning import learning_rule

    third = bool(learning.third_factors)
    kind = "Loihi2FLearningRule" if learning.hears_post else "LoihiLearningRule"
    kind = "Loihi3FLearningRule" if third else kind
    parameters = {}
    for name in TRACES[:2] if third else TRACES:
        trace = learning.traces.get(name, TraceProgram(0, 0))
        # what is rounded to 256 of 256 is close to 1 and not 1
        fraction = min(trace.impulse_fraction_256, 255.9) / 256
        parameters[f"{name}_impulse"] = trace.impulse + fraction
        parameters[f"{name}_tau"] = trace.tau_steps
    rule = getattr(learning_rule, kind)(
        dw="x0*x1", t_epoch=learning.epoch_steps, rng_seed=seed, **parameters
    )
    rule._active_product_series = {
        f"d{target}": SimpleNamespace(products=products)
        for target in "wdt"
        if (
            products := [
                _product(p, learning) for p in learning.products if p.target == target
            ]
        )
    }
    rule._decimate_exponent = learning.decimate_exponent
    return rule


def _product(p: Product, learning: Learning) -> Any:
    from lava.magma.core.learning import product_series

    factors = [
        product_series.Factor(f.variable.replace("c", "C"), f.constant, f.sign)
        for f in p.factors
    ]
    decimate = learning.decimate_exponent if p.gate == "u" else None
    return product_series.Product(
        f"d{p.target}", p.gate, p.mantissa, p.exponent + 7, factors, decimate
    )


def lava_learning_dense(connection: Connection, seed: int) -> Any:
    """Build Lava's LearningDense model with its variables as at the start of a run."""
    from lava.magma.core.learning.constants import GradedSpikeCfg
    from lava.proc.dense.models import PyLearningDenseModelBitApproximate
    from lava.utils.weightutils import SignMode as LavaSignMode

    learning = connection.learning
    assert learning is not None
    model = PyLearningDenseModelBitApproximate(
        {
            "learning_rule": lava_rule(learning, seed),
            "shape": connection.weights.shape,
            "graded_spike_cfg": GradedSpikeCfg(int(learning.graded_spikes)),
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
    for name, values in connection.initial.items():
        setattr(model, name, values.astype(int))
    model.weights = connection.weights.copy()
    model.a_buff = np.zeros(post, np.int32)
    model.num_message_bits = np.array([connection.message_bits])
    for port in PORTS:
        setattr(model, port, Port())
    return model


def lava_learning_sparse(connection: Connection, seed: int) -> Any:
    """Build Lava's LearningSparse model: csr matrices of the synapses that exist."""
    from lava.proc.sparse.models import PyLearningSparseModelBitApproximate
    from scipy.sparse import csr_matrix

    dense = lava_learning_dense(connection, seed)
    model = PyLearningSparseModelBitApproximate(dense.proc_params)
    for name in (*VARIABLES, "x0", "y0", "num_message_bits", *PORTS):
        setattr(model, name, getattr(dense, name))
    model.weights = csr_matrix(dense.weights * connection.exists["w"])
    model.tag_1 = csr_matrix(dense.tag_1 * connection.exists["t"])
    model.tag_2 = csr_matrix(dense.tag_2 * connection.exists["d"])
    model.a_buff = dense.a_buff
    return model


def step_lava(model: Any, received: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Run one time step: the spiking phase and, if due, the learning phase."""
    for port, value in received.items():
        getattr(model, port).value = value.astype(np.int32)
    model.time_step += 1
    model.run_spk()
    if model.lrn_guard():
        model.run_lrn()
    now = {name: _dense(getattr(model, name)) for name in RECORDED}
    return {"a_out": model.a_out.value.astype(np.int32), **now}


def _dense(variable: Any) -> np.ndarray:
    """Copy a variable; a sparse one with its zeros."""
    return np.array(
        variable if isinstance(variable, np.ndarray) else variable.toarray()
    )


def compare_learning(number: int) -> None:
    """Compare every variable that is recorded in every step of a case."""
    _compare(number, random_case(number), lava_learning_dense)


def compare_sparse(number: int) -> None:
    """Compare where not every synapse exists, for rules that Lava computes then."""
    _compare(number, sparse_case(number), lava_learning_sparse)


def _compare(number: int, case: Case, make: Callable[[Connection, int], Any]) -> None:
    connection = case.connection
    assert connection.learning is not None
    names = ["a_out", *recordable(connection.learning)]
    got = execute(
        case.program,
        case.inputs,
        case.steps,
        profile=LAVA_0_10,
        record=frozenset(f"synapse.{n}" for n in names),
        seed=case.seed,
    )
    model = make(connection, case.seed)
    for t in range(case.steps):
        wanted = step_lava(model, _received(case, t))
        for name in names:
            np.testing.assert_array_equal(
                got.variables[f"synapse.{name}"][t],
                wanted[name],
                f"case {number}: {name}, row {t}",
            )


def _received(case: Case, t: int) -> dict[str, np.ndarray]:
    silent = np.zeros_like(case.events)
    slots = {f"s_in_{y}": case.sent.get(y, silent)[t] for y in TRACES[2:]}
    return {"s_in": case.payloads[t], "s_in_bap": case.events[t], **slots}


def compare_decay(number: int) -> None:
    """Compare the decay of all values of a trace with Lava's function."""
    from lava.magma.core.model.py.connection import (
        LearningConnectionModelBitApproximate,
    )

    random = np.random.default_rng(number)
    tau = float(random.choice([0.1, 1.9, 33.3, random.integers(1, 65536) / 256]))
    decay, values = trace_decay(LAVA_0_10, tau), np.arange(256)
    for r in (0, 1, 2**52, 2**53 - 1, *random.integers(0, 2**53, 20).tolist()):
        wanted = LearningConnectionModelBitApproximate._decay_trace(
            values[np.newaxis], 1, np.array([[tau]]), float(np.ldexp(float(r), -53))
        )
        np.testing.assert_array_equal(decay(values, np.full(256, r)), wanted[0])


def lava_lif(size: int, du: int, dv: int, vth: int, bias: int) -> Any:
    from lava.proc.lif.models import PyLifModelBitAcc

    model = PyLifModelBitAcc({})
    model.u, model.v = np.zeros(size, np.int32), np.zeros(size, np.int32)
    model.du, model.dv, model.vth = du, dv, vth
    model.bias_mant = np.full(size, bias, np.int16)
    model.bias_exp = np.zeros(size, np.int16)
    model.a_in, model.s_out = Port(), Port()
    return model


def lif_program(size: int, du: int, dv: int, vth: int, bias: int) -> Program:
    """Write the LIF core of docs/semantics.md section 4, driven by a port."""
    neuron = NeuronProgram(
        ports=(NeuronPort("current", "modulator"),),
        registers=(Register("u"), Register("v")),
        ops=(
            Op("shl", "input", ("current", 6)),
            Op("decay", "u", ("u", du + 1)),
            Op("add", "u", ("u", "input")),
            Op("wrap", "u", ("u",)),
            Op("decay", "v", ("v", dv)),
            Op("add", "v", ("v", "u")),
            Op("add", "v", ("v", bias)),
            Op("saturate", "v", ("v", -8388607, 8388607)),
            Op("gt", "spike", ("v", vth * 64)),
            Op("select", "v", ("spike", 0, "v")),
        ),
        spike="spike",
    )
    populations = (Population("lif", size, neuron),)
    return Program("lif", "loihi2", "lava-0.10", 1e-3, populations, ())


def compare_lif(number: int) -> None:
    """Compare the LIF core with Lava's fixed-point LIF."""
    random = np.random.default_rng(number)
    du, dv = (int(v) for v in random.choice([0, 1, 100, 2048, 4095], 2))
    vth, bias = int(random.choice([0, 1, 500, 131071])), int(random.integers(-500, 500))
    reach = int(random.choice([100, 20000, 500000, 2**26]))
    steps, size = 30, 6
    currents = random.integers(-reach, reach + 1, (steps, size)).astype(np.int32)
    names = ("u", "v", "s_out")
    got = execute(
        lif_program(size, du, dv, vth, bias),
        Inputs({}, {("lif", "current"): currents}),
        steps,
        profile=LAVA_0_10,
        record=frozenset(f"lif.{name}" for name in names),
        seed=0,
    )
    model = lava_lif(size, du, dv, vth, bias)
    for t in range(steps):
        model.a_in.value = currents[t]
        model.run_spk()
        for name in names:
            wanted = model.s_out.value if name == "s_out" else getattr(model, name)
            np.testing.assert_array_equal(got.variables[f"lif.{name}"][t], wanted)


def compare_randomness(number: int) -> None:
    """Compare the random numbers of a run with those of Lava's generators."""
    from lava.magma.core.learning.random import ConnVarRandom, TraceRandom

    steps = 60
    numbers = PopulationNumbers(number, 7)
    x = TraceRandom(number, number + 1)
    y = TraceRandom(number + 2, number + 3)
    weights = ConnVarRandom()
    for step in range(1, steps + 1):
        x.advance(), y.advance()  # after the pre spikes of a step
        repeated = numbers.repeated_impulse("y1", step, 1, 7)
        assert repeated[0] == y.random_impulse_addition
        x.advance(), y.advance()  # after the post spikes
        weights.advance()  # an epoch of one step
        for name, side in (("x2", x), ("y3", y)):
            decay = numbers.decay(name, step, step, 1, 53)[0]
            assert np.ldexp(float(decay), -53) == side.random_trace_decay
            impulse = numbers.impulse(name, step, step, 1, 7)[0]
            assert impulse == side.random_impulse_addition
        rounding = numbers.rounding("w", step, step, (1, 1), 7)[0, 0]
        assert rounding == int(128 * weights.random_stochastic_round)


COMPARISONS = {
    "learning": compare_learning,
    "sparse": compare_sparse,
    "decay": compare_decay,
    "lif": compare_lif,
    "randomness": compare_randomness,
}


def main(kind: str, first: str, count: str) -> None:
    for number in range(int(first), int(first) + int(count)):
        COMPARISONS[kind](number)
    print(f"{count} cases of {kind} are equal")


if __name__ == "__main__":
    main(*sys.argv[1:])
