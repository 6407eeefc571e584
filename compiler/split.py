"""Split: learn a rule that needs more than one synapse has on several connections.

In: terms. Out: for a rule with more tags, registers, products or periods than one
connection has, two or more projections between the same groups, each with a part of
the terms and a weight of its own. The rule's weight is the sum of theirs.

It is exact in this sense: with real numbers, w1 + w2 + ... is the rule's w in every
step, as long as neither w nor a part has reached an end of its range. For then

    1. every term is learned by one part, so the changes of the parts add up to dw;
    2. a tag stays whole, in one part, with all terms that write or read it;
    3. factor * w, the only way in which a term may read w, is learned by all parts:
       factor * w1 + factor * w2 is factor * w. A rule that reads w otherwise, or into
       a tag, is refused: no synapse knows the sum.

Beyond, it is not: the chip clips each part alone, so the sum is not kept in the rule's
bounds, and a part that only rises stops at its end. Lint L27 says where and how soon.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic
from .draft import Draft, SplitRule, SynapseDraft, Term
from .passes import AbstractPass
from .split_needs import (
    Limit,
    Needs,
    Room,
    is_linear_in_weight,
    reads_weight,
    room_of,
)
from .split_parts import drift, parts_of
from .split_pieces import Packing, Piece, cut, packings, tags_of
from .split_products import products_of
from .split_report import Obstacle, clipped_alone, refusals

READ_IT_ONCE = "let w be one factor of a term of dw, or leave it out"
MOST_PRODUCTS_OF_A_TERM = 2
MOST_PACKINGS = 500
"""Ways to pack a rule that are looked at, for the one whose parts drift least."""


@final
@dataclass(frozen=True)
class Split(AbstractPass):
    """Give a rule as many connections as it needs.

    1. dw = reward * (tag_p - tag_d)   ->  reward * tag_p  and  -reward * tag_d
    2. dw = post * (x1 + x2 + x3)      ->  post * x1 + post * x2  and  post * x3
    3. dw = every(2) * a + every(8) * b  ->  u1 * a  and  u3 * b
    """

    name: ClassVar[str] = "split"

    def requires(self, draft: Draft) -> Iterable[Diagnostic]:
        for synapse in draft.synapses:
            plan = plan_of(draft, synapse)
            if isinstance(plan, Obstacle):
                yield from refusals(draft, synapse, plan)

    def apply(self, draft: Draft) -> Draft:
        for synapse in draft.synapses:
            plan = plan_of(draft, synapse)
            assert not isinstance(plan, Obstacle)  # refused before
            if len(plan) > 1:
                draft = _split(draft, synapse, plan)
        return draft

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        for split in draft.splits:
            yield clipped_alone(draft, split)


def plan_of(draft: Draft, synapse: SynapseDraft) -> tuple[Piece, ...] | Obstacle:
    """Give the terms of every connection that a rule needs; mostly there is one."""
    room, needs = room_of(draft.chip, synapse), Needs(draft, synapse)
    limits = _limits_of_one(draft, synapse, room, needs)
    if not limits:
        return (synapse.terms,)
    for term in synapse.terms:
        if reads_weight(term) and not is_linear_in_weight(term):
            why = f"`{term.text}` would have to read the sum of several weights"
            return Obstacle(why, synapse.terms, limits, READ_IT_ONCE)
    pieces = cut(synapse, needs, join=room.products is None)
    for piece in pieces.own:
        together = (*pieces.shared, *piece)
        beyond = room.exceeded(needs.of(together))
        if beyond:
            why = _why_together(synapse, piece, pieces.shared)
            return Obstacle(why, together, beyond)
    if len(pieces.own) < 2:
        why = "every connection would need all of its terms"
        return Obstacle(why, synapse.terms, limits)
    best = _best(draft, synapse, pieces.own, pieces.shared, needs, room)
    return tuple(_in_order(synapse, pieces.shared, part) for part in best)


def _limits_of_one(
    draft: Draft, synapse: SynapseDraft, room: Room, needs: Needs
) -> tuple[Limit, ...]:
    """Name the limits beyond which a rule is as a whole."""
    limits = room.exceeded(needs.of(synapse.terms))
    if limits or room.products is None:
        return limits
    most = len(synapse.terms) * MOST_PRODUCTS_OF_A_TERM
    if most <= room.products or products_of(draft, synapse) <= room.products:
        return ()
    return ("products",)


def _why_together(synapse: SynapseDraft, piece: Piece, shared: Piece) -> str:
    tags = {t.name for t in synapse.tags}
    joins = next((t for t in piece if len(tags_of(t, tags)) > 1), None)
    if joins is not None:
        names = " and ".join(f"`{n}`" for n in sorted(tags_of(joins, tags)))
        return f"`{joins.text}` ties {names} together"
    whole = sorted(tags_of(piece[0], tags))
    if whole:
        return f"all terms of `{whole[0]}` stay together"
    if shared:
        needed = f"`{shared[0].text}`, which every connection needs"
        return f"`{piece[0].text}` would stand beside {needed}"
    return f"`{piece[0].text}` needs them all at once"


def _best(
    draft: Draft,
    synapse: SynapseDraft,
    pieces: tuple[Piece, ...],
    shared: Piece,
    needs: Needs,
    room: Room,
) -> Packing:
    """Choose, of the packings with the fewest connections, the one that drifts least.

    Parts that rise and fall alike stay within their range longer.
    """
    moves = {piece: drift(draft, synapse, piece) for piece in pieces}

    def drifts(packing: Packing) -> float:
        return max(abs(sum(moves[piece] for piece in part)) for part in packing)

    # How many products a term takes is known when it is quantised: if there is room,
    # plan for the most, else for the fewest.
    for products, count in itertools.product(
        (MOST_PRODUCTS_OF_A_TERM, 1), range(2, len(pieces) + 1)
    ):
        counted = needs.counting(products)
        ways = packings(pieces, count, counted.of(shared), counted, room)
        found = list(itertools.islice(ways, MOST_PACKINGS))
        if found:
            return min(found, key=drifts)
    raise AssertionError("each piece fits a connection of its own")


def _in_order(
    synapse: SynapseDraft, shared: Piece, part: tuple[Piece, ...]
) -> tuple[Term, ...]:
    """Put the terms of a part in the order of the rule."""
    terms = {id(t) for t in itertools.chain(shared, *part)}
    return tuple(t for t in synapse.terms if id(t) in terms)


def _split(draft: Draft, synapse: SynapseDraft, plan: tuple[Piece, ...]) -> Draft:
    """Put the parts in the place of a projection and of its synapse draft."""
    whole = draft.network.projection(synapse.projection)
    names = tuple(itertools.islice(_free_names(draft, whole.name), len(plan)))
    parts = parts_of(draft, synapse, plan, names)
    projections = tuple(
        p
        for old in draft.network.projections
        for p in ([q.projection for q in parts] if old.name == whole.name else [old])
    )
    synapses = tuple(
        s
        for old in draft.synapses
        for s in ([q.synapse for q in parts] if old is synapse else [old])
    )
    return replace(
        draft,
        network=replace(draft.network, projections=projections),
        synapses=synapses,
        splits=(*draft.splits, SplitRule(whole, names)),
    )


def _free_names(draft: Draft, whole: str) -> Iterator[str]:
    """Give names for parts, ``synapse.1`` and so on, that the network does not use."""
    network = draft.network
    taken = {g.name for g in network.groups} | {p.name for p in network.projections}
    numbers = (f"{whole}.{k}" for k in itertools.count(1))
    return (name for name in numbers if name not in taken)
