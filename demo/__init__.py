"""``lahar demo``: ten neurons learn real digits on a simulated chip, checked by Lava.

A folder and a seed in; accuracies, verdicts and a page to read out.
"""

from __future__ import annotations

from pathlib import Path

from .experiment import conduct
from .listener import AbstractListener, ErrorStreamListener, TerminalListener
from .result import DemoResult, result_json
from .training import Plan

__all__ = ["DemoResult", "result_json", "run_demo"]


def run_demo(out: Path, seed: int = 0, *, quiet: bool = False) -> DemoResult:
    """Run the demo and tell a terminal about it.

    Parameters
    ----------
    out
        Folder for the report, the programs and the recordings.
    seed
        Chooses digits, their order, their spikes, first weights and roundings.
    quiet
        True: nothing on standard output, which may be kept for one JSON object.

    Raises
    ------
    LaharError
        U950, U951 if the folder will not take the files; see `experiment.conduct`.

    """
    listener: AbstractListener = ErrorStreamListener() if quiet else TerminalListener()
    return conduct(out, seed, Plan(), listener)
