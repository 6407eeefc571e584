"""What a pass is, and how a pipeline runs passes.

A pass is a frozen dataclass: ``requires`` and ``ensures`` yield diagnostics before and
after, ``apply`` gives a new Draft. The pipeline checks both every time, notes the
text after each pass, and names the pass in which our own invariant broke.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ..diagnostics import Diagnostic, require_no_errors
from ..hardware.report import Finding, Stage
from .draft import Draft
from .draft_text import print_draft


@dataclass(frozen=True)
class AbstractPass(ABC):
    """One step of the compilation. ``name`` is what --print-after takes."""

    name: ClassVar[str]

    def requires(self, draft: Draft) -> Iterable[Diagnostic]:
        """Yield what is wrong with the input; errors stop the compilation."""
        return ()

    @abstractmethod
    def apply(self, draft: Draft) -> Draft:
        """Give the next draft."""

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        """Yield what is wrong with the result: refusals, and lints as warnings."""
        return ()


@dataclass(frozen=True)
class Pipeline:
    """Passes in order; reads like a table of contents."""

    passes: tuple[AbstractPass, ...]

    def run(self, draft: Draft) -> Draft:
        """Run all passes.

        Raises
        ------
        LaharError
            All errors that one pass found.

        """
        for step in self.passes:
            require_no_errors(step.requires(draft))
            draft = step.apply(draft)
            # Parts of a split rule have terms in common: what is said of both is one.
            found = tuple(dict.fromkeys(step.ensures(draft)))
            require_no_errors(found)
            draft = draft.logging(
                findings=tuple(as_finding(d) for d in found),
                stages=(Stage(step.name, print_draft(draft)),),
            )
        return draft


def as_finding(diagnostic: Diagnostic) -> Finding:
    """Turn a warning into an entry of the report."""
    where = str(diagnostic.span) if diagnostic.span else ""
    return Finding(diagnostic.code, "warning", diagnostic.render(), where)
