"""Every diagnostic has its wording under review, and explains itself.

A new class is found by itself. Its example is made of the facts in cli/sample_facts:
by its code if it has some there, else by the names of its fields. Write its text with

    pytest tests/test_diagnostics.py --update-golden

and read the diff: that is the message as a user will see it.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import fields

import pytest

from lahar.cli.code_families import FAMILIES, family_of
from lahar.cli.sample_facts import FACTS, sample
from lahar.diagnostics import all_diagnostics

KNOWN = all_diagnostics()
HOW = (
    "if the wording is meant so: pytest tests/test_diagnostics.py --update-golden, "
    "and read the diff; facts for examples are in cli/sample_facts"
)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_messages_of_a_family_read_as_reviewed(golden, family):
    members = [KNOWN[c] for c in sorted(KNOWN) if family_of(c) == family]

    try:
        golden(
            f"diagnostics_{family}",
            "".join(f"{sample(kind).render()}\n\n" for kind in members),
        )
    except AssertionError as error:
        raise AssertionError(f"{error}\n\n{HOW}") from None


def test_every_code_belongs_to_a_family():
    assert {family_of(code) for code in KNOWN} == set(FAMILIES)


@pytest.mark.parametrize("code", sorted(KNOWN))
def test_a_diagnostic_explains_itself_in_two_sentences_or_more(code):
    said = " ".join((inspect.getdoc(KNOWN[code]) or "").split())

    sentences = re.findall(r"[.!?]`*(?:\s|$)", said)
    assert len(sentences) >= 2, (
        f"{KNOWN[code].__name__}: `lahar explain {code}` prints the docstring; say "
        f"what it means, then why it is so, or how it comes about: {said!r}"
    )


@pytest.mark.parametrize("code", sorted(KNOWN))
def test_a_diagnostic_says_what_to_do(code):
    assert KNOWN[code].title
    assert KNOWN[code].help, f"{KNOWN[code].__name__} has no help"


def test_facts_of_an_example_are_facts_of_its_class():
    for code, facts in FACTS.items():
        assert code in KNOWN, f"cli/sample_facts has {code}, which is no code any more"
        names = {f.name for f in fields(KNOWN[code])}
        assert set(facts) <= names, f"cli/sample_facts, {code}: {set(facts) - names}"
