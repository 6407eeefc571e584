"""Networks that from_lava reads and has something to say about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from lava.magma.core.learning.learning_rule import (
    Loihi2FLearningRule,
    Loihi3FLearningRule,
    LoihiLearningRule,
)
from lava.proc.atrlif.process import ATRLIF
from lava.proc.conv.process import Conv
from lava.proc.dense.process import DelayDense, Dense, LearningDense
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer
from lava.proc.lif.process import LIF, LearningLIF
from lava.proc.monitor.process import Monitor

NETWORKS: dict[str, Callable[[], Any]] = {}
WEIGHTS = np.array([[40, 0, 60], [0, 30, 50]])
MISREAD = [
    "x0*(-w)",
    "x0*sgn(-w)",
    "x0*(w*2)",
    "x0*(w-5-3)",
    "x0*((w-5))",
    "u10*w",
    "x0*x1*-2*x0*y1",
    "y0*(x0)*x1",
    "x02*y1",
    "x10*y0",
    "y0*(sgn(w))",
    "x0*sgn(2*w)",
    "x0*y1 - u2*(2*t+3)",
]
READ_WELL = [
    "2^-1*x0*y1 - 2*y0*x1",
    "x0*(5-w) - y0*(-w+5)",
    "2x0*y1 + x0 y1",
    "u3*(t-40)*sgn(w) + y0*x0*x0",
    "3*2^2*y0*x1*(w+2*2^3)",
    "-x0*(-3)*w*(d)*(2^-3)",
    "sgn(t+3)*x0 - y0*(x1-2^3)*(y2+1)",
    "x0*(w+3*2^1)*(y1-100)",
]


def network(build: Callable[[], Any]) -> Callable[[], Any]:
    NETWORKS[build.__name__] = build
    return build


def source(size: int = 3) -> Any:
    process = RingBuffer(data=np.ones((size, 2), int))
    process.name = "source"
    return process


def rule(text: str, kind: Any = Loihi2FLearningRule) -> Any:
    return kind(dw=text, x1_impulse=9, x1_tau=5, rng_seed=1)


def learning(text: str, kind: Any = Loihi2FLearningRule) -> Any:
    weights = np.array([[2, 4], [6, 8]])
    process = LearningDense(
        weights=weights, learning_rule=rule(text, kind), name="plastic"
    )
    neurons = LIF(shape=(2,), name="lif")
    process.a_out.connect(neurons.a_in)
    if kind is not LoihiLearningRule:
        neurons.s_out.connect(process.s_in_bap)
    return process


for one in [*MISREAD, *READ_WELL]:
    NETWORKS[f"rule {one}"] = lambda text=one: learning(text)


@network
def a_factor_that_is_always_clipped() -> Any:
    return learning("x0*(y1+200) + u1*(w-900)*(t+5)")


@network
def a_third_factor_that_may_be_anything() -> Any:
    return learning("x0*(y1+200)", Loihi3FLearningRule)


@network
def a_deaf_rule_with_post_spikes() -> Any:
    return learning("x0*y1 - y0*x1", LoihiLearningRule)


@network
def whole_numbers_only() -> Any:
    dense = Dense(weights=WEIGHTS, name="dense")
    source().s_out.connect(dense.s_in)
    return dense


@network
def numbers_that_change() -> Any:
    weights = np.array([[1.7, 301, -5], [-300, 3, 0.5]])
    dense = Dense(weights=weights, name="dense")
    neurons = LIF(shape=(2,), u=2.5, bias_mant=70000, name="lif")
    dense.a_out.connect(neurons.a_in)
    inputs = RingBuffer(data=np.array([[0.5, 1.0], [0, 1], [1, 1]]))
    inputs.name = "source"
    inputs.s_out.connect(dense.s_in)
    return dense


@network
def delays_beyond_the_longest() -> Any:
    delays = np.array([[1, 2, 3], [4, 5, 6]])
    return DelayDense(weights=WEIGHTS, delays=delays, max_delay=3, name="dense")


@network
def settings_without_effect() -> Any:
    conv = Conv(
        weight=np.full((1, 2, 2, 1), 9),
        input_shape=(3, 3, 1),
        weight_exp=2,
        num_weight_bits=5,
        num_message_bits=30,
        name="conv",
    )
    neurons = ATRLIF(shape=(2, 2, 1), theta=9, name="atrlif")
    conv.a_out.connect(neurons.a_in)
    return conv


@network
def equal_names() -> Any:
    first, second = LIF(shape=(2,), name="lif"), LIF(shape=(2,), name="lif")
    dense = Dense(weights=np.eye(2, dtype=int) * 9, name="dense")
    first.s_out.connect(dense.s_in)
    dense.a_out.connect(second.a_in)
    return second


@network
def one_port_twice() -> Any:
    neurons, inputs = LIF(shape=(2,), name="lif"), source(2)
    inputs.s_out.connect(neurons.a_in)
    inputs.s_out.reshape((1, 2)).flatten().connect(neurons.a_in)
    return neurons


@network
def monitors_of_everything() -> Any:
    dense, neurons = learning("x0*y1"), LearningLIF(shape=(3,), name="pre")
    neurons.s_out.reshape((3,))
    extra = Dense(weights=np.ones((2, 3), int), name="extra")
    neurons.s_out.connect(extra.s_in)
    extra.a_out.connect(dense.s_in)
    end = Sink(shape=(2,), buffer=4)
    end.name = "sink"
    extra.a_out.connect(end.a_in)
    post = dense.a_out.out_connections[0].process
    probed = (post.v, post.s_out, dense.weights, dense.x1, dense.tag_1, dense.tx)
    for member in (*probed, extra.weights, extra.a_out, neurons.u, neurons.y1):
        Monitor().probe(member, 10)
    return dense


@network
def a_monitor_alone_is_asked() -> Any:
    neurons, monitor = LIF(shape=(2,), name="lif"), Monitor()
    monitor.probe(neurons.u, 3)
    return monitor


@network
def ports_that_neither_side_uses() -> Any:
    """Lava runs this: what is never sent is never read."""
    dense = learning("x0*y1")
    neurons = LearningLIF(shape=(2,), name="learner")
    dense.a_out.connect(neurons.a_in)
    neurons.s_out_y1.connect(dense.s_in_y1)
    return dense
