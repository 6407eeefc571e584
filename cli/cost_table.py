"""What a step costs, for people and for programs.

A row for each part, a column for each published table; dynamic, learning and static
energy never in one number alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from rich.markup import escape

from ..hardware.step_cost import Cost, Figure, StepCost
from .output import console, table

_ENERGIES = ((1e12, "J"), (1e9, "mJ"), (1e6, "uJ"), (1e3, "nJ"), (1.0, "pJ"))
_TIMES = ((1e9, "s"), (1e6, "ms"), (1e3, "us"), (1.0, "ns"))


def print_cost(cost: StepCost) -> None:
    """Print the parts, the sums and the range of everything together."""
    tables = [figure.table for figure in cost.dynamic.figures]
    basis = {figure.table: figure.basis for figure in cost.dynamic.figures}
    columns = [f"{t} ({basis[t]})" for t in tables]
    rows = [_row(part, tables) for part in (*cost.parts, cost.dynamic)]
    if cost.learning is not None:
        rows.append(_row(cost.learning, tables))
    out = console()
    out.print(
        table(
            f"cost of a step: {cost.activity}; time is the busiest core's",
            ("part", "events", *columns),
            rows,
        )
    )
    for said in _sources(cost):
        out.print(escape(said))
    out.print(_static(cost))
    out.print(_together(cost))


def _sources(cost: StepCost) -> Iterator[str]:
    """Say of each table what its energies and times are, and what is not among them."""
    for figure in cost.dynamic.figures:
        yield f"{figure.table}: {_both(figure)}"
    learning = () if cost.learning is None else cost.learning.figures
    for figure in learning:
        yield f"learning, {figure.table} ({figure.basis}): {_both(figure)}"


def _both(figure: Figure) -> str:
    said = f"{figure.energy_source}; {figure.time_source}".split("; ")
    return "; ".join(dict.fromkeys(said))


def _row(cost: Cost, tables: list[str]) -> list[str]:
    figures = {figure.table: figure for figure in cost.figures}
    cells = [_cell(figures[t]) if t in figures else "-" for t in tables]
    return [cost.part, f"{cost.count:.4g}", *cells]


def _cell(figure: Figure) -> str:
    energy = "-" if figure.energy_pj is None else show(figure.energy_pj, _ENERGIES)
    time = "-" if figure.time_ns is None else show(figure.time_ns, _TIMES)
    return "unpublished" if energy == time == "-" else f"{energy}, {time}"


def _static(cost: StepCost) -> str:
    chips = "1 chip" if cost.chips == 1 else f"{cost.chips} chips"
    during = f"static, {chips} in a step of {show(cost.dt_ns, _TIMES)}"
    reason = escape(cost.static.figures[0].energy_source)
    return f"{during}: {_range(cost.static.energy_range)} ({reason})"


def _together(cost: StepCost) -> str:
    if cost.energy_range is None:
        return "energy of a step: unpublished"
    return f"energy of a step, static included: {_range(cost.energy_range)}"


def _range(limits: tuple[float, float] | None) -> str:
    if limits is None:
        return "unpublished"
    low, high = (show(limit, _ENERGIES) for limit in limits)
    return low if low == high else f"{low} to {high}"


def show(number: float, units: tuple[tuple[float, str], ...]) -> str:
    """Write a number with three digits and the unit that suits it."""
    size, unit = next((u for u in units if abs(number) >= u[0]), units[-1])
    return f"{number / size:.3g} {unit}"


def cost_json(cost: StepCost) -> dict[str, object]:
    """Give a cost as plain data, with the ranges over its tables."""
    return {
        **asdict(cost),
        "dynamic_energy_range_pj": cost.dynamic.energy_range,
        "dynamic_time_range_ns": cost.dynamic.time_range,
        "static_energy_range_pj": cost.static.energy_range,
        "energy_range_pj": cost.energy_range,
    }
