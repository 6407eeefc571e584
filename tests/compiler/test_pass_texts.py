"""Golden text: every library rule after every pass, one file a rule.

A pass that changes what it makes of a rule shows here, in the rule's own words.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest

import lahar
from lahar.compiler.compile import PIPELINE
from lahar.rules.library import RULES


@pytest.mark.parametrize("name", RULES)
def test_every_pass_leaves_the_golden_text(
    name: str, golden: Callable[[str, str], None]
) -> None:
    stages = lahar.compile(RULES[name], chip="loihi2", pre=4, post=2).report.stages

    assert [s.name for s in stages] == [p.name for p in PIPELINE.passes]
    # Placing adds a few lines to the whole Program; these are enough.
    shown = {s.name: s.text.splitlines() for s in stages}
    shown["allocate"] = [n for n in shown["allocate"] if n not in shown["lower"]]
    parts = ["\n".join((f"=== after {n}", *shown[n], "")) for n in shown]
    for k, (before, stage) in enumerate(itertools.pairwise(stages), start=1):
        if stage.text == before.text:
            parts[k] = f"=== after {stage.name}\n(as before)\n"
    golden(f"passes/{name}", _LONG.sub(_short, "\n".join(parts)))


# What a fit of least squares leaves in the last digits is the machine's.
_LONG = re.compile(r"\d\.\d{6,}(?:e[-+]?\d+)?")


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2g}"
