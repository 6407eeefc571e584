"""Products that the engine shifts down to nothing.

In: a fitted rule. Out: a refusal of every product whose largest value is below one
after the product shift. Its floor would still be -1 for all that is negative, so it
does not do nothing: it drifts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from ..hardware.chip import Chip
from .draft import FittedTerm, SynapseDraft


@dataclass(frozen=True)
class ProductIsShiftedAway(Diagnostic):
    """A product of signs is shifted right by more bits than it has.

    The engine shifts a product by the widths of its factors. A sign has 9 bits of
    width and the size 1, so two thresholds, of w and of a tag, leave nothing.
    """

    code = "R216"
    title = "`{term}` is shifted down to nothing: by {shift} bits, and it has {bits}"
    note = "each threshold counts {width} bits and is -1, 0 or 1 ({source})"
    help = "{advice}"

    term: str
    shift: int
    bits: int
    width: int
    source: str
    advice: str


def products_that_vanish(
    chip: Chip, synapse: SynapseDraft, fitted: FittedTerm, largest: int
) -> Iterator[Diagnostic]:
    """Find the products of a term that are 0 or -1 whatever their factors are.

    ``largest`` bounds the product of the factors, mantissa left out.
    """
    for fit in fitted.fits[:1]:
        if largest * abs(fit.mantissa) >> fitted.shift:
            continue
        bits = (largest * abs(fit.mantissa)).bit_length()
        widths = chip.factor_widths
        target = fitted.term.target
        yield ProductIsShiftedAway(
            fitted.term.text,
            fitted.shift,
            bits,
            widths.value["w"],
            widths.source,
            _advice(target, synapse),
            span=fitted.term.span,
        )


def _advice(target: str, synapse: SynapseDraft) -> str:
    if synapse.tags and target == "w":
        tag = synapse.tags[0].name
        return (
            f"keep one threshold in d{target}, and let the other decide what is "
            f"written into `{tag}`"
        )
    return "keep one threshold in a product"
