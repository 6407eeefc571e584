"""Who computes: which backends are installed here, and in which version."""

from __future__ import annotations

import importlib.metadata
import importlib.util

OTHERS = {
    "lava": "lava-nc",
    "brian2": "brian2",
    "snntorch": "snntorch",
    "norse": "norse",
}
"""Backends that are other people's packages; the rest is lahar's own."""


def backend_version(backend: str) -> str:
    """Give the version of what computes; empty where it is not installed."""
    try:
        return importlib.metadata.version(OTHERS.get(backend, "lahar"))
    except importlib.metadata.PackageNotFoundError:
        return ""


def is_installed(backend: str) -> bool:
    """Tell whether a backend can run here, without importing it."""
    return backend not in OTHERS or importlib.util.find_spec(backend) is not None
