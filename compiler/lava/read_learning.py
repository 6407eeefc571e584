"""Lava's learning connections: LearningDense and LearningSparse.

In: a process that has not run. Out: a connection that learns as Lava's would, without
its ends. Sources: lava-nc 0.10.0, proc/dense/models.py, proc/sparse/models.py and
magma/core/model/py/connection.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...hardware.learning import Learning, Target
from ...hardware.program import Connection, IntArray, SignMode
from .from_lava_errors import BeyondAProgram, LavaWouldFail
from .lava_graph import LavaProcess, Warn
from .lava_values import Integers, all_of, read_array, refuse, unusable, warn_of_changes
from .misread_rules import warn_of_constant_factors, warn_of_misread_rules
from .read_connections import (
    drop_low_bits,
    given_sign_mode,
    message_bits,
    sparse_weights,
    storage,
    weight_bits,
    weight_exponent,
)
from .read_rule import X_TRACES, Y_TRACES, read_rule

TAGS = ("tag_1", "tag_2")
TAG_TARGETS: dict[str, Target] = {"tag_1": "t", "tag_2": "d"}
BEFORE_SHIFT = 2**23  # an accumulator of 32 bit is the variable times 2**7


def read_learning_dense(process: LavaProcess, name: str, warn: Warn) -> Connection:
    """Read a LearningDense, of a plain, two-factor or three-factor rule."""
    weights = read_array(process, "weights")
    connection = _learning(process, name, process.weights.init, weights, warn)
    tags = {tag: read_array(process, tag, np.int64) for tag in TAGS}
    return replace(connection, initial=_initial(process, connection, tags))


def read_learning_sparse(process: LavaProcess, name: str, warn: Warn) -> Connection:
    """Read a LearningSparse, where Lava computes what its rule says.

    Raises
    ------
    LaharError
        B535 where Lava's model crashes.

    """
    given, weights = sparse_weights(process)
    connection = _learning(process, name, given.toarray(), weights, warn)
    assert connection.learning is not None
    _check_sparse(process, connection, connection.learning)
    tags = {tag: _sparse_tag(process, tag, connection.learning) for tag in TAGS}
    stored = drop_low_bits(weights, connection.sign_mode, connection.weight_bits)
    exists: dict[Target, IntArray] = {"w": (stored != 0).astype(np.int32)}
    for tag, target in TAG_TARGETS.items():
        exists[target] = _pattern(getattr(process, tag).init)
    _check_synapses(process, connection, exists)
    return replace(
        connection,
        initial=_initial(process, connection, tags),
        exists={t: e for t, e in exists.items() if t == "w" or _learns(connection, t)},
    )


def _learning(
    process: LavaProcess, name: str, given: Any, weights: Integers, warn: Warn
) -> Connection:
    """Read what both kinds have in common."""
    if weights.size == 0:
        refuse(unusable(process, "weights", given, "there are none"))
    learning, bits, exponent, graded = all_of(
        lambda: read_rule(process, warn),
        lambda: weight_bits(process),
        lambda: weight_exponent(process),
        lambda: message_bits(process),
    )
    warn_of_misread_rules(process, warn)
    if not learning.third_factors:
        warn_of_constant_factors(process, warn)
    mode = _sign_mode(process, learning)
    stored = drop_low_bits(weights, mode, bits)
    warn_of_changes(process, "weights", given, stored, storage(mode, bits), warn)
    return Connection(
        name=name,
        source="",
        target="",
        port="",
        weights=weights,
        weight_exponent=exponent,
        weight_bits=bits,
        sign_mode=mode,
        learning=learning,
        message_bits=graded,
        sum_bits=32 if graded else 64,
    )


def _sign_mode(process: LavaProcess, learning: Learning) -> SignMode:
    """Take the given mode, MIXED if there is none, whatever the weights are."""
    from lava.utils.weightutils import SignMode as LavaSignMode

    given = process.proc_params.get("sign_mode", LavaSignMode.MIXED)
    known = (LavaSignMode.MIXED, LavaSignMode.EXCITATORY, LavaSignMode.INHIBITORY)
    if given not in known and any(p.target == "w" for p in learning.products):
        remedy = "use MIXED, EXCITATORY or INHIBITORY, or leave it out"
        why = "learned weights need one of three modes"
        refuse(unusable(process, "sign_mode", given, why, remedy))
    return given_sign_mode(given)


def _learns(connection: Connection, target: Target) -> bool:
    assert connection.learning is not None
    return any(p.target == target for p in connection.learning.products)


def _initial(
    process: LavaProcess, connection: Connection, tags: dict[str, Integers]
) -> dict[str, IntArray]:
    """Give the first values of tags and traces that are not 0."""
    for tag, values in tags.items():
        if np.abs(values).max(initial=0) >= BEFORE_SHIFT:
            refuse(
                BeyondAProgram(
                    process.name,
                    f"`{tag}` starts beyond {BEFORE_SHIFT}",
                    "an engine's accumulator has 32 bit; tags are of 9",
                    "start with a tag of -256 to 255",
                )
            )
    traces = {x: read_array(process, x, np.int64) for x in X_TRACES + Y_TRACES}
    _check_traces(process, connection, traces)
    return {
        name: values.astype(np.int32)
        for name, values in (*tags.items(), *traces.items())
        if values.any()
    }


def _check_traces(
    process: LavaProcess, connection: Connection, traces: dict[str, Integers]
) -> None:
    """Refuse traces that start outside an engine's, and those of a deaf rule."""
    assert connection.learning is not None
    for name, values in traces.items():
        deaf = not connection.learning.hears_post and name in Y_TRACES
        if values.any() and (deaf or values.min() < 0 or values.max() > 255):
            refuse(
                BeyondAProgram(
                    process.name,
                    f"`{name}` starts at {values.min()}..{values.max()}",
                    "traces start at 0..127; a plain LoihiLearningRule never changes y",
                    "leave the first value of the Var as it is",
                )
            )


def _check_sparse(
    process: LavaProcess, connection: Connection, learning: Learning
) -> None:
    """Refuse rules on which Lava's LearningSparse crashes."""
    synaptic = {"w", "t", "d"}
    if any(f.variable in synaptic for p in learning.products for f in p.factors):
        refuse(
            LavaWouldFail(
                process.name,
                "its rule has w, t or d as a factor",
                "crashes on it: LearningSparse cannot multiply a sparse matrix",
                "use a LearningDense",
            )
        )
    if _learns(connection, "w") and connection.sign_mode != SignMode.MIXED:
        refuse(
            LavaWouldFail(
                process.name,
                f"it learns {connection.sign_mode.name} weights",
                "crashes on it: LearningSparse cannot compare a sparse matrix with 0",
                "leave sign_mode out, or use a LearningDense",
            )
        )


def _check_synapses(
    process: LavaProcess, connection: Connection, exists: dict[Target, IntArray]
) -> None:
    """Refuse to learn where there is nothing: Lava's search for entries crashes."""
    for target, entries in exists.items():
        if _learns(connection, target) and not entries.any():
            refuse(
                LavaWouldFail(
                    process.name,
                    f"no synapse has the {target} that its rule changes",
                    "crashes on it: LearningSparse cannot search an empty matrix",
                    "give at least one synapse a value that is not 0",
                )
            )


def _sparse_tag(process: LavaProcess, tag: str, learning: Learning) -> Integers:
    matrix = getattr(process, tag).init
    learned = any(p.target == TAG_TARGETS[tag] for p in learning.products)
    if learned and not np.issubdtype(matrix.dtype, np.integer):
        why = "it shifts the numbers of the matrix, which has to hold integers"
        refuse(unusable(process, tag, f"a matrix of {matrix.dtype}", why))
    return np.asarray(matrix.toarray()).astype(np.int64)


def _pattern(matrix: Any) -> IntArray:
    """Give 1 where a sparse matrix has an entry, be it 0."""
    exists = np.zeros(matrix.shape, np.int32)
    entries = matrix.tocoo()
    exists[entries.row, entries.col] = 1
    return exists
