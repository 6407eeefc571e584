"""Run the experiment of a system: all seeds in all arithmetics, Lava, the picture.

An Experiment and a folder in; the figures with their verdicts out, the picture written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from ...atomic_file import replacing
from ...diagnostics import LaharError
from ..files import FolderNotWritable, require_folder
from ..lava_check import compare_with_lava
from ..listener import AbstractListener
from .frame import ARITHMETICS, LAVA_STEPS, Experiment, Measured
from .result import SystemResult

_STYLE = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}


def conduct(
    experiment: Experiment,
    folder: Path,
    listener: AbstractListener,
    *,
    quick: bool = False,
) -> SystemResult:
    """Measure, judge, compare with Lava and draw.

    Raises
    ------
    LaharError
        U950 if the picture cannot be written; B5xx if Lava is there and fails.

    """
    require_folder(folder)
    started = time.perf_counter()
    found = _measure(experiment, listener, quick=quick)
    measured = tuple(sorted(found, key=lambda m: ARITHMETICS.index(m.arithmetic)))
    program, stimulus, steps = experiment.judged()
    assert steps >= LAVA_STEPS, f"{experiment.id}: Lava repeats {steps} steps only"
    check = compare_with_lava(program, stimulus, steps, 0, listener)
    picture = folder / f"{experiment.id}.png"
    _draw(experiment, measured, picture)
    seconds = time.perf_counter() - started
    return SystemResult(experiment, measured, check, picture, seconds)


def _measure(
    experiment: Experiment, listener: AbstractListener, *, quick: bool
) -> Iterator[Measured]:
    from joblib import Parallel, cpu_count, delayed

    # arithmetics in turn: processes side by side compile different kernels
    runs = [(a, s) for s in experiment.seeds for a in ARITHMETICS]
    workers = Parallel(min(cpu_count(), len(runs)), return_as="generator")
    measure = delayed(experiment.measure)
    with listener.stage(f"{experiment.id}: measuring", len(runs)) as progress:
        for measured in workers(measure(a, s, quick) for a, s in runs):
            yield measured
            progress(1)


def _draw(experiment: Experiment, measured: tuple[Measured, ...], path: Path) -> None:
    import matplotlib as mpl

    try:
        with mpl.rc_context(_STYLE), replacing(path) as temporary:
            figure = experiment.draw(measured)
            figure.savefig(temporary, format="png", dpi=150)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(FolderNotWritable(str(path), reason)) from None
