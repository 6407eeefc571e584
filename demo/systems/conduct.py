"""Run the experiment of a system: all seeds in all arithmetics, Lava, the picture.

An Experiment and a folder in; the figures with their verdicts out, the picture written.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ...atomic_file import replacing
from ...diagnostics import LaharError
from ..files import FolderNotWritable, require_folder
from ..lava_check import compare_with_lava
from ..listener import AbstractListener
from .frame import ARITHMETICS, LAVA_STEPS, Experiment, Measured
from .result import SystemResult
from .runs import Run, every_run

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
    runs: Sequence[Run] = (),
    *,
    quick: bool = False,
) -> SystemResult:
    """Measure, judge, compare with Lava and draw.

    Measured is every seed in every arithmetic, or the ``runs`` that are given, which
    have to hold at least one of each arithmetic.

    Raises
    ------
    LaharError
        U950 if the picture cannot be written; B5xx if Lava is there and fails.

    """
    require_folder(folder)
    started = time.perf_counter()
    runs = runs or every_run(experiment.seeds)
    with _measuring(experiment, runs, quick=quick) as measuring:
        program, stimulus, steps = experiment.judged()
        assert steps >= LAVA_STEPS, f"{experiment.id}: Lava repeats {steps} steps only"
        check = compare_with_lava(program, stimulus, steps, 0, listener)
        found = list(_followed(experiment, measuring, len(runs), listener))
    measured = tuple(sorted(found, key=lambda m: ARITHMETICS.index(m.arithmetic)))
    picture = folder / f"{experiment.id}.png"
    _draw(experiment, measured, picture)
    seconds = time.perf_counter() - started
    return SystemResult(experiment, measured, check, picture, seconds)


@contextmanager
def _measuring(
    experiment: Experiment, runs: Sequence[Run], *, quick: bool
) -> Iterator[Generator[Measured, None, None]]:
    """Measure in processes of their own; what they find comes in the order of runs."""
    from joblib import Parallel, cpu_count, delayed

    measure = delayed(experiment.measure)
    with warnings.catch_warnings():
        # It tells of processes replaced as they grew, and of runs that an error ends.
        warnings.filterwarnings("ignore", category=UserWarning, module="joblib")
        workers = Parallel(min(cpu_count(), len(runs)), return_as="generator")
        found = workers(measure(a, s, quick) for a, s in runs)
        try:
            yield found
        finally:
            found.close()


def _followed(
    experiment: Experiment,
    measuring: Iterable[Measured],
    count: int,
    listener: AbstractListener,
) -> Iterator[Measured]:
    with listener.stage(f"{experiment.id}: measuring", count) as progress:
        for measured in measuring:
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
