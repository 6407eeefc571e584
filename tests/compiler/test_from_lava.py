"""What from_lava reads of a Lava network computes what Lava computes, bit for bit.

Each file of lava_networks/ is run once: a script reads all its networks, then runs them
in one Lava runtime and records every variable of every step.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import lahar
from lahar import Program, Recording
from lahar.hardware.profile import LAVA_0_10

pytestmark = pytest.mark.skipif(
    find_spec("lava") is None, reason="Lava is not installed"
)

STEPS = 32
FOLDER = Path(__file__).parent / "lava_networks"
NETWORKS = [
    (file, name)
    for file in ("neurons", "connections", "learning", "paths", "extremes")
    for name in re.findall(
        r"^@network\ndef (\w+)", (FOLDER / f"{file}.py").read_text("utf-8"), re.M
    )
]


@pytest.fixture(scope="module")
def computed(lava_script: Callable[..., Path]) -> Callable[[str], Path]:
    """Give the folder in which Lava left what it computed for a file of networks."""

    @cache
    def folder(file: str) -> Path:
        return lava_script("run", file, steps=STEPS, only=[])

    return folder


def lava_values(folder: Path, network: str) -> dict[str, np.ndarray]:
    """Give what Lava recorded, by the names of a recording."""
    with np.load(folder / "result.npz") as arrays:
        rows = {
            key.removeprefix(f"row {network}/"): arrays[key]
            for key in arrays.files
            if key.startswith(f"row {network}/")
        }
    # of a sink, Lava's ring buffer after each step is what was read
    return rows


def ours(recording: Recording, name: str) -> np.ndarray:
    return np.asarray(recording[name], np.int64)


def assert_equals_lava(folder: Path, network: str, backend: str) -> None:
    program = lahar.load(folder / f"{network}.lahar")
    recording = lahar.run(program, steps=STEPS, backend=backend, record="all")
    rows = lava_values(folder, network)
    assert rows
    for name, wanted in rows.items():
        owner, _, member = name.rpartition(".")
        if member == "a_in":  # of a sink, Lava's buffer was read after each step
            got, wanted = recording.final[f"{owner}.data"], wanted[-1]
        else:
            got = ours(recording, name)
        np.testing.assert_array_equal(got, wanted, f"{network}, {name}")


@pytest.mark.parametrize(("file", "network"), NETWORKS)
def test_the_interpreter_computes_what_lava_does(
    file: str, network: str, computed: Callable[[str], Path]
) -> None:
    assert_equals_lava(computed(file), network, "interpreter")


@pytest.mark.slow
@pytest.mark.parametrize(("file", "network"), NETWORKS[::8])
def test_the_kernels_compute_what_lava_does(
    file: str, network: str, computed: Callable[[str], Path]
) -> None:
    assert_equals_lava(computed(file), network, "sim")


def test_every_network_moves(computed: Callable[[str], Path]) -> None:
    """A network in which nothing happens would agree with anything."""
    silent = []
    for file, network in NETWORKS:
        rows = lava_values(computed(file), network)
        ends = [n for n in rows if n.endswith((".s_out", ".a_out", ".a_in"))]
        moving = [n for n in ends if np.ptp(rows[n], axis=0).any()]
        if not moving:
            silent.append(network)
    assert silent == []


@pytest.fixture
def program(computed: Callable[[str], Path]) -> Callable[[str], Program]:
    files = {name: file for file, name in NETWORKS}

    def load(network: str) -> Program:
        return lahar.load(computed(files[network]) / f"{network}.lahar")

    return load


def test_a_plain_network_needs_no_wire(program: Callable[[str], Program]) -> None:
    two = program("two_factors")

    (connection,) = two.connections
    assert (connection.source, connection.target) == ("two_source", "two_lif")
    assert connection.port == "a_in"
    assert connection.feedback == {}
    assert connection.learning is not None
    assert connection.learning.hears_post
    assert connection.learning.seed_offset == 7
    assert two.wires == ()
    assert (two.profile, two.product_shift_base) == (LAVA_0_10.name, 4)
    assert two.dt_seconds == 1e-3


def test_spikes_that_are_not_sent_back_are_not_heard(
    program: Callable[[str], Program],
) -> None:
    (connection,) = program("events_from_nowhere").connections

    assert connection.target == "alone_lif"
    assert connection.learning is not None
    assert not connection.learning.hears_post


def test_a_plain_learning_rule_hears_nothing(
    program: Callable[[str], Program],
) -> None:
    (connection,) = program("deaf_rule").connections

    assert connection.learning is not None
    assert connection.learning.hears_post is False


def test_events_of_several_senders_come_over_a_wire(
    program: Callable[[str], Program],
) -> None:
    taught = program("events_from_a_buffer")

    (connection,) = taught.connections
    (wire,) = taught.wires
    assert connection.feedback == {"event": wire.name}
    assert {tap.signal for tap in wire.taps} == {
        "taught_lif.s_out",
        "taught_teacher.s_out",
    }


def test_three_factors_are_slots_that_wires_fill(
    program: Callable[[str], Program],
) -> None:
    (connection,) = program("three_factors").connections

    assert connection.learning is not None
    assert connection.learning.third_factors == {"y1": "", "y2": "", "y3": ""}
    assert set(connection.learning.traces) == {"x1", "x2"}
    assert set(connection.feedback) == {"y1", "y2"}


def test_the_target_is_the_neuron_whose_spikes_are_heard(
    program: Callable[[str], Program],
) -> None:
    many = program("many_into_many")

    drive = many.connection("mm_drive")
    assert drive.target == "mm_one"
    two = many.population("mm_two")
    wires = {wire.name: wire for wire in many.wires}
    assert [t.signal for t in wires[two.wires["a_in"]].taps] == ["mm_drive.a_out"]


def test_neurons_stand_after_those_that_feed_them(
    program: Callable[[str], Program],
) -> None:
    names = [p.name for p in program("neurons_that_feed_neurons").populations]

    assert names.index("chain_first") < names.index("chain_middle")
    assert names.index("chain_middle") < names.index("chain_last")
    assert names.index("chain_direct") < names.index("chain_middle")


def test_a_transposition_is_an_index_map(program: Callable[[str], Program]) -> None:
    turned = program("reshaped_and_transposed")

    wires = {wire.name: wire for wire in turned.wires}
    (tap,) = wires["rt_dense.s_in"].taps
    assert tap.signal == "rt_source.s_out"
    assert tap.places is not None
    # element (i, j) of (2, 3) arrives at (j, i) of (3, 2)
    assert tap.places.tolist() == [0, 2, 4, 1, 3, 5]


def test_reshaping_alone_needs_no_places(program: Callable[[str], Program]) -> None:
    folded = program("from_a_convolution_to_a_dense")

    assert folded.connection("cd_dense").source == "cd_lif"
    assert folded.connection("cd_conv").target == "cd_lif"
    assert folded.population("cd_lif").shape == (4, 4, 2)


def test_parameters_of_each_neuron_are_registers(
    program: Callable[[str], Program],
) -> None:
    each = program("lif_of_each_its_own").population("each")
    alike = program("lif").population("lif")

    assert each.neuron is not None
    assert [r.name for r in each.neuron.registers] == ["u", "v", "du", "dv", "vth"]
    assert each.initial["vth"].tolist() == [10, 200, 0, -5]
    assert each.initial["du"].tolist() == [0, 100, 4095, 2000]
    assert alike.neuron is not None
    assert [r.name for r in alike.neuron.registers] == ["u", "v"]


def test_sparse_learning_knows_where_synapses_are(
    program: Callable[[str], Program],
) -> None:
    (connection,) = program("learning_sparse").connections

    exists = connection.exists["w"]
    assert 0 < exists.sum() < exists.size
    assert not connection.weights[exists == 0].any()
