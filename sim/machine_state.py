"""All that a machine holds between two steps, as arrays and plain numbers.

What a checkpoint keeps. The banks are the machine's own arrays, not copies: they are
written before it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class MachineState:
    """State after ``steps_done`` steps.

    banks
        Bank to its cells.
    numbers
        The state of each random generator, as numpy gives it.
    """

    steps_done: int
    banks: Mapping[str, npt.NDArray[Any]]
    numbers: list[Any]
