"""`lahar list` and `lahar explain`: what there is, and what a code means."""

from __future__ import annotations

import inspect

import pytest

from lahar.cli.code_families import FAMILIES
from lahar.diagnostics import all_diagnostics
from lahar.rules.library import RULES
from lahar.rules.loading import load_rule
from lahar.rules.parser import parse_rule
from lahar.rules.printer import print_rule
from lahar.rules.systems import SYSTEMS

KINDS = ("rules", "chips", "backends", "profiles", "passes", "systems")


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_is_a_table_with_a_line_for_each(call, kind):
    rows = call(f"list {kind} --json").json[kind]

    done = call(f"list {kind}")

    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{kind}\n")
    body = [line for line in done.out.splitlines() if line.startswith("│")]
    assert len(body) == len(rows)
    for line, row in zip(body, rows, strict=True):
        assert [cell.strip() for cell in line.strip("│").split("│")] == [
            str(value) for value in row.values()
        ]


def test_the_lists_are_those_of_the_package(call):
    names = {
        kind: [row["name"] for row in call(f"list {kind} --json").json[kind]]
        for kind in ("rules", "chips", "backends", "passes")
    }

    assert names["rules"] == list(RULES)
    assert names["chips"] == [
        "loihi1",
        *("loihi1:kapoho-bay", "loihi1:nahuku32", "loihi1:pohoiki-springs"),
        "loihi2",
        *("loihi2:oheo-gulch", "loihi2:kapoho-point", "loihi2:hala-point"),
    ]
    assert names["backends"] == [
        *("sim", "interpreter", "reference", "brian2", "snntorch", "norse", "lava")
    ]
    assert names["passes"][0] == "legalise"
    assert names["passes"][-1] == "allocate"


def test_there_are_61_systems_with_names_of_their_own(call):
    rows = call("list systems --json").json["systems"]

    assert len(rows) == 61 == len(SYSTEMS)
    ids = [f"S{n}" for n in range(1, 24)] + [f"B{n:02}" for n in range(1, 38)]
    assert [row["id"] for row in rows] == [*ids, "B41"]
    assert len({row["name"] for row in rows}) == 61
    assert {row["status"] for row in rows} <= {"works", "open"}


def test_explain_knows_every_code(call):
    known = all_diagnostics()

    assert len(known) > 150
    for code, kind in known.items():
        done = call(f"explain {code}")
        assert (done.status, done.err) == (0, ""), code
        assert done.out.startswith(f"{kind.severity}[{code}]: {kind.title}\n"), code
        assert (inspect.getdoc(kind) or "?") in done.out, code
        for part in (kind.note, kind.help):
            assert part in done.out, code


def test_explain_shows_an_example(call):
    done = call("explain R202")

    assert "for example:\n\nerror[R202]: every(3) has no gate on the chip" in done.out


def test_explain_without_a_code_lists_the_families(call):
    rows = call("explain --json").json["families"]

    assert {row["family"]: row["about"] for row in rows} == FAMILIES
    assert sum(row["codes"] for row in rows) == len(all_diagnostics())
    shown = call("explain").out
    assert all(row["about"] in shown for row in rows)


@pytest.mark.parametrize("family", FAMILIES)
def test_explain_of_a_family_lists_its_codes(call, family):
    rows = call(f"explain {family.lower()} --json").json["codes"]

    assert rows
    assert {row["code"] for row in rows} == {
        code for code in all_diagnostics() if code.startswith(family)
    }
    shown = call(f"explain {family}").out
    assert all(row["title"] in shown for row in rows)


def test_explain_knows_the_codes_of_the_command_line_itself(call):
    for code in ("U901", "U905", "U910", "U911", "U912", "U913", "U950", "U952"):
        assert call(f"explain {code}").status == 0, code


def test_explain_takes_a_code_in_any_case_and_gives_json(call):
    parts = call("explain p303 --json").json

    assert parts["code"] == "P303"
    assert parts["title"] == "cannot read `{path}`: {reason}"
    assert parts["explanation"].startswith("A program file could not be read at all.")
    assert parts["example"].startswith("error[P303]: cannot read `prog.lahar`: ")


def test_explain_refuses_a_code_that_nobody_has(transcript, golden):
    golden("cli_explain_unknown", transcript(["explain P30X", "explain 7"]))


def test_show_gives_the_text_form_and_where_the_terms_go(call):
    done = call("show my_rule.py:PostGated")

    assert (done.status, done.err) == (0, "")
    text, _, report = done.out.partition("PostGated for loihi2, dt 1 ms")
    assert print_rule(load_rule("my_rule.py:PostGated")) in text
    tables = ["terms", "roundings", "use of the chip"]
    assert [line for line in report.splitlines() if line in tables] == tables
    assert "│ my_rule.py:12" in report
    assert "warning[L25]" in report


def test_a_report_does_not_call_float_noise_a_rounding(call):
    roundings = call("show my_rule.py:PostGated --json").json["roundings"]

    assert roundings
    assert min(abs(r["relative_error"]) for r in roundings) > 1e-9


def test_show_with_json_gives_a_text_that_is_the_rule(call):
    shown = call("show stdp --json").json

    assert parse_rule(shown["text"]) == RULES["stdp"]
    assert [t["term"] for t in shown["terms"]] == [
        "0.01 * post * x",
        "-0.012 * pre * y",
    ]
