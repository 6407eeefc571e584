"""What all tests share: texts compared with golden files, and the cores they run on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write tests/golden/*.txt anew instead of comparing with them",
    )


def pytest_configure() -> None:
    """Hear Ctrl-C, which tests send: a shell starts background jobs deaf to it."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Run slow tests only where `-m` speaks of them, also under another marker."""
    if "slow" in (config.option.markexpr or "slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if not item.get_closest_marker("slow")]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One process for tests that were named, where a debugger works; else all cores."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return None if everything else 0


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with tests/golden/<name>.txt; a missing file is a failure."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            file.write_text(text, encoding="utf-8")
        assert file.exists(), f"{file.name} is missing; run with --update-golden"
        assert text == file.read_text(encoding="utf-8")

    return compare
