"""What the user is told when something is wrong.

A diagnostic is a type: its class holds the code, the title and the wording, its
instance only the facts. The class docstring is the long explanation that
``lahar explain CODE`` prints. This module imports nothing of ours, so that every
other one may import it.
"""

from __future__ import annotations

import dataclasses
import importlib
import linecache
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import ClassVar, Literal

Severity = Literal["error", "warning"]

EXIT_USER = 2
EXIT_MISSING_BACKEND = 3


@dataclass(frozen=True)
class SourceSpan:
    """A place in the user's text: one line, columns counted from 1."""

    file: str
    line: int
    column: int = 1
    end_column: int | None = None
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def _own_folder() -> str:
    return str(Path(__file__).resolve().parent)


_OURS = tuple(
    f"{_own_folder()}/{name}"
    for name in ("rules/", "hardware/", "compiler/", "sim/", "frontends/")
)
_LIBRARY = f"{_own_folder()}/rules/library/"
_FACE = tuple(
    f"{_own_folder()}/{name}"
    for name in ("cli/", "verbs.py", "running.py", "live.py", "long_run.py")
)
_MAKING = ("<string>", dataclasses.__file__)


def caller_span() -> SourceSpan | None:
    """Find the innermost line outside lahar's own machinery: the user's.

    Rules of the library count as user text: an error in one points there.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        ours = file.startswith(_OURS) and not file.startswith(_LIBRARY)
        if not ours and file != __file__ and not file.startswith("<string>"):
            text = linecache.getline(file, frame.f_lineno).rstrip("\n")
            return SourceSpan(file, frame.f_lineno, 1, None, text)
        frame = frame.f_back
    return None


def span_at(where: str) -> SourceSpan | None:
    """Give the span that was printed as ``file:line``; None if it was none."""
    file, _, line = where.rpartition(":")
    if not file:
        return None
    return SourceSpan(file, int(line), text=linecache.getline(file, int(line)).rstrip())


def maker_span() -> SourceSpan | None:
    """Find the line that makes the value whose ``__post_init__`` calls this.

    None if that is lahar itself, which reads and rewrites networks.
    """
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename in _MAKING:
        frame = frame.f_back
    if frame is None or frame.f_code.co_filename.startswith((*_OURS, *_FACE)):
        return None
    text = linecache.getline(frame.f_code.co_filename, frame.f_lineno).rstrip("\n")
    return SourceSpan(frame.f_code.co_filename, frame.f_lineno, 1, None, text)


@dataclass(frozen=True)
class Diagnostic:
    """One thing that is wrong, or worth a warning.

    Subclasses set the class-level templates; ``{field}`` in them is filled from the
    instance's fields. ``label`` points at the span, ``note`` names the limit and
    where it is declared, ``help`` is something the user can paste or type.
    """

    code: ClassVar[str] = ""
    title: ClassVar[str] = ""
    label: ClassVar[str] = ""
    note: ClassVar[str] = ""
    help: ClassVar[str] = ""
    severity: ClassVar[Severity] = "error"
    exit_code: ClassVar[int] = EXIT_USER

    span: SourceSpan | None = field(
        default=None, compare=False, repr=False, kw_only=True
    )

    def _fill(self, template: str) -> str:
        return template.format(**self.__dict__)

    @property
    def message(self) -> str:
        """The title with its facts filled in, one line."""
        return self._fill(self.title)

    def render(self) -> str:
        """Show title, the user's line, note and help, as a compiler does."""
        lines = [f"{self.severity}[{self.code}]: {self.message}"]
        lines += self._pointed_line()
        if self.note:
            lines.append(f"   = note: {self._fill(self.note)}")
        if self.help:
            lines.append(f"   = help: {self._fill(self.help)}")
        return "\n".join(lines)

    def _pointed_line(self) -> Iterator[str]:
        label = self._fill(self.label)
        if self.span is None:
            if label:
                yield f"   | {label}"
            return
        yield f"  --> {self.span}"
        if not self.span.text.strip():
            if label:
                yield f"   | {label}"
            return
        number = str(self.span.line)
        pad = " " * len(number)
        start, end = self._columns()
        yield f" {pad} |"
        yield f" {number} | {self.span.text}"
        marks = " " * (start - 1) + "^" * max(1, end - start)
        yield f" {pad} | {marks} {label}".rstrip()

    def _columns(self) -> tuple[int, int]:
        assert self.span is not None
        text = self.span.text
        if self.span.end_column is not None:
            return self.span.column, self.span.end_column
        start = len(text) - len(text.lstrip()) + 1
        return start, len(text.rstrip()) + 1


class LaharError(Exception):
    """One or more diagnostics that stop the work. Always caused by the input."""

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic]) -> None:
        if isinstance(diagnostics, Diagnostic):
            diagnostics = (diagnostics,)
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__("\n\n".join(d.render() for d in self.diagnostics))

    @property
    def exit_code(self) -> int:
        """Give the exit status a command line ends with."""
        return max(d.exit_code for d in self.diagnostics)


def require_no_errors(diagnostics: Iterable[Diagnostic]) -> None:
    """Raise all errors of a check at once, so that the user mends them in one go.

    Raises
    ------
    LaharError
        If at least one diagnostic is an error.

    """
    errors = [d for d in diagnostics if d.severity == "error"]
    if errors:
        raise LaharError(errors)


def all_diagnostics() -> dict[str, type[Diagnostic]]:
    """Collect every diagnostic of the package by its code.

    A graver form of a lint is a subclass without a code of its own, and is left out.
    Modules that need an absent backend are skipped: they declare no diagnostics.
    """
    package = __name__.rpartition(".")[0]
    inner = ("rules", "frontends", "hardware", "compiler", "sim")
    for folder in (*inner, "cli", "demo", "deployment"):
        root = importlib.import_module(f"{package}.{folder}")
        for module in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            _import_unless_backend_is_missing(module.name)
    for name in ("units", "running", "verbs", "live", "long_run", "exporting"):
        importlib.import_module(f"{package}.{name}")
    return {d.code: d for d in _subclasses(Diagnostic) if vars(d).get("code")}


def _import_unless_backend_is_missing(module: str) -> None:
    try:
        importlib.import_module(module)
    except LaharError as error:
        if error.exit_code != EXIT_MISSING_BACKEND:
            raise


def _subclasses(base: type[Diagnostic]) -> Iterator[type[Diagnostic]]:
    for child in base.__subclasses__():
        yield child
        yield from _subclasses(child)
