"""Equality of frozen dataclasses that hold arrays, alone or in mappings.

numpy's ``==`` gives an array, so the equality that dataclasses write for themselves
cannot be used where a field is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def equal_fields(a: object, b: object) -> bool:
    """Compare two instances of one dataclass field by field."""
    mine, theirs = vars(a), vars(b)
    return all(_equal(mine[name], theirs[name]) for name in mine)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return _is_array(a) and _is_array(b) and np.array_equal(a, b)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(_equal(a[k], b[k]) for k in a)
    return bool(a == b)


def _is_array(value: object) -> bool:
    return isinstance(value, np.ndarray)
