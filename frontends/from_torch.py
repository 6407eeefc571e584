"""The verbs `from_snntorch` and `from_norse`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..diagnostics import LaharError
from ..rules.check import NotATimeStep
from ..rules.network import Network
from . import norse_cells, snntorch_cells
from .extra import need
from .reading import Framework, Question, input_shape_of, parts_of, read_module

SNNTORCH = Framework(
    "snnTorch",
    snntorch_cells.CELLS,
    snntorch_cells.is_cell,
    snntorch_cells.check_cell,
    snntorch_cells.read_cell,
    snntorch_cells.spike_in_double,
)
NORSE = Framework(
    "Norse",
    norse_cells.CELLS,
    norse_cells.is_cell,
    norse_cells.check_cell,
    norse_cells.read_cell,
)


def from_snntorch(
    module: Any,
    dt: float,
    input_shape: Sequence[int] | int | None = None,
    *,
    time_axis: int | None = None,
    run: Callable[[Any, Any], Any] | None = None,
    graded: tuple[float, float] | None = None,
    name: str | None = None,
) -> Network:
    """Read a network from a torch module with cells of snnTorch.

    Its float64 reference gives the spikes that the module gives in float64, those of
    each group `Group.latency` steps later. Groups are named as the modules, projections
    as the last layer with weights on their way.

    Parameters
    ----------
    module
        Any torch.nn.Module. It is run a few times to see what leads where, and is left
        as it was.
    dt
        Length of a step in seconds. snnTorch has none; its betas hold for a step.
    input_shape
        Of one sample in one step, such as (1, 28, 28). It may be left out if the first
        layer is a Linear.
    time_axis
        0 or 1 if forward takes all steps at once, along that axis of its input; None if
        it is called once a step, or goes through steps by itself with one input.
    run
        ``run(module, x)`` runs the module on x of shape (steps, 1, ...), where calling
        it is not enough, as for a forward that takes its states.
    graded
        Bounds of an input of values; None: spikes.
    name
        Of the network; the module's class if None.

    Raises
    ------
    LaharError
        N801, exit status 3, without torch or snnTorch; N802 to N810 for what cannot be
        read, N72x for a loop that is too short; R150 for a dt that is no time.

    """
    need("snntorch")
    _check_time_step(module, dt)
    shape = input_shape_of(module, input_shape)
    question = Question(shape, time_axis, run, graded)
    return read_module(SNNTORCH, module, dt, question, name or _name_of(module))


def from_norse(
    module: Any,
    dt: float | None = None,
    input_shape: Sequence[int] | int | None = None,
    *,
    time_axis: int | None = None,
    run: Callable[[Any, Any], Any] | None = None,
    graded: tuple[float, float] | None = None,
    name: str | None = None,
) -> Network:
    """Read a network from a torch module with cells of Norse.

    Parameters
    ----------
    dt
        In seconds; it has to be that of the cells, and may be left out.
    module, input_shape, time_axis, run, graded, name
        As for `from_snntorch`. Sequences such as norse.LIF and Lift take all steps at
        once: time_axis=0.

    Raises
    ------
    LaharError
        As `from_snntorch`; N806 if dt is not that of the cells.

    """
    need("norse")
    if dt is None:
        cells, _ = parts_of(module, NORSE)
        dt = norse_cells.time_step_of(cells)
    _check_time_step(module, dt)
    shape = input_shape_of(module, input_shape)
    question = Question(shape, time_axis, run, graded)
    return read_module(NORSE, module, dt, question, name or _name_of(module))


def _name_of(module: Any) -> str:
    return type(module).__name__


def _check_time_step(module: Any, dt: float) -> None:
    if not 0 < dt < float("inf"):
        raise LaharError(NotATimeStep(_name_of(module), dt))
