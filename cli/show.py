"""``lahar show``: a rule's text form, and where each of its terms will go."""

from __future__ import annotations

import click

from ..rules.network import Network
from ..units import parse_duration
from .nir_options import nir_options, read_options
from .output import console, print_json
from .report import print_report, report_json


@click.command("show")
@click.argument("spec", metavar="RULE")
@click.option("--chip", default="loihi2", show_default=True, help="Target.")
@click.option("--dt", metavar="TIME", help="Step, such as 1ms (a rule: 1ms).")
@nir_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    spec: str,
    chip: str,
    dt: str | None,
    reset: str | None,
    bounds: tuple[str, ...],
    exporter: str | None,
    as_json: bool,
) -> None:
    """Show RULE: its text form, its equations, and what a chip makes of them."""
    from ..rules.loading import load_rule
    from ..rules.printer import print_network, print_rule
    from ..verbs import compile as compile_program

    dt_seconds = None if dt is None else parse_duration(dt)
    of_nir = read_options(spec, reset, bounds, exporter)
    what = load_rule(spec, dt=dt_seconds, **of_nir)
    text = print_network(what)[0] if isinstance(what, Network) else print_rule(what)
    program = compile_program(what, chip, dt_seconds)
    if as_json:
        print_json({"text": text, **report_json(program)})
        return
    console().print(text, markup=False)
    print_report(program)
