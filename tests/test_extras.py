"""What is installed for whom: the core's tests neither need nor download torch."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~; \[]", r)[0].lower() for r in requirements}


def test_what_an_extra_brings_is_no_dependency_of_the_core() -> None:
    core = names(PROJECT["project"]["dependencies"])
    groups = PROJECT["dependency-groups"]
    always = core | names(groups["dev"])

    assert {e: names(r) & always for e, r in EXTRAS.items()} == {
        e: set() for e in EXTRAS
    }
    assert "torch" in names(EXTRAS["frontends"])


def test_a_plain_pytest_leaves_out_what_an_extra_brings() -> None:
    options = PROJECT["tool"]["pytest"]["ini_options"]

    for extra in EXTRAS:
        assert f"not {extra}" in options["addopts"], extra
        assert any(m.startswith(f"{extra}: needs") for m in options["markers"]), extra


def test_every_extra_has_tested_versions() -> None:
    pinned = names(PROJECT["tool"]["uv"]["constraint-dependencies"])

    assert set().union(*map(names, EXTRAS.values())) <= pinned


def test_continuous_integration_runs_the_extras_after_the_core() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    script = text.replace("\\\n", "")  # a command may go on in the next line
    core = script.index("uv run pytest")

    for extra in EXTRAS:
        line = next(s for s in script.splitlines() if f"--extra {extra}" in s)
        assert script.index(line) > core, extra
        assert re.search(rf"-m '.*\b{extra}\b", line), extra
