"""Say of a refused rule which of its terms are the trouble.

In: a draft that no Program came of. Out: an error that can tell, term by term, what
would have become of it alone, so that a user sees what to mend and what may stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import final

from ..diagnostics import Diagnostic, LaharError
from ..hardware.report import TermReport, TermStatus
from ..rules.expr import Binary, Expr, Name, Negative, walk
from ..rules.network import Projection
from ..rules.printer import print_expr
from ..rules.rule import LearningRule, Update
from .draft import Draft

Compile = Callable[[Draft], Draft]
WORST_LAST: tuple[TermStatus, ...] = (
    *("exact", "neuron-side", "approximated", "host-assisted", "refused"),
)


@final
class NetworkRefusedError(LaharError):
    """What a pass found wrong; ``terms`` says of each term of the rules how it fares.

    A term is one summand of an update, compiled with nothing else but the tags that it
    reads. All may be fine alone where they are too many together.
    """

    def __init__(self, error: LaharError, draft: Draft, compiled: Compile) -> None:
        super().__init__(error.diagnostics)
        self._draft = draft
        self._compiled = compiled

    def terms(self) -> tuple[TermReport, ...]:
        """Compile every term alone; takes as long as so many compilations."""
        plastic = [p for p in self._draft.network.projections if p.rule is not None]
        return tuple(t for p in plastic for t in self._terms_of(p))

    def _terms_of(self, projection: Projection) -> Iterator[TermReport]:
        assert projection.rule is not None
        for update in projection.rule.updates:
            for term in summands(update.expr):
                alone = replace(update, expr=term)
                yield self._judge(projection, projection.rule, alone)

    def _judge(
        self, projection: Projection, rule: LearningRule, update: Update
    ) -> TermReport:
        refusals: list[LaharError] = []
        for updates in _smallest_rules(rule, update):
            draft = self._with_only(projection, replace(rule, updates=updates))
            try:
                found = self._compiled(draft).log.terms
            except LaharError as error:
                refusals.append(error)
                continue
            own = [t for t in found if t.target == f"d{update.target}"]
            return _fine(projection, update, own)
        return _refused(projection, update, refusals[-1].diagnostics)

    def _with_only(self, projection: Projection, rule: LearningRule) -> Draft:
        """Let nothing else learn."""
        projections = tuple(
            replace(p, rule=rule if p.name == projection.name else None)
            for p in self._draft.network.projections
        )
        return replace(
            self._draft, network=replace(self._draft.network, projections=projections)
        )


def summands(expr: Expr) -> Iterator[Expr]:
    """List what an expression adds up, as the user wrote it."""
    match expr:
        case Binary(operator="+", left=a, right=b):
            yield from summands(a)
            yield from summands(b)
        case Binary(operator="-", left=a, right=b):
            yield from summands(a)
            yield from (Negative(t, span=t.span or b.span) for t in summands(b))
        case _:
            yield expr


def _smallest_rules(rule: LearningRule, update: Update) -> Iterator[tuple[Update, ...]]:
    """Give the updates of rules with this term alone, the smallest first.

    A tag has to be read by a weight's update, so its terms come with one of those.
    """
    tags = {t.name for t in rule.tags}
    others = [u for u in rule.updates if u.target != update.target]
    if update.target not in tags:
        read = {n.name for n in walk(update.expr) if isinstance(n, Name)}
        yield (update, *(u for u in others if u.target in read))
        return
    readers = [u for u in others if u.target not in tags]
    for reader in readers:
        for term in summands(reader.expr):
            if any(n == Name(update.target) for n in walk(term)):
                yield (replace(reader, expr=term), update)
    yield (*readers, update)


def _fine(
    projection: Projection, update: Update, found: list[TermReport]
) -> TermReport:
    statuses: list[TermStatus] = ["exact", *(t.status for t in found)]
    worst = max(statuses, key=WORST_LAST.index)
    return TermReport(
        projection.name,
        f"d{update.target}",
        print_expr(update.expr),
        worst,
        "; ".join(t.how for t in found) or "adds nothing",
        max((t.relative_error for t in found), default=0.0, key=abs),
        _where(update),
    )


def _refused(
    projection: Projection, update: Update, problems: tuple[Diagnostic, ...]
) -> TermReport:
    said = "; ".join(f"{d.code}: {d.message}" for d in problems)
    target, text = f"d{update.target}", print_expr(update.expr)
    where = _where(update)
    return TermReport(projection.name, target, text, "refused", said, where=where)


def _where(update: Update) -> str:
    return str(update.expr.span or update.span or "")
