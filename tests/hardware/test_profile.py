"""Profiles are data: every field explained, every variant a text, one page of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from lahar.diagnostics import LaharError
from lahar.hardware.profile import PROFILES, Profile, find_profile
from lahar.hardware.profile_disagreements import DISAGREEMENTS
from lahar.hardware.profile_page import print_profile_page
from lahar.hardware.profile_switches import SWITCHES
from lahar.hardware.switch import value_text

PAGE = Path(__file__).parents[2] / "docs" / "profiles.md"
every_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def test_every_field_of_a_profile_is_a_switch_that_says_what_it_does() -> None:
    names = [f.name for f in fields(Profile)]

    assert names == ["name", "summary", *SWITCHES, "widths"]
    for switch in SWITCHES.values():
        assert switch.what
        assert len(switch.meanings) > 1
        assert all(m.what and m.who for m in switch.meanings)


@every_profile
def test_every_value_of_a_profile_has_a_meaning_a_source_and_a_trust(
    profile: Profile,
) -> None:
    for name, value in profile.switches().items():
        switch = SWITCHES[name]
        assert value in [m.value for m in switch.meanings], name
        assert type(value) in {type(m.value) for m in switch.meanings}, name
        assert switch.reasons.keys() == PROFILES.keys()
        reason = switch.reasons[profile.name]
        assert reason.source
        assert reason.trust in ("high", "medium", "low", "ours")
        assert (reason.trust == "ours") == reason.source.startswith("ours"), name


def test_a_text_is_read_back_as_the_value_it_was_written_from() -> None:
    for switch in SWITCHES.values():
        values = [m.value for m in switch.meanings] + [*(switch.others or ())]
        for value in values:
            read = switch.parse(value_text(value))
            assert read == value
            assert isinstance(read, bool) == isinstance(value, bool)


def test_every_disagreement_is_a_switch_or_says_why_it_is_none() -> None:
    named = [name for row in DISAGREEMENTS for name in row.switches]

    assert set(named) == set(SWITCHES)
    for row in DISAGREEMENTS:
        assert bool(row.switches) != bool(row.why_none), row.topic


def test_a_variant_is_its_profile_but_for_what_it_names() -> None:
    text = "loihi2: u_wrap = none , product_shift_base=3,trace_decay=q16 first order"

    found = find_profile(text)

    base = PROFILES["loihi2"].switches()
    assert found.switches() == {
        **base,
        "trace_decay": "q16 first order",
        "u_wrap": "none",
        "product_shift_base": 3,
    }


def test_the_name_of_a_variant_is_canonical() -> None:
    one = find_profile("loihi2:tag_low=-257,accumulator_clips=no")
    other = find_profile(
        "loihi2: accumulator_clips=no, tag_low=-257, u_wrap=twos complement,"
    )

    assert one == other
    assert one.name == "loihi2:accumulator_clips=no,tag_low=-257"
    assert find_profile(one.name) == one


@every_profile
def test_a_variant_that_changes_nothing_is_the_profile(profile: Profile) -> None:
    changes = [f"{n}={value_text(v)}" for n, v in profile.switches().items()]

    assert find_profile(profile.name) is profile
    assert find_profile(f"{profile.name}:{','.join(changes)}") is profile


def test_one_profile_can_be_written_as_a_variant_of_another() -> None:
    lava, loihi2 = PROFILES["lava-0.10"], PROFILES["loihi2"]
    changes = [f"{n}={value_text(v)}" for n, v in loihi2.switches().items()]

    assert find_profile(f"lava-0.10:{','.join(changes)}").switches() == (
        loihi2.switches()
    )
    assert lava.switches() != loihi2.switches()


BAD = (
    "",
    "loihi3",
    "loihi:u_wrap=none",
    "loihi2:trace_decy=q16",
    "loihi2:colour=red",
    "loihi2:u_wrap=twos",
    "loihi2:accumulator_clips=True",
    "loihi2:product_shift_base=16,arrival_bits=16.0,membrane_low=1",
    "loihi2:u_wrap",
    "loihi2:u_wrap=none,u_wrap=single",
)


def test_what_leads_nowhere_is_told_all_at_once(
    golden: Callable[[str, str], None],
) -> None:
    told = []
    for text in BAD:
        with pytest.raises(LaharError) as caught:
            find_profile(text)
        told.append(f"{text!r}\n{caught.value}\n")

    golden("P380_to_P383", "\n".join(told))


def test_the_page_of_profiles_is_what_the_code_says(
    request: pytest.FixtureRequest,
) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(print_profile_page(), encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == print_profile_page()
