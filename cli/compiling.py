"""From a RULE_OR_NETWORK on the command line to a Program: shared by two commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import click

from ..diagnostics import Diagnostic, LaharError
from ..hardware.program import Program
from ..rules.network import Network
from ..rules.rule import LearningRule
from ..units import UNITS, parse_duration
from .nir_options import nir_options, read_options

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class NotASetting(Diagnostic):
    """--set takes NAME=VALUE; a value may carry a unit: --set tau_plus=20ms.

    The name is that of a Param of the rule. More than one --set may be given.
    """

    code = "U911"
    title = "`{text}` is not NAME=VALUE"
    help = "write for example --set a_plus=0.02 or --set tau_plus=20ms"

    text: str


@dataclass(frozen=True)
class OptionIsForRules(Diagnostic):
    """A network already has its groups and parameters; these options build one.

    A rule alone is compiled in a network that shows it, and --pre, --post, --neuron
    and --set shape that one. A network says all of it itself.
    """

    code = "U912"
    title = "{option} is for a rule; `{spec}` is a network"
    help = "leave it out, or change the network itself"

    option: str
    spec: str


def rule_options(function: Function) -> Function:
    """Add the argument and options that name and shape what is compiled."""
    options: Sequence[Callable[[Function], Function]] = (
        click.argument("spec", metavar="RULE_OR_NETWORK"),
        click.option("--chip", default="loihi2", show_default=True, help="Target."),
        click.option("--dt", metavar="TIME", help="Step, such as 1ms (a rule: 1ms)."),
        click.option("--pre", type=int, help="Inputs of a rule's network (100)."),
        click.option("--post", type=int, help="Neurons of a rule's network (20)."),
        click.option("--neuron", help="Neuron model of a rule's network."),
        click.option(
            "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Parameter."
        ),
        click.option("--epoch", type=int, default=1, help="Steps a learning epoch."),
        click.option("--rate", type=float, default=20.0, help="Of inputs, Hz (20)."),
        click.option("--post-rate", type=float, help="Of neurons, Hz (as --rate)."),
        click.option(
            "--seed", type=click.IntRange(0), default=0, help="Of a rule's weights."
        ),
    )
    function = nir_options(function)
    for option in reversed(options):
        function = option(function)
    return function


def compile_spec(
    spec: str,
    *,
    chip: str,
    dt: str | None,
    pre: int | None,
    post: int | None,
    neuron: str | None,
    settings: tuple[str, ...],
    epoch: int,
    rate: float,
    post_rate: float | None,
    seed: int,
    reset: str | None,
    bounds: tuple[str, ...],
    exporter: str | None,
) -> Program:
    """Load and compile what the command line names.

    Raises
    ------
    LaharError
        U911, U912, U918, U919 for options that do not fit, and what loading or
        compiling raises.

    """
    from ..rules.loading import load_rule
    from ..verbs import compile as compile_program

    dt_seconds = None if dt is None else parse_duration(dt)
    parameters = dict(_setting(text) for text in settings)
    of_nir = read_options(spec, reset, bounds, exporter)
    what: LearningRule | Network = load_rule(spec, dt=dt_seconds, **of_nir)
    if isinstance(what, Network):
        _refuse(
            spec,
            {"--pre": pre, "--post": post, "--neuron": neuron, "--set": settings},
        )
        return compile_program(
            what, chip, dt_seconds, epoch=epoch, rate=rate, post_rate=post_rate
        )
    return compile_program(
        _with_settings(what, parameters),
        chip,
        dt_seconds,
        pre=100 if pre is None else pre,
        post=20 if post is None else post,
        neuron=neuron,
        epoch=epoch,
        rate=rate,
        post_rate=post_rate,
        seed=seed,
    )


def _with_settings(rule: LearningRule, parameters: dict[str, float]) -> LearningRule:
    try:
        return rule.with_params(**parameters)
    except LaharError as error:
        # No line of a file asked for it: point at the rule that lacks the name.
        found = [replace(d, span=rule.span) for d in error.diagnostics]
        raise LaharError(found) from None


def _refuse(spec: str, options: dict[str, object]) -> None:
    given = [name for name, value in options.items() if value not in (None, ())]
    if given:
        raise LaharError(OptionIsForRules(name, spec) for name in given)


def _setting(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise LaharError(NotASetting(text))
    number = value.strip()
    scale = 1.0
    for unit in sorted(UNITS, key=len, reverse=True):
        if number.endswith(unit):
            number, scale = number.removesuffix(unit).strip(), UNITS[unit]
            break
    try:
        return name.strip(), float(number) * scale
    except ValueError:
        raise LaharError(NotASetting(text)) from None
