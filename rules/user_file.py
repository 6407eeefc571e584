"""Run a user's own Python file and hand out what it defines.

A path in, the file's names out. Whatever goes wrong in the file is a diagnostic that
points at the user's line; the file gets a module name of its own, so that it replaces
nothing that is already imported.
"""

from __future__ import annotations

import importlib.util
import linecache
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from ..diagnostics import Diagnostic, LaharError, SourceSpan


@dataclass(frozen=True)
class UserCodeFailed(Diagnostic):
    """The user's Python file raised an error while it was run.

    ``file.py:Name`` runs the file as ``python file.py`` would, and then takes ``Name``.
    """

    code = "R155"
    title = "`{file}` fails: {reason}"
    label = "raised here"
    help = "run `python {file}` to see the whole traceback"

    file: str
    reason: str


class _Loader(SourceFileLoader):
    """Compile the file as it is now: nothing is read from or left in a cache."""

    def get_code(self, fullname: str) -> CodeType:
        code = self.source_to_code(self.get_data(self.path), self.path)
        assert isinstance(code, CodeType)
        return code


def run_user_file(path: Path) -> dict[str, Any]:
    """Give all names that the file defines.

    Raises
    ------
    LaharError
        R155 for an error in the file, or what the rule language says about it.

    """
    linecache.checkcache(str(path))  # messages show the file as it is now
    name = f"_lahar_user_{path.stem}"
    loader = _Loader(name, str(path))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None, "a loader was given"
    module = importlib.util.module_from_spec(spec)
    try:
        with _importable(module, path.resolve().parent):
            loader.exec_module(module)
    except LaharError:
        raise
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}".removesuffix(": ")
        span = _place(error, path)
        raise LaharError(UserCodeFailed(str(path), reason, span=span)) from None
    return dict(vars(module))


@contextmanager
def _importable(module: ModuleType, folder: Path) -> Iterator[None]:
    """Let the file import its neighbours, and dataclasses find its module."""
    sys.modules[module.__name__] = module
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        del sys.modules[module.__name__]


def _place(error: BaseException, path: Path) -> SourceSpan | None:
    """Find the user's line: the innermost one in the file itself."""
    if isinstance(error, SyntaxError) and error.lineno and error.filename == str(path):
        text = (error.text or "").rstrip("\n")
        return SourceSpan(str(path), error.lineno, 1, None, text)
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename == str(path) and f.lineno]
    if not own:
        return None
    line, number = own[-1].line or "", own[-1].lineno or 1
    return SourceSpan(str(path), number, 1, None, line)
