"""A user's file, compiled as the command line would; what it says, as text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lahar
from lahar import LaharError, Program
from lahar.rules.user_file import run_user_file

ROOT = str(Path(lahar.__file__).resolve().parent)
HEAD = "from lahar import *\n\n"


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
