"""Without the extra `frontends`: a diagnostic that names it, and exit status 3."""

from __future__ import annotations

import sys

import pytest

import lahar
from lahar import LaharError, ms
from lahar.rules.library import RULES
from lahar.rules.network import Group, Network


@pytest.mark.parametrize(
    ("package", "read"),
    [
        ("snntorch", lambda: lahar.from_snntorch(object(), dt=1 * ms)),
        ("norse", lambda: lahar.from_norse(object())),
    ],
)
def test_the_extra_is_named(monkeypatch, package, read):
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed

    with pytest.raises(LaharError, match=f"N801.*`{package}`") as caught:
        read()

    assert "frontends" in str(caught.value)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("package", "write"),
    [("snntorch", lahar.to_snntorch), ("norse", lahar.to_norse)],
)
def test_the_extra_is_named_on_the_way_out(monkeypatch, package, write):
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(LaharError, match=rf"N801.*`{package}`") as caught:
        write(Network("net", (Group("input", 2),), (), 1 * ms))

    assert caught.value.exit_code == 3


def test_a_backend_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    program = lahar.compile(RULES["stdp"], pre=2, post=2)

    with pytest.raises(LaharError, match=r"N801.*`torch`") as caught:
        lahar.run(program, steps=2, backend="snntorch")

    assert caught.value.exit_code == 3
