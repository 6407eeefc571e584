"""`lahar cost`, the cost in a compile report, and chips of one's own there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lahar
from lahar.diagnostics import LaharError

CHIP = """\
name = "mine"
based_on = "loihi1"

[values]
cores = { value = 2, unit = "core", source = "a test", trust = "high" }
"""


@pytest.fixture
def programs(call, here):
    """Write `stdp1.lahar` and `stdp2.lahar`, for either chip."""
    for number in (1, 2):
        done = call(
            f"compile stdp --pre 4 --post 2 --chip loihi{number} -o stdp{number}.lahar"
        )
        assert done.status == 0
    return here


def test_a_compile_report_shows_both_tables_and_static_power_apart(call, golden):
    done = call("compile stdp --pre 4 --post 2 --chip loihi1")

    table = done.out[done.out.index("cost of a step") :].partition("warning[")[0]
    golden("cli_cost_loihi1", table)


def test_loihi_2_has_times_and_no_energy(call, golden):
    done = call("compile stdp --pre 4 --post 2 --chip loihi2")

    table = done.out[done.out.index("cost of a step") :].partition("warning[")[0]
    assert "warning[L26]" not in done.out  # nobody asked for an energy
    golden("cli_cost_loihi2", table)


def test_json_has_the_floor_plan_and_the_cost(call):
    report = call("compile stdp --pre 4 --post 2 --chip loihi1 --json").json

    (core,) = report["cores"]
    assert core["slices"][0]["population"] == "post"
    low, high = report["cost"]["energy_range_pj"]
    assert low < high
    assert [f["table"] for f in report["cost"]["dynamic"]["figures"]] == ["A", "B"]
    assert report["cost"]["static_energy_range_pj"] == [29e6, 104e6]


def test_cost_asks_for_an_energy_so_loihi_2_is_a_lint(call, programs):
    for_loihi_1 = call("cost stdp1.lahar")
    for_loihi_2 = call("cost stdp2.lahar")

    assert "warning[L26]" not in for_loihi_1.out
    assert "warning[L26]: loihi2: no energy" in for_loihi_2.out
    assert for_loihi_2.status == 0
    findings = call("cost stdp2.lahar --json").json["findings"]
    assert [f["code"] for f in findings] == ["L26"]
    assert call("cost stdp1.lahar --json").json["findings"] == []


def test_a_rate_or_a_recording_says_what_happens(call, programs):
    call("run stdp1.lahar --steps 50 -o rec.h5")
    idle = call("cost stdp1.lahar --rate 0 --json").json
    busy = call("cost stdp1.lahar --rate 100 --json").json
    counted = call("cost stdp1.lahar --recording rec.h5 --json").json

    parts = {p["part"]: p["count"] for p in idle["parts"]}
    assert parts == {"inactive neuron update": 2.0, "barrier": 1.0}
    operations = "synaptic operation, dense list"
    parts = {p["part"]: p["count"] for p in busy["parts"]}
    assert parts[operations] == pytest.approx(4 * 0.1 * 2)
    recording = lahar.run(lahar.load("stdp1.lahar"), steps=50, record="*.s_out")
    parts = {p["part"]: p["count"] for p in counted["parts"]}
    sent = np.asarray(recording["pre.s_out"], float).mean(axis=0).sum()
    assert parts[operations] == pytest.approx(sent * 2)
    assert counted["activity"] == "counted in 50 steps on sim"


def test_what_does_not_fit_is_said(call, programs, transcript, golden):
    Path("mine.toml").write_text(CHIP, encoding="utf-8")
    call("compile stdp --pre 4 --post 2 --chip mine.toml -o mine.lahar")
    call("compile stdp --pre 4 --post 2 --seed 1 --chip loihi1 -o other.lahar")
    call("run other.lahar --steps 5 -o other.h5")
    call("run stdp1.lahar --steps 5 --record synapse.weights -o weights.h5")

    golden(
        "cli_cost_refused",
        transcript(
            [
                "cost mine.lahar",
                "cost stdp1.lahar --chip mine.toml",
                "cost stdp1.lahar --rate -3",
                "cost stdp1.lahar --recording other.h5",
                "cost stdp1.lahar --recording weights.h5",
            ]
        ),
    )
    assert call("cost mine.lahar --chip mine.toml").status == 0


def test_a_chip_of_ones_own_compiles_and_is_named_in_the_report(call, here):
    Path("mine.toml").write_text(CHIP, encoding="utf-8")

    done = call("compile stdp --pre 4 --post 2 --chip mine.toml -o mine.lahar")

    assert (done.status, done.err) == (0, "")
    assert "for mine, dt 1 ms" in done.out
    assert lahar.load("mine.lahar").chip == "mine"


def test_a_board_compiles_and_reports_its_chips(call):
    rows = call("compile stdp --chip loihi1:nahuku32 --json").json["usage"]

    by_name = {row["resource"]: row for row in rows}
    assert by_name["cores"]["limit"] == 4096
    assert (by_name["chips"]["used"], by_name["chips"]["limit"]) == (1, 32)
    assert by_name["output axons to other chips"]["status"] == "unverified"


def test_the_verb_takes_a_chip_or_its_name(call, programs):
    program = lahar.load("stdp1.lahar")

    named = lahar.cost(program, chip="loihi1")

    assert named == lahar.cost(program)
    with pytest.raises(LaharError, match="U917"):
        lahar.cost(program, rate=float("nan"))
