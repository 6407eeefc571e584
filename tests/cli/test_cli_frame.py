"""What holds for every command: exit codes, where output goes, bugs and Ctrl-C."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable

import click
import pytest
from lahar.cli import app
from lahar.rules.nir_restore import WeightsChanged


def replace_list(monkeypatch: pytest.MonkeyPatch, work: Callable[[], int]) -> None:
    """Put a command of our own in the place of `list`."""

    @click.command("list")
    @click.option("--json", "as_json", is_flag=True)
    def command(as_json: bool) -> int:
        return work()

    monkeypatch.setattr(app.LazyGroup, "get_command", lambda *_: command)


def test_help_names_every_command(call):
    done = call("--help")

    assert done.status == 0
    assert done.err == ""
    for command in ("demo", "list", "show", "compile", "run", "validate", "explain"):
        assert f"\n  {command} " in done.out


@pytest.mark.parametrize("command", app.COMMANDS)
def test_every_command_has_help(call, command):
    done = call(f"{command} --help")

    assert done.status == 0
    assert done.out.startswith(f"Usage: lahar {command} [OPTIONS]")
    assert "--json" in done.out


def test_version_is_that_of_the_package(call):
    import lahar

    assert call("--version").out == f"lahar, version {lahar.__version__}\n"


def test_wrong_usage_is_refused_with_a_hint(transcript, golden):
    commands = [
        "complie stdp",
        "xyz",
        "list rulez",
        "compile",
        "compile stdp --chop loihi2",
        "compile stdp --pre many",
        "run prog.lahar --steps 0",
        "run prog.lahar --seed -1",
        "validate prog.lahar --steps -5",
        "explain",
    ]

    golden("cli_usage", transcript(commands))


def test_wrong_usage_with_json_is_one_object_too(call):
    done = call("list rulez --json")

    assert done.status == 2
    (error,) = done.json["errors"]
    assert "'rulez' is not one of" in error["message"]
    assert "Usage:" in done.err


def test_a_bug_of_ours_ends_with_70_and_says_so(call, monkeypatch):
    def fail() -> int:
        raise ZeroDivisionError("made up")

    replace_list(monkeypatch, fail)
    done = call("list --json")

    assert done.status == 70
    assert "ZeroDivisionError: made up" in done.err
    assert "this is a bug in lahar, not in your input" in done.err
    assert done.json == {
        "errors": [{"code": None, "message": "ZeroDivisionError: made up"}]
    }


def test_ctrl_c_ends_with_130(call, monkeypatch):
    def interrupt() -> int:
        raise KeyboardInterrupt

    replace_list(monkeypatch, interrupt)
    done = call("list")

    assert done.status == 130
    assert done.err.strip() == "interrupted"
    assert done.out == ""


def test_a_command_gives_its_own_status(call, monkeypatch):
    replace_list(monkeypatch, lambda: 1)

    assert call("list").status == 1


def test_our_warnings_are_shown_as_they_are(call, monkeypatch):
    warning = WeightsChanged("net.nir", "weights", 0.25).render()

    def warn() -> int:
        warnings.warn(warning, stacklevel=1)
        return 0

    replace_list(monkeypatch, warn)
    before = warnings.formatwarning
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        done = call("list")

    assert done.err == f"{warning}\n"
    assert warnings.formatwarning is before


def test_a_reader_that_goes_away_is_no_error():
    child = subprocess.Popen(
        [sys.executable, "-m", "lahar", "list", "systems"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.close()
    _, err = child.communicate(timeout=60)

    assert (child.returncode, err) == (0, b"")


def test_the_module_is_the_command(here):
    done = subprocess.run(
        [sys.executable, "-m", "lahar", "run", "no.lahar"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error[P303]: cannot read `no.lahar`")
