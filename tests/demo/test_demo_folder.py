"""A folder that takes no files is refused before the work, and left as it was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from lahar.demo.experiment import conduct
from lahar.demo.files import DemoFiles
from lahar.demo.listener import AbstractListener
from lahar.demo.training import Plan
from lahar.diagnostics import LaharError
from lahar.hardware.program import Program
from lahar.sim.backend import Progress

SHORT = Plan(training_digits=20, testing_digits=10, passes=1, compared_digits=2)


class Interrupts(AbstractListener):
    """Somebody who presses Ctrl-C in the middle of training."""

    def say(self, text: str) -> None: ...

    def compiled(self, program: Program) -> None: ...

    @contextmanager
    def stage(self, title: str, steps: int) -> Iterator[Progress]:
        def interrupt(done: int) -> None:
            raise KeyboardInterrupt

        yield interrupt


class NothingMayStart(AbstractListener):
    """Fails when the demo does anything at all."""

    def say(self, text: str) -> None:
        raise AssertionError(text)

    def compiled(self, program: Program) -> None:
        raise AssertionError

    @contextmanager
    def stage(self, title: str, steps: int) -> Iterator[Progress]:
        raise AssertionError(title)
        yield


def refused(folder: Path) -> LaharError:
    with pytest.raises(LaharError) as caught:
        conduct(folder, 0, SHORT, NothingMayStart())
    return caught.value


def codes(error: LaharError) -> list[str]:
    return [d.code for d in error.diagnostics]


def test_a_file_in_the_way_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    assert codes(refused(tmp_path / "file")) == ["U950"]
    assert codes(refused(tmp_path / "file" / "demo")) == ["U950"]
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_in_the_way_of_the_report_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()

    error = refused(tmp_path)

    assert codes(error) == ["U950"]
    assert "report.html" in str(error)


def test_a_folder_that_takes_no_file_is_refused() -> None:
    assert codes(refused(Path("/proc/lahar-demo"))) == ["U950"]


class Disk(NamedTuple):
    total: int
    used: int
    free: int


def test_a_full_disk_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(1 << 30, 1 << 30, 5))

    error = refused(tmp_path)

    assert codes(error) == ["U951"]
    assert "0 MB left" in str(error)


def test_looking_leaves_no_file_behind(tmp_path: Path) -> None:
    DemoFiles(tmp_path / "new").prepare()

    assert list((tmp_path / "new").iterdir()) == []


def test_an_interrupted_demo_leaves_no_half_written_file(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("of an earlier demo")

    with pytest.raises(KeyboardInterrupt):
        conduct(tmp_path, 0, SHORT, Interrupts())

    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "of an earlier demo"
