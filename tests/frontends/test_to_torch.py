"""Networks out to snnTorch and Norse: the same spikes, or a reason."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import lahar
from lahar import LaharError, ms
from lahar.rules.library import RULES
from lahar.rules.library.neurons import LIF, CubaLIF
from lahar.rules.library.norse_neurons import RestingCubaLIF, RestingLIF, SubtractLIF
from lahar.rules.library.standard_neurons import IF, LI, CubaLI, RefractoryLIF
from lahar.rules.network import Group, Network, Projection
from lahar.sim.reference import run_reference

pytestmark = pytest.mark.frontends
STEPS = 300
SIX = list(itertools.product(("subtract", "zero", "none"), (True, False)))


def snntorch_module(torch, snn, kind, **options):
    """Two layers; the neurons of the second differ."""
    beta = 0.5 + 0.4 * torch.rand(10)
    alpha = {"alpha": 0.6} if kind == "Synaptic" else {}
    if kind == "RLeaky":
        alpha = {"all_to_all": False, "V": -0.3}
    make = getattr(snn, kind)
    module = torch.nn.Sequential(
        torch.nn.Linear(20, 30),
        make(beta=0.9, init_hidden=True, **alpha, **options),
        torch.nn.Linear(30, 10),
        make(beta=beta, init_hidden=True, **alpha, **options),
    )
    with torch.no_grad():
        module[0].weight *= 3
        module[2].weight *= 3
    return module


def spikes_of_module(torch, module, x):
    """Run the module step by step in float64, as snnTorch's users do."""
    for part in module.modules():
        if hasattr(part, "spike_grad"):
            part.spike_grad = lambda v: (v > 0).to(v.dtype)
    module.double()
    with torch.no_grad():
        return np.array([module(now)[0].numpy() for now in torch.tensor(x)[:, None]])


def random_input(seed, size=20):
    return (np.random.default_rng(seed).random((STEPS, size)) < 0.2).astype(float)


@pytest.mark.parametrize("kind", ["Leaky", "Synaptic", "RLeaky"])
@pytest.mark.parametrize(("reset", "late"), SIX)
def test_snntorch_to_lahar_and_back(torch, snn, kind, reset, late):
    options = {"reset_mechanism": reset, "reset_delay": late}
    module = snntorch_module(torch, snn, kind, **options)
    network = lahar.from_snntorch(module, dt=1 * ms)

    back = lahar.to_snntorch(network, dtype=torch.float64)

    x = random_input(1)
    there = spikes_of_module(torch, module, x)
    late_by = network.groups[-1].latency
    padded = np.concatenate([x, np.zeros((late_by, 20))])
    with torch.no_grad():
        here = back(torch.tensor(padded)[:, None]).numpy()[late_by:, 0]
    assert 0 < there.mean() < 1
    assert int((here != there).sum()) == 0


def test_lahar_to_nir_to_lahar_to_norse(torch, norse, snn, tmp_path):
    options = {"reset_mechanism": "zero", "reset_delay": False}
    module = snntorch_module(torch, snn, "Leaky", **options)
    lahar.write_nir(lahar.from_snntorch(module, dt=1 * ms), tmp_path / "net.nir")

    network = lahar.read_nir(tmp_path / "net.nir")
    back = lahar.to_norse(network, dtype=torch.float64)

    x = random_input(2)
    there = spikes_of_module(torch, module, x)
    late_by = network.groups[-1].latency
    padded = np.concatenate([x, np.zeros((late_by, 20))])
    with torch.no_grad():
        here = back(torch.tensor(padded)[:, None]).numpy()[late_by:, 0]
    assert 0 < there.mean() < 1
    assert int((here != there).sum()) == 0


# --- every model, with recurrence, delays and synapses that are left out


def network_of(neuron, **hidden):
    """Two groups of a model, the first of LIF if the model never spikes."""
    sending = neuron if neuron.can_send else LIF()
    rng = np.random.default_rng(5)
    connected = rng.random((12, 12)) < 0.5
    return Network(
        "net",
        (
            Group("input", 20),
            Group("a", 12, sending, **hidden),
            Group("b.out", 6, neuron, latency=2),
        ),
        (
            Projection("fc", "input", "a", rng.normal(0.3, 0.6, (12, 20))),
            Projection(
                "loop",
                "a",
                "a",
                rng.normal(0, 0.4, (12, 12)),
                connected=connected,
                delay=rng.integers(0, 4, (12, 12)),
            ),
            Projection("out", "a", "b.out", rng.normal(0.2, 0.5, (6, 12)), delay=3),
        ),
        1 * ms,
    )


MODELS = {
    "LIF": LIF(bias=0.05),
    "IF": IF(),
    "LI": LI(bias=0.02),
    "CubaLIF": CubaLIF(),
    "CubaLI": CubaLI(),
}
NORSE_ONLY = {
    "CubaLIF with bias": CubaLIF(bias=0.05),
    "CubaLI with bias": CubaLI(bias=0.05),
    "RestingLIF": RestingLIF(rest=0.2, v_reset=-0.3),
    "RestingCubaLIF": RestingCubaLIF(rest=0.2, v_reset=-0.3),
    "SubtractLIF": SubtractLIF(),
}
BOTH = [(b, m) for b in ("snntorch", "norse") for m in MODELS]
EACH = [*BOTH, *(("norse", m) for m in NORSE_ONLY)]


@pytest.mark.parametrize(("framework", "model"), EACH)
def test_every_model_steps_as_the_reference_does(torch, framework, model):
    from lahar.sim.torch_runner import run_norse, run_snntorch

    run = {"norse": run_norse, "snntorch": run_snntorch}[framework]
    neuron = {**MODELS, **NORSE_ONLY}[model]
    sending = neuron if neuron.can_send else LIF()
    first = {s.name: np.linspace(0, 0.5, 12) for s in sending.states if s.name in "uv"}
    network = network_of(neuron, initial=first)
    stimulus = lahar.Stimulus({"input": random_input(3)})
    names = ("fc.a_out", "loop.a_out", "out.a_out", "a.v", "b.out.v", "a.s_out")
    record = frozenset((*names, "b.out.s_out"))

    here = run(network, stimulus, STEPS, record=record).variables
    there = run_reference(network, stimulus, STEPS, record=record).variables

    assert here.keys() == there.keys() == record
    assert 0 < there["a.s_out"].mean() < 1
    assert there["b.out.v"].any()
    for name in record:
        np.testing.assert_allclose(here[name], there[name], rtol=0, atol=1e-9)


@pytest.mark.parametrize("backend", ["snntorch", "norse"])
def test_a_backend_validates_a_program(torch, backend):
    program = lahar.compile(network_of(LIF()))

    recording = lahar.run(program, steps=STEPS, backend=backend, record="all", seed=3)
    verdict = lahar.validate(
        program,
        steps=STEPS,
        seed=3,
        backends=("reference", backend),
        record="*.s_out",
    )

    assert recording.provenance.backend == backend
    assert recording.provenance.units == "rule"
    assert recording["a.s_out"].any()
    assert "a.v" in recording.variables
    (found,) = verdict.verdicts.values()
    assert found.passed
    assert found.floats is not None
    assert found.floats.largest < 1e-12


# --- trained on


@pytest.mark.parametrize("out", [lahar.to_snntorch, lahar.to_norse])
def test_weights_are_trained_and_absent_synapses_stay_absent(torch, out):
    module = out(network_of(LIF()))
    x = torch.tensor(random_input(4)[:40], dtype=torch.float32)[:, None]
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    before = module.projection("fc").weight.detach().clone()

    for _ in range(2):
        optimiser.zero_grad()
        module(x).mean().backward()
        optimiser.step()

    loop = module.projection("loop")
    assert module(x).shape == (40, 1, 6)
    assert not torch.equal(module.projection("fc").weight, before)
    absent = network_of(LIF()).projection("loop").is_connected == 0
    assert not loop.weight.detach().numpy()[absent].any()


# --- refused


@pytest.mark.parametrize(
    ("out", "network", "code"),
    [
        (lahar.to_snntorch, network_of(RefractoryLIF()), "N813.*RefractoryLIF"),
        (lahar.to_norse, network_of(RefractoryLIF()), "N813.*RefractoryLIF"),
        (lahar.to_snntorch, network_of(RestingLIF(rest=0.2)), "N813.*RestingLIF"),
        (lahar.to_snntorch, network_of(CubaLIF(bias=0.1)), "N815.*bias"),
        (lahar.to_snntorch, network_of(LIF(threshold=-0.1)), "N815.*threshold"),
        (
            lahar.to_snntorch,
            Network("net", (Group("a", 2, LIF()),), ()),
            "N816.*net",
        ),
    ],
)
def test_what_has_no_equal_is_refused_by_name(torch, out, network, code):
    with pytest.raises(LaharError, match=code):
        out(network)


@pytest.mark.parametrize("backend", ["snntorch", "norse"])
def test_learning_and_replay_are_refused(torch, backend):
    program = lahar.compile(RULES["stdp"], pre=4, post=3)
    recording = lahar.run(program, steps=10)

    with pytest.raises(LaharError, match="N814"):
        lahar.run(program, steps=10, backend=backend)
    with pytest.raises(LaharError, match="U906"):
        lahar.run(program, steps=10, backend=backend, given=recording)
