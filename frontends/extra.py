"""torch, snnTorch and Norse, imported when needed, or a word on how to get them."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from ..diagnostics import EXIT_MISSING_BACKEND, Diagnostic, LaharError


@dataclass(frozen=True)
class FrameworkIsNotInstalled(Diagnostic):
    """torch, snnTorch or Norse is asked for and is not there.

    They are several gigabytes and nothing else in lahar needs them, so they come with
    an extra. A .nir file brings a network over without them.
    """

    code = "N801"
    title = "`{package}` is not installed"
    note = "{reason}"
    help = "install the extra `frontends`: uv sync --extra frontends, or pip install 'lahar[frontends]'"  # noqa: E501
    exit_code = EXIT_MISSING_BACKEND

    package: str
    reason: str


def need(package: str) -> Any:
    """Import a package of the extra `frontends`.

    Raises
    ------
    LaharError
        N801, exit status 3, if it or something that it needs is missing.

    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        root = package.partition(".")[0]
        raise LaharError(FrameworkIsNotInstalled(root, str(error))) from error
