"""Without the extra `frontends`: a diagnostic that names it, and exit status 3."""

from __future__ import annotations

import sys

import pytest

import lahar
from lahar import LaharError, ms


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
