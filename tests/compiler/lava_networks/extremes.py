"""Networks whose parameters are far from what anybody would choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from lava.magma.core.learning.constants import GradedSpikeCfg
from lava.magma.core.learning.learning_rule import Loihi2FLearningRule
from lava.proc.dense.process import Dense, LearningDense
from lava.proc.io.source import RingBuffer
from lava.proc.lif.process import LIF
from lava.utils.weightutils import SignMode

Build = Callable[[], list[Any]]
NETWORKS: dict[str, Build] = {}


def network(build: Build) -> Build:
    NETWORKS[build.__name__] = build
    return build


def source(name: str, size: int, reach: int = 1) -> Any:
    random = np.random.default_rng(sum(map(ord, name)))
    process = RingBuffer(data=random.integers(0, reach + 1, (size, 13)))
    process.name = name
    return process


def plastic(connection: Any, reach: int = 1) -> list[Any]:
    post, pre = connection.weights.shape
    name = connection.name
    spikes = source(f"{name}_source", pre, reach)
    lif = LIF(shape=(post,), du=500, dv=100, vth=60, name=f"{name}_lif")
    spikes.s_out.connect(connection.s_in)
    connection.a_out.connect(lif.a_in)
    lif.s_out.connect(connection.s_in_bap)
    return [connection, spikes, lif]


def learning(name: str, weights: Any, text: str, **settings: Any) -> Any:
    traces = {
        "x1_impulse": 1e5,
        "x1_tau": 1e17,
        "x2_impulse": 126.5,
        "x2_tau": 2.0**62,
        "y1_impulse": 90.25,
        "y1_tau": 1e-3,
        "y2_impulse": 1,
        "y2_tau": 1e-320,
        "y3_impulse": 60,
        "y3_tau": np.float32(3.3),
    }
    rule = Loihi2FLearningRule(dw=text, rng_seed=2**31 - 5, t_epoch=100, **traces)
    rule.t_epoch = settings.pop("t_epoch", 3)
    return LearningDense(weights=weights, learning_rule=rule, name=name, **settings)


@network
def odd_traces() -> list[Any]:
    weights = np.array([[9, -4, 77], [3, 60, 100]])
    text = "x0*x1*x2 - 2*y0*y1*y2 + u0*(y3-30)"
    return plastic(learning("odd", weights, text))


@network
def huge_weights_and_tags() -> list[Any]:
    weights = np.array([[2**30, -(2**31), 2**24 + 3], [2**31 - 1, 65536, -65537]])
    tags = np.array([[2**22, -(2**22), 255], [256, -257, -258]])
    dense = learning(
        "huge", weights, "x0*w*t - y0*w*w*t*t", tag_1=tags, tag_2=-tags, t_epoch=1
    )
    return plastic(dense)


@network
def factors_that_overflow_32_bits() -> list[Any]:
    weights = np.array([[-250, 200, 77], [250, -100, 5]])
    text = "7*2^8*x0*w*w*w*w - 5*y0*x1*x2*w*w*(y3+300) + 2^8*u1*w"
    return plastic(learning("over", weights, text, t_epoch=2))


@network
def traces_that_start_high() -> list[Any]:
    weights = np.array([[50, 40, 77], [30, 60, 90]])
    dense = learning(
        "high",
        weights,
        "x0*x1 - y0*x2",
        num_message_bits=8,
        graded_spike_cfg=GradedSpikeCfg.ADD_WITH_SATURATION,
        sign_mode=SignMode.EXCITATORY,
        num_weight_bits=1,
    )
    dense.x1.init = np.array([200, 255, 0])
    dense.x2.init = 127
    dense.y1.init = 100
    return plastic(dense, 300)


@network
def an_epoch_longer_than_a_chip_takes() -> list[Any]:
    weights = np.array([[50, 40, 77], [30, 60, 90]])
    dense = learning("long", weights, "2^-3*x0*y3 + 2^-2*y0*x2", t_epoch=11)
    return plastic(dense)


@network
def exponents_of_31() -> list[Any]:
    weights = np.array([[5, -3], [3, 255]])
    up = Dense(weights=weights, weight_exp=31, name="up")
    down = Dense(weights=weights, weight_exp=-31, num_message_bits=-1, name="down")
    neurons = LIF(shape=(2,), vth=2**26, dv=4096, du=4096, name="e_lif")
    spikes = source("e_source", 2, 3)
    spikes.s_out.connect([up.s_in, down.s_in])
    up.a_out.connect(neurons.a_in)
    down.a_out.connect(neurons.a_in)
    return [up, down, neurons, spikes]


@network
def integers_of_other_types() -> list[Any]:
    neurons = LIF(
        shape=(3,),
        du=True,
        dv=np.uint16(300),
        vth=[10, 20, 30],
        bias_mant=np.uint8(200),
        bias_exp=np.array([40, -40, 1]),
        u=np.array([2.0**31 - 1, -(2.0**31), 1e9]),
        v=[8388607, -8388608, 5],
        name="types",
    )
    spikes = source("types_source", 3, 2**24)
    spikes.s_out.connect(neurons.a_in)
    return [neurons, spikes]
