"""A network whose synapses are listed is one in which a mask leaves the rest out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lahar
from lahar import Group, LaharError, Network, Projection, Sparse, ms
from lahar.hardware.dense_twin import dense_twin
from lahar.hardware.program import Program
from lahar.rules.library import NEURONS, RULES
from lahar.rules.nir_read import read_nir
from lahar.rules.parser import parse_network
from lahar.rules.printer import print_network

POST, PRE = 13, 17


def networks(
    rule: str | None, *, delays: bool = False, seed: int = 1
) -> tuple[Network, Network]:
    """The same network twice: with a mask, and with its synapses in no order."""
    random = np.random.default_rng(seed)
    mask = random.random((POST, PRE)) < 0.3
    weights = np.where(mask, random.random(mask.shape), 0.0)
    steps = np.where(mask, random.integers(0, 4, mask.shape), 0) if delays else None
    order = random.permutation(int(mask.sum()))
    post, pre = (k[order] for k in np.nonzero(mask))
    listed = Sparse(pre=pre, post=post, weights=weights[post, pre], shape=mask.shape)
    delay = 0
    if steps is not None:
        delay = Sparse(pre=pre, post=post, weights=steps[post, pre], shape=mask.shape)
    groups = (Group("in", PRE), Group("out", POST, NEURONS["lif"]))
    learned = None if rule is None else RULES[rule]
    dense = Projection(
        *("a", "in", "out", weights),
        rule=learned,
        connected=mask,
        delay=0 if steps is None else steps,
    )
    sparse = Projection("a", "in", "out", listed, rule=learned, delay=delay)
    return tuple(Network("n", groups, (p,), 1 * ms) for p in (dense, sparse))


def programs(rule: str | None, *, delays: bool = False) -> tuple[Program, Program]:
    dense, sparse = (lahar.compile(n) for n in networks(rule, delays=delays))
    return dense, sparse


def test_both_compile_to_the_same_integers() -> None:
    dense, sparse = programs("stdp", delays=True)
    twin = dense_twin(sparse)

    assert sparse.connections[0].weights.ndim == 1
    assert sparse.connections[0].weights.dtype == np.uint8
    assert replace(twin, source=None, budgets=()) == replace(
        dense, source=None, budgets=()
    )


@pytest.mark.parametrize(
    ("delays", "profile"),
    [
        (False, "loihi2"),
        (True, "lava-0.10"),
        pytest.param(False, "lava-0.10", marks=pytest.mark.slow),
        pytest.param(True, "loihi2", marks=pytest.mark.slow),
    ],
)
def test_both_run_to_the_same_bits(delays: bool, profile: str) -> None:
    dense, sparse = programs("stdp", delays=delays)
    pairs = sparse.connections[0].pairs
    assert pairs is not None
    options = {"steps": 60, "record": "all", "profile": profile, "seed": 3}

    wanted = lahar.run(dense, "poisson:rate=80Hz", backend="interpreter", **options)
    for backend in ("interpreter", "sim"):
        found = lahar.run(sparse, "poisson:rate=80Hz", backend=backend, **options)
        assert wanted["out.s_out"].any()
        for name, values in wanted.variables.items():
            if name in ("a.weights", "a.tag_1"):
                values = pairs.picked(values)
            np.testing.assert_array_equal(found[name], values, err_msg=name)


def test_the_reference_shows_the_same_synapses() -> None:
    dense, sparse = programs("stdp")
    runs = [lahar.run(p, steps=50, backend="reference") for p in (dense, sparse)]
    pairs = sparse.connections[0].pairs
    assert pairs is not None

    wanted = pairs.picked(runs[0].final["a.weights"])
    np.testing.assert_array_equal(runs[1].final["a.weights"], wanted)
    lahar.validate(sparse, ("interpreter", "reference"), steps=50).require()


def test_it_comes_back_from_text_file_and_nir(tmp_path: Path) -> None:
    network = networks("stdp", delays=True)[1]
    program = lahar.compile(network)
    program.save(tmp_path / "p.lahar")
    lahar.write_nir(network, tmp_path / "n.nir")

    assert parse_network(*print_network(network)) == network
    assert lahar.load(tmp_path / "p.lahar") == program
    assert read_nir(tmp_path / "n.nir") == network


@pytest.mark.parametrize(
    ("pre", "post", "says"),
    [
        ([0, 0], [1, 1], "do not rise"),
        ([0, 5], [1, 1], "no pre neuron 5"),
        ([0], [1, 2], "shape"),
        ([0.5], [1], "whole"),
    ],
)
def test_lists_that_name_no_synapses_are_refused(
    pre: list[float], post: list[int], says: str
) -> None:
    with pytest.raises(LaharError, match=says) as error:
        Sparse(pre=pre, post=post, weights=1.0, shape=(3, 4))
    assert error.value.diagnostics[0].code == "R180"


def test_too_many_places_are_refused_by_those_who_need_them() -> None:
    many = 1 << 16
    listed = Sparse(pre=[0, 1], post=[5, many - 1], weights=1.0, shape=(many, many))
    groups = (Group("in", many), Group("out", many, NEURONS["lif"]))
    projection = Projection("a", "in", "out", listed)

    with pytest.raises(LaharError) as error:
        Network("n", groups, (projection,), 1 * ms).dense()
    assert error.value.diagnostics[0].code == "R181"


def test_columns_are_the_same_whoever_counts_them() -> None:
    from lahar.pairs_counted import counted_columns

    pairs = networks(None)[1].projections[0].pairs
    assert pairs is not None
    counted = counted_columns(pairs.starts, pairs.posts, POST)

    for name, values in zip(("starts", "synapses", "pres"), counted, strict=True):
        np.testing.assert_array_equal(getattr(pairs.columns, name), values)


def test_kernels_give_nearly_full_lists_all_places() -> None:
    from lahar.sim.kernel_choice import Shown, chosen_layouts

    network = networks("stdp")[1]
    post, pre = (k.ravel() for k in np.indices((POST, PRE)))
    listed = Sparse(pre=pre[1:], post=post[1:], weights=0.5, shape=(POST, PRE))
    projection = replace(network.projections[0], weights=listed, pairs=None)
    full = lahar.compile(replace(network, projections=(projection,)))
    sparse = lahar.compile(network)

    assert chosen_layouts(sparse) is sparse
    run = chosen_layouts(full)
    assert run.connections[0].pairs is None
    dense = np.arange(POST * PRE).reshape(1, POST, PRE)
    shown = Shown(full, run).variable("a.weights", dense)
    pairs = full.connections[0].pairs
    assert pairs is not None
    np.testing.assert_array_equal(shown, dense[:, pairs.posts, pairs.pres])
