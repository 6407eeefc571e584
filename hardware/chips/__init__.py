"""The chips that lahar knows, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..chip import Chip
from .loihi1 import LOIHI1
from .loihi2 import LOIHI2

CHIPS: Mapping[str, Chip] = MappingProxyType({c.name: c for c in (LOIHI1, LOIHI2)})
