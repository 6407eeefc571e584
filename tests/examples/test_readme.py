"""What README.md shows is what the commands print: they are run and compared."""

from __future__ import annotations

import doctest
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
PYTHON = [text for kind, text in BLOCKS if kind == "python"]
LAVA = importlib.util.find_spec("lava") is not None


def shown_commands() -> list[tuple[str, str]]:
    """Every `$ command` of the page with what it prints there."""
    shown = []
    for text in (text for kind, text in BLOCKS if kind == "console"):
        for part in text.split("$ ")[1:]:
            command, _, out = part.partition("\n")
            shown.append((command, out))
    return shown


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the page's reader, with the rule from the page."""
    folder = tmp_path_factory.mktemp("readme")
    rule, use, in_pieces = PYTHON
    (folder / "my_rule.py").write_text(rule, encoding="utf-8")
    (folder / "use.py").write_text(use + in_pieces, encoding="utf-8")
    with_where = rule.replace("(1 - w)", "where(x > 0.5, 1, 0)")
    with_where = with_where.replace("post, pre, w", "post, pre, where")
    (folder / "where_rule.py").write_text(with_where, encoding="utf-8")
    return folder


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.fixture(scope="module")
def printed(folder: Path) -> dict[str, str]:
    """What commands print, one after the other: later ones read what others wrote."""
    commands = [c for c, _ in shown_commands() if LAVA or "lava" not in c]
    return {c: run(folder, "-m", *c.split()) for c in commands}


def test_the_page_shows_commands_and_a_rule() -> None:
    assert len(shown_commands()) == 4
    assert len(PYTHON) == 3


@pytest.mark.parametrize(("command", "shown"), shown_commands())
def test_a_command_prints_what_the_page_shows(
    printed: dict[str, str], command: str, shown: str
) -> None:
    assert command.startswith("lahar ")
    if command not in printed:
        pytest.skip("Lava runs on Python 3.10 only")

    found = printed[command]

    same = doctest.OutputChecker().check_output(shown, found, doctest.ELLIPSIS)
    assert same, found


def test_the_python_of_the_page_runs(folder: Path) -> None:
    assert run(folder, "use.py") == "(1000, 20, 100)\n(20, 100)\n"


@pytest.mark.parametrize("command", ["lahar demo", "pytest"])
def test_the_two_commands_stand_on_the_page(command: str) -> None:
    assert f"    pip install uv && uv run {command}\n" in README


def test_links_of_the_pages_lead_somewhere() -> None:
    root = Path(__file__).parents[2]
    folders = ("docs", "docs/decisions", "examples", ".")
    for page in (p for f in folders for p in (root / f).glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_files_that_the_guide_names_exist() -> None:
    root = Path(__file__).parents[2]
    pages = [root / "README.md", *(root / "docs").rglob("*.md")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        named = re.findall(
            r"\b((?:rules|hardware|compiler|sim|cli|demo|tests|examples)/"
            r"[\w/]+\.(?:py|md|txt))",
            text,
        )
        for name in named:
            assert (root / name).exists(), f"{page.name}: {name}"
