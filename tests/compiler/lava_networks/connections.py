"""Networks of each kind of static connection that from_lava reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from lava.proc.conv.process import Conv
from lava.proc.dense.process import DelayDense, Dense
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer
from lava.proc.lif.process import TernaryLIF
from lava.proc.sparse.process import DelaySparse, Sparse
from lava.utils.weightutils import SignMode
from scipy.sparse import coo_matrix, csr_matrix

Build = Callable[[], list[Any]]
NETWORKS: dict[str, Build] = {}
BITS = {"num_message_bits": 24}


def after(connection: Any, reach: int = 1, chance: float = 0.4) -> list[Any]:
    """Put a connection after a source; what it sends is recorded."""
    random = np.random.default_rng(5)
    shape = (*connection.s_in.shape, 23)
    data = random.integers(-reach, reach + 1, shape) * (random.random(shape) < chance)
    source = RingBuffer(data=data)
    source.name = f"{connection.name}_source"
    source.s_out.connect(connection.s_in)
    return [connection, source]


def between(connection: Any, reach: int = 1) -> list[Any]:
    """Put a connection between a source and a sink."""
    sink = Sink(shape=connection.a_out.shape, buffer=13)
    sink.name = f"{connection.name}_sink"
    connection.a_out.connect(sink.a_in)
    return [*after(connection, reach), sink]


def random_weights(post: int, pre: int, low: int = -300, high: int = 300) -> Any:
    return np.random.default_rng(post * pre).integers(low, high + 1, (post, pre))


def sparse_weights(post: int, pre: int, low: int = -300, high: int = 300) -> Any:
    weights = random_weights(post, pre, low, high)
    random = np.random.default_rng(7)
    return weights * (random.random(weights.shape) < 0.5)


def network(build: Build) -> Build:
    NETWORKS[build.__name__] = build
    return build


@network
def dense() -> list[Any]:
    return between(Dense(weights=random_weights(4, 5), name="dense"))


@network
def dense_of_floats_that_excites() -> list[Any]:
    weights = np.array([[0.9, 3.7, 255.5], [12.2, 300.0, -0.4]])
    return after(Dense(weights=weights, weight_exp=3, name="excites"))


@network
def dense_that_inhibits() -> list[Any]:
    weights = random_weights(3, 4, -300, 0)
    dense = Dense(weights=weights, num_weight_bits=5, weight_exp=-2, name="inhibits")
    return after(dense)


@network
def dense_of_sign_mode_null() -> list[Any]:
    weights = random_weights(3, 4)
    return after(Dense(weights=weights, sign_mode=SignMode.NULL, name="null"))


@network
def dense_of_mixed_sign_by_word() -> list[Any]:
    weights = random_weights(3, 4, 0, 255)
    mode = SignMode.MIXED
    dense = Dense(weights=weights, sign_mode=mode, num_weight_bits=6, name="mixed")
    return after(dense)


@network
def dense_graded_that_wraps() -> list[Any]:
    dense = Dense(weights=random_weights(3, 6), weight_exp=2, name="graded", **BITS)
    return after(dense, 2**29)


@network
def dense_graded_shifted_down() -> list[Any]:
    dense = Dense(weights=random_weights(3, 6), weight_exp=-7, name="down", **BITS)
    return after(dense, 2**26)


@network
def dense_of_negative_spikes() -> list[Any]:
    return after(Dense(weights=random_weights(3, 4), name="negative"), 5)


@network
def dense_graded_from_int64() -> list[Any]:
    """TernaryLIF sends int64, which Lava's Dense sums in 64 bit."""
    neuron = TernaryLIF(shape=(4,), vth_hi=20, vth_lo=-20, name="wide_lif")
    drive = Dense(weights=random_weights(4, 3), name="wide_drive")
    dense = Dense(weights=random_weights(2, 4), weight_exp=30, name="wide", **BITS)
    drive.a_out.connect(neuron.a_in)
    neuron.s_out.connect(dense.s_in)
    sources = between(drive)
    sink = Sink(shape=(2,), buffer=4)
    dense.a_out.connect(sink.a_in)
    return [neuron, dense, *sources, sink]


@network
def delay_dense() -> list[Any]:
    delays = np.random.default_rng(3).integers(0, 9, (4, 5))
    weights = random_weights(4, 5)
    return after(DelayDense(weights=weights, delays=delays, name="delayed"))


@network
def delay_dense_of_one_delay() -> list[Any]:
    weights = random_weights(4, 5, 0, 255)
    return after(DelayDense(weights=weights, delays=20, name="late"))


@network
def delay_dense_graded_that_wraps() -> list[Any]:
    delays = np.random.default_rng(3).integers(0, 3, (3, 8))
    dense = DelayDense(
        weights=random_weights(3, 8), delays=delays, weight_exp=-9, name="far", **BITS
    )
    return after(dense, 2**29, 1.0)


@network
def delay_dense_that_loses_synapses() -> list[Any]:
    delays = np.random.default_rng(4).integers(0, 9, (4, 5))
    weights = random_weights(4, 5)
    dense = DelayDense(weights=weights, delays=delays, max_delay=5, name="loses")
    return between(dense)


@network
def sparse() -> list[Any]:
    weights = csr_matrix(sparse_weights(4, 6))
    return between(Sparse(weights=weights, name="sparse"))


@network
def sparse_of_an_array_that_excites() -> list[Any]:
    weights = sparse_weights(4, 6, 0, 300)
    return after(Sparse(weights=weights, weight_exp=-1, name="array"))


@network
def sparse_of_floats() -> list[Any]:
    weights = coo_matrix(np.array([[0.0, 2.9, 5.0], [-0.7, 0.0, 301.2]]))
    return after(Sparse(weights=weights, name="fractions"))


@network
def sparse_that_inhibits() -> list[Any]:
    weights = csr_matrix(sparse_weights(4, 6, -300, 0))
    return after(Sparse(weights=weights, num_weight_bits=4, name="thin"))


@network
def sparse_graded_that_wraps() -> list[Any]:
    weights = csr_matrix(sparse_weights(4, 9))
    return after(Sparse(weights=weights, name="wild", **BITS), 2**29)


@network
def delay_sparse() -> list[Any]:
    weights = sparse_weights(4, 6)
    delays = np.random.default_rng(3).integers(0, 6, (4, 6)) * (weights != 0)
    process = DelaySparse(
        weights=csr_matrix(weights), delays=csr_matrix(delays), name="slow"
    )
    return after(process)


@network
def delay_sparse_of_one_delay() -> list[Any]:
    weights = csr_matrix(sparse_weights(3, 4))
    return after(DelaySparse(weights=weights, delays=3, name="same"))


@network
def delay_sparse_graded_that_wraps() -> list[Any]:
    weights = sparse_weights(3, 9)
    delays = np.random.default_rng(3).integers(0, 2, (3, 9))
    process = DelaySparse(
        weights=csr_matrix(weights),
        delays=csr_matrix(delays),
        weight_exp=-5,
        name="sluggish",
        **BITS,
    )
    return after(process, 2**29, 1.0)


@network
def delay_sparse_that_loses_synapses() -> list[Any]:
    weights = sparse_weights(3, 9)
    delays = np.random.default_rng(3).integers(0, 6, (3, 9))
    process = DelaySparse(
        weights=csr_matrix(weights),
        delays=csr_matrix(delays),
        max_delay=2,
        name="forgets",
    )
    return after(process)


def kernel(*shape: int, reach: int = 255) -> Any:
    return np.random.default_rng(sum(shape)).integers(-reach, reach + 1, shape)


@network
def conv() -> list[Any]:
    return between(Conv(weight=kernel(3, 3, 2, 2), input_shape=(5, 6, 2), name="conv"))


@network
def conv_of_every_setting() -> list[Any]:
    process = Conv(
        weight=kernel(4, 3, 2, 2),
        input_shape=(7, 6, 4),
        padding=(2, 1),
        stride=(2, 3),
        dilation=(2, 1),
        groups=2,
        weight_exp=3,
        num_weight_bits=4,
        name="settings",
    )
    return after(process)


@network
def conv_graded_that_wraps() -> list[Any]:
    process = Conv(
        weight=kernel(2, 2, 2, 1, reach=2**11),
        input_shape=(3, 3, 1),
        padding=1,
        name="folded",
        **BITS,
    )
    return after(process, 2**16)
