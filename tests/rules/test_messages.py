"""Every diagnostic of the rules has a case in one of the files test_messages_*.py."""

from pathlib import Path

import pytest

from lahar.diagnostics import LaharError, all_diagnostics
from lahar.rules.expr import as_expr, w

GOLDEN = Path(__file__).parents[1] / "golden"


def test_every_diagnostic_of_the_rules_has_a_case(all_cases):
    ours = {
        code
        for code, kind in all_diagnostics().items()
        if kind.__module__.startswith(("lahar.rules.", "lahar.units"))
    }
    names = [case.name for case in all_cases]
    families = {code[:2] for code in ours}
    texts = {f.stem for f in GOLDEN.glob("*.txt") if f.stem[:2] in families}

    assert ours == {case.code for case in all_cases}
    assert len(names) == len(set(names)), "a code has its cases in one file"
    assert texts <= set(names), "a golden text without its case is never compared"


def test_messages_name_no_own_machinery():
    with pytest.raises(LaharError) as error:
        as_expr(w[0])

    assert error.value.diagnostics[0].span.file == __file__
