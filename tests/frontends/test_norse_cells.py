"""Every cell of Norse: the float64 reference spikes as Norse does in float64.

Three random networks each, 1,000 steps: not one bin differs; membranes of leaky
integrators agree to 1e-9.
"""

from __future__ import annotations

import pytest

import lahar
from lahar import LaharError, ms

pytestmark = pytest.mark.frontends
STEPS = 1000
KINDS = [
    *("LIFCell", "LIFBoxCell", "subtract", "IAFCell", "LIFExCell", "LIFAdExCell"),
    *("LICell", "LIBoxCell", "LILinearCell"),
    *("LIFRecurrentCell", "LIFExRecurrentCell", "LIFAdExRecurrentCell"),
]
READOUTS = ("LICell", "LIBoxCell", "LILinearCell")


def cell(norse, torch, kind, size, seed):
    """A cell; the second network has other potentials, the third differs within."""
    p = {"v_th": 0.4 + 0.2 * torch.rand(size) if seed == 2 else 0.5}
    p |= {"v_reset": -0.1, "v_leak": 0.05} if seed == 1 else {}
    p = {name: torch.as_tensor(value) for name, value in p.items()}
    if kind.endswith("RecurrentCell"):
        own = kind.removesuffix("RecurrentCell")
        parameters = getattr(norse, f"{own}Parameters")(**p)
        return getattr(norse, kind)(size, size, parameters, autapses=seed == 1)
    if kind == "subtract":
        from norse.torch.functional.reset import reset_subtract

        parameters = norse.LIFBoxParameters(**p, reset_method=reset_subtract)
        return norse.LIFBoxCell(parameters)
    if kind == "IAFCell":
        p.pop("v_leak", None)
        from norse.torch.functional.iaf import IAFParameters

        return norse.IAFCell(IAFParameters(**p))
    if kind in READOUTS:
        p = {"v_leak": p["v_leak"]} if seed == 1 else {}
    if kind == "LILinearCell":
        return norse.LILinearCell(size, size, norse.LIParameters(**p))
    parameters = getattr(norse, f"{kind.removesuffix('Cell')}Parameters")(**p)
    return getattr(norse, kind)(parameters)


def network(norse, torch, kind, seed):
    torch.manual_seed(seed)
    strength = {"IAFCell": 1.0, "LIFCell": 4.0}.get(kind, 8.0)
    hidden = "LIFBoxCell" if kind in READOUTS else kind
    made = norse.SequentialState(
        torch.nn.Linear(20, 30),
        cell(norse, torch, hidden, 30, seed),
        torch.nn.Linear(30, 10, bias=seed != 2),
        cell(norse, torch, kind, 10, seed),
    )
    with torch.no_grad():
        made[0].weight *= strength
        made[2].weight *= strength
    return made


def run_with_state(module, x):
    state = None
    for now in x:
        _, state = module(now, state)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_spikes_as_in_norse(norse, torch, differing, poisson, kind, seed):
    module = network(norse, torch, kind, seed)

    read = lahar.from_norse(module)

    assert read.dt_seconds == 1 * ms
    assert differing(read, module, poisson(seed, STEPS, 20), run_with_state) == 0


def test_sequences_and_lift_take_all_steps_at_once(norse, torch, differing, poisson):
    readout = norse.Lift(torch.nn.Linear(30, 10))
    module = norse.SequentialState(
        torch.nn.Linear(20, 30), norse.LIF(), readout, norse.LI()
    )
    with torch.no_grad():
        module[0].weight *= 10

    read = lahar.from_norse(module, time_axis=0)

    assert [g.name for g in read.groups] == ["input", "1", "3"]
    assert [p.name for p in read.projections] == ["0", "2.lifted_module"]


def test_another_time_step_than_the_cells_is_refused(norse, torch):
    module = norse.SequentialState(torch.nn.Linear(4, 5), norse.LIFCell())

    with pytest.raises(LaharError, match=r"N806.*`1` has dt = 0.001 s, and 0.0001 s"):
        lahar.from_norse(module, dt=0.1 * ms)


def test_a_cell_without_equal_is_refused_by_name(norse, torch):
    module = norse.SequentialState(torch.nn.Linear(4, 5), norse.LSNNCell())

    with pytest.raises(LaharError, match=r"N802.*`1` .LSNNCell."):
        lahar.from_norse(module)
