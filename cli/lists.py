"""``lahar list``: what there is."""

from __future__ import annotations

import click

from .output import console, print_json, table

KINDS = ("rules", "chips", "backends", "passes", "systems")


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(kind: str, as_json: bool) -> None:
    """List rules, chips, backends, passes or systems."""
    rows = {
        "rules": _rules,
        "chips": _chips,
        "backends": _backends,
        "passes": _passes,
        "systems": _systems,
    }[kind]()
    if as_json:
        print_json({kind: rows})
        return
    columns = list(rows[0])
    cells = [[str(row[c]) for c in columns] for row in rows]
    console().print(table(kind, columns, cells))


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else ""


def _rules() -> list[dict[str, object]]:
    from ..rules.library import RULES

    return [
        {"name": name, "rule": rule.name, "what": _first_line(rule.doc)}
        for name, rule in RULES.items()
    ]


def _chips() -> list[dict[str, object]]:
    from ..hardware.chips import CHIPS

    return [
        {
            "name": chip.name,
            "cores": chip.cores.value,
            "neurons a core": chip.neurons_per_core.value,
            "weight bits": chip.weight_bits.value,
            "graded third factors": chip.graded_post_factors.value,
        }
        for chip in CHIPS.values()
    ]


def _backends() -> list[dict[str, object]]:
    from ..running import BACKENDS, lava_is_installed

    return [
        {
            "name": name,
            "installed": name != "lava" or lava_is_installed(),
            "what": info.what,
        }
        for name, info in BACKENDS.items()
    ]


def _passes() -> list[dict[str, object]]:
    from ..compiler.compile import PIPELINE

    return [
        {"name": step.name, "what": _first_line(type(step).__doc__ or "")}
        for step in PIPELINE.passes
    ]


def _systems() -> list[dict[str, object]]:
    from ..rules.systems import SYSTEMS

    return [{"id": s.id, "name": s.name, "status": s.status} for s in SYSTEMS]
