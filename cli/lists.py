"""``lahar list``: what there is."""

from __future__ import annotations

import click

from .output import console, print_json, table

KINDS = ("rules", "chips", "backends", "profiles", "passes", "systems")


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(kind: str, as_json: bool) -> None:
    """List rules, chips, backends, profiles, passes or systems."""
    rows = {
        "rules": _rules,
        "chips": _chips,
        "backends": _backends,
        "profiles": _profiles,
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
    from ..hardware.chips import CHIPS, boards_of, get_chip

    names = [n for c in CHIPS for n in (c, *(b.target for b in boards_of(c)))]
    return [
        {
            "name": chip.name,
            "chips": chip.chips.value,
            "cores": chip.all_cores,
            "neurons a core": chip.neurons_per_core.value,
            "weight bits": chip.weight_bits.value,
            "graded third factors": chip.graded_post_factors.value,
            "trust": chip.chips.trust,
            "source of the number of chips": chip.chips.source,
        }
        for chip in map(get_chip, names)
    ]


def _backends() -> list[dict[str, object]]:
    from ..running import BACKENDS
    from ..versions import is_installed

    return [
        {
            "name": name,
            "installed": is_installed(name),
            "what": info.what,
        }
        for name, info in BACKENDS.items()
    ]


def _profiles() -> list[dict[str, object]]:
    from ..hardware.profile import PROFILES
    from ..hardware.profile_switches import SWITCHES
    from ..hardware.switch import value_text

    rows = []
    for name, switch in SWITCHES.items():
        row: dict[str, object] = {"name": name}
        for profile in PROFILES.values():
            reason, value = switch.reasons[profile.name], profile.switches()[name]
            row[profile.name] = value_text(value)
            row[f"trust in {profile.name}"] = reason.trust
        row["possible"] = switch.possible().replace("`", "")
        rows.append({**row, "what": switch.what})
    return rows


def _passes() -> list[dict[str, object]]:
    from ..compiler.compile import PIPELINE

    return [
        {"name": step.name, "what": _first_line(type(step).__doc__ or "")}
        for step in PIPELINE.passes
    ]


def _systems() -> list[dict[str, object]]:
    from ..rules.systems import SYSTEMS

    return [{"id": s.id, "name": s.name, "status": s.status} for s in SYSTEMS]
