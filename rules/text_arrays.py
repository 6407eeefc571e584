"""The arrays that a network's text refers to: they travel beside it, by name.

The printer hands over one array after the other, with the name it would like; each gets
a name of its own, and the reference that the text writes for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container
from dataclasses import dataclass, field
from itertools import count

import numpy as np
import numpy.typing as npt

from .network import FloatArray

NARROW = ("float32", "int32", "int64")
"""Types that are kept: there may be very many weights and indices of synapses."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass
class TextArrays:
    """Arrays by the names that the text uses."""

    named: dict[str, FloatArray] = field(default_factory=dict)

    def add(self, wanted: str, array: npt.ArrayLike) -> str:
        """Keep an array; give the reference to it, such as ``@a.weights``."""
        name = wanted if wanted not in self.named else unused(wanted, self.named)
        given: FloatArray = np.asarray(array)
        narrow = given.dtype.name in NARROW
        self.named[name] = given if narrow else given.astype(np.float64)
        return f"@{name}" if _PLAIN.fullmatch(name) else f"@{json.dumps(name)}"


def unused(name: str, used: Container[str]) -> str:
    """Give the name with the first number that makes it a new one."""
    return next(n for k in count(2) if (n := f"{name}_{k}") not in used)
