"""A folder as a user has it, and the command line called in it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import lahar
from lahar.cli import main

ROOT = str(Path(lahar.__file__).resolve().parent)

MY_RULE = '''\
from lahar import NeuronModel, Param, Port, Rule, State, Trace, ms, post, pre, w


class PostGated(Rule):
    """At a post spike: strengthen inputs that were active, weaken the others."""

    tau = Param(20 * ms)
    eta = Param(0.05)
    target = Param(0.4)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau)
    dw = eta * post * (x - target) * (w_max - w)
    bounds = (0.0, w_max)


class Slow(NeuronModel):
    """Leaky integrate-and-fire with a long memory."""

    tau = Param(100 * ms)
    threshold = Param(1.0)
    current = Port()
    v = State(leak=tau, reset=0.0)
    dv = current
    spike = v > threshold
'''

TEXT_RULE = """\
rule Hebb:
    param tau = 20 ms
    trace x = pre, tau tau
    dw = 0.02 * x * post
    bounds = [0.0, 1.0]
    polarity = excitatory
"""


@dataclass(frozen=True)
class Done:
    """What a call left: exit status, standard output, standard error."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on standard output; fails if there is more."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


Call = Callable[..., Done]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that many tests start from, made once: my_rule.py and prog.lahar."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "my_rule.py").write_text(MY_RULE, encoding="utf-8")
    (folder / "hebb.rule").write_text(TEXT_RULE, encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(
            f"compile {folder}/my_rule.py:PostGated --pre 8 --post 4"
            f" -o {folder}/prog.lahar".split()
        )
    assert left.value.code == 0
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder, with the files above."""
    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def call(here: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line as a user would, with one string or with words."""

    def run(*words: str) -> Done:
        arguments = words[0].split() if len(words) == 1 else list(words)
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Done(left.value.code, _stable(out, here), _stable(err, here))

    return run


def _stable(text: str, here: Path) -> str:
    return text.replace(str(here), "HERE").replace(ROOT, "LAHAR")


@pytest.fixture
def transcript(call: Call) -> Callable[[list[str]], str]:
    """Call several commands that must all be refused; give what the user sees."""

    def run(commands: list[str]) -> str:
        seen = []
        for command in commands:
            before = sorted(p.name for p in Path().iterdir())
            done = call(command)
            assert done.status == 2, f"{command}: {done}"
            assert done.out == "", command
            assert sorted(p.name for p in Path().iterdir()) == before, command
            shown = re.sub("[0-9a-f]{64}", "<sha256>", done.err)
            # What zlib says depends on which bytes the damage happens to hit.
            shown = re.sub("(?<=is damaged: ).*", "<zip's words>", shown)
            seen.append(f"$ lahar {command}\n{shown}")
        return "\n".join(seen)

    return run
