"""Cut a rule into pieces that may be learned apart, and pack them into connections.

In: the terms of a rule. Out: pieces, each of which has to stay whole, what every
connection has to have, and the ways to put them into a number of connections.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .draft import SynapseDraft, Term
from .split_needs import Need, Needs, Room, is_linear_in_weight, names_in

Piece = tuple[Term, ...]
Packing = tuple[tuple[Piece, ...], ...]
Bin = tuple[tuple[int, ...], Need]
"""The numbers of the pieces that a connection has, and what they need together."""


@dataclass(frozen=True)
class Pieces:
    """A rule in pieces.

    ``shared`` are the terms that have w as a factor, and the tags that they read: all
    connections have them, since factor * (w1 + w2) is factor * w1 + factor * w2.
    """

    shared: Piece
    own: tuple[Piece, ...]


def cut(synapse: SynapseDraft, needs: Needs, *, join: bool) -> Pieces:
    """Cut a rule into the smallest pieces.

    A tag stays in one piece with all terms that write or read it. ``join``: terms that
    need the same registers stay together, since apart they take no fewer.
    """
    shared = _with_their_tags(
        [t for t in synapse.terms if is_linear_in_weight(t)], synapse
    )
    own: list[Piece] = []
    for term in synapse.terms:
        if term not in shared:
            own = _joined(own, (term,), {t.name for t in synapse.tags})
    if join:
        by_need: dict[Need, Piece] = {}
        for piece in own:
            need = needs.of(piece)
            alike = Need(need.tags, need.pre, need.post, need.periods)
            by_need[alike] = (*by_need.get(alike, ()), *piece)
        own = list(by_need.values())
    return Pieces(tuple(shared), tuple(own))


def _with_their_tags(terms: list[Term], synapse: SynapseDraft) -> list[Term]:
    """Add what the tags that are read need themselves, in the order of the rule."""
    tags = {t.name for t in synapse.tags}
    known: set[str] = set()
    while True:
        found = {n for t in terms for n in names_in(t) if n in tags} - known
        if not found:
            return [t for t in synapse.terms if t in terms]
        known |= found
        terms = terms + [t for t in synapse.terms if t.target in found]


def _joined(pieces: list[Piece], new: Piece, tags: set[str]) -> list[Piece]:
    """Add a piece, joined with all those that touch one of its tags."""
    touched = _tags(new, tags)
    apart = [p for p in pieces if not _tags(p, tags) & touched]
    together = [t for p in pieces if _tags(p, tags) & touched for t in p]
    return [*apart, (*together, *new)]


def tags_of(term: Term, tags: set[str]) -> set[str]:
    """Give the tags that a term writes or reads."""
    return {term.target, *names_in(term)} & tags


def _tags(piece: Piece, tags: set[str]) -> set[str]:
    return {name for term in piece for name in tags_of(term, tags)}


def packings(
    pieces: Sequence[Piece], count: int, shared: Need, needs: Needs, room: Room
) -> Iterator[Packing]:
    """Give the ways to put pieces into so many connections, none of them empty.

    Depth first; connections are alike, so a piece opens one new one at most.
    """
    wanted = [needs.of(p) for p in pieces]
    empty: Bin = ((), shared)

    def put(k: int, bins: tuple[Bin, ...]) -> Iterator[Packing]:
        if len(bins) + len(pieces) - k < count:
            return  # one connection at least would stay empty
        if k == len(pieces):
            yield tuple(tuple(pieces[i] for i in held) for held, _ in bins)
            return
        for place in range(min(len(bins) + 1, count)):
            held, need = bins[place] if place < len(bins) else empty
            need = need.plus(wanted[k])
            if not room.exceeded(need):
                full: Bin = ((*held, k), need)
                yield from put(k + 1, (*bins[:place], full, *bins[place + 1 :]))

    return put(0, ())
