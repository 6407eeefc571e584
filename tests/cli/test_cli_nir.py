"""NIR files on the command line: what is wrong ends with status 2, nothing written."""

import h5py
import nir
import numpy as np
import pytest


def _graph(leaky="LIF"):
    three = np.array([3])
    middle = {
        "LIF": nir.LIF(*(np.full(3, v) for v in (0.02, 20.0, 0.0, 1.0))),
        "LI": nir.LI(*(np.full(3, v) for v in (0.02, 20.0, 0.0))),
    }[leaky]
    nodes = {
        "in": nir.Input({"input": np.array([2])}),
        "fc": nir.Affine(np.full((3, 2), 0.5), np.full(3, 0.1)),
        "mid": middle,
        "fc2": nir.Linear(np.eye(3)),
        "lif": nir.LIF(*(np.full(3, v) for v in (0.02, 20.0, 0.0, 1.0))),
        "out": nir.Output({"output": three}),
    }
    edges = [("in", "fc"), ("fc", "mid"), ("mid", "fc2"), ("fc2", "lif")]
    return nir.NIRGraph(nodes, [*edges, ("lif", "out")])


def _cut_short(path):
    path.write_bytes(path.read_bytes()[:-100])


def _dangling(path):
    graph = nir.read(path)
    graph.nodes["lost"] = nir.Linear(np.eye(3))
    nir.write(path, graph)


def _unknown(path):
    with h5py.File(path, "r+") as file:
        del file["node/nodes/lif/type"]
        file["node/nodes/lif/type"] = "Izhikevich"


def _without_threshold(path):
    with h5py.File(path, "r+") as file:
        del file["node/nodes/lif/v_threshold"]


def _nan(path):
    graph = nir.read(path)
    graph.nodes["fc"].weight[1, 1] = np.nan
    nir.write(path, graph)


WRONG = {
    "N702": (_cut_short, "--dt 1ms"),
    "N725": (_dangling, "--dt 1ms"),
    "N711": (_unknown, "--dt 1ms"),
    "N731": (_without_threshold, "--dt 1ms"),
    "N706": (_nan, "--dt 1ms"),
    "N710": (lambda path: None, ""),
    "N714": (lambda path: None, "--dt 30ms"),
    "N732": (lambda path: None, "--dt 1ms --reset soft"),
    "U918": (lambda path: None, "--dt 1ms --bounds in=3"),
    "N730": (lambda path: None, "--dt 1ms --bounds lif=0:1"),
}


@pytest.mark.parametrize("code", WRONG)
def test_a_wrong_file_or_option_writes_nothing(call, here, code):
    spoil, options = WRONG[code]
    nir.write(here / "net.nir", _graph())
    spoil(here / "net.nir")

    done = call(f"compile net.nir {options} -o out.lahar")

    assert done.status == 2
    assert f"error[{code}]" in done.err
    assert not (here / "out.lahar").exists()


def test_options_of_nir_are_refused_for_a_rule(call, here):
    done = call("compile stdp --reset subtract -o out.lahar")

    assert done.status == 2
    assert "error[U919]" in done.err


def test_values_travel_once_their_bounds_are_said(call, here):
    nir.write(here / "net.nir", _graph("LI"))

    asked = call("compile net.nir --dt 1ms -o out.lahar")
    assert asked.status == 2
    assert "--bounds mid=0:22" in asked.err

    done = call("compile net.nir --dt 1ms --bounds mid=0:22 -o out.lahar --json")
    assert done.status == 0
    assert (here / "out.lahar").exists()


def test_show_takes_what_a_file_leaves_open_as_compile_does(call, here):
    nir.write(here / "net.nir", _graph("LI"))

    hard, subtract = (
        call(f"show net.nir --dt 1ms --bounds mid=0:22 --reset {reset}")
        for reset in ("hard", "subtract")
    )

    assert hard.status == subtract.status == 0
    assert "reset v - threshold" in subtract.out
    assert "reset v - threshold" not in hard.out
    assert "error[U919]" in call("show stdp --reset hard").err
