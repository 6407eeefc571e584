"""What Lava's learning connections cannot do is refused, and said by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lahar.compiler.lava.lower import lower_to_lava
from lahar.diagnostics import LaharError
from lahar.hardware.learning import (
    Factor,
    GradedSpikes,
    Learning,
    Product,
    TraceProgram,
)
from lahar.hardware.program import Connection, Population, Program, SignMode

RULE = Learning(1, (Product("w", "x0", (Factor("x1"),), 1, 0),), {})
READS_W = replace(RULE, products=(Product("w", "x0", (Factor("w"),), 1, 0),))
ONES = np.ones((2, 3), np.int32)
GAP = np.array([[1, 1, 0], [1, 1, 1]], np.int32)
PAYLOAD = replace(
    RULE,
    traces={"x1": TraceProgram(7, 512)},
    graded_spikes=GradedSpikes.OVERWRITE,
)


def program_with(**more: object) -> Program:
    synapse = Connection("synapse", "pre", "", "", 10 * ONES, learning=RULE)
    changed = replace(synapse, **more)  # type: ignore[arg-type]
    return Program(
        "small", "loihi2", "lava-0.10", 1e-3, (Population("pre", 3),), (changed,)
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"delays": ONES}, "synapses that learn have no delays"),
        (
            {"weight_format": "raw"},
            "weights that learn are stored as synapses, not raw",
        ),
        ({"result_bits": 24}, "what arrives has 32 bits, not 24"),
        ({"message_bits": 8}, "graded spikes are summed in 32 bit, not 64"),
        (
            {"exists": {"w": GAP}, "learning": READS_W},
            "synapses are missing, and a product has w, t or d as a factor",
        ),
        (
            {"exists": {"w": GAP}, "sign_mode": SignMode.EXCITATORY},
            "synapses are missing, and learned weights have one sign",
        ),
        (
            {"exists": {"w": GAP}, "weights": ONES},
            "synapses are missing, and one that is not has a weight of 0",
        ),
        (
            {"exists": {"t": GAP}, "initial": {"tag_1": ONES}},
            "synapses are missing, and tag_1 starts where none is",
        ),
        (
            {"learning": PAYLOAD},
            "x1 has an impulse, which Lava takes away where payloads set x1",
        ),
    ],
)
def test_what_lava_cannot_learn_is_refused(more: dict[str, object], said: str) -> None:
    with pytest.raises(LaharError) as error:
        lower_to_lava(program_with(**more))

    (found,) = error.value.diagnostics
    assert found.code == "B521"
    assert found.message == f"connection `synapse`: Lava cannot learn this: {said}"


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"delays": 0 * ONES},
        {"exists": {"w": ONES, "t": ONES}, "learning": READS_W},
        {"exists": {"w": GAP}},
        {"message_bits": 8, "sum_bits": 32},
        {"delays": ONES, "result_bits": 24, "learning": None},
    ],
)
def test_what_lava_can_do_is_not(more: dict[str, object]) -> None:
    probes = lower_to_lava(program_with(**more)).probes

    assert "synapse.a_out" in {p.variable for p in probes}
