"""Write a file whole or not at all.

In: the path that is wanted. Out: a path to write to; it takes the wanted name only
when everything went well, so that a full disk leaves the old file as it was.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a new empty file beside ``path`` that replaces it at the end.

    Raises
    ------
    OSError
        If the folder cannot be written to, or ``path`` is a folder or a device.

    """
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is not a regular file")
    path = path.resolve()  # a link stays a link: what it points to is replaced
    temporary = path.with_name(f".lahar-{secrets.token_hex(8)}")
    # open() rather than mkstemp: the file gets the user's own permissions.
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield temporary
        _reach_the_disk(temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _reach_the_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
