"""The boards and systems that Loihi chips came on, as far as public sources say.

"Via public notes" as in loihi1.py. No public source gives the number of usable cores of
a chip, except through the totals of Hala Point.
"""

from __future__ import annotations

from ..board import Board
from ..value import Value

KAPOHO_BAY = Board(
    "kapoho-bay",
    "Kapoho Bay",
    "loihi1",
    Value(2, "chip", "Lava; Frady et al. 2020 (via public notes)", "medium"),
)
NAHUKU = Board(
    "nahuku32",
    "Nahuku",
    "loihi1",
    Value(32, "chip", "Lava; Frady et al. 2020: up to 32 (via public notes)", "medium"),
)
POHOIKI_SPRINGS = Board(
    "pohoiki-springs",
    "Pohoiki Springs",
    "loihi1",
    Value(768, "chip", "Frady et al. 2020 (via public notes); Lava", "high"),
)
OHEO_GULCH = Board(
    "oheo-gulch",
    "Oheo Gulch",
    "loihi2",
    Value(1, "chip", "Lava; arXiv 2609.32317 (via public notes)", "medium"),
)
KAPOHO_POINT = Board(
    "kapoho-point",
    "Kapoho Point",
    "loihi2",
    Value(8, "chip", "lava-dl and a survey; a docstring in Lava says 4", "low"),
)
HALA_POINT = Board(
    "hala-point",
    "Hala Point",
    "loihi2",
    Value(1152, "chip", "Intel's announcement, 2024", "high"),
    Value(122, "core", "Intel's announcement: 140544 cores of 1152 chips", "medium"),
)

BOARDS = (
    KAPOHO_BAY,
    NAHUKU,
    POHOIKI_SPRINGS,
    OHEO_GULCH,
    KAPOHO_POINT,
    HALA_POINT,
)
