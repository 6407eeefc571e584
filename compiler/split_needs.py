"""What a rule needs of a connection, and what one connection has.

In: terms of an update and a chip. Out: the tags, registers, periods and products that
they take together, as sets of names, beside the limits of one synapse.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..hardware.chip import Chip
from ..rules.expr import Expr, Name, Weight, walk
from .assign import smallest_decay
from .draft import Draft, SynapseDraft, TagSteps, Term

Limit = str
"""``tags``, ``pre``, ``post``, ``periods`` or ``products``."""


@dataclass(frozen=True)
class Need:
    """What terms take of a connection.

    ``periods`` are in steps: of ``every(n)``, or the epoch for terms without a gate.
    """

    tags: frozenset[str] = frozenset()
    pre: frozenset[str] = frozenset()
    post: frozenset[str] = frozenset()
    periods: frozenset[int] = frozenset()
    products: int = 0

    def plus(self, other: Need) -> Need:
        """Give what both take together: what they share counts once."""
        return Need(
            self.tags | other.tags,
            self.pre | other.pre,
            self.post | other.post,
            self.periods | other.periods,
            self.products + other.products,
        )


@dataclass(frozen=True)
class Room:
    """What one connection has; products None: nobody has published how many."""

    tags: int
    pre: int
    post: int
    products: int | None
    periods: int = 1  # a rule set has one u gate

    def exceeded(self, need: Need) -> tuple[Limit, ...]:
        """Name the limits that a need goes beyond."""
        counts = {
            "tags": (len(need.tags), self.tags),
            "pre": (len(need.pre), self.pre),
            "post": (len(need.post), self.post),
            "periods": (len(need.periods), self.periods),
            "products": (need.products, self.products),
        }
        return tuple(
            name
            for name, (count, limit) in counts.items()
            if limit is not None and count > limit
        )


def room_of(chip: Chip, synapse: SynapseDraft) -> Room:
    """Give what one connection of a rule has on a chip."""
    post = chip.post_traces.value
    if synapse.values:
        post = min(post, chip.graded_post_factors.value)
    tags = chip.learning_targets.value.count("t")
    return Room(tags, chip.pre_traces.value, post, chip.products_per_rule.value)


class Needs:
    """Tells what terms of one rule need; a term counts as so many products."""

    def __init__(self, draft: Draft, synapse: SynapseDraft, products: int = 1) -> None:
        self.draft = draft
        self.epoch = draft.epoch_steps
        self.sends = draft.chip.graded_post_factors.value > 0
        self.smallest_decay = smallest_decay(draft.chip)
        self.synapse = synapse
        self.products = products
        self.sides = {t.name: t.source for t in synapse.traces}
        self.tags = {t.name: t for t in synapse.tags}
        self.values = {v.symbol for v in synapse.values}

    def counting(self, products: int) -> Needs:
        """Count every term as so many products."""
        return Needs(self.draft, self.synapse, products)

    def of(self, terms: Iterable[Term]) -> Need:
        """Add up what terms need."""
        terms = tuple(terms)
        names = {name for t in terms for name in names_in(t)}
        tags = {n for n in names | {t.target for t in terms} if n in self.tags}
        held = {f"hold of {n}" for n in tags if self._is_held(self.tags[n])}
        sent = {n for n in names if n in self.values or self.sides.get(n) == "post"}
        return Need(
            frozenset(tags),
            frozenset(n for n in names if self.sides.get(n) == "pre"),
            frozenset(sent | held),
            frozenset(t.every or self.epoch for t in terms if t.gate == "u"),
            self.products * len(terms),
        )

    def _is_held(self, tag: TagSteps) -> bool:
        """Tell whether a tag decays so slowly that it takes a y register (Assign)."""
        if tag.tau_steps is None or not self.sends:
            return False
        return -math.expm1(-self.epoch / tag.tau_steps) < self.smallest_decay


def names_in(term: Term) -> Iterator[str]:
    """Give the traces, tags and values that a term reads."""
    for atom in term.atoms:
        yield from (n.name for n in walk(atom) if isinstance(n, Name))


def reads_weight(term: Term) -> bool:
    """Tell whether a term reads the weight in any way."""
    return any(isinstance(n, Weight) for atom in term.atoms for n in walk(atom))


def is_linear_in_weight(term: Term) -> bool:
    """Tell whether w is one factor of an update of w: then it adds up over parts."""
    once = [a for a in term.atoms if isinstance(a, Weight)]
    others: tuple[Expr, ...] = tuple(a for a in term.atoms if a not in once)
    nested = any(isinstance(n, Weight) for a in others for n in walk(a))
    return term.target == "w" and len(once) == 1 and not nested
