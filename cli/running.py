"""The options that say what is run: shared by the two commands that run a Program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])

LARGEST_STEPS = 2**31 - 1
"""Beyond any run that ends; numpy's own limit on an array would come as a surprise."""


def run_options(function: Function) -> Function:
    """Add the options for profile, stimulus, steps and seed."""
    options: Sequence[Callable[[Function], Function]] = (
        click.option(
            "--profile",
            help="Numerics profile or a variant of one; else the backend's own.",
        ),
        click.option(
            "--stimulus",
            default="poisson:rate=20Hz",
            show_default=True,
            help="poisson:rate=20Hz, silent, or a file.npz.",
        ),
        click.option(
            "--steps",
            type=click.IntRange(1, LARGEST_STEPS),
            default=1000,
            show_default=True,
        ),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True),
    )
    for option in reversed(options):
        function = option(function)
    return function
