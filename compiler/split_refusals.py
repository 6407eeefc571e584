"""What is said of a rule that needs more than one connection and cannot be split.

In: a rule, the limit that it goes beyond and why no split is exact. Out: a refusal
that names the limit and the nearest legal form.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Diagnostic


@dataclass(frozen=True)
class TwoDecimations(Diagnostic):
    """A rule set has one u gate: all its un-gated terms share one k.

    Terms without ``pre``, ``post`` or ``every`` are evaluated in each epoch (k = 0); a
    decaying tag is one of them. Terms that do not depend on each other are learned by
    connections of their own, each with its k; these do.
    """

    code = "R204"
    title = "terms of one rule are evaluated every {first} and every {second} steps"
    note = "one k a connection (Lava 0.10 learning_rule.py), and no split: {why}"
    help = "write the same every(n) in all terms that are not gated by pre or post"

    first: int
    second: int
    why: str


@dataclass(frozen=True)
class TooManyTags(Diagnostic):
    """A synapse has one tag on the chip, and the rule cannot be split.

    Terms of different tags are learned by connections of their own, whose weights add
    up, where no term needs two tags or more of the weight than its sum.
    """

    code = "R206"
    title = "`{rule}` has {count} tags; a synapse has {limit}"
    note = "one tag register a synapse ({source}), and no split: {why}"
    help = "{advice}"

    rule: str
    count: int
    limit: int
    source: str
    why: str
    advice: str


@dataclass(frozen=True)
class TooManyRegisters(Diagnostic):
    """A synapse has two pre traces and three values from the post side.

    Post traces, graded quantities and modulators share the three y registers, and so
    does the constant that slows a tag's decay down. A rule whose terms need more
    together is split over several connections; this one cannot be.
    """

    code = "R220"
    title = "`{rule}` needs {needed} {side}-side registers; {chip} has {limit}"
    note = "used for: {names} ({source}); no split: {why}"
    help = "{advice}"

    rule: str
    side: str
    needed: int
    chip: str
    limit: int
    names: str
    source: str
    why: str
    advice: str


@dataclass(frozen=True)
class TooManyProducts(Diagnostic):
    """A rule needs more products than the engine of a connection adds up.

    Nobody has published that limit for a Loihi; a chip that is described in a file may
    have one. A coefficient takes one product, or two where one would miss it by 1 %.
    """

    code = "R223"
    title = "`{rule}` needs {needed} products; a connection of {chip} has {limit}"
    note = "{source}; no split: {why}"
    help = "use fewer terms in what has to stay together"

    rule: str
    needed: int
    chip: str
    limit: int
    source: str
    why: str


@dataclass(frozen=True)
class ClippedAlone(Diagnostic):
    """A rule is learned by several connections, and the chip clips each alone.

    Their sum is the rule's weight until the rule, or one connection, reaches an end of
    its range; then it differs. Parts that only rise or only fall drift apart, whatever
    the rule's weight does.
    """

    code = "L27"
    severity = "warning"
    title = "`{projection}` is the sum of {count} connections; its bounds are not held"
    note = "each is clipped alone: {ranges}"
    help = "{advice}"

    projection: str
    count: int
    ranges: str
    advice: str
