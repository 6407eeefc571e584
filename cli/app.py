"""The command group and its frame: diagnostics to exit codes, bugs to exit 70."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from ..diagnostics import Diagnostic, LaharError
from .output import print_json

if TYPE_CHECKING:
    from ..hardware.report import TermReport

EXIT_BUG = 70  # EX_SOFTWARE of sysexits.h
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells report it

COMMANDS = {
    "demo": ".demo",
    "list": ".lists",
    "show": ".show",
    "compile": ".compile",
    "run": ".run",
    "cost": ".cost",
    "deploy": ".deploy",
    "validate": ".validate",
    "export": ".export",
    "explain": ".explain",
}
"""Command to its module here, imported when it is called: --help stays quick."""


@dataclass(frozen=True)
class TooLargeForMemory(Diagnostic):
    """A network or a run needs more memory than this machine has.

    Weights take 8 bytes a synapse while compiling. A run keeps its stimulus, a byte for
    each input and step, and everything that is recorded, 4 bytes a value: if asked for,
    all weights in every step.
    """

    code = "U914"
    title = "there is not enough memory: {reason}"
    help = "run fewer steps, record less (--record 'post.*'), or use fewer neurons"

    reason: str


class LazyGroup(click.Group):
    """A group whose commands are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            near = get_close_matches(name, COMMANDS, n=1)
            advice = f"Did you mean '{near[0]}'?" if near else "See lahar --help."
            raise click.UsageError(f"No such command '{name}'. {advice}", ctx)
        from importlib import import_module

        command = import_module(COMMANDS[name], __package__).command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lahar")
def lahar() -> None:
    """Put local learning rules on Loihi-style chips, and prove what runs there."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit.

    0 fine, 1 compared and diverged, 2 the user's input, 3 a backend is missing, 70 our
    bug, 130 interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    with _plain_warnings():
        status = _status(words)
    _flush()
    sys.exit(status)


def _status(words: list[str]) -> int:
    try:
        result: Any = lahar.main(
            words, prog_name="lahar", standalone_mode=False, obj=words
        )
    except LaharError as error:
        return _refuse(words, error)
    except MemoryError as error:
        return _refuse(words, LaharError(TooLargeForMemory(_reason(error))))
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        _report(words, [{"code": None, "message": "interrupted"}])
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        _report(words, [{"code": None, "message": error.format_message()}])
        return error.exit_code
    except SystemExit:
        # click found its output closed (`lahar list rules | head`); nothing is wrong.
        return 0
    except Exception as error:  # whatever is left is our bug, and says so
        traceback.print_exc()
        click.echo("this is a bug in lahar, not in your input", err=True)
        _report(words, [{"code": None, "message": f"{type(error).__name__}: {error}"}])
        return EXIT_BUG
    return result if isinstance(result, int) else 0


def _refuse(words: list[str], error: LaharError) -> int:
    click.echo(str(error), err=True)
    terms = _terms(words, error)
    if terms:
        click.echo(_table_of(terms), err=True)
    _report(words, [_as_json(d) for d in error.diagnostics], terms)
    return error.exit_code


def _terms(words: list[str], error: LaharError) -> list[TermReport]:
    """Ask what of a refused rule would have been fine, where there is a choice."""
    if words[:1] != ["compile"]:
        return []
    from ..compiler.refused_rule import NetworkRefusedError

    found = error.terms() if isinstance(error, NetworkRefusedError) else ()
    return list(found) if len({t.status == "refused" for t in found}) > 1 else []


def _table_of(terms: list[TermReport]) -> str:
    """Show the terms below the messages."""
    wide = max(len(t.target) + len(t.term) for t in terms) + 4
    rows = (f"  {f'{t.target} += {t.term}':{wide}}  {t.status}" for t in terms)
    return "\n".join(["", "each term alone:", *rows])


def _reason(error: MemoryError) -> str:
    text = str(error)
    return text[:1].lower() + text[1:] if text else "an array does not fit"


def _report(
    words: list[str],
    errors: list[dict[str, object]],
    terms: Sequence[TermReport] = (),
) -> None:
    """With --json whatever went wrong is the one object on standard output."""
    if "--json" in words:
        told = {"terms": [asdict(t) for t in terms]} if terms else {}
        print_json({"errors": errors, **told})


def _as_json(diagnostic: Diagnostic) -> dict[str, object]:
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "message": diagnostic.message,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "text": diagnostic.render(),
    }


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Show our own warnings as they are, without Python's file and line of ours."""
    with warnings.catch_warnings():
        python_format = warnings.formatwarning

        def show(message: Warning | str, *place: Any, **more: Any) -> str:
            text = str(message)
            own = text.startswith("warning[")
            return f"{text}\n" if own else python_format(message, *place, **more)

        warnings.formatwarning = show
        try:
            yield
        finally:
            warnings.formatwarning = python_format


def _flush() -> None:
    """Write what is left; if nobody reads any more, keep Python from saying so."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
