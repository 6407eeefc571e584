"""Networks in NIR files: equal when they come back, plain for all other tools."""

import json
import os
import warnings
from pathlib import Path

import nir
import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.rules.library import (
    LIF,
    RULES,
    STDP,
    CubaLIF,
    DeltaRule,
    ErrorLIF,
    InhibitorySTDP,
    RewardSTDP,
)
from lahar.rules.network import Group, Network, Projection
from lahar.rules.nir_read import read_nir
from lahar.rules.nir_write import write_nir

DT = 0.001


@pytest.fixture
def network():
    """Give two variants of one rule, a recurrent and an inhibitory projection."""
    random = np.random.default_rng(1)
    groups = (
        Group("pre", 4),
        Group("a/b", 3, ErrorLIF(tau=0.03)),
        Group("hidden.1", 2, CubaLIF()),
        Group("out", 3, LIF(bias=0.25)),
    )
    projections = (
        Projection("p", "pre", "a/b", random.normal(size=(3, 4)), rule=DeltaRule()),
        Projection("q", "pre", "hidden.1", random.random((2, 4)), rule=STDP()),
        Projection("q/2", "pre", "out", random.random((3, 4)), rule=STDP(a_plus=0.5)),
        Projection("out", "out", "out", random.random((3, 3)), rule=InhibitorySTDP()),
        Projection("r", "hidden.1", "out", random.random((3, 2)), rule=RewardSTDP()),
        Projection("s", "a/b", "out", random.random((3, 3))),
    )
    return Network("all kinds", groups, projections, DT)


@pytest.fixture
def file(tmp_path, network):
    path = tmp_path / "n.nir"
    write_nir(network, path)
    return path


def test_a_file_of_the_first_format_is_read():
    """data/format_1.nir was written by the last lahar that wrote this format."""

    def weights(post, pre):
        return np.arange(1.0, 1 + post * pre).reshape(post, pre) / 16

    path = Path(__file__).parent / "data" / "format_1.nir"
    record = json.loads(nir.read(path).metadata["lahar"])

    network = read_nir(path)

    assert record["version"] == 1
    assert network == Network(
        "format 1",
        (
            Group("pre", 4),
            Group("a/b", 3, ErrorLIF(tau=0.03)),
            Group("hidden.1", 2, CubaLIF()),
            Group("out", 3, LIF(bias=0.25)),
        ),
        (
            Projection("p", "pre", "a/b", weights(3, 4), rule=DeltaRule()),
            Projection("q", "pre", "hidden.1", weights(2, 4), rule=STDP()),
            Projection("r", "hidden.1", "out", weights(3, 2), delay=2),
            Projection("out", "out", "out", weights(3, 3) / 2, rule=InhibitorySTDP()),
            Projection("s", "a/b", "out", weights(3, 3)),
        ),
        DT,
    )


def test_a_network_comes_back_equal(file, network):
    assert read_nir(file) == network


def test_it_comes_back_equal_after_another_tool_read_and_wrote_it(file, network):
    nir.write(file, nir.read(file))

    assert read_nir(file) == network


def test_it_comes_back_equal_after_a_tool_that_computes_in_float32(file, network):
    graph = nir.read(file)
    for node in graph.nodes.values():
        for name, value in vars(node).items():
            if isinstance(value, np.ndarray) and value.dtype == np.float64:
                setattr(node, name, value.astype(np.float32))
    nir.write(file, graph)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_nir(file) == network


def test_another_tool_reads_a_plain_static_network(file, network):
    graph = nir.read(file)

    types = {name: type(node).__name__ for name, node in graph.nodes.items()}
    assert types == {
        "pre": "Input",
        "a_b": "LIF",
        "hidden.1": "CubaLIF",
        "out": "LIF",
        "p": "Linear",
        "q": "Linear",
        "q_2": "Linear",
        "out_2": "Linear",
        "r": "Linear",
        "r_delay": "Delay",
        "s": "Linear",
        "s_delay": "Delay",
        "output_out": "Output",
    }
    assert ("out", "out_2") in graph.edges
    assert ("out_2", "out") in graph.edges
    weights = network.projection("p").weights
    assert np.array_equal(graph.nodes["p"].weight, weights)
    assert np.array_equal(graph.nodes["a_b"].tau, np.full(3, 0.03))


def test_an_inhibitory_rule_is_shown_by_negative_weights(file, network):
    shown = nir.read(file).nodes["out_2"].weight

    assert np.array_equal(shown, -network.projection("out").weights)


def test_the_record_is_one_json_string_and_flat_arrays(file):
    metadata = nir.read(file).metadata

    record = json.loads(metadata.pop("lahar"))
    assert record["groups"]["a/b"] == ["a_b"]
    assert record["discretisation"]["dt_seconds"] == DT
    assert set(metadata) == set(record["arrays"].values())
    assert all(key.startswith("lahar_array_") for key in metadata)


@pytest.mark.parametrize("polarity", ["excitatory", "inhibitory"])
def test_changed_weights_of_the_stock_node_win_with_a_warning(tmp_path, polarity):
    rule = RULES["stdp" if polarity == "excitatory" else "stdp-inhibitory"]
    groups = (Group("pre", 1), Group("post", 1, LIF()))
    half = np.full((1, 1), 0.5)
    projections = (Projection("p", "pre", "post", half, rule=rule),)
    path = tmp_path / "n.nir"
    write_nir(Network("n", groups, projections, DT), path)
    graph = nir.read(path)
    graph.nodes["p"].weight *= 1.5
    nir.write(path, graph)

    with pytest.warns(UserWarning, match="N709"):
        back = read_nir(path)

    assert back.projection("p").weights == 0.75
    assert back.projection("p").rule == rule


def test_a_given_time_step_replaces_that_of_the_file(file):
    assert read_nir(file, dt=0.0005).dt_seconds == 0.0005


@pytest.mark.parametrize("dt", [0.0, -0.001, float("nan"), float("inf")])
def test_a_time_step_that_is_none_is_refused(file, dt):
    with pytest.raises(LaharError, match="R150"):
        read_nir(file, dt=dt)


@pytest.mark.parametrize(
    "groups",
    [
        (Group("only", 2),),
        (Group("only", 2, LIF()),),
        (Group("a", 2, LIF()), Group("b", 2, LIF())),
    ],
)
@pytest.mark.parametrize("in_a_loop", [False, True])
def test_networks_without_a_way_in_or_out_are_written_too(tmp_path, groups, in_a_loop):
    names = [g.name for g in groups if g.neuron is not None]
    pairs = zip(names, names[1:] + names[:1], strict=True) if in_a_loop else ()
    projections = tuple(Projection(f"{a}{b}", a, b, np.eye(2)) for a, b in pairs)
    network = Network("n", groups, projections, DT)

    write_nir(network, tmp_path / "n.nir")

    assert read_nir(tmp_path / "n.nir") == network


def test_a_file_that_cannot_be_written_whole_leaves_the_old_one(
    file, network, monkeypatch
):
    def full(path, data):
        with path.open("wb") as half:
            half.write(data[:10])
        raise OSError(28, "No space left on device")

    before = file.read_bytes()
    monkeypatch.setattr(Path, "write_bytes", full)

    with pytest.raises(LaharError, match=r"N717.*No space left"):
        write_nir(network, file)

    assert file.read_bytes() == before
    assert os.listdir(file.parent) == [file.name]


def test_a_network_with_nan_weights_is_not_written(tmp_path):
    weights = np.full((1, 1), np.nan)
    groups = (Group("a", 1), Group("b", 1, LIF()))
    network = Network("n", groups, (Projection("p", "a", "b", weights),), DT)

    with pytest.raises(LaharError, match="R123"):
        write_nir(network, tmp_path / "n.nir")

    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("keep", [0, 100, 2000, 0.5, 0.99])
def test_a_truncated_file_is_a_diagnostic(file, keep):
    data = file.read_bytes()
    file.write_bytes(data[: int(keep * len(data) if 0 < keep < 1 else keep)])

    with pytest.raises(LaharError, match=r"N70[23]"):
        read_nir(file)


def test_a_record_with_any_part_replaced_is_a_diagnostic_or_does_no_harm(file):
    graph = nir.read(file)
    record = json.loads(graph.metadata["lahar"])
    random = np.random.default_rng(3)
    refused = 0

    for _ in range(25):
        graph.metadata["lahar"] = json.dumps(_with_a_part_replaced(record, random))
        nir.write(file, graph)
        try:
            read_nir(file)
        except LaharError:
            refused += 1

    assert refused > 12


def _with_a_part_replaced(record, random):
    junk = [None, 0, -1, 1.5, 10**400, "", "a", [], ["a"], {}, {"a": 1}, [["a"]], True]
    copy = part = json.loads(json.dumps(record))
    while True:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        key = keys[random.integers(len(keys))]
        if not (isinstance(part[key], (dict, list)) and part[key]):
            break
        if random.random() < 0.3:
            break
        part = part[key]
    part[key] = junk[random.integers(len(junk))]
    return copy
