"""The page docs/profiles.md, printed from the switches, so that it cannot drift.

In: nothing. Out: Markdown. A test compares it with the file, and writes the file anew
with ``--update-golden``.
"""

from __future__ import annotations

from collections.abc import Iterable

from .profile import PROFILES
from .profile_disagreements import DISAGREEMENTS, Disagreement
from .profile_switches import SWITCHES
from .switch import Switch, value_text

_HEAD = """\
# Profiles

A profile says whose arithmetic a run computes: `lahar.run(program, profile="loihi2")`,
`lahar run prog.lahar --profile lava-0.10`. It is a set of switches.
[semantics.md](semantics.md) says what each of them does to a step; this page lists
them, who computes so, and why the profiles have the values that they have.

A variant of a profile names the switches that differ, wherever a profile's name is
taken, and that text goes into the provenance of a recording:

    lahar run prog.lahar --profile "loihi2:trace_decay=q16 first order,u_wrap=single"

`lahar list profiles` prints the switches too, with `--json` for programs. A program
whose exponents were compensated for another `product_shift_base` is refused (U904).

Trust: `high` is measured, agreed upon by sources, or the very code that the profile
stands for; `medium` is one source; `low` is a source that others contradict; `ours`
means that nothing is published and this is lahar's documented choice.
Lava is lava-nc 0.10.0; of nengo-loihi the emulator was read, of Brian2Loihi the code.
"""

_DISAGREE = """\
Lava, nengo-loihi and Brian2Loihi compute these differently. Each is a switch, or the
table says why it is none.
"""


def print_profile_page() -> str:
    """Write the whole page."""
    parts = [_HEAD, "## Switches\n", _switches(), "## What the values mean\n"]
    parts += [_meanings(switch) for switch in SWITCHES.values()]
    parts += ["## Where sources disagree\n", _DISAGREE, _disagreements()]
    return "\n".join(parts)


def _switches() -> str:
    columns = ["switch"]
    for name in PROFILES:
        columns += [name, "source", "trust"]
    return _table(columns, [_row(switch) for switch in SWITCHES.values()])


def _row(switch: Switch) -> list[str]:
    row = [f"`{switch.name}`"]
    for name, profile in PROFILES.items():
        reason = switch.reasons[name]
        value = value_text(profile.switches()[switch.name])
        row += [f"`{value}`", reason.source, reason.trust]
    return row


def _meanings(switch: Switch) -> str:
    lines = [f"`{switch.name}`: {switch.what}.\n"]
    lines += [f"* `{value_text(m.value)}`: {m.what} ({m.who})" for m in switch.meanings]
    if switch.others is not None:
        lines.append(f"* or an integer of {switch.others[0]} to {switch.others[1]}")
    return "\n".join(lines) + "\n"


def _disagreements() -> str:
    return _table(["topic", "switches"], [[d.topic, _answer(d)] for d in DISAGREEMENTS])


def _answer(disagreement: Disagreement) -> str:
    named = ", ".join(f"`{name}`" for name in disagreement.switches)
    return named or f"none: {disagreement.why_none}"


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(columns)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
