"""The command line: one command a file, errors and output in one place."""

from __future__ import annotations

from .app import main

__all__ = ["main"]
