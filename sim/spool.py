"""Recorded rows on disk, appended as they come, so that a run's memory does not grow.

Rows by name go in, one file for each variable; blocks of rows come out. A file may be
cut at a step, which is how a run that was killed goes on behind its checkpoint.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path

import numpy as np

from .recording import Array

BLOCK_BYTES = 4 << 20


@dataclass(frozen=True)
class Rows:
    """How a variable lies in its file: rows of one shape and type."""

    shape: tuple[int, ...]
    dtype: str

    @property
    def row_bytes(self) -> int:
        """Count the bytes of a row."""
        return int(np.prod(self.shape)) * np.dtype(self.dtype).itemsize

    @property
    def block_rows(self) -> int:
        """Count the rows that are read or compressed together."""
        return max(1, BLOCK_BYTES // max(1, self.row_bytes))


class Spool:
    """The rows of a run under way, in a folder of their own."""

    def __init__(self, folder: Path, variables: Mapping[str, Rows]) -> None:
        """Open the files of variables; those that are there are appended to."""
        self.folder = folder
        self.variables = dict(variables)
        self.steps = 0
        folder.mkdir(exist_ok=True)
        self._files: dict[str, BufferedWriter] = {
            name: self._path(name).open("ab") for name in self.variables
        }

    def append(self, rows: Mapping[str, Array], steps: int) -> None:
        """Add the rows of the next steps."""
        for name, file in self._files.items():
            file.write(np.ascontiguousarray(rows[name]).reshape(-1).view(np.uint8).data)
        self.steps += steps

    def reach_the_disk(self) -> None:
        """Make sure that all rows are there even if the machine stops."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())

    def cut(self, steps: int) -> bool:
        """Forget all rows after so many steps; False if there are not as many."""
        for name, file in self._files.items():
            size = steps * self.variables[name].row_bytes
            if os.fstat(file.fileno()).st_size < size:
                return False
            os.ftruncate(file.fileno(), size)
        self.steps = steps
        return True

    def blocks(self, name: str) -> Iterator[Array]:
        """Give the rows of a variable, some at a time."""
        self._files[name].flush()
        rows = self.variables[name]
        for start in range(0, self.steps, rows.block_rows):
            count = min(rows.block_rows, self.steps - start)
            items, offset = count * int(np.prod(rows.shape)), start * rows.row_bytes
            values: Array = np.fromfile(
                self._path(name), rows.dtype, items, offset=offset
            )
            yield values.reshape(count, *rows.shape)

    @property
    def total_bytes(self) -> int:
        """Count the bytes of all rows."""
        return self.steps * sum(rows.row_bytes for rows in self.variables.values())

    def close(self) -> None:
        """Close the files; they stay where they are."""
        for file in self._files.values():
            file.close()

    def remove(self) -> None:
        """Take the folder away with all that is in it."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, name: str) -> Path:
        position = list(self.variables).index(name)
        return self.folder / f"{position}.rows"
