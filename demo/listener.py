"""Who follows the demo: somebody at a terminal, or nobody.

The experiment tells what it does; what becomes of that on a screen is said here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import final

from ..hardware.program import Program
from ..sim.backend import Progress, silent


class AbstractListener(ABC):
    """Hears what the demo does, and shows it or not."""

    @abstractmethod
    def say(self, text: str) -> None:
        """Take note of a line."""

    @abstractmethod
    def compiled(self, program: Program) -> None:
        """Take note of a Program and its report."""

    @abstractmethod
    def stage(self, title: str, steps: int) -> AbstractContextManager[Progress]:
        """Follow a long stage; it says how many steps it did since it last said so."""


@final
class NobodyListens(AbstractListener):
    """For tests, and for output that only programs read."""

    def say(self, text: str) -> None: ...

    def compiled(self, program: Program) -> None: ...

    @contextmanager
    def stage(self, title: str, steps: int) -> Iterator[Progress]:
        yield silent


@final
class TerminalListener(AbstractListener):
    """Lines and tables on standard output, bars of progress on standard error."""

    def say(self, text: str) -> None:
        from ..cli.output import console

        console().print(text, markup=False)

    def compiled(self, program: Program) -> None:
        from ..cli.report import print_report

        print_report(program)

    @contextmanager
    def stage(self, title: str, steps: int) -> Iterator[Progress]:
        from ..cli.output import step_progress

        with step_progress(steps) as start:
            yield start(title)


@final
class ErrorStreamListener(AbstractListener):
    """Bars of progress alone: standard output is kept for one JSON object."""

    def say(self, text: str) -> None: ...

    def compiled(self, program: Program) -> None: ...

    @contextmanager
    def stage(self, title: str, steps: int) -> Iterator[Progress]:
        from ..cli.output import step_progress

        with step_progress(steps) as start:
            yield start(title)
