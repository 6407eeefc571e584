"""What goes to the terminal: tables and progress for people, one object for programs.

Standard output carries the result, standard error what happens on the way; with
--json standard output is one JSON object and nothing else.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

StepProgress = Callable[[int], None]

FILE_WIDTH = 250
"""Columns where there is no terminal: a row of a table stays one line for grep."""


def console() -> Console:
    """Give a console on standard output; plain text when it is not a terminal."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, soft_wrap=True, width=FILE_WIDTH)


def print_json(value: object) -> None:
    """Print the one JSON object of a command; what is not finite becomes null."""
    click.echo(json.dumps(_finite(value), indent=2, allow_nan=False, default=str))


def _finite(value: object) -> object:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _finite(v) for key, v in value.items()}
        case list() | tuple():
            return [_finite(v) for v in value]
        case _:
            return value


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Make a table; the first column never wraps."""
    made = Table(title=title, title_justify="left", title_style="bold")
    for index, column in enumerate(columns):
        made.add_column(column, no_wrap=index == 0)
    for row in rows:
        made.add_row(*row)
    return made


@contextmanager
def step_progress(total: int) -> Iterator[Callable[[str], StepProgress]]:
    """Show bars of steps on standard error; silent when that is not a terminal."""
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bars:

        def start(name: str) -> StepProgress:
            task = bars.add_task(name, total=total)
            return lambda done: bars.advance(task, done)

        yield start
