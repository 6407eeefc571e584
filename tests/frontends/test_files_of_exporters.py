"""Files that the exporters of snnTorch and Norse wrote: known losses named and undone.

What is read has to spike as the module did, in float64, once what the exporter lost is
said. Norse's exporter wants parameters that are arrays.
"""

from __future__ import annotations

import warnings
from itertools import pairwise

import nir
import numpy as np
import pytest

import lahar
from lahar import LaharError, ms

pytestmark = pytest.mark.frontends
STEPS = 400
SIZES = (20, 30, 10)


def snntorch_chain(torch, snn, kind="Leaky", **options):
    """Two layers with an array for each parameter: scalars cannot be exported."""
    layers = []
    for into, out in pairwise(SIZES):
        layers.append(torch.nn.Linear(into, out))
        shares = {"beta": 0.5 + 0.4 * torch.rand(out)}
        if "Synaptic" in kind:
            shares["alpha"] = 0.3 + 0.4 * torch.rand(out)
        if kind.startswith("R"):
            shares["linear_features"] = out
        cell = getattr(snn, kind)
        shares["threshold"] = torch.full((out,), 1.0)
        layers.append(cell(init_hidden=True, **shares, **options))
    module = torch.nn.Sequential(*layers)
    with torch.no_grad():
        for layer in module[::2]:
            layer.weight *= 4
    return module


def norse_chain(torch, norse, kind):
    """Two layers of LIFCell, LIFBoxCell or IAFCell."""
    layers = []
    for into, out in pairwise(SIZES):
        ones = torch.ones(out)
        p = {
            "LIFCell": lambda v: norse.LIFParameters(
                tau_syn_inv=v * 200, tau_mem_inv=v * 100, v_leak=v * 0, v_th=v
            ),
            "LIFBoxCell": lambda v: norse.LIFBoxParameters(
                tau_mem_inv=v * 100, v_leak=v * 0, v_th=v
            ),
            "IAFCell": lambda v: norse.IAFParameters(v_th=v, v_reset=v * 0),
        }[kind](ones)
        layers += [torch.nn.Linear(into, out), getattr(norse, kind)(p)]
    module = norse.SequentialState(*layers)
    with torch.no_grad():
        for layer in (module[0], module[2]):
            layer.weight *= {"LIFCell": 20, "LIFBoxCell": 20, "IAFCell": 1}[kind]
    return module


def written_by_snntorch(module, path):
    from snntorch.export_nir import export_to_nir

    nir.write(path, export_to_nir(module, zeros(), ignore_dims=[0]))


def written_by_norse(module, path, **options):
    import norse.torch

    nir.write(path, norse.torch.to_nir(module, zeros()[0], **options))


def zeros():
    import torch

    return torch.zeros(1, SIZES[0])


def quietly(read, *arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        return read(*arguments, **options)


def as_read_from_the_module(network, theirs):
    """Compare two networks by their spikes, group by group."""
    x = np.random.default_rng(4).random((STEPS, SIZES[0])) < 0.2
    stimulus = lahar.Stimulus({"input": x})
    runs = [
        lahar.sim.reference.run_reference(
            net,
            stimulus,
            STEPS,
            record=frozenset(f"{g.name}.s_out" for g in net.groups[1:]),
        ).variables
        for net in (network, theirs)
    ]
    pairs = zip(network.groups[1:], theirs.groups[1:], strict=True)
    for ours, other in pairs:
        a, b = runs[0][f"{ours.name}.s_out"], runs[1][f"{other.name}.s_out"]
        assert 0.0 < b.mean() < 1.0
        # The file holds float32: a spike may turn where a membrane meets a threshold.
        assert (a != b).mean() < 2e-3


@pytest.mark.parametrize("dt", [0.1 * ms, 1 * ms])
@pytest.mark.parametrize("kind", ["Leaky", "Synaptic", "RLeaky", "RSynaptic"])
def test_what_snntorch_wrote_is_read_at_any_step(torch, snn, tmp_path, kind, dt):
    module = snntorch_chain(torch, snn, kind)
    written_by_snntorch(module, tmp_path / "net.nir")

    network = quietly(
        lahar.read_nir,
        tmp_path / "net.nir",
        dt,
        reset="subtract-late",
        exporter="snntorch",
    )

    as_read_from_the_module(network, lahar.from_snntorch(module, dt=dt))


@pytest.mark.parametrize("kind", ["Leaky", "Synaptic"])
def test_what_snntorch_loses_is_named(torch, snn, tmp_path, kind):
    written_by_snntorch(snntorch_chain(torch, snn, kind), tmp_path / "net.nir")

    with pytest.warns(UserWarning, match="N735"):
        lahar.read_nir(tmp_path / "net.nir", 0.1 * ms)
    with pytest.warns(UserWarning, match="N734"):
        # A beta below 0.9 has no tau of a millisecond: that is refused besides.
        lahar.read_nir(tmp_path / "net.nir", 0.12 * ms, reset="subtract-late")


def test_scalars_do_not_get_into_a_file_of_snntorchs(torch, snn, tmp_path):
    module = torch.nn.Sequential(
        torch.nn.Linear(20, 30), snn.Leaky(beta=0.9, init_hidden=True)
    )

    with pytest.raises(ValueError, match="type"):
        written_by_snntorch(module, tmp_path / "net.nir")
    assert lahar.from_snntorch(module, dt=1 * ms).groups[1].size == 30


@pytest.mark.parametrize("options", [{}, {"dt": 1.0}])
@pytest.mark.parametrize("kind", ["LIFCell", "LIFBoxCell", "IAFCell"])
def test_what_norse_wrote_is_undone(torch, norse, tmp_path, kind, options):
    module = norse_chain(torch, norse, kind)
    written_by_norse(module, tmp_path / "net.nir", **options)

    network = quietly(lahar.read_nir, tmp_path / "net.nir", 1 * ms, exporter="norse")

    as_read_from_the_module(network, lahar.from_norse(module, dt=1 * ms))


@pytest.mark.parametrize("kind", ["LIFCell", "LIFBoxCell"])
def test_time_constants_of_norse_are_refused_by_name(torch, norse, tmp_path, kind):
    written_by_norse(norse_chain(torch, norse, kind), tmp_path / "net.nir")

    with pytest.raises(LaharError, match=r"N736.*1000 times"):
        lahar.read_nir(tmp_path / "net.nir", 1 * ms)


@pytest.mark.parametrize("kind", ["LIFCell", "IAFCell"])
def test_gains_that_norse_loses_are_named(torch, norse, tmp_path, kind):
    module = norse_chain(torch, norse, kind)
    written_by_norse(module, tmp_path / "net.nir", dt=1.0)

    with pytest.warns(UserWarning, match="N737"):
        lahar.read_nir(tmp_path / "net.nir", 1 * ms)
