"""The command group and its frame: diagnostics to exit codes, bugs to exit 70."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from ..diagnostics import Diagnostic, LaharError
from .output import print_json

EXIT_BUG = 70  # EX_SOFTWARE of sysexits.h
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells report it

COMMANDS = {
    "demo": ".demo",
    "list": ".lists",
    "show": ".show",
    "compile": ".compile",
    "run": ".run",
    "validate": ".validate",
    "explain": ".explain",
}
"""Command to its module here, imported when it is called: --help stays quick."""


class LazyGroup(click.Group):
    """A group whose commands are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        from importlib import import_module

        command = import_module(COMMANDS[name], __package__).command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lahar")
def lahar() -> None:
    """Put local learning rules on Loihi-style chips, and prove what runs there."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 fine, 1 out of budget, 2 input, 3 backend, 70."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_status(words))


def _status(words: list[str]) -> int:
    try:
        result: Any = lahar.main(words, prog_name="lahar", standalone_mode=False)
    except LaharError as error:
        _report(error, words)
        return error.exit_code
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (`lahar list rules | head`); nothing is wrong.
        sys.stderr.close()
        return 0
    except Exception:  # whatever is left is our bug, and says so
        traceback.print_exc()
        click.echo("this is a bug in lahar, not in your input", err=True)
        return EXIT_BUG
    return result if isinstance(result, int) else 0


def _report(error: LaharError, words: list[str]) -> None:
    click.echo(str(error), err=True)
    if "--json" in words:
        print_json({"errors": [_as_json(d) for d in error.diagnostics]})


def _as_json(diagnostic: Diagnostic) -> dict[str, object]:
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "message": diagnostic.message,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "text": diagnostic.render(),
    }
