"""The stimulus of a long run, made part by part so that it takes little memory.

What a user gave in; the steps of a part out, and the checksum of the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .diagnostics import require_no_errors
from .hardware.program import Program
from .running import StimulusLike, make_stimulus
from .sim.stimulus import Stimulus, after, read_stimulus
from .sim.stimulus_needs import check_stimulus, is_binary, needs_of

PIECE_BYTES = 16 << 20
LONGEST_PIECE = 1 << 14


class PartsOfStimulus:
    """A stimulus of a whole run, made part by part."""

    def __init__(
        self, program: Program, stimulus: StimulusLike, steps: int, seed: int
    ) -> None:
        self._program, self._steps, self._seed = program, steps, seed
        if isinstance(stimulus, str) and stimulus.endswith(".npz"):
            stimulus = read_stimulus(Path(stimulus))
        self._stimulus = stimulus
        if isinstance(stimulus, Stimulus):
            require_no_errors(check_stimulus(needs_of(program), stimulus, steps))

    def part(self, start: int, count: int) -> Stimulus:
        """Give the steps [start, start + count)."""
        if isinstance(self._stimulus, Stimulus):
            return after(self._stimulus, start, count)
        return make_stimulus(
            self._program, self._stimulus, count, self._seed, steps_before=start
        )

    @property
    def row_bytes(self) -> int:
        """Count the bytes of a step."""
        first = self.part(0, 1)
        arrays = (*first.spikes.values(), *first.modulators.values())
        return sum(np.asarray(rows)[:1].nbytes for rows in arrays)

    def checksum(self) -> str:
        """Give the checksum of the whole, as `Stimulus.checksum` does."""
        if isinstance(self._stimulus, Stimulus):
            return self._stimulus.checksum
        digest = hashlib.sha256()
        first = self.part(0, 1)
        for kind, arrays in (
            ("spikes", first.spikes),
            ("modulators", first.modulators),
        ):
            for name in sorted(arrays):
                binary = kind == "spikes" and all(map(is_binary, self._of(kind, name)))
                shape = (self._steps, *np.shape(arrays[name])[1:])
                digest.update(f"{kind} {name!r} {shape}".encode())
                for values in self._of(kind, name):
                    dtype = "u1" if binary else "<f8"
                    digest.update(np.ascontiguousarray(values, dtype).data)
        return digest.hexdigest()

    def _of(self, kind: str, name: str) -> Iterator[npt.ArrayLike]:
        """Give one signal, part by part."""
        for start, count in pieces(0, self._steps, self.row_bytes):
            yield getattr(self.part(start, count), kind)[name]


def pieces(start: int, stop: int, row_bytes: int) -> list[tuple[int, int]]:
    """Cut steps into pieces (start, count) that take little memory."""
    most = max(1, min(LONGEST_PIECE, PIECE_BYTES // max(1, row_bytes)))
    return [(k, min(most, stop - k)) for k in range(start, stop, most)]
