"""Run a network on the cells of snnTorch or Norse in float64: backends by others.

A Network and a stimulus in, a Trajectory with the names of the float reference out:
what is sent, what arrives, and the states that a cell keeps as the model has them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..diagnostics import LaharError, require_no_errors
from ..frontends.extra import need
from ..frontends.to_torch import to_norse, to_snntorch
from ..rules.network import Network
from .backend import Progress, Trajectory, silent
from .recording import Recording, unknown_variable
from .reference_names import reference_variables, types_of
from .reference_run import check_run
from .stimulus_needs import Stimulus


def run_snntorch(
    network: Network,
    stimulus: Stimulus,
    steps: int,
    *,
    record: frozenset[str] = frozenset(),
    given: Recording | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Trajectory:
    """Run a network in snnTorch (the arguments are those of `run_reference`).

    Raises
    ------
    LaharError
        N801 without snnTorch, N813 to N816 for what it has no cells for, S420 for a
        name.

    """
    module = to_snntorch(network, dtype=need("torch").float64)
    return _run(module, network, stimulus, steps, record, progress)


def run_norse(
    network: Network,
    stimulus: Stimulus,
    steps: int,
    *,
    record: frozenset[str] = frozenset(),
    given: Recording | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Trajectory:
    """Run a network in Norse; arguments and errors as of `run_snntorch`."""
    module = to_norse(network, dtype=need("torch").float64)
    return _run(module, network, stimulus, steps, record, progress)


def _run(
    module: Any,
    network: Network,
    stimulus: Stimulus,
    steps: int,
    record: frozenset[str],
    progress: Progress,
) -> Trajectory:
    torch = need("torch")
    require_no_errors(check_run(network, stimulus, steps, None))
    shapes = reference_variables(network)
    unknown = sorted(record - shapes.keys())
    if unknown:
        raise LaharError(unknown_variable(n, tuple(shapes), "torch") for n in unknown)
    given = {
        name: torch.as_tensor(np.asarray(rows, np.float64))
        for name, rows in stimulus.spikes.items()
    }
    rows: dict[str, list[Any]] = {}
    values: dict[str, Any] = {}
    with torch.no_grad():
        state = module.start()
        for t in range(steps):
            now = {name: given[name][t] for name in module.bounds}
            sent, arrived, state = module.step(now, state)
            values = _values(module, sent, arrived, state)
            for name in record & values.keys():
                rows.setdefault(name, []).append(values[name])
            progress(1)
    types = types_of(shapes, network)
    found = {n: np.array(v).astype(types[n]) for n, v in rows.items()}
    kept = values.keys() & shapes.keys()
    final = {n: np.array(values[n]).astype(types[n]) for n in kept}
    return Trajectory(found, final, tuple(n for n in shapes if n in record - kept))


def _values(module: Any, sent: Any, arrived: Any, state: Any) -> dict[str, Any]:
    """Name what a step gave as the reference does."""
    found = {f"{name}.s_out": value.numpy() for name, value in sent.items()}
    found |= {f"{name}.a_out": value.numpy() for name, value in arrived.items()}
    for name in module.names:
        told = module.group(name).told(state.cells[name])
        found |= {f"{name}.{key}": value for key, value in told.items()}
    return found
