"""Networks whose signals take every path that Lava's ports allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from lava.magma.core.learning.learning_rule import Loihi2FLearningRule
from lava.proc.conv.process import Conv
from lava.proc.dense.process import Dense, LearningDense
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer
from lava.proc.lif.process import LIF, TernaryLIF

Build = Callable[[], list[Any]]
NETWORKS: dict[str, Build] = {}


def source(name: str, *shape: int, reach: int = 1) -> Any:
    random = np.random.default_rng(sum(map(ord, name)))
    process = RingBuffer(data=random.integers(0, reach + 1, (*shape, 19)))
    process.name = name
    return process


def sink(name: str, *shape: int) -> Any:
    process = Sink(shape=shape, buffer=11)
    process.name = name
    return process


def lif(name: str, *shape: int, vth: int = 90) -> Any:
    return LIF(shape=shape, du=900, dv=100, vth=vth, name=name)


def dense(name: str, post: int, pre: int) -> Any:
    weights = np.random.default_rng(post * pre).integers(-90, 130, (post, pre))
    return Dense(weights=weights, name=name)


def network(build: Build) -> Build:
    NETWORKS[build.__name__] = build
    return build


@network
def reshaped_and_transposed() -> list[Any]:
    spikes, first = source("rt_source", 2, 3), dense("rt_dense", 12, 6)
    neurons, second = lif("rt_lif", 3, 4), dense("rt_out", 4, 12)
    end = sink("rt_sink", 2, 2)
    spikes.s_out.transpose([1, 0]).flatten().connect(first.s_in)
    first.a_out.reshape((4, 3)).transpose().connect(neurons.a_in)
    neurons.s_out.reshape((2, 6)).transpose((-1, 0)).flatten().connect(second.s_in)
    second.a_out.reshape((2, 2)).connect(end.a_in)
    return [spikes, first, neurons, second, end]


@network
def from_a_convolution_to_a_dense() -> list[Any]:
    spikes = source("cd_source", 4, 4, 1)
    kernel = np.random.default_rng(0).integers(-60, 90, (2, 3, 3, 1))
    conv = Conv(weight=kernel, input_shape=(4, 4, 1), padding=1, name="cd_conv")
    neurons, end = lif("cd_lif", 4, 4, 2), dense("cd_dense", 3, 32)
    out = sink("cd_sink", 3)
    spikes.s_out.connect(conv.s_in)
    conv.a_out.connect(neurons.a_in)
    neurons.s_out.flatten().connect(end.s_in)
    end.a_out.connect(out.a_in)
    return [conv, spikes, neurons, end, out]


@network
def neurons_that_feed_neurons() -> list[Any]:
    """A chain within one step, made in another order than that of its signals."""
    last, middle = lif("chain_last", 3, vth=1), lif("chain_middle", 3, vth=2)
    first, drive = lif("chain_first", 3), dense("chain_dense", 3, 4)
    spikes, direct = source("chain_source", 4), source("chain_direct", 3, reach=4)
    spikes.s_out.connect(drive.s_in)
    drive.a_out.connect(first.a_in)
    first.s_out.connect(middle.a_in)
    direct.s_out.connect(middle.a_in)
    middle.s_out.connect(last.a_in)
    first.s_out.connect(last.a_in)
    return [last, middle, first, drive, spikes, direct]


@network
def a_connection_that_feeds_a_connection() -> list[Any]:
    spikes, first = source("cc_source", 4), dense("cc_first", 3, 4)
    weights = np.random.default_rng(4).integers(-100, 100, (2, 3))
    second = Dense(weights=weights, num_message_bits=16, name="cc_second")
    neurons = lif("cc_lif", 2)
    spikes.s_out.connect(first.s_in)
    first.a_out.connect(second.s_in)
    second.a_out.connect(neurons.a_in)
    return [first, spikes, second, neurons]


@network
def many_into_many() -> list[Any]:
    """One connection into several ports, several sources into one port."""
    left, right = source("mm_left", 4), source("mm_right", 4)
    drive, both = dense("mm_drive", 3, 4), dense("mm_both", 3, 4)
    one, two, turned = lif("mm_one", 3), lif("mm_two", 3), lif("mm_turned", 1, 3)
    end = sink("mm_sink", 3)
    left.s_out.connect([drive.s_in, both.s_in])
    right.s_out.connect(both.s_in)
    drive.a_out.connect([one.a_in, two.a_in, end.a_in])
    both.a_out.connect([two.a_in, end.a_in])
    drive.a_out.reshape((1, 3)).connect(turned.a_in)
    both.a_out.reshape((1, 3)).connect(turned.a_in)
    return [drive, both, left, right, one, two, turned, end]


@network
def ports_without_a_connection() -> list[Any]:
    """A Dense that nothing drives, and a neuron that only has a bias."""
    silent = dense("lonely_dense", 2, 3)
    neurons = LIF(shape=(2,), bias_mant=70, vth=3, name="lonely_lif")
    silent.a_out.connect(neurons.a_in)
    return [neurons, silent]


@network
def ternary_spikes_straight_into_a_sink() -> list[Any]:
    neurons = TernaryLIF(shape=(3,), vth_hi=3, vth_lo=-2, dv=500, name="ts_lif")
    spikes, end = source("ts_source", 3, reach=9), sink("ts_sink", 3)
    spikes.data.init = spikes.data.init - 4
    spikes.s_out.connect([neurons.a_in, end.a_in])
    neurons.s_out.connect(end.a_in)
    return [neurons, spikes, end]


@network
def learning_that_hears_through_a_transposition() -> list[Any]:
    rule = Loihi2FLearningRule(
        dw="x0*y1 - y0*x1",
        x1_impulse=20,
        x1_tau=9,
        y1_impulse=20,
        y1_tau=9,
        rng_seed=1,
    )
    weights = np.random.default_rng(4).integers(0, 100, (6, 4))
    learns = LearningDense(weights=weights, learning_rule=rule, name="lt_dense")
    spikes, neurons = source("lt_source", 4), lif("lt_lif", 2, 3)
    spikes.s_out.connect(learns.s_in)
    learns.a_out.reshape((2, 3)).connect(neurons.a_in)
    neurons.s_out.transpose().flatten().connect(learns.s_in_bap)
    return [learns, spikes, neurons]


@network
def one_port_on_several_paths() -> list[Any]:
    spikes, direct = source("tw_source", 3, 3), lif("tw_direct", 3, 3, vth=2)
    turned, drive = lif("tw_turned", 3, 3, vth=2), dense("tw_dense", 2, 9)
    end = sink("tw_sink", 2)
    spikes.s_out.transpose().connect(direct.a_in)
    spikes.s_out.reshape((3, 3)).connect(direct.a_in)
    spikes.s_out.transpose().connect(turned.a_in)
    spikes.s_out.connect(turned.a_in)
    spikes.s_out.transpose().flatten().connect(drive.s_in)
    spikes.s_out.flatten().connect(drive.s_in)
    drive.a_out.connect(end.a_in)
    return [spikes, direct, turned, drive, end]
