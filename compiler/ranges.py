"""Analyse ranges: find what saturates, drifts, drowns in noise or cannot move.

In: a quantised draft and an assumed mean rate. Out: nothing changes; lints say what to
expect, each with its threshold and a remedy. docs/lints.md lists all of them; those
that need no rule, only the Program, are in hardware/program_lints.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from ..diagnostics import Diagnostic
from .arrival_loss import arrivals_keep_their_bits
from .draft import Draft, SynapseDraft
from .emulator_ambiguity import sources_agree
from .memory_ranges import (
    an_epoch_is_one_step,
    tags_stay_within_nine_bits,
    traces_stay_below_their_ceiling,
)
from .passes import AbstractPass
from .update_drift import rounding_is_smaller_than_learning
from .update_sizes import updates_have_a_size

CHECKS: tuple[Callable[[Draft, SynapseDraft], Iterator[Diagnostic]], ...] = (
    traces_stay_below_their_ceiling,
    tags_stay_within_nine_bits,
    updates_have_a_size,
    rounding_is_smaller_than_learning,
    an_epoch_is_one_step,
    sources_agree,
)
"""What is asked of every rule; each check says in its name what should hold."""


@final
@dataclass(frozen=True)
class AnalyseRanges(AbstractPass):
    """Bound every register at the assumed rate; see `CHECKS`."""

    name: ClassVar[str] = "ranges"

    def apply(self, draft: Draft) -> Draft:
        return draft

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        for projection in draft.network.projections:
            yield from arrivals_keep_their_bits(draft, projection)
        for synapse in draft.synapses:
            for check in CHECKS:
                yield from check(draft, synapse)
