"""Networks of each kind of learning that from_lava reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from lava.magma.core.learning.constants import GradedSpikeCfg
from lava.magma.core.learning.learning_rule import (
    Loihi2FLearningRule,
    Loihi3FLearningRule,
    LoihiLearningRule,
)
from lava.proc.dense.process import Dense, LearningDense
from lava.proc.io.source import RingBuffer
from lava.proc.learning_rules.r_stdp_learning_rule import RewardModulatedSTDP
from lava.proc.learning_rules.stdp_learning_rule import STDPLoihi
from lava.proc.lif.process import LIF, LearningLIF
from lava.proc.sparse.process import LearningSparse
from lava.utils.weightutils import SignMode
from scipy.sparse import csr_matrix

Build = Callable[[], list[Any]]
NETWORKS: dict[str, Build] = {}
TRACES = {
    "x1_impulse": 16.3,
    "x1_tau": 10.7,
    "x2_impulse": 40,
    "x2_tau": 3,
    "y1_impulse": 20.999,
    "y1_tau": 5.1,
    "y2_impulse": 7.5,
    "y2_tau": 0,
    "y3_impulse": 100,
    "y3_tau": 2.5,
    "rng_seed": 7,
}
X_ONLY = {k: v for k, v in TRACES.items() if not k.startswith("y")}


def rule(**settings: Any) -> Any:
    return Loihi2FLearningRule(**{**TRACES, **settings})


def source(name: str, size: int, reach: int = 1, chance: float = 0.3) -> Any:
    random = np.random.default_rng(len(name) + size)
    data = random.integers(1, reach + 1, (size, 31))
    process = RingBuffer(data=data * (random.random((size, 31)) < chance))
    process.name = name
    return process


def plastic(connection: Any, reach: int = 1, neuron: Any = LIF) -> list[Any]:
    """Let a connection learn from a source's spikes and those of the neurons."""
    post, pre = connection.weights.shape
    name = connection.name
    spikes = source(f"{name}_source", pre, reach)
    lif = neuron(shape=(post,), du=500, dv=100, vth=60, name=f"{name}_lif")
    spikes.s_out.connect(connection.s_in)
    connection.a_out.connect(lif.a_in)
    lif.s_out.connect(connection.s_in_bap)
    return [connection, spikes, lif]


def random_weights(post: int, pre: int, low: int = -100, high: int = 120) -> Any:
    return np.random.default_rng(post + pre).integers(low, high + 1, (post, pre))


def network(build: Build) -> Build:
    NETWORKS[build.__name__] = build
    return build


@network
def two_factors() -> list[Any]:
    text = "2^-1*x0*y1 - 2*y0*x1 + u1*(w-5)*sgn(t+3)*y2"
    learns = rule(dw=text, dt="x0*y1 - y0*x2", dd="u1*x1 - 2^-3*y0*d", t_epoch=2)
    random = np.random.default_rng(9)
    dense = LearningDense(
        weights=random_weights(4, 5),
        tag_1=random.integers(-200, 200, (4, 5)),
        tag_2=random.integers(0, 200, (4, 5)).astype(float),
        learning_rule=learns,
        name="two",
    )
    return plastic(dense)


@network
def excitatory() -> list[Any]:
    dense = LearningDense(
        weights=random_weights(3, 4, 0, 400),
        learning_rule=rule(dw="x0*x1 - y0*y1*y3"),
        sign_mode=SignMode.EXCITATORY,
        num_weight_bits=6,
        weight_exp=1,
        name="exc",
    )
    return plastic(dense, neuron=LearningLIF)


@network
def inhibitory() -> list[Any]:
    dense = LearningDense(
        weights=random_weights(3, 4, -250, 30),
        learning_rule=rule(dw="-2*x0 + y0*(3-w)", t_epoch=3),
        sign_mode=SignMode.INHIBITORY,
        num_weight_bits=7,
        weight_exp=-1,
        name="inh",
    )
    lif_of_bias = plastic(dense)
    lif_of_bias[2].bias_mant.init = 300
    return lif_of_bias


@network
def tags_alone_without_a_sign() -> list[Any]:
    dense = LearningDense(
        weights=random_weights(3, 4),
        learning_rule=rule(dt="x0*y1 - u0*(t+3)"),
        sign_mode=SignMode.NULL,
        name="tags",
    )
    return plastic(dense)


@network
def stdp_of_lava() -> list[Any]:
    learns = STDPLoihi(
        learning_rate=1,
        A_plus=1,
        A_minus=-1,
        tau_plus=10,
        tau_minus=8.5,
        t_epoch=4,
        rng_seed=3,
    )
    dense = LearningDense(
        weights=random_weights(4, 6, 40, 90), learning_rule=learns, name="stdp"
    )
    return plastic(dense)


@network
def deaf_rule() -> list[Any]:
    """A plain LoihiLearningRule never hears post spikes."""
    learns = LoihiLearningRule(dw="2*x0*x1 - y0*x1", **TRACES)
    dense = LearningDense(
        weights=random_weights(3, 4), learning_rule=learns, name="deaf"
    )
    processes = plastic(dense)
    dense.s_in_bap.in_connections[0].out_connections.remove(dense.s_in_bap)
    dense.s_in_bap.in_connections.clear()
    return processes


@network
def events_from_nowhere() -> list[Any]:
    """The neuron spikes, but its spikes are not sent to the learning engine."""
    dense = LearningDense(
        weights=random_weights(3, 4),
        learning_rule=rule(dw="2*x0*x1 - y0*x1"),
        name="alone",
    )
    processes = plastic(dense)
    processes[2].s_out.out_connections.remove(dense.s_in_bap)
    dense.s_in_bap.in_connections.clear()
    return processes


@network
def traces_that_fade_in_silence() -> list[Any]:
    """Nobody tells the engine of spikes, but its traces do not start at 0."""
    learning_rule = rule(dw="2*u0*y1 - x0*y2", y2_tau=0, t_epoch=2)
    dense = LearningDense(
        weights=random_weights(3, 4), learning_rule=learning_rule, name="fading"
    )
    dense.y1.init = np.array([0, 40, 127])
    dense.y2.init = np.array([90, 3, 0])
    processes = plastic(dense)
    processes[2].s_out.out_connections.remove(dense.s_in_bap)
    dense.s_in_bap.in_connections.clear()
    return processes


@network
def events_from_a_buffer() -> list[Any]:
    """Post spikes and the neuron's own arrive at the engine together."""
    dense = LearningDense(
        weights=random_weights(3, 4),
        learning_rule=rule(dw="2*x0*y1 - y0*x1", t_epoch=4),
        name="taught",
    )
    teacher = source("taught_teacher", 3, 5)
    processes = plastic(dense)
    teacher.s_out.connect(dense.s_in_bap)
    return [*processes, teacher]


@network
def events_from_a_connection() -> list[Any]:
    """What another connection delivers is the post event; nobody hears a_out."""
    dense = LearningDense(
        weights=random_weights(3, 4),
        learning_rule=rule(dw="2*x0*y1 - y0*x1"),
        name="unheard",
    )
    spikes = source("unheard_source", 4)
    other = Dense(weights=random_weights(3, 4, -1, 3), name="unheard_other")
    spikes.s_out.connect([dense.s_in, other.s_in])
    other.a_out.connect(dense.s_in_bap)
    return [dense, spikes, other]


@network
def three_factors() -> list[Any]:
    learns = Loihi3FLearningRule(
        dw="u0*t*y2 + y0*(x1+3)*y1", dt="x0*y1 - y0*x1 + u0*x2", t_epoch=2, **X_ONLY
    )
    dense = LearningDense(
        weights=random_weights(3, 4), learning_rule=learns, name="three"
    )
    processes = plastic(dense)
    for slot in ("y1", "y2"):
        factor = source(f"three_{slot}", 3, 150, 0.7)
        factor.s_out.connect(getattr(dense, f"s_in_{slot}"))
        processes.append(factor)
    return processes


@network
def reward_modulated_stdp_of_lava() -> list[Any]:
    learns = RewardModulatedSTDP(
        learning_rate=1,
        A_plus=2,
        A_minus=-2,
        pre_trace_decay_tau=10,
        post_trace_decay_tau=10,
        pre_trace_kernel_magnitude=16,
        post_trace_kernel_magnitude=16,
        eligibility_trace_decay_tau=0.5,
        t_epoch=2,
        rng_seed=11,
    )
    dense = LearningDense(
        weights=random_weights(3, 4, 30, 60), learning_rule=learns, name="reward"
    )
    processes = plastic(dense)
    for slot, reach in (("y1", 30), ("y2", 5)):
        factor = source(f"reward_{slot}", 3, reach, 0.6)
        factor.s_out.connect(getattr(dense, f"s_in_{slot}"))
        processes.append(factor)
    return processes


def graded(mode: GradedSpikeCfg, bits: int = 8) -> list[Any]:
    dense = LearningDense(
        weights=random_weights(3, 4),
        learning_rule=rule(dw="x0*x1 - y0*x2", t_epoch=2),
        num_message_bits=bits,
        graded_spike_cfg=mode,
        name=f"{mode.name.lower()}_{bits}",
    )
    return plastic(dense, 255)


@network
def graded_regular() -> list[Any]:
    return graded(GradedSpikeCfg.USE_REGULAR_IMPULSE)


@network
def graded_overwrite() -> list[Any]:
    return graded(GradedSpikeCfg.OVERWRITE)


@network
def graded_overwrite_by_spikes_of_one() -> list[Any]:
    return graded(GradedSpikeCfg.OVERWRITE, 0)


@network
def graded_with_saturation() -> list[Any]:
    return graded(GradedSpikeCfg.ADD_WITH_SATURATION)


@network
def graded_without_saturation() -> list[Any]:
    return graded(GradedSpikeCfg.ADD_WITHOUT_SATURATION)


@network
def recurrent() -> list[Any]:
    """Neurons that learn from each other and from a source, in one port."""
    lif = LIF(shape=(5,), du=500, dv=100, vth=60, name="loop_lif")
    spikes = source("loop_source", 3)
    drive = Dense(weights=random_weights(5, 3, 0, 200), name="loop_drive")
    loop = LearningDense(
        weights=random_weights(5, 5), learning_rule=rule(dw="x0*y1"), name="loop"
    )
    spikes.s_out.connect(drive.s_in)
    drive.a_out.connect(lif.a_in)
    lif.s_out.connect([loop.s_in, loop.s_in_bap])
    loop.a_out.connect(lif.a_in)
    return [loop, lif, spikes, drive]


def sparse_weights(post: int, pre: int) -> Any:
    weights = random_weights(post, pre)
    return weights * (np.random.default_rng(2).random(weights.shape) < 0.6)


@network
def learning_sparse() -> list[Any]:
    sparse = LearningSparse(
        weights=csr_matrix(sparse_weights(4, 5)),
        learning_rule=rule(dw="2*x0*y1 - 2*y0*x1 + u1*x2", t_epoch=2),
        name="sparse",
    )
    return plastic(sparse)


@network
def learning_sparse_of_tags() -> list[Any]:
    random = np.random.default_rng(1)
    tags = random.integers(-150, 150, (3, 4)) * (random.random((3, 4)) < 0.5)
    sparse = LearningSparse(
        weights=csr_matrix(sparse_weights(3, 4)),
        tag_1=csr_matrix(tags),
        tag_2=csr_matrix(np.abs(tags.T.reshape(3, 4))),
        learning_rule=rule(dw="x0*y1", dt="2*x0*x1 - 2*y0", dd="-2*y0*x1"),
        sign_mode=SignMode.MIXED,
        name="tagged",
    )
    return plastic(sparse)
