"""Where the demo writes, and that it can: asked before the work, not after it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..diagnostics import Diagnostic, LaharError, require_no_errors

NEEDED_MB = 32
_MB = 1 << 20


@dataclass(frozen=True)
class FolderNotWritable(Diagnostic):
    """The demo's folder cannot be made or written to.

    This is tried before the work begins. Each file is written beside its name and moved
    there when it is whole, so an earlier demo's files stay as they were until then.
    """

    code = "U950"
    title = "cannot write to `{folder}`: {reason}"
    note = "the demo writes a page, a program and recordings there"
    help = "choose another folder with --out"

    folder: str
    reason: str


@dataclass(frozen=True)
class TooLittleSpace(Diagnostic):
    """The disk is too full for the recordings of the demo.

    It is checked before anything is computed, so no half-written files are left
    behind.
    """

    code = "U951"
    title = "`{folder}` has {free_mb} MB left, the demo may need {needed_mb} MB"
    note = "the recordings take most of it"
    help = "make room, or choose another folder with --out"

    folder: str
    free_mb: int
    needed_mb: int


def require_folder(folder: Path) -> None:
    """Make a folder if there is none, and see that it takes files.

    Raises
    ------
    LaharError
        U950.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_MB))
    except OSError as error:
        problem = FolderNotWritable(str(folder), error.strerror or str(error))
        raise LaharError(problem) from None


@dataclass(frozen=True)
class DemoFiles:
    """The files of a demo in their folder."""

    folder: Path

    @property
    def report(self) -> Path:
        """The page to read."""
        return self.folder / "report.html"

    @property
    def program(self) -> Path:
        """What was compiled."""
        return self.folder / "demo.lahar"

    @property
    def trained_program(self) -> Path:
        """The program with what it learned."""
        return self.folder / "demo-trained.lahar"

    def recording(self, name: str) -> Path:
        """Name a recording by what it holds."""
        return self.folder / f"{name}.h5"

    def prepare(self) -> None:
        """Make the folder and see that it takes files.

        Raises
        ------
        LaharError
            U950, U951.

        """
        require_folder(self.folder)
        require_no_errors(self._problems())

    def _problems(self) -> Iterator[Diagnostic]:
        folder = str(self.folder)
        free_mb = shutil.disk_usage(self.folder).free // _MB
        if free_mb < NEEDED_MB:
            yield TooLittleSpace(folder, free_mb, NEEDED_MB)
        for path in (self.report, self.program, self.trained_program):
            if path.exists() and not path.is_file():
                yield FolderNotWritable(folder, f"{path.name} is not a regular file")
