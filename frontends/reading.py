"""Read a network from a torch module: the cells, the layers, and what leads where.

A module of snnTorch or Norse in, a Network out whose float64 reference spikes as the
module does in float64, each group `Group.latency` steps later.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..diagnostics import LaharError, require_no_errors
from ..rules.check import check_whole_network
from ..rules.layer_graph import LayerGraph, LinearMap, network_of
from ..rules.network import Network
from .as_double import as_double
from .extra import need
from .layers import layer_of
from .module_graph import GraphMaker
from .parts import Cell, Shape, SpikePool
from .pieces import Pieces, Runs
from .probe import Fill, Run, Runner, probe
from .refusals import CouldNotRun, InputShapeMissing, NoCells
from .steps import steps_of

STEPS = {None: 4, 0: 5, 1: 7}
"""Enough for a past of three steps, and unlike most numbers of channels."""

ReadCell = Callable[[str, Any, Shape, float], Cell]


@dataclass(frozen=True)
class Framework:
    """What differs between snnTorch and Norse.

    in_double
        Readies a cell for float64; it is undone when the module is given back.
    """

    name: str
    known: tuple[str, ...]
    is_cell: Callable[[Any], bool]
    check_cell: Callable[[str, Any], None]
    read_cell: ReadCell
    in_double: Callable[[Any], None] | None = None


@dataclass(frozen=True)
class Question:
    """What the user says of a module beside the module itself."""

    input_shape: Shape
    time_axis: int | None
    run: Runner | None
    graded: tuple[float, float] | None


def read_module(
    framework: Framework,
    module: Any,
    dt_seconds: float,
    question: Question,
    name: str,
) -> Network:
    """Read a module.

    Raises
    ------
    LaharError
        N802 to N810 for what cannot be read, N72x for a loop that is too short.

    """
    graph = layer_graph(framework, module, dt_seconds, question)
    network = network_of(graph, name, dt_seconds)
    require_no_errors(check_whole_network(network))
    return network


def layer_graph(
    framework: Framework, module: Any, dt_seconds: float, question: Question
) -> LayerGraph:
    """Find cells, layers, and the matrices between them."""
    cells, layers = parts_of(module, framework)
    for name, cell in cells.items():
        framework.check_cell(name, cell)
    with as_double(module):
        if framework.in_double is not None:
            for cell in cells.values():
                framework.in_double(cell)
        runs = _run_three_times(module, {**cells, **layers}, question)
        called = {n: c for n, c in cells.items() if n in runs.first.counts}
        if not called:
            raise no_cells(module, framework)
        steps = steps_of(runs.first, called)
        read = {
            n: framework.read_cell(n, m, _shape_taken(runs.first, n), dt_seconds)
            for n, m in called.items()
        }
        maps = _layers(layers, runs.first)
        for warning in (w for found in read.values() for w in found.warnings):
            warnings.warn(warning.render(), stacklevel=5)
        size = int(np.prod(question.input_shape))
        source = _unused("input", {*called, *maps})
        pieces = Pieces(runs, steps, read, size, source)
        return GraphMaker(pieces, maps, question.graded).graph()


def _unused(name: str, taken: set[str]) -> str:
    return _unused(f"{name}_", taken) if name in taken else name


def parts_of(
    module: Any, framework: Framework
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Find the cells, and the layers that are not inside of one, by name."""
    cells: dict[str, Any] = {}
    layers: dict[str, Any] = {}
    nn = need("torch").nn
    passed_by = (nn.Identity, nn.Flatten, nn.Unflatten, nn.modules.dropout._DropoutNd)
    for name, submodule in module.named_modules():
        if any(name.startswith(f"{cell}.") or cell == "" for cell in cells):
            continue
        if framework.is_cell(submodule):
            cells[name] = submodule
        elif not list(submodule.children()) and not isinstance(submodule, passed_by):
            layers[name] = submodule
    if not cells:
        raise no_cells(module, framework)
    if "" in cells:  # the module is a cell itself
        cells = {type(module).__name__.lower(): cells[""]}
    return cells, layers


def no_cells(module: Any, framework: Framework) -> LaharError:
    """Make the error for a module without cells."""
    known = ", ".join(framework.known)
    return LaharError(NoCells(type(module).__name__, framework.name, known))


def _layers(layers: Mapping[str, Any], run: Run) -> dict[str, LinearMap | SpikePool]:
    return {
        name: layer_of(name, module, _shape_taken(run, name))
        for name, module in layers.items()
        if name in run.counts
    }


def _shape_taken(run: Run, name: str) -> Shape:
    """Give the shape of one sample that a cell or layer takes in one step."""
    shape = tuple(int(n) for n in run.calls[name, 0].taken.shape)
    return shape[1:] if len(shape) > 1 and shape[0] == 1 else shape


# --- running ---------------------------------------------------------------------


def _run_three_times(
    module: Any, stood_in: Mapping[str, Any], question: Question
) -> Runs:
    torch = need("torch")
    generator = torch.Generator().manual_seed(0)

    def zeros(shape: Shape) -> Any:
        return torch.zeros(shape)

    def random(shape: Shape) -> Any:
        return torch.randn(shape, generator=generator)

    fills: Iterable[Fill] = (zeros, random, random)
    axis = question.time_axis
    shape = (STEPS[axis], 1, *question.input_shape)
    runner = question.run or _runner(axis)
    try:
        runs = [probe(module, stood_in, runner, shape, fill, axis) for fill in fills]
    except LaharError:
        raise
    except Exception as error:  # whatever the user's forward raises
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        how = _how(module, question)
        raise LaharError(CouldNotRun(str(question.input_shape), said, how)) from error
    return Runs(*runs)


def _how(module: Any, question: Question) -> str:
    if question.run is not None:
        return "the function given as run"
    if question.time_axis is not None:
        return f"all steps at once, along axis {question.time_axis}"
    extra = ", None" * len(_states_wanted(module))
    return f"module(x{extra}) for each step, x of shape (1, ...)"


def _runner(time_axis: int | None) -> Runner:
    if time_axis is None:
        return run_step_by_step
    return lambda module, x: module(x if time_axis == 0 else x.transpose(0, 1))


def run_step_by_step(module: Any, x: Any) -> Any:
    """Call a module once a step; what it returns as its state it gets back."""
    states: list[Any] = [None] * len(_states_wanted(module))
    outputs = []
    for now in x:
        result = module(now, *states)
        if _takes_state(module) and isinstance(result, tuple) and len(result) == 2:
            states = [result[1]]
        outputs.append(result)
    return outputs


def _takes_state(module: Any) -> bool:
    """Tell whether a module has Norse's way: (output, state) = module(x, state)."""
    names = [*inspect.signature(module.forward).parameters]
    return len(names) == 2 and names[1] in ("state", "hidden_state", "hidden", "s")


def _states_wanted(module: Any) -> list[str]:
    """List what forward asks for beside its input: states, which start as None."""
    parameters = [*inspect.signature(module.forward).parameters.values()][1:]
    by_place = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
    if _takes_state(module):
        return [parameters[0].name]
    return [p.name for p in parameters if p.kind in by_place and p.default is p.empty]


def input_shape_of(module: Any, given: Iterable[int] | int | None) -> Shape:
    """Take the shape of the input as given, else from a Linear that is the first layer.

    Raises
    ------
    LaharError
        N810 if it is not known.

    """
    if given is not None:
        return (int(given),) if isinstance(given, int) else tuple(int(n) for n in given)
    for submodule in module.modules():
        if isinstance(submodule, need("torch").nn.Linear):
            return (int(submodule.in_features),)
        if not list(submodule.children()) and list(submodule.parameters()):
            break
    raise LaharError(InputShapeMissing(type(module).__name__))
