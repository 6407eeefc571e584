"""What each call of a module's runs takes, and from which other call.

Three runs in: with zeros in the place of everything, and twice with random numbers.
The first gives constants, torch's history of the second the matrices between one thing
and the next, and the third is what the two have to explain, else something between is
not linear.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scipy import sparse

from ..diagnostics import LaharError
from ..rules.layer_graph import Matrix
from .derivatives import agree, derivative, functions_between, which_reach
from .parts import Cell, array
from .probe import Key, Run
from .refusals import MembraneIsUsed, NotLinearBetween
from .steps import Steps


@dataclass(frozen=True, eq=False)
class Runs:
    """The same calls with zeros, and with two sets of random numbers."""

    zeros: Run
    first: Run
    second: Run


@dataclass(frozen=True)
class Piece:
    """What a call takes comes, by a matrix, from what an earlier one gave."""

    source: str
    frame: int
    matrix: Matrix
    key: Key | None = None


@dataclass
class Pieces:
    """Finds pieces, each call once."""

    runs: Runs
    steps: Steps
    cells: Mapping[str, Cell]
    input_size: int
    input_name: str
    _found: dict[tuple[Key, int], list[Piece]] = field(default_factory=dict)

    def into(self, key: Key, frame: int) -> list[Piece]:
        """Find what a call takes, and check that it is all."""
        if (key, frame) not in self._found:
            self._found[key, frame] = list(self._find(key, frame))
        return self._found[key, frame]

    def _find(self, key: Key, frame: int) -> Iterator[Piece]:
        run = self.runs.first
        taken = run.calls[key].taken
        inputs: dict[Key | None, Any] = {None: run.x}
        inputs |= {k: call.given for k, call in run.calls.items()}
        reaching = which_reach(taken, list(inputs.values()))
        keys = [k for k, reaches in zip(inputs, reaching, strict=True) if reaches]
        matrices = dict(
            zip(keys, derivative(taken, [inputs[k] for k in keys]), strict=True)
        )
        self._no_membrane(key, keys)
        self._explains_all(key, matrices)
        for source, matrix in matrices.items():
            if source is None:
                yield from self._from_input(matrix, frame)
            elif matrix.nnz:
                at = self.steps.frame(source, frame)
                yield Piece(self.steps.name_in_step(source), at, matrix, source)

    def _from_input(self, matrix: Matrix, frame: int) -> Iterator[Piece]:
        columns = matrix.tocsc()
        for step in range(self.runs.first.x.shape[0]):
            start = step * self.input_size
            part = sparse.csr_array(columns[:, start : start + self.input_size])
            if part.nnz:
                at = self.steps.frame_of_input(step, frame)
                yield Piece(self.input_name, at, part)

    def _no_membrane(self, key: Key, sources: list[Key | None]) -> None:
        run = self.runs.first
        for source in sources:
            if source is None or source[0] not in self.cells:
                continue
            if not self.cells[source[0]].neurons.neuron.can_send:
                raise LaharError(MembraneIsUsed(key[0], source[0], "membrane"))
        hidden = [(k[0], h) for k, call in run.calls.items() for h in call.hidden]
        reach = which_reach(run.calls[key].taken, [h for _, h in hidden])
        for (cell_name, _), reaches in zip(hidden, reach, strict=True):
            if reaches:
                raise LaharError(MembraneIsUsed(key[0], cell_name, "states"))

    def _explains_all(self, key: Key, matrices: Mapping[Key | None, Matrix]) -> None:
        bias = array(self.runs.zeros.calls[key].taken).reshape(-1)
        for run in (self.runs.first, self.runs.second):
            expected = bias.copy()
            for source, matrix in matrices.items():
                x = run.x if source is None else run.calls[source].given
                expected += matrix @ array(x).reshape(-1)
            taken = run.calls[key].taken
            if not agree(expected, array(taken).reshape(-1)):
                names = dict.fromkeys(k[0] if k else self.input_name for k in matrices)
                shown = ", ".join(f"`{n}`" for n in names) or "what came before"
                between = functions_between(taken)
                raise LaharError(NotLinearBetween(key[0], shown, between))
