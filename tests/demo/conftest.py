"""A demo cut short, run once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from lahar.demo.experiment import conduct
from lahar.demo.listener import NobodyListens
from lahar.demo.result import DemoResult
from lahar.demo.training import Plan

SHORT = Plan(training_digits=160, testing_digits=60, passes=1, compared_digits=2)
SEED = 7


def without_lava(patch: pytest.MonkeyPatch) -> None:
    """Let Lava be absent, whatever is installed."""
    version = metadata.version

    def found(package: str) -> str:
        if package == "lava-nc":
            raise metadata.PackageNotFoundError(package)
        return version(package)

    patch.setattr(metadata, "version", found)


def conduct_short_demo(folder: Path) -> DemoResult:
    with pytest.MonkeyPatch.context() as patch:
        without_lava(patch)
        return conduct(folder, SEED, SHORT, NobodyListens())


@pytest.fixture(scope="session")
def short_demo(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    return conduct_short_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def repeat_short_demo() -> Callable[[Path], DemoResult]:
    return conduct_short_demo
