"""Generated kernels on disk: written once, compiled once, imported from then on.

The text of a kernel goes in, its ``advance`` comes out. The file is named for the
text and for everything else that the machine code depends on, so a stale one is
never found; numba keeps its machine code beside it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import platform
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType

import platformdirs

from ..diagnostics import Diagnostic, LaharError

CACHE_VARIABLE = "LAHAR_CACHE_DIR"

LONGEST_COMPILATION_S = 180.0
"""Nobody waits longer for another process, which may have been stopped."""

Advance = Callable[..., None]

_IMPORTED = re.compile(r"^from (\S+) import", re.MULTILINE)

_loaded: dict[str, ModuleType] = {}


@dataclass(frozen=True)
class CacheNotWritable(Diagnostic):
    """Compiled kernels are kept in a folder, and that folder cannot be written.

    The simulator writes one small Python file per structure of network there and
    numba puts its machine code beside it. Any writable folder will do.
    """

    code = "S490"
    title = "cannot write compiled kernels to `{folder}`: {reason}"
    note = "the folder is your cache folder, or what LAHAR_CACHE_DIR names"
    help = "set LAHAR_CACHE_DIR to a folder that you may write to"

    folder: str
    reason: str


def cache_folder() -> Path:
    """Give the folder of generated kernels."""
    named = os.environ.get(CACHE_VARIABLE)
    base = Path(named) if named else Path(platformdirs.user_cache_dir("lahar"))
    return base / "kernels"


def load_advance(text: str) -> Advance:
    """Import a kernel's text as a module and give its ``advance``.

    Raises
    ------
    LaharError
        If the cache folder cannot be written.

    """
    name = f"lahar_kernel_{_digest(text)}"
    if name not in _loaded:
        _loaded[name] = _import(name, write_kernel(cache_folder(), name, text))
    advance: Advance = _loaded[name].advance
    return advance


@contextmanager
def compiled_once(advance: Advance) -> Iterator[None]:
    """Let one process alone call a kernel first; others wait, and find it compiled.

    The first call compiles, or loads what was compiled. Where the cache folder takes
    no lock, or its holder does not go on, all compile side by side.
    """
    if getattr(advance, "signatures", True):  # called before; or plain Python
        yield
        return
    from filelock import FileLock

    with ExitStack() as held, _heeding_interrupts():
        with suppress(OSError, NotImplementedError):
            path = cache_folder() / f"{advance.__module__}.lock"
            held.enter_context(FileLock(path, timeout=LONGEST_COMPILATION_S))
        yield


@contextmanager
def _heeding_interrupts() -> Iterator[None]:
    """Let a Ctrl-C end a compilation, whatever it meets there.

    One that comes while LLVM calls back is lost: numba goes on, or fails elsewhere.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(
        before
    ):
        yield
        return
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        before(number, frame)

    signal.signal(signal.SIGINT, hear)
    try:
        yield
    except Exception:
        if heard:
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:
        raise KeyboardInterrupt


def _digest(text: str) -> str:
    import numba

    from . import kernel_deferral, kernel_quiet_source, operations, trace_decay

    # what the text imports, and where that has its constants from
    imported = {n for n in _IMPORTED.findall(text) if n.startswith(f"{__package__}.")}
    sources = [import_module(name) for name in sorted(imported)]
    sources += [operations, kernel_deferral, kernel_quiet_source, trace_decay]
    parts = [numba.__version__, platform.python_version(), sys.implementation.cache_tag]
    parts += [inspect.getsource(m) for m in sources]
    joined = "\0".join([text, *map(str, parts)])
    return hashlib.sha256(joined.encode()).hexdigest()[:32]


def write_kernel(folder: Path, name: str, text: str) -> Path:
    """Put the file in place whole, whoever else is writing it at the moment."""
    path = folder / f"{name}.py"
    if path.exists():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(suffix=".tmp", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        # numba ties its machine code to the time of the file: one for all writers
        os.utime(temporary, (0, 0))
        os.replace(temporary, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(CacheNotWritable(str(folder), reason)) from error
    return path


def _import(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
