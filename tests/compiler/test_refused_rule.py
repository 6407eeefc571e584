"""A refused rule says which of its terms are the trouble, and how the others fare."""

from __future__ import annotations

import pytest

import lahar
from lahar import Modulator, Rule, Tag, Trace, exp, ms, post, pre, w
from lahar.compiler.refused_rule import NetworkRefusedError
from lahar.hardware.report import TermReport


class Mixed(Rule):
    x = Trace(pre, tau=20 * ms)
    y = Trace(post, tau=20 * ms)
    dw = 0.05 * post * x - 0.05 * y * pre * (1 - w) + 0.01 * exp(x) * post


class Tagged(Rule):
    x = Trace(pre, tau=20 * ms)
    tag = Tag(tau=100 * ms)
    reward = Modulator()
    dtag = 0.1 * x * post + 0.1 * exp(x) * post
    dw = 0.05 * reward * tag


class ThreeTags(Rule):
    first = Tag(tau=100 * ms)
    second = Tag(tau=200 * ms)
    dfirst = 0.1 * pre
    dsecond = 0.1 * post
    dw = 0.1 * first * second * w


def terms_of(rule: type[Rule], chip: str = "loihi2") -> list[TermReport]:
    with pytest.raises(NetworkRefusedError) as caught:
        lahar.compile(rule, chip, pre=3, post=2)
    return list(caught.value.terms())


def test_terms_that_would_compile_alone_say_what_becomes_of_them() -> None:
    first, second, third = terms_of(Mixed)

    assert (first.target, first.term, first.status) == (
        *("dw", "0.05 * post * x"),
        "exact",
    )
    assert second.term == "-(0.05 * y * pre * (1.0 - w))"
    assert second.status == "approximated"
    assert third.status == "refused"
    assert third.how.startswith("R211: `exp(x)`")
    assert all("test_refused_rule.py" in t.where for t in (first, second, third))


def test_terms_of_a_tag_are_judged_beside_an_update_that_reads_it() -> None:
    statuses = {(t.target, t.term): t.status for t in terms_of(Tagged)}

    assert statuses[("dtag", "0.1 * x * post")] != "refused"
    assert statuses[("dtag", "0.1 * exp(x) * post")] == "refused"


def test_a_chip_that_lacks_what_every_term_needs_refuses_every_term() -> None:
    reading = [t for t in terms_of(Tagged, "loihi1") if t.target == "dw"]

    assert [t.status for t in reading] == ["refused"]
    assert "R210" in reading[0].how


def test_a_term_that_reads_two_tags_is_refused_with_its_code() -> None:
    found = {t.target: t for t in terms_of(ThreeTags)}

    assert found["dw"].status == "refused"
    assert "R206" in found["dw"].how
