"""A user's file, compiled as the command line would; what it says, as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lahar
from lahar import LaharError, Program
from lahar.rules.user_file import run_user_file

ROOT = str(Path(lahar.__file__).resolve().parent)
HEAD = "from lahar import *\n\n"
LAVA_SECONDS = 300.0


@pytest.fixture
def compile_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Program]:
    """Compile `Mine`, on neurons `Cell` if there is one, or `network`."""
    monkeypatch.chdir(tmp_path)

    def compiled(body: str, **options: Any) -> Program:
        Path("mine.py").write_text(HEAD + body, encoding="utf-8")
        names = run_user_file(Path("mine.py"))
        if "network" in names:
            return lahar.compile(names["network"], **options)
        sizes = {"pre": 4, "post": 2, "neuron": names.get("Cell"), **options}
        return lahar.compile(names["Mine"], **sizes)

    return compiled


@pytest.fixture
def refused(compile_file: Callable[..., Program]) -> Callable[..., str]:
    """Give what is said when the file is refused."""

    def said(body: str, **options: Any) -> str:
        with pytest.raises(LaharError) as error:
            compile_file(body, **options)
        return str(error.value).replace(ROOT, "LAHAR") + "\n"

    return said


@pytest.fixture
def warned(compile_file: Callable[..., Program]) -> Callable[..., dict[str, str]]:
    """Give the lints of a compiled file, messages by code."""

    def said(body: str, **options: Any) -> dict[str, str]:
        findings = compile_file(body, **options).report.findings
        texts: dict[str, str] = {}
        for f in findings:
            text = f.message.replace(ROOT, "LAHAR") + "\n"
            texts[f.code] = f"{texts[f.code]}\n{text}" if f.code in texts else text
        return texts

    return said


@pytest.fixture(scope="module")
def lava_script(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Run a script of lava_networks/ in a process of its own; give its folder.

    Lava waits for ever when one of its processes fails: hence the time limit, and an
    end to all that the script started.
    """
    from lahar.sim.lava_process_group import ProcessGroup

    scripts = Path(__file__).parent / "lava_networks"

    def run(script: str, networks: str, **settings: Any) -> Path:
        folder = tmp_path_factory.mktemp(networks)
        settings["networks"] = str(scripts / f"{networks}.py")
        (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        alone = {"TMPDIR": ".", "OMP_NUM_THREADS": "1"}
        with ProcessGroup(scripts / f"{script}.py", folder, alone) as group:
            status = group.wait(LAVA_SECONDS)
        assert status == 0, (folder / "stderr.txt").read_text(encoding="utf-8")
        return folder

    return run
