"""Arrays of a .npz file that anybody may have written.

In: a path. Out: its arrays, or the reason why there are none, as one exception for
everything that a damaged or foreign file makes numpy raise. Nothing is unpickled.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


class ArraysUnreadableError(Exception):
    """The file is missing, damaged, or holds something else than arrays."""


def read_arrays(path: Path) -> Mapping[str, npt.NDArray[Any]]:
    """Read all arrays of a file, with their names.

    Raises
    ------
    ArraysUnreadableError
        Its text says why.

    """
    try:
        with np.load(path, allow_pickle=False) as loaded:
            return {key: loaded[key] for key in loaded.files}
    except (
        AttributeError,  # a single array, not a .npz (numpy 1)
        TypeError,  # the same (numpy 2)
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        MemoryError,  # a header that claims more than there is
        NotImplementedError,  # a compression method that Python does not have
        RuntimeError,  # an encrypted member
        ValueError,
        OSError,
        SyntaxError,  # an array header that is no literal
    ) as error:
        raise ArraysUnreadableError(str(error) or type(error).__name__) from None
