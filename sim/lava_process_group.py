"""A child program in a session of its own, ended with all its descendants.

Lava starts a process for each of its models and keeps shared memory open; when one
dies the others wait for ever. Ending the session takes them all, and leaves neither
orphans nor segments behind.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from psutil import Process

SHARED_MEMORY = Path("/dev/shm")
TERMINATE_SECONDS = 1.0
TRACKER_SECONDS = 5.0
POLL_SECONDS = 0.02

_SEGMENT = re.compile(r"/dev/shm/(psm_\w+)")
_TRACKER = "multiprocessing.resource_tracker"


@final
class ProcessGroup:
    """Runs a Python script; leaving the ``with`` block ends whatever is left of it.

    Standard input is a pipe that closes when this process is gone; the script is told
    to end itself then. Output goes to ``stdout.txt`` and ``stderr.txt`` in its folder.
    """

    def __init__(
        self, script: Path, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.folder = folder
        with (
            (folder / "stdout.txt").open("wb") as stdout,
            (folder / "stderr.txt").open("wb") as stderr,
        ):
            self._child = subprocess.Popen(
                [sys.executable, str(script), "--leave-with-parent"],
                cwd=folder,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )

    def __enter__(self) -> ProcessGroup:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def wait(self, seconds: float) -> int | None:
        """Wait for the child at most so long; give its exit code, None if it runs."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> None:
        """Kill every process of the session, and unlink the memory they shared."""
        segments = {name for p in self._members() for name in _segments(p.pid)}
        self._ask_to_end()
        self._see_end(self._workers, TERMINATE_SECONDS)
        # The tracker unlinks shared memory once all others are gone, then ends.
        self._see_end(self._members, TRACKER_SECONDS)
        for name in segments:
            (SHARED_MEMORY / name).unlink(missing_ok=True)
        assert self._child.stdin is not None
        self._child.stdin.close()
        self._child.wait()

    def _ask_to_end(self) -> None:
        """Ask all at once; multiprocessing's resource tracker ignores SIGTERM."""
        if self._members():
            os.killpg(self._child.pid, signal.SIGTERM)

    def _see_end(self, members: Callable[[], list[Process]], seconds: float) -> None:
        """Wait until none is left; kill those that take too long."""
        deadline = time.monotonic() + seconds
        while left := members():
            self._child.poll()
            if time.monotonic() > deadline:
                for process in left:
                    _kill(process)
            time.sleep(POLL_SECONDS)

    def _members(self) -> list[Process]:
        """Find what lives in the session; zombies only wait for their parents."""
        import psutil

        return [p for p in psutil.process_iter() if _lives_in(self._child.pid, p)]

    def _workers(self) -> list[Process]:
        return [p for p in self._members() if not _is_tracker(p)]


def _lives_in(session: int, process: Process) -> bool:
    import psutil

    try:
        if os.getsid(process.pid) != session:
            return False
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except (psutil.Error, OSError):
        return False


def _is_tracker(process: Process) -> bool:
    import psutil

    try:
        return _TRACKER in " ".join(process.cmdline())
    except psutil.Error:
        return False


def _kill(process: Process) -> None:
    import psutil

    with suppress(psutil.Error):
        process.kill()


def _segments(pid: int) -> set[str]:
    """Name the segments of shared memory that a process has mapped."""
    try:
        return set(_SEGMENT.findall(Path(f"/proc/{pid}/maps").read_text()))
    except OSError:
        return set()
