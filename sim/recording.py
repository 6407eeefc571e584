"""What a run leaves behind: recorded variables, final values, and where they are from.

A backend's Trajectory in; a Recording out that says which chip, profile, seed, program
and stimulus made it, so that one from a chip elsewhere is compared like any other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic, LaharError
from ..hardware.budget import Budget
from ..hardware.program import Program, View
from ..hardware.variables import state_variables
from ..hardware.weight_sums import variable_of, variables_summed

Array = npt.NDArray[np.generic]
Units = Literal["stored", "rule"]
_INDEXED = re.compile(r"(?P<name>.+?)(?P<index>(\[[0-9]+(,[0-9]+)*\])+)")


@dataclass(frozen=True)
class UnknownVariable(Diagnostic):
    """A name that is not recorded, or that the program does not have.

    Recorded names are `<population>.<variable>` and `<connection>.<variable>`;
    shell patterns such as `post.*` take several.
    """

    code = "S420"
    title = "`{name}` is not a variable of {owner}"
    note = "{owner} has: {known}"
    help = "{advice}"

    name: str
    owner: str
    known: str
    advice: str


@dataclass(frozen=True)
class NotRecorded(Diagnostic):
    """The variable exists, but its values step by step were not recorded.

    Only what record= asks for is kept, since all variables of all steps may be
    large.
    """

    code = "S421"
    title = "`{name}` was not recorded"
    note = "only its value after the last step is there: recording.final[{name!r}]"
    help = "run again with record=[{name!r}]"

    name: str


@dataclass(frozen=True)
class IndexOutside(Diagnostic):
    """A neuron or synapse that the variable does not have.

    Neurons have one index, synapses two: [post, pre], counted from 0.
    """

    code = "S422"
    title = "`{name}` has no element {index}"
    note = "a step of `{name}` has shape {shape}"
    help = "indices count from 0; a synapse is [post, pre]"

    name: str
    index: str
    shape: str


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a recording comes from; None where nobody knows.

    steps_before
        Steps of the same run that came before these.
    open_loop_of
        Checksum of the recording whose spikes were replayed; None for a closed loop.
    units
        ``stored``: integers as the chip holds them. ``rule``: the rule's own units.
    """

    backend: str
    steps: int
    dt_seconds: float
    units: Units = "stored"
    backend_version: str = ""
    lahar_version: str = ""
    chip: str = ""
    profile: str | None = None
    seed: int | None = None
    program_checksum: str | None = None
    stimulus_checksum: str | None = None
    open_loop_of: str | None = None
    steps_before: int = 0


@dataclass(frozen=True, eq=False)
class Recording:
    """Values of a run; ``recording["post.v"]`` has shape (steps, ...).

    variables
        Name to array (steps, ...): row t is the value after step t + 1.
    final
        Name to value after the last step, whether recorded or not.
    views, budgets
        Those of the program, to read stored values and to judge weights.
    lava_own
        Names that were computed by Lava's own code.
    not_kept
        Names that were to be recorded, but that the backend has no value of.
    """

    variables: Mapping[str, Array]
    final: Mapping[str, Array]
    provenance: Provenance
    views: tuple[View, ...] = ()
    budgets: tuple[Budget, ...] = ()
    lava_own: frozenset[str] = field(default_factory=frozenset)
    not_kept: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The recorded variables, in order."""
        return tuple(self.variables)

    def __contains__(self, name: str) -> bool:
        try:
            self[name]
        except LaharError:
            return False
        return True

    def __getitem__(self, name: str) -> Array:
        """Give a variable, or one element of it: ``post.v`` or ``post.v[3]``.

        Raises
        ------
        LaharError
            S420 to S422 for what was not recorded.

        """
        if name in self.variables:
            return self.variables[name]
        base, index = split_index(name)
        if index is None or base not in self.variables:
            raise LaharError(self._missing(base))
        values = self.variables[base]
        shape = values.shape[1:]
        if len(index) != len(shape) or any(
            i >= n for i, n in zip(index, shape, strict=False)
        ):
            raise LaharError(IndexOutside(base, show_index(index), str(shape)))
        place: tuple[slice | int, ...] = (slice(None), *index)
        element: Array = values[place]
        return element

    def _missing(self, name: str) -> Diagnostic:
        if name in self.final:
            return NotRecorded(name)
        return unknown_variable(name, self.names, "the recording")

    def select(self, patterns: str | Iterable[str]) -> dict[str, Array]:
        """Give the variables that match names or shell patterns.

        Raises
        ------
        LaharError
            S420 for a pattern that nothing matches.

        """
        chosen = resolve_names(self.names, patterns, "the recording")
        return {name: self.variables[name] for name in self.names if name in chosen}

    @cached_property
    def checksum(self) -> str:
        """The SHA-256 of all values; what an open loop names that replays them."""
        whole = {name: whole_array(values) for name, values in self.variables.items()}
        return checksum_of(whole, self.final)

    def view(self, name: str) -> View:
        """Tell how a variable reads in the rule's units; spikes read as they are."""
        base, _ = split_index(name)
        if self.provenance.units == "rule":
            return View(base, base, 1.0)
        same = (v for v in self.views if v.variable == base)
        return next(same, View(base, base, 1.0))

    def save(self, path: str | Path) -> None:
        """Write everything to one HDF5 file, whole or not at all.

        Raises
        ------
        LaharError
            S430 if the file cannot be written.

        """
        from .recording_file import write_recording  # it needs this class, and h5py

        write_recording(self, Path(path))


@dataclass(frozen=True)
class RowBlocks:
    """A recorded variable that comes in blocks of rows; ``shape`` has the steps."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    blocks: Callable[[], Iterable[Array]]


def whole_array(values: Array) -> RowBlocks:
    """Give an array as its only block."""
    return RowBlocks(values.shape, values.dtype, lambda: (values,))


def checksum_of(variables: Mapping[str, RowBlocks], final: Mapping[str, Array]) -> str:
    """Give the SHA-256 of all values of a recording, wherever they are."""
    digest = hashlib.sha256()
    ends = {name: whole_array(values) for name, values in final.items()}
    for kind, arrays in (("variable", variables), ("final", ends)):
        for name in sorted(arrays):
            rows = arrays[name]
            digest.update(f"{kind} {name!r} {rows.dtype.str} {rows.shape}".encode())
            for block in rows.blocks():
                cells = np.ascontiguousarray(block).reshape(-1)
                digest.update(cells.view(np.uint8).data)
    return digest.hexdigest()


def load_recording(path: str | Path) -> Recording:
    """Read a recording that `Recording.save` wrote, verifying all of it.

    Raises
    ------
    LaharError
        S431 to S434 for a file that is missing, something else, damaged or too new.

    """
    from .recording_file import read_recording  # it needs Recording, and h5py

    return read_recording(Path(path))


def import_csv(path: str | Path, provenance: Provenance, program: Program) -> Recording:
    """Read a table of values that another tool wrote: see recording_csv.py.

    Raises
    ------
    LaharError
        S440 to S443 for a table that cannot be read or does not fit the program.

    """
    from .recording_csv import read_csv  # it needs Recording

    return read_csv(Path(path), provenance, program)


def in_rule_units(values: Array, view: View) -> npt.NDArray[np.float64]:
    """Read stored values in the rule's units: (stored - offset) / scale."""
    return (np.asarray(values, np.float64) - view.offset) / view.scale


def split_index(name: str) -> tuple[str, tuple[int, ...] | None]:
    """Split ``synapse.weights[2,5]`` (or ``[2][5]``) into name and index."""
    match = _INDEXED.fullmatch(name)
    if match is None:
        return name, None
    return match["name"], tuple(int(k) for k in re.findall("[0-9]+", match["index"]))


def show_index(index: tuple[int, ...]) -> str:
    """Write an index as it follows a name: ``[2,5]``."""
    return f"[{','.join(str(k) for k in index)}]"


# --- what to record ---------------------------------------------------------------


def wanted_record(
    program: Program, record: str | Sequence[str] | None
) -> str | Sequence[str] | None:
    """Give for ``"default"`` what the Program asks for, else all spikes."""
    if record == "default":
        return program.record or ("*.s_out",)
    return record


def resolve_record(
    program: Program, record: str | Sequence[str] | None
) -> frozenset[str]:
    """Find the variables of a Program by names, shell patterns, or ``"all"``.

    The weight of a split rule is recorded by those of its connections. None records
    nothing; the values after the last step are kept in any case.

    Raises
    ------
    LaharError
        S420 for a name or pattern that nothing matches, all of them at once.

    """
    if record is None:
        return frozenset()
    known = [v.name for v in state_variables(program)]
    if record == "all":
        return frozenset(known)
    made_of = {variable_of(s): variables_summed(s) for s in program.sums}
    chosen = resolve_names([*known, *made_of], record, f"program `{program.name}`")
    return frozenset(part for name in chosen for part in made_of.get(name, (name,)))


def resolve_names(
    known: Sequence[str], patterns: str | Iterable[str], owner: str
) -> frozenset[str]:
    """Find names by exact name or shell pattern.

    Raises
    ------
    LaharError
        S420 for those that nothing matches, all of them at once.

    """
    wanted = [patterns] if isinstance(patterns, str) else list(patterns)
    found = {p: frozenset(_matching(known, p)) for p in wanted}
    unmatched = [p for p, names in found.items() if not names]
    if unmatched:
        raise LaharError(unknown_variable(p, known, owner) for p in unmatched)
    return frozenset().union(*found.values())


def _matching(known: Sequence[str], pattern: str) -> Iterator[str]:
    if pattern in known:
        yield pattern
        return
    yield from (name for name in known if fnmatchcase(name, pattern))


def unknown_variable(name: str, known: Sequence[str], owner: str) -> Diagnostic:
    """Say that a name is unknown, with what may have been meant."""
    near = get_close_matches(name, known, n=3)
    advice = "use one of these names, or a pattern such as `*.weights`"
    if near:
        advice = f"did you mean {' or '.join(f'`{n}`' for n in near)}?"
    return UnknownVariable(name, owner, _listing(known), advice)


def _listing(known: Sequence[str], limit: int = 20) -> str:
    more = f" and {len(known) - limit} more" if len(known) > limit else ""
    return (", ".join(known[:limit]) or "nothing") + more
