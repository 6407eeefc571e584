"""Networks that from_lava refuses; for each, what Lava 0.10 does was tried there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from lava.magma.core.learning.learning_rule import (
    Loihi2FLearningRule,
    LoihiLearningRule,
)
from lava.magma.core.process.ports.ports import InPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.process.variable import Var
from lava.proc.atrlif.process import ATRLIF
from lava.proc.conv.process import Conv
from lava.proc.dense.process import DelayDense, Dense, LearningDense
from lava.proc.io.sink import Read
from lava.proc.io.source import RingBuffer
from lava.proc.lif.process import (
    LIF,
    LearningLIF,
    LIFRefractory,
    LIFReset,
    TernaryLIF,
)
from lava.proc.monitor.process import Monitor
from lava.proc.sparse.process import LearningSparse
from lava.utils.weightutils import SignMode
from scipy.sparse import csr_matrix

NETWORKS: dict[str, Callable[[], Any]] = {}
WEIGHTS = np.array([[40, 0, 60], [0, 30, 50]])


class OwnNeuron(LIF):
    """A subclass: Lava wants a model of its own for it."""


class OwnProcess(AbstractProcess):
    """A user's own process."""

    def __init__(self) -> None:
        super().__init__(name="own")
        self.a_in = InPort(shape=(3,))
        self.state = Var(shape=(3,))


class Layer(AbstractProcess):
    """A hierarchical process."""

    def __init__(self) -> None:
        super().__init__(name="layer")
        self.inner = LIF(shape=(2,), name="inner")


def network(build: Callable[[], Any]) -> Callable[[], Any]:
    NETWORKS[build.__name__] = build
    return build


def source(size: int = 3) -> Any:
    process = RingBuffer(data=np.ones((size, 2), int))
    process.name = "source"
    return process


def lif(**settings: Any) -> Any:
    return LIF(shape=(3,), name="lif", **settings)


def rule(**settings: Any) -> Any:
    traces = {"x1_impulse": 20, "x1_tau": 9, "y1_impulse": 20, "y1_tau": 9}
    return Loihi2FLearningRule(**{**traces, "rng_seed": 1, **settings})


def learning(**settings: Any) -> Any:
    settings = {"learning_rule": rule(dw="x0*y1"), **settings}
    return LearningDense(weights=WEIGHTS, name="plastic", **settings)


def sparse(**settings: Any) -> Any:
    return LearningSparse(weights=csr_matrix(WEIGHTS), name="sparse", **settings)


@network
def no_process() -> Any:
    return 3


@network
def a_users_own_process() -> Any:
    process = OwnProcess()
    source().s_out.connect(process.a_in)
    return process


@network
def a_subclass_of_a_known_one() -> Any:
    return OwnNeuron(shape=(2,), name="mine")


@network
def a_neuron_of_lava_without_a_fixed_point_model() -> Any:
    return LIFRefractory(shape=(2,), refractory_period=3, name="tired")


@network
def somebody_who_reads_a_var() -> Any:
    neurons, reader = lif(), Read(buffer=3)
    reader.name = "reader"
    reader.connect_var(neurons.v)
    return neurons


@network
def a_hierarchical_process() -> Any:
    return Layer()


@network
def a_network_that_is_compiled() -> Any:
    from lava.magma.core.run_configs import Loihi2SimCfg

    neurons = lif()
    neurons.compile(Loihi2SimCfg(select_tag="fixed_pt"))
    return neurons


@network
def du_that_is_a_float() -> Any:
    return lif(du=10.0)


@network
def vth_that_is_a_float() -> Any:
    return lif(vth=0.5)


@network
def du_of_another_number_of_neurons() -> Any:
    return lif(du=np.array([1, 2]))


@network
def du_beyond_12_bits_for_some() -> Any:
    return lif(du=np.array([1, 2, 5000]))


@network
def bias_that_is_a_word() -> Any:
    return lif(bias_mant="much")


@network
def reset_every_two_and_a_half_steps() -> Any:
    return LIFReset(shape=(2,), reset_interval=2.5, name="reset")


@network
def ternary_thresholds_for_each_neuron() -> Any:
    return TernaryLIF(shape=(3,), vth_hi=np.array([1, 2, 3]), name="ternary")


@network
def atrlif_decay_for_each_neuron() -> Any:
    return ATRLIF(shape=(3,), delta_i=np.array([0.1, 0.2, 0.3]), name="atrlif")


@network
def atrlif_decay_that_is_not_finite() -> Any:
    return ATRLIF(shape=(3,), delta_v=float("nan"), name="atrlif")


@network
def weights_of_nine_bits() -> Any:
    return Dense(weights=WEIGHTS, num_weight_bits=9, name="dense")


@network
def a_weight_exponent_that_is_a_float() -> Any:
    return Dense(weights=WEIGHTS, weight_exp=1.0, name="dense")


@network
def a_delay_of_64() -> Any:
    return DelayDense(weights=WEIGHTS, delays=64, name="dense")


@network
def a_convolution_too_large_for_a_matrix() -> Any:
    weight = np.ones((16, 3, 3, 8))
    return Conv(weight=weight, input_shape=(96, 96, 8), padding=1, name="conv")


@network
def an_epoch_of_one_and_a_half() -> Any:
    return learning(learning_rule=rule(dw="x0*y1", t_epoch=1.5))


@network
def a_time_constant_without_end() -> Any:
    return learning(learning_rule=rule(dw="x0*y1", x2_tau=float("inf")))


@network
def a_half_in_a_factor() -> Any:
    return learning(learning_rule=rule(dw="x0*(w+3*2^-1)"))


@network
def learned_weights_without_a_sign() -> Any:
    return learning(sign_mode=SignMode.NULL)


@network
def a_trace_of_a_deaf_rule() -> Any:
    process = learning(learning_rule=LoihiLearningRule(dw="x0*y1", rng_seed=1))
    process.y1.init = 5
    return process


@network
def sparse_learning_with_a_synaptic_factor() -> Any:
    return sparse(learning_rule=rule(dw="x0*sgn(w)"))


@network
def sparse_learning_of_one_sign() -> Any:
    mode = SignMode.EXCITATORY
    return sparse(learning_rule=rule(dw="x0*y1"), sign_mode=mode)


@network
def sparse_learning_of_float_tags() -> Any:
    return sparse(learning_rule=rule(dt="x0*y1"))


@network
def sparse_learning_of_nothing() -> Any:
    nothing = csr_matrix(np.zeros_like(WEIGHTS))
    return sparse(learning_rule=rule(dt="x0*y1"), tag_1=nothing)


@network
def ports_put_together() -> Any:
    dense = Dense(weights=WEIGHTS, name="dense")
    source(2).s_out.concat_with(source(1).s_out, 0).connect(dense.s_in)
    return dense


@network
def a_port_that_is_never_sent() -> Any:
    dense, neurons = learning(), LearningLIF(shape=(2,), name="learner")
    dense.a_out.connect(neurons.a_in)
    neurons.s_out_bap.connect(dense.s_in_bap)
    return dense


@network
def ports_that_are_never_read() -> Any:
    neurons, deaf = LearningLIF(shape=(2,), name="learner"), learning()
    plain = LoihiLearningRule(dw="x0", rng_seed=1)
    deafer = LearningDense(weights=WEIGHTS, learning_rule=plain, name="deaf")
    inputs = source(2)
    inputs.s_out.connect([neurons.a_third_factor_in, deaf.s_in_y1, deafer.s_in_bap])
    return neurons


@network
def a_monitor_of_a_port_that_is_never_sent() -> Any:
    neurons, monitor = LearningLIF(shape=(2,), name="learner"), Monitor()
    monitor.probe(neurons.s_out_y1, 10)
    return neurons


@network
def neurons_in_a_loop() -> Any:
    one, two = LIF(shape=(2,), name="one"), LIF(shape=(2,), name="two")
    one.s_out.connect(two.a_in)
    two.s_out.connect(one.a_in)
    return one


@network
def everything_at_once() -> Any:
    neurons = lif(du=1.5, vth=0.5)
    dense = Dense(weights=np.eye(3), num_weight_bits=0, name="dense")
    own = OwnNeuron(shape=(3,), name="mine")
    neurons.s_out.connect(dense.s_in)
    dense.a_out.connect(own.a_in)
    return own
