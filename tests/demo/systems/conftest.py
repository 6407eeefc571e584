"""A system of two neurons, found like any other, whose experiment takes a second."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from joblib import parallel_config

from lahar.demo import systems
from lahar.demo.systems.frame import Arithmetic

FAKE = '''\
"""One neuron: inputs that fire together with it grow."""

import numpy as np

from ...rules.library import LIF, STDP
from ...rules.network import Group, Network, Projection
from ...sim.stimulus import Stimulus
from ...units import ms
from ...verbs import compile as compile_for_chip
from .frame import Criterion, Experiment, Measured, new_figure, run_in, weights_of

STEPS = 500


def case():
    network = Network(
        "fake",
        (Group("pre", 2), Group("post", 1, LIF(threshold=0.1))),
        (Projection("synapse", "pre", "post", np.full((1, 2), 0.5), rule=STDP()),),
        dt_seconds=1 * ms,
    )
    spikes = np.zeros((STEPS, 2), np.uint8)
    spikes[::50, 0] = 1
    return compile_for_chip(network), Stimulus({"pre": spikes}), STEPS


def measure(arithmetic, seed, quick):
    recording = run_in(arithmetic, *case(), seed=seed)
    active, silent = weights_of(recording, "synapse")[0]
    figures = {"silent": silent, "gain": active - silent, "quick": float(quick)}
    return Measured(arithmetic, seed, figures, {"weights": np.array([active, silent])})


def draw(measured):
    figure = new_figure(3, 2)
    figure.add_subplot().plot([m.curves["weights"] for m in measured])
    return figure


EXPERIMENT = Experiment(
    id="S23",
    claim="An input that makes a neuron fire gains weight.",
    paper="Nobody 1999",
    criteria=(
        Criterion("the active input grows", "gain", "> 0.05", lambda g: g > 0.05),
        Criterion("a silent one stays", "silent", "0.5 in the mean",
                  lambda w: abs(w - 0.5) < 0.01, np.mean),
    ),
    measure=measure,
    draw=draw,
    judged=case,
)
'''


@pytest.fixture(scope="module")
def arithmetic() -> Arithmetic:
    """In float64: kernels take long to compile.

    On the chip the whole experiments run instead (test_systems_in_full.py, slow).
    """
    return "reference"


@pytest.fixture
def fake_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Put an experiment for S23 among the others; give its id."""
    folder = tmp_path / "experiments"
    folder.mkdir()
    (folder / "s23_fake.py").write_text(FAKE, encoding="utf-8")
    monkeypatch.setattr(systems, "__path__", [*systems.__path__, str(folder)])
    with parallel_config("sequential"):  # another process would not find the folder
        yield "S23"
    sys.modules.pop("lahar.demo.systems.s23_fake", None)
