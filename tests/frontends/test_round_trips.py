"""snnTorch -> lahar -> NIR -> lahar -> Norse and back: equal spikes, or the reason.

Each combination says what becomes of it. The NIR file is lahar's own, whose record
keeps the model; as a file that another tool reads (plain) it holds NIR's neurons only,
and the caller says the reset.
"""

from __future__ import annotations

import itertools
import warnings

import nir
import numpy as np
import pytest

import lahar
from lahar import LaharError, ms
from lahar.sim.reference import run_reference

pytestmark = pytest.mark.frontends
STEPS = 300
SIX = list(itertools.product(("subtract", "zero", "none"), ("late", "prompt")))
EACH = [(kind, *reset) for kind in ("Leaky", "Synaptic", "RLeaky") for reset in SIX]

TO_NORSE = {  # Norse resets at once, to v_reset or, in LIFBox, by the threshold
    ("Leaky", "zero", "late"): "equal",
    ("Leaky", "zero", "prompt"): "equal",
    ("RLeaky", "zero", "prompt"): "equal",
    ("Synaptic", "zero", "prompt"): "equal",
}
PLAIN = {  # what a plain NIR file can say, with the reset that has to be told
    ("Leaky", "subtract", "late"): "subtract-late",
    ("Leaky", "zero", "late"): "hard",
    ("Leaky", "zero", "prompt"): "hard",
    ("RLeaky", "subtract", "late"): "subtract-late",
    ("RLeaky", "zero", "prompt"): "hard",
    ("Synaptic", "subtract", "late"): "subtract-late",
    ("Synaptic", "zero", "prompt"): "hard",
}


def from_snntorch(torch, snn, kind, reset, when):
    shares = {"alpha": 0.6} if kind == "Synaptic" else {}
    if kind == "RLeaky":
        shares = {"all_to_all": False, "V": -0.3}
    options = {"reset_mechanism": reset, "reset_delay": when == "late"}
    beta = 0.5 + 0.4 * torch.rand(10)
    make = getattr(snn, kind)
    module = torch.nn.Sequential(
        *(
            torch.nn.Linear(20, 30),
            make(beta=0.9, init_hidden=True, **shares, **options),
        ),
        *(
            torch.nn.Linear(30, 10),
            make(beta=beta, init_hidden=True, **shares, **options),
        ),
    )
    with torch.no_grad():
        module[0].weight *= 3
        module[2].weight *= 3
    return lahar.from_snntorch(module, dt=1 * ms)


def from_norse(torch, norse, kind):
    def cell(size):
        p = {"v_th": 0.4 + 0.2 * torch.rand(size)}
        if kind == "LIFBoxCell subtract":
            from norse.torch.functional.reset import reset_subtract

            p["reset_method"] = reset_subtract
        if kind == "LIFCell to -0.1":
            p["v_reset"] = torch.as_tensor(-0.1)
        name = kind.split()[0].removesuffix("Cell")
        return getattr(norse, f"{name}Cell")(getattr(norse, f"{name}Parameters")(**p))

    module = norse.SequentialState(
        *(torch.nn.Linear(20, 30), cell(30), torch.nn.Linear(30, 10), cell(10))
    )
    with torch.no_grad():
        for layer in (module[0], module[2]):
            layer.weight *= {"LIFCell": 6, "LIFBoxCell": 8, "IAFCell": 1}[
                kind.split()[0]
            ]
    return lahar.from_norse(module)


def through_nir(network, path, **said):
    """Write and read; as another tool does if a reset is said."""
    lahar.write_nir(network, path)
    if not said:
        return lahar.read_nir(path)
    graph = nir.read(path)
    graph.metadata = {}
    nir.write(path, graph)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return lahar.read_nir(path, 1 * ms, **said)


def spikes(network):
    """Run the reference, by group, from the first step that a group lives."""
    x = np.random.default_rng(2).random((STEPS, 20)) < 0.2
    names = [g.name for g in network.groups if g.neuron is not None]
    record = frozenset(f"{n}.s_out" for n in names)
    stimulus = lahar.Stimulus({"input": x})
    found = run_reference(network, stimulus, STEPS, record=record).variables
    late = max(g.latency for g in network.groups)
    return {
        n: found[f"{n}.s_out"][network.group(n).latency :][: STEPS - late]
        for n in names
    }


def assert_same(first, second):
    ours, theirs = spikes(first), spikes(second)
    assert ours.keys() == theirs.keys()
    for name, rows in ours.items():
        assert 0.0 < rows.mean() < 1.0
        np.testing.assert_array_equal(rows, theirs[name])


def assert_module_has_the_spikes(torch, module, network):
    x = np.random.default_rng(2).random((STEPS, 20)) < 0.2
    last = network.groups[-1]
    with torch.no_grad():
        here = module(torch.tensor(x, dtype=torch.float64)[:, None]).numpy()[:, 0]
    there = spikes(network)[last.name]
    assert 0.0 < there.mean() < 1.0
    late = max(g.latency for g in network.groups)
    np.testing.assert_array_equal(here[last.latency :][: STEPS - late], there)


@pytest.mark.parametrize(("kind", "reset", "when"), EACH)
def test_from_snntorch_by_nir_to_norse_and_back(
    torch, snn, norse, tmp_path, kind, reset, when
):
    network = from_snntorch(torch, snn, kind, reset, when)

    again = through_nir(network, tmp_path / "net.nir")

    assert again == network
    back = lahar.to_snntorch(again, dtype=torch.float64)
    assert_module_has_the_spikes(torch, back, network)
    if TO_NORSE.get((kind, reset, when)) == "equal":
        module = lahar.to_norse(again, dtype=torch.float64)
        assert_module_has_the_spikes(torch, module, network)
    else:
        with pytest.raises(LaharError, match=r"N813.*Norse"):
            lahar.to_norse(again)


@pytest.mark.parametrize(("kind", "reset", "when"), EACH)
def test_a_plain_file_of_snntorchs_network(torch, snn, tmp_path, kind, reset, when):
    network = from_snntorch(torch, snn, kind, reset, when)
    said = PLAIN.get((kind, reset, when))

    plain = through_nir(network, tmp_path / "net.nir", reset=said or "hard")

    if said:
        assert_same(network, plain)
    else:
        ours, theirs = spikes(network), spikes(plain)
        assert any(not np.array_equal(ours[n], theirs[n]) for n in ours)


NORSE = ("LIFCell", "LIFBoxCell", "LIFBoxCell subtract", "LIFCell to -0.1", "IAFCell")
TO_SNNTORCH = {"LIFCell", "LIFBoxCell", "IAFCell"}  # it resets to 0 only


@pytest.mark.parametrize("kind", NORSE)
def test_from_norse_by_nir_to_snntorch_and_back(torch, snn, norse, tmp_path, kind):
    network = from_norse(torch, norse, kind)

    again = through_nir(network, tmp_path / "net.nir")

    assert again == network
    module = lahar.to_norse(again, dtype=torch.float64)
    assert_module_has_the_spikes(torch, module, network)
    if kind in TO_SNNTORCH:
        module = lahar.to_snntorch(again, dtype=torch.float64)
        assert_module_has_the_spikes(torch, module, network)
    else:
        with pytest.raises(LaharError, match=r"N813.*snnTorch"):
            lahar.to_snntorch(again)


@pytest.mark.parametrize("kind", NORSE)
def test_a_plain_file_of_norses_network(torch, norse, tmp_path, kind):
    network = from_norse(torch, norse, kind)
    reset = "subtract" if "subtract" in kind else "hard"

    assert_same(network, through_nir(network, tmp_path / "net.nir", reset=reset))
