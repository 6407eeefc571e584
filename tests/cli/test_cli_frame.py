"""What holds for every command: exit codes, where output goes, bugs and Ctrl-C."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable

import click
import nir
import numpy as np
import pytest

from lahar.cli import app
from lahar.cli.output import print_json
from lahar.rules.library import LIF
from lahar.rules.network import Group, Network, Projection
from lahar.rules.nir_restore import WeightsChanged
from lahar.rules.nir_write import write_nir


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


# Most of these words are click's own, and change with its version.
WRONG_USAGE = {
    "complie stdp": "No such command 'complie'. Did you mean 'compile'?",
    "xyz": "No such command 'xyz'. See lahar --help.",
    "list rulez": "'rulez' is not one of",
    "compile": "RULE_OR_NETWORK",
    "compile stdp --chop loihi2": "--chip",
    "compile stdp --pre many": "'many' is not a valid integer",
    "run prog.lahar --steps 0": "1<=x<=2147483647",
    "run prog.lahar --steps 10000000000": "1<=x<=2147483647",
    "run prog.lahar --seed -1": "x>=0",
    "validate prog.lahar --steps -5": "1<=x<=2147483647",
}


@pytest.mark.parametrize("command", WRONG_USAGE)
def test_wrong_usage_is_refused_with_a_hint(call, command):
    done = call(command)

    assert (done.status, done.out) == (2, "")
    assert WRONG_USAGE[command] in done.err
    assert "--help" in done.err


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


@pytest.mark.parametrize(
    "command",
    [
        "compile stdp --pre 10000000 --post 100000000",
        "run prog.lahar --steps 2000000000 --stimulus huge.npz",
    ],
)
def test_what_does_not_fit_into_memory_is_the_users_to_change(call, here, command):
    (here / "huge.npz").write_bytes(_npz_that_claims(10**14))
    done = call(f"{command} --json")

    assert done.status == 2
    (error,) = done.json["errors"]
    assert error["code"] in ("U914", "S411")
    assert "Traceback" not in done.err


def _npz_that_claims(elements: int) -> bytes:
    """A stimulus of a few bytes whose header says that it is enormous."""
    header = np.lib.format.header_data_from_array_1_0(np.zeros((1, 8), np.uint8))
    npy, npz = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(npy, {**header, "shape": (elements, 8)})
    with zipfile.ZipFile(npz, "w") as archive:
        archive.writestr("spikes.pre.npy", npy.getvalue())
    return npz.getvalue()


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


def test_our_warnings_are_shown_as_they_are(here):
    network = Network(
        "net",
        (Group("in", 3), Group("out", 2, LIF())),
        (Projection("synapse", "in", "out", np.full((2, 3), 0.5)),),
        dt_seconds=1e-3,
    )
    write_nir(network, here / "net.nir")
    graph = nir.read(here / "net.nir")
    graph.nodes["synapse"].weight = graph.nodes["synapse"].weight / 2
    nir.write(here / "net.nir", graph)

    done = subprocess.run(
        [sys.executable, "-m", "lahar", "compile", "net.nir"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert done.stderr == WeightsChanged("net.nir", "synapse", 0.25).render() + "\n"


def test_json_has_no_numbers_that_json_does_not_have(capsys):
    print_json({"error": float("inf"), "rates": [float("nan"), 1.5], "n": 3})

    plain = {"error": None, "rates": [None, 1.5], "n": 3}
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == plain


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
