"""What the files of golden messages share: how a case is found, run and compared.

A case is a function marked ``@pytest.mark.case("R101")``: it makes the rules say that
diagnostic. Its arguments are fixtures. Tests cannot import each other, so whatever two
of these files need is a fixture here.
"""

from __future__ import annotations

import runpy
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import isfunction, signature
from pathlib import Path

import nir
import numpy as np
import pytest

import lahar.rules
from lahar.diagnostics import LaharError
from lahar.rules.library import LIF, STDP
from lahar.rules.loading import load_rule
from lahar.rules.network import Group, Network, Projection
from lahar.rules.nir_read import read_nir
from lahar.rules.nir_write import write_nir

HOME = str(Path(lahar.rules.__file__).parents[1])

MakeNetwork = Callable[..., Network]


@dataclass(frozen=True)
class Case:
    """One way to get a diagnostic, and the name of its golden file."""

    name: str
    code: str
    make: Callable[..., object]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "case(code): makes the rules say a diagnostic")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = cases_in(vars(metafunc.module))
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])


def cases_in(namespace: Mapping[str, object]) -> list[Case]:
    """Name the cases of a file: R101, or R106_1 and R106_2 where a code has several."""
    makes: dict[str, list[Callable[..., object]]] = {}
    for code, make in marked_in(namespace):
        makes.setdefault(code, []).append(make)
    return [
        Case(code if len(several) == 1 else f"{code}_{number}", code, make)
        for code, several in sorted(makes.items())
        for number, make in enumerate(several, 1)
    ]


def marked_in(
    namespace: Mapping[str, object],
) -> Iterator[tuple[str, Callable[..., object]]]:
    for value in namespace.values():
        if isfunction(value):
            for mark in getattr(value, "pytestmark", ()):
                if mark.name == "case":
                    yield mark.args[0], value


@pytest.fixture
def all_cases() -> list[Case]:
    """Give the cases of every file, whichever of them this run selects."""
    files = sorted(Path(__file__).parent.glob("test_messages_*.py"))
    return [case for file in files for case in cases_in(runpy.run_path(str(file)))]


def rendered(make: Callable[[], object]) -> str:
    """Run a case and give all that it says."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            found = make()
        except LaharError as error:
            found = list(error.diagnostics)
    diagnostics = found if isinstance(found, list) else []
    said = [d.render() for d in diagnostics] + [str(w.message) for w in warned]
    return "\n\n".join(said).replace(HOME, "LAHAR") + "\n"


@pytest.fixture
def assert_golden(
    golden: Callable[[str, str], None],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Case], None]:
    """Compare what a case says, in an empty folder, with its golden file."""
    monkeypatch.chdir(tmp_path)

    def check(case: Case) -> None:
        names = signature(case.make).parameters
        fixtures = {name: request.getfixturevalue(name) for name in names}

        text = rendered(lambda: case.make(**fixtures))

        assert f"[{case.code}]" in text
        golden(case.name, text)

    return check


@pytest.fixture
def load_python() -> Callable[[str], object]:
    """Load a rule or neuron model from a file of the user's own."""

    def load(body: str) -> object:
        source = "from lahar import *\nfrom lahar.rules.library import STDP\n\n" + body
        Path("mine.py").write_text(source, encoding="utf-8")
        return load_rule("mine.py:Mine")

    return load


@pytest.fixture
def make_network() -> MakeNetwork:
    """Make a network that learns and can be written as NIR."""

    def make(dt: float | None = 0.001) -> Network:
        groups = (Group("pre", 2), Group("out", 3, LIF()))
        weights = np.full((3, 2), 0.5)
        projections = (Projection("syn", "pre", "out", weights, rule=STDP()),)
        return Network("n", groups, projections, dt)

    return make


@pytest.fixture
def read_changed(
    make_network: MakeNetwork,
) -> Callable[[Callable[[nir.NIRGraph], object]], None]:
    """Write a network, let another tool change it, and read it again."""

    def read(change: Callable[[nir.NIRGraph], object]) -> None:
        write_nir(make_network(), "x.nir")
        graph = nir.read("x.nir")
        change(graph)
        nir.write("x.nir", graph)
        read_nir("x.nir")

    return read
