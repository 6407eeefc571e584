"""Networks of each kind of neuron that from_lava reads, driven hard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from lava.proc.atrlif.process import ATRLIF
from lava.proc.io.source import RingBuffer
from lava.proc.lif.process import LIF, LearningLIF, LIFReset, TernaryLIF

Build = Callable[[], list[Any]]
NETWORKS: dict[str, Build] = {}


def driven(neuron: Any, reach: int, seed: int = 1) -> list[Any]:
    """Drive a neuron's currents directly, without a connection in between."""
    random = np.random.default_rng(seed)
    data = random.integers(-reach, reach + 1, (*neuron.a_in.shape, 17))
    source = RingBuffer(data=data)
    source.name = f"{neuron.name}_source"
    source.s_out.connect(neuron.a_in)
    return [neuron, source]


def network(build: Build) -> Build:
    NETWORKS[build.__name__] = build
    return build


@network
def lif() -> list[Any]:
    return driven(LIF(shape=(4,), du=400, dv=128, vth=300, name="lif"), 500)


@network
def lif_that_wraps() -> list[Any]:
    return driven(LIF(shape=(5,), du=10, dv=3, vth=131071, name="wraps"), 2**27)


@network
def lif_of_two_dimensions() -> list[Any]:
    neuron = LIF(
        shape=(2, 3),
        u=np.arange(6).reshape(2, 3) * 1000,
        v=-np.arange(6).reshape(2, 3) * 900,
        bias_mant=np.arange(6).reshape(2, 3) * 20 - 50,
        bias_exp=np.array([[6, 0, 1], [2, 3, -2]]),
        du=2000,
        dv=500,
        vth=60,
        name="flat",
    )
    return driven(neuron, 300)


@network
def lif_of_each_its_own() -> list[Any]:
    neuron = LIF(
        shape=(4,),
        du=np.array([0, 100, 4095, 2000]),
        dv=np.array([4096, 0, 7, 900]),
        vth=np.array([10, 200, 0, -5]),
        name="each",
    )
    return driven(neuron, 400)


@network
def lif_that_grows() -> list[Any]:
    return driven(LIF(shape=(3,), du=5000, dv=-20, vth=900, name="grows"), 3000)


@network
def lif_of_floats() -> list[Any]:
    neuron = LIF(shape=(3,), u=3.7, v=-2.9, bias_mant=12.9, bias_exp=5, name="floats")
    return driven(neuron, 3)


@network
def lif_whose_bias_wraps() -> list[Any]:
    neuron = LIF(shape=(2,), bias_mant=np.array([40000, -33000]), vth=5, name="biased")
    return driven(neuron, 3)


@network
def lif_reset() -> list[Any]:
    neuron = LIFReset(
        shape=(3,),
        u=500,
        v=800,
        du=100,
        dv=50,
        vth=80,
        reset_interval=7,
        reset_offset=10,
        name="reset",
    )
    return driven(neuron, 90)


@network
def learning_lif() -> list[Any]:
    return driven(LearningLIF(shape=(3,), du=50, dv=9, vth=40, name="learner"), 60)


@network
def ternary_lif() -> list[Any]:
    neuron = TernaryLIF(
        shape=(4,), du=300, dv=200, vth_hi=30.9, vth_lo=-12, name="ternary"
    )
    return driven(neuron, 60)


@network
def ternary_lif_with_thresholds_crossed() -> list[Any]:
    neuron = TernaryLIF(
        shape=(4,),
        dv=1000,
        du=1000,
        vth_hi=np.array([-20]),
        vth_lo=np.array([25]),
        name="crossed",
    )
    return driven(neuron, 60)


@network
def atrlif() -> list[Any]:
    return driven(ATRLIF(shape=(4,), name="atrlif"), 30)


@network
def atrlif_of_odd_fractions() -> list[Any]:
    neuron = ATRLIF(
        shape=(2, 2),
        i=-700,
        v=np.array([[1, -5], [900, 4000]]),
        r=55,
        theta=9,
        delta_i=0.123456789,
        delta_v=0.0371,
        delta_theta=0.7,
        delta_r=0.01,
        theta_0=7.3,
        theta_step=2.9,
        bias_mant=np.array([[3, -4], [50, 0]]),
        bias_exp=3,
        name="odd",
    )
    return driven(neuron, 60)


@network
def atrlif_that_wraps() -> list[Any]:
    neuron = ATRLIF(
        shape=(4,),
        delta_i=0,
        delta_v=1,
        delta_theta=0,
        delta_r=0.001,
        theta_0=40000,
        theta_step=9000000,
        name="wrapping",
    )
    return driven(neuron, 2**25)


@network
def atrlif_of_float_zero() -> list[Any]:
    neuron = ATRLIF(shape=(3,), delta_i=0.0, delta_v=0.2, theta_0=100, name="zero")
    return driven(neuron, 2**24)
