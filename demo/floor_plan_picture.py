"""Draw a floor plan: the cores of each chip in mesh order, and how full they are.

In: the cores in use and, where it is known, the chip. Out: an SVG for each chip in use.
A core is a tile with a bar for each resource; holding the pointer over it says who is
there. Cores that nobody uses are outlines.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ..hardware.chip import Chip
from ..hardware.core_use import Amount, CoreUse

BARS: Mapping[str, tuple[str, ...]] = {
    "neurons": ("neurons",),
    "synapse memory": ("bits of synapse memory",),
    "axons": ("input axons", "output axons"),
}
"""The bars of a tile, and the resources of which each shows the fullest."""

TILE = 46
GAP = 4
CHIPS_DRAWN = 12


@dataclass(frozen=True)
class ChipPicture:
    """One chip: its number on the board, the cores in use, their tiles as SVG."""

    chip: int
    used: int
    cores: int
    svg: str


@dataclass(frozen=True)
class FloorPlan:
    """The chips that are drawn, how many are left out, and the cores as a list."""

    chips: tuple[ChipPicture, ...]
    left_out: int
    cores: tuple[CoreUse, ...]
    bars: tuple[str, ...] = tuple(BARS)


@dataclass(frozen=True)
class Mesh:
    """Where the cores of a chip lie: tiles of ``per_tile`` cores, row by row."""

    cores: int
    columns: int
    per_tile: int

    @property
    def inner(self) -> int:
        """Cores along one side of a tile."""
        return math.ceil(math.sqrt(self.per_tile))

    def place(self, core: int) -> tuple[int, int]:
        """Give column and row of a core of a chip."""
        tile, within = divmod(core, self.per_tile)
        column = tile % self.columns * self.inner + within % self.inner
        return column, tile // self.columns * self.inner + within // self.inner

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows that hold all cores."""
        places = [self.place(core) for core in range(self.cores)]
        return max(x for x, _ in places) + 1, max(y for _, y in places) + 1


def mesh_of(chip: Chip | None, cores: Iterable[CoreUse]) -> Mesh:
    """Take the mesh of a chip; of an unknown one, rows of 16 that hold its cores."""
    if chip is not None:
        columns, per_tile = chip.mesh_columns.value, chip.cores_per_tile.value
        return Mesh(chip.cores.value, columns, per_tile)
    return Mesh(max((c.core for c in cores), default=0) + 1, 16, 1)


def draw_floor_plan(cores: Sequence[CoreUse], chip: Chip | None) -> FloorPlan:
    """Draw the chips in use, the first of them if there are many."""
    mesh = mesh_of(chip, cores)
    by_chip: dict[int, list[CoreUse]] = {}
    for core in cores:
        by_chip.setdefault(core.chip, []).append(core)
    drawn = sorted(by_chip)[:CHIPS_DRAWN]
    return FloorPlan(
        chips=tuple(
            ChipPicture(n, len(by_chip[n]), mesh.cores, _svg(by_chip[n], mesh))
            for n in drawn
        ),
        left_out=len(by_chip) - len(drawn),
        cores=tuple(cores),
    )


def fullness(core: CoreUse, bar: str) -> float | None:
    """Give the share that is taken of a bar's fullest resource; None: unpublished."""
    shares = [_share(a) for a in core.amounts if a.resource in BARS[bar]]
    known = [share for share in shares if share is not None]
    return max(known, default=None)


def _share(amount: Amount) -> float | None:
    return None if not amount.limit else amount.used / amount.limit


def describe(core: CoreUse) -> str:
    """Say who is on a core and what is taken of it, a line each."""
    lines = [f"core {core.core}"]
    for s in core.slices:
        axons = f", {s.out_axons} output axons" if s.out_axons else ""
        lines.append(f"neurons {s.start} to {s.stop - 1} of {s.population}{axons}")
    for u in core.lists:
        lines.append(
            f"{u.synapses} synapses of {u.connection}, {u.kind}, {u.bits} bits"
        )
    for a in core.amounts:
        limit = "unpublished" if a.limit is None else str(a.limit)
        lines.append(f"{a.resource}: {a.used} of {limit}")
    return "\n".join(lines)


def _svg(cores: Sequence[CoreUse], mesh: Mesh) -> str:
    step = TILE + GAP
    columns, rows = mesh.size
    used = {core.core % mesh.cores for core in cores}
    empty = (mesh.place(c) for c in range(mesh.cores) if c not in used)
    outlines = "".join(
        f"M{x * step} {y * step}h{TILE}v{TILE}h-{TILE}z" for x, y in empty
    )
    tiles = "".join(_tile(core, *mesh.place(core.core % mesh.cores)) for core in cores)
    return (
        f'<svg class="floor" viewBox="-1 -1 {columns * step} {rows * step}" role="img">'
        f'<path class="empty" d="{outlines}"/>{tiles}</svg>'
    )


def _tile(core: CoreUse, column: int, row: int) -> str:
    step = TILE + GAP
    return (
        f'<g transform="translate({column * step} {row * step})">'
        f"<title>{escape(describe(core))}</title>"
        f'<rect class="core" width="{TILE}" height="{TILE}" rx="4"/>'
        f'{"".join(_bars(core))}<text x="4" y="12">{core.core}</text></g>'
    )


def _bars(core: CoreUse) -> Iterator[str]:
    width, full = 10, TILE - 18
    for number, bar in enumerate(BARS):
        share, x = fullness(core, bar), 5 + number * (width + 3)
        top = TILE - 3 - full
        yield f'<rect class="room" x="{x}" y="{top}" width="{width}" height="{full}"/>'
        if share is not None:
            # What is taken at all can be seen.
            height = max(1.5, full * min(share, 1.0))
            y = TILE - 3 - height
            yield (
                f'<rect class="bar{number}" x="{x}" y="{y:.4g}" width="{width}" '
                f'height="{height:.4g}"/>'
            )
