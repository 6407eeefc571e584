"""Export the network of a Program as a Brian2 script, for people to read and change.

In: a Program that lahar compiled, a stimulus and a path. Out: OUT.py and its arrays,
OUT.npz. It is the script that the backend `brian2` runs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .atomic_file import replacing
from .diagnostics import LaharError
from .exporting import CannotExport, NotAScript
from .hardware.program import Program
from .running import StepsOutOfRange, StimulusLike, make_stimulus
from .sim.brian2_runner import brian2_script
from .sim.reference import network_of, still_read
from .sim.reference_names import reference_variables


def export_brian2(
    program: Program,
    path: str | Path,
    stimulus: StimulusLike = None,
    steps: int = 1000,
    seed: int = 0,
) -> tuple[Path, Path]:
    """Write a Brian2 script and the file of its arrays; give both paths.

    Parameters
    ----------
    program
        Its network is exported, in the units of the rule.
    path
        Of the script, ending in ``.py``; the arrays get the ending ``.npz``.
    stimulus, steps, seed
        As for `run`. The script runs these, and saves spikes and weights.

    Raises
    ------
    LaharError
        U920, U922 for the path, S455 for a Program without its network, S470 for what
        Brian2 code cannot say, S4xx for a stimulus that does not fit.

    """
    script = Path(path)
    if script.suffix != ".py":
        raise LaharError(NotAScript(str(script)))
    if steps < 1:
        raise LaharError(StepsOutOfRange(steps))
    network = network_of(program).dense()
    chosen = make_stimulus(program, stimulus, steps, seed)
    shown = (n for n in reference_variables(network) if n.endswith(".s_out"))
    written = brian2_script(
        network,
        still_read(program, network, chosen),
        steps,
        record=frozenset(shown),
        seed=seed,
    )
    arrays = script.with_suffix(".npz")
    try:
        with replacing(arrays) as beside, replacing(script) as temporary:
            temporary.write_text(written.text, encoding="utf-8")
            with beside.open("wb") as file:
                np.savez_compressed(file, **written.arrays)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(CannotExport(str(script), reason)) from None
    return script, arrays
