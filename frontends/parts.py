"""What is read of a module of spiking cells, and how its parameters become arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from ..diagnostics import Diagnostic, LaharError
from ..rules.layer_graph import LinearMap, Neurons
from ..rules.library.standard_neurons import Step
from ..rules.network import FloatArray
from .refusals import ModuleHasNoEqual

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Cell:
    """A module of spiking cells as data.

    entering
        Weights that the module itself applies to its input.
    recurrent
        Weights of its own spikes of the step before.
    leaving
        What its spikes are multiplied by; None: 1.

    Warnings
    --------
        What the user should know.
    """

    neurons: Neurons
    entering: LinearMap | None = None
    recurrent: LinearMap | None = None
    leaving: FloatArray | None = None
    warnings: tuple[Diagnostic, ...] = field(default=())


@dataclass(frozen=True, eq=False)
class SpikePool:
    """A MaxPool of spikes: one neuron for each window, that says whether any came.

    The largest of zeros and ones is their OR. ``windows`` is (out, in), 1 where a place
    lies in a window.
    """

    windows: LinearMap

    @property
    def neurons(self) -> Neurons:
        """Give neurons that spike in the step in which a spike arrives."""
        return Neurons(Step(threshold=0.5), self.windows.size)


def array(value: Any) -> FloatArray:
    """Give a tensor's or a number's values, as stored, in float64."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().double().numpy()
    return np.asarray(value, np.float64)


def spread(name: str, module: Any, what: str, value: Any, shape: Shape) -> FloatArray:
    """Give a parameter a value for each neuron, as torch broadcasts it over a sample.

    Raises
    ------
    LaharError
        N802 for a shape that does not fit, or a number that is not finite.

    """
    values = array(value)
    try:
        full = np.broadcast_to(values, (1, *shape))
    except ValueError:
        reason = f"`{what}` has shape {values.shape} for neurons of shape {shape}"
        advice = "give one value for all neurons or one for each"
        raise refused(name, module, reason, advice) from None
    if not np.isfinite(full).all():
        reason, advice = f"`{what}` is not finite", "mend it before the network is read"
        raise refused(name, module, reason, advice)
    flat: FloatArray = full.reshape(-1).copy()
    return flat


def refused(name: str, module: Any, reason: str, instead: str) -> LaharError:
    """Make the error for a module that has no equal here."""
    kind = type(module).__name__
    return LaharError(ModuleHasNoEqual(name, kind, reason, instead))


def dense(weights: FloatArray, bias: FloatArray | None = None) -> LinearMap:
    """Make a linear map in which every entry is a synapse, the zeros too."""
    rows, columns = weights.shape
    indices = np.tile(np.arange(columns), rows)
    starts = np.arange(rows + 1) * columns
    matrix = sparse.csr_array((weights.reshape(-1), indices, starts), weights.shape)
    return LinearMap(matrix, bias)


def diagonal(values: Sequence[float] | FloatArray, *, names: bool = True) -> LinearMap:
    """Make a linear map that multiplies each value by its own factor."""
    return LinearMap(sparse.csr_array(sparse.diags_array(values)), names=names)
