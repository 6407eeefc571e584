"""Sample data for calibrating and judging a network on a chip.

What a user gives in; arrays (samples, steps, neurons) for each input group and labels
out, or what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from ..rules.network import Group, Network

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
NO_NPZ = (OSError, ValueError, AttributeError, EOFError, TypeError, BadZipFile)
"""What numpy raises for a file that is missing, damaged or something else."""
SamplesLike: TypeAlias = npt.ArrayLike | Mapping[str, npt.ArrayLike]


@dataclass(frozen=True)
class SamplesDoNotFit(Diagnostic):
    """Samples are not arrays (samples, steps, neurons), one for each input.

    A network with one input may take the array itself; with several, a mapping from
    the input's name. All have the same samples and steps.
    """

    code = "U970"
    title = "samples of input `{group}` have shape {shape}, not {wanted}"
    note = "the inputs of `{network}`: {inputs}"
    help = "give an array (samples, steps, neurons) for each input"

    group: str
    shape: str
    wanted: str
    network: str
    inputs: str


@dataclass(frozen=True)
class SamplesAreNoInput(Diagnostic):
    """A sample holds what its input cannot send.

    A plain input sends zeros and ones; a graded one finite values.
    """

    code = "U971"
    title = "samples of input `{group}`: {problem}"
    note = "the first is sample {sample}, step {step}, neuron {neuron}"
    help = "{advice}"

    group: str
    problem: str
    sample: int
    step: int
    neuron: int
    advice: str


@dataclass(frozen=True)
class LabelsDoNotFit(Diagnostic):
    """Labels are one whole number for each sample, the number of a neuron.

    The class of a sample is the output neuron that answers most.
    """

    code = "U972"
    title = "labels have shape {shape} and run from {low} to {high}"
    note = "there are {samples} samples, and the output `{output}` has {size} neurons"
    help = "give a label from 0 to {last} for each sample"

    shape: str
    low: str
    high: str
    samples: int
    output: str
    size: int
    last: int


@dataclass(frozen=True)
class NoSamplesInFile(Diagnostic):
    """A file of samples is an .npz with an array for each input.

    An array `samples` serves a network with one input, `labels` are optional, and what
    begins with `test_` is judged by, not calibrated with.
    """

    code = "U973"
    title = "{path}: {problem}"
    note = "it holds: {arrays}"
    help = "save it by `numpy.savez(path, samples=..., labels=...)`"

    path: str
    problem: str
    arrays: str


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs by group, (samples, steps, neurons), and labels where they are known."""

    inputs: Mapping[str, FloatArray]
    labels: IntArray | None = None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(next(iter(self.inputs.values())))

    @property
    def steps(self) -> int:
        """How long each is."""
        return int(next(iter(self.inputs.values())).shape[1])

    def first(self, count: int) -> Samples:
        """Give some of them, evenly spaced."""
        which = np.unique(np.linspace(0, self.count - 1, count).round().astype(int))
        inputs = {name: rows[which] for name, rows in self.inputs.items()}
        return Samples(inputs, None if self.labels is None else self.labels[which])


def samples_of(
    network: Network, given: SamplesLike, labels: npt.ArrayLike | None, output: Group
) -> Samples:
    """Check samples and labels against a network.

    Raises
    ------
    LaharError
        U970 to U972.

    """
    groups = [g for g in network.groups if g.neuron is None]
    if not isinstance(given, Mapping):
        given = {g.name: given for g in groups[:1]}
    inputs: dict[str, FloatArray] = {}
    for group in groups:
        array = _as_array(given.get(group.name))
        shape = _wanted_shape(inputs, group)
        if array.ndim != 3 or not array.size or not _fits(array, shape):
            raise LaharError(_misfit(network, group, array, shape))
        inputs[group.name] = array
        require_no_errors(_what_it_cannot_send(group, array))
    samples = Samples(inputs)
    return samples if labels is None else _labelled(samples, labels, output)


def _as_array(value: object) -> FloatArray:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return np.zeros(0)


def _wanted_shape(inputs: Mapping[str, FloatArray], group: Group) -> tuple[Any, ...]:
    before = next(iter(inputs.values()), None)
    leading = ("samples", "steps") if before is None else before.shape[:2]
    return (*leading, group.size)


def _fits(array: FloatArray, wanted: tuple[Any, ...]) -> bool:
    pairs = zip(array.shape, wanted, strict=True)
    return all(isinstance(w, str) or a == w for a, w in pairs)


def _misfit(
    network: Network, group: Group, array: FloatArray, wanted: tuple[Any, ...]
) -> Diagnostic:
    inputs = ", ".join(
        f"{g.name} ({g.size})" for g in network.groups if g.neuron is None
    )
    shape = str(array.shape) if array.size else "no array"
    shown = f"({', '.join(map(str, wanted))})"
    return SamplesDoNotFit(group.name, shape, shown, network.name, inputs)


def _what_it_cannot_send(group: Group, array: FloatArray) -> Iterator[Diagnostic]:
    for bad, problem, advice in (
        (
            ~np.isfinite(array),
            "a value is not finite",
            "mend the array: NaN and infinity are no spikes",
        ),
        (
            (array != 0) & (array != 1) if group.graded is None else array != array,
            "a value is neither 0 nor 1",
            "turn values into spikes, or declare the input graded: graded=(low, high)",
        ),
    ):
        if bad.any():
            sample, step, neuron = (int(k) for k in np.argwhere(bad)[0])
            facts = (group.name, problem, sample, step, neuron, advice)
            yield SamplesAreNoInput(*facts)
            return


def _labelled(samples: Samples, labels: npt.ArrayLike, output: Group) -> Samples:
    array = np.asarray(labels)
    whole = array.dtype.kind in "iu" and array.shape == (samples.count,)
    if not whole or array.min() < 0 or array.max() >= output.size:
        low, high = (
            (f"{array.min()}", f"{array.max()}")
            if array.size and array.dtype.kind in "iuf"
            else ("?", "?")
        )
        facts = (str(array.shape), low, high, samples.count, output.name, output.size)
        raise LaharError(LabelsDoNotFit(*facts, output.size - 1))
    return Samples(samples.inputs, array.astype(np.int64))


def load_samples(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read the arrays of an .npz file.

    Raises
    ------
    LaharError
        U973 if it is missing or none.

    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except NO_NPZ as error:
        problem = f"this is no .npz file that can be read ({type(error).__name__})"
        raise LaharError(NoSamplesInFile(str(path), problem, "nothing")) from None
    return arrays


@dataclass(frozen=True, eq=False)
class FileParts:
    """What a file of samples holds, as `deploy` takes it."""

    samples: SamplesLike
    labels: npt.ArrayLike | None
    test: tuple[SamplesLike, npt.ArrayLike | None] | None


def parts_of(
    network: Network, arrays: Mapping[str, npt.NDArray[Any]], path: Path
) -> FileParts:
    """Sort the arrays of a file: inputs, labels, and what is kept for judging.

    Raises
    ------
    LaharError
        U973 if there is no array for the inputs.

    """
    inputs = [g.name for g in network.groups if g.neuron is None]

    def of(prefix: str) -> SamplesLike | None:
        if f"{prefix}samples" in arrays:
            return arrays[f"{prefix}samples"]
        own = {n: arrays[f"{prefix}{n}"] for n in inputs if f"{prefix}{n}" in arrays}
        return own or None

    samples, test = of(""), of("test_")
    if samples is None:
        problem = f"no array `samples`, and none of {', '.join(inputs) or 'an input'}"
        listing = ", ".join(arrays) or "nothing"
        raise LaharError(NoSamplesInFile(str(path), problem, listing))
    held_out = None if test is None else (test, arrays.get("test_labels"))
    return FileParts(samples, arrays.get("labels"), held_out)
