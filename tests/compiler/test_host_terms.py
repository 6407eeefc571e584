"""A term that reads what a host computes is host-assisted, with the bits of a step."""

from __future__ import annotations

from collections.abc import Callable

from lahar import Program

HEAD = """\
class Cell(NeuronModel):
    current = Port()
    target = Modulator(0.0, 1.0, host={target})
    v = State(leak=20 * ms, reset=0.0)
    dv = current
    late = State(leak=5 * ms)
    dlate = target - v
    spike = v > 1.0
    error = Output(late, low=-1, high=1)

class Mine(Rule):
    x = Trace(pre, tau=20 * ms)
    tag = Tag(tau=200 * ms)
    reward = Modulator(host={reward})
    dtag = 0.1 * x * post
    dw = 0.01 * reward * tag + 0.001 * pre + 0.002 * post.error * x
"""


def statuses(program: Program) -> dict[str, tuple[str, str]]:
    return {t.term: (t.status, t.how) for t in program.report.terms}


def test_terms_that_wait_for_a_host_say_for_what_and_how_much(
    compile_file: Callable[..., Program],
) -> None:
    terms = statuses(compile_file(HEAD.format(target=True, reward=True)))

    status, how = terms["0.01 * reward * tag"]
    assert status == "host-assisted"
    assert how.endswith("; `reward` from the host: 7 bits a step")
    status, how = terms["0.002 * post.error * x"]  # the target, through a state
    assert status == "host-assisted"
    assert how.endswith("; `target` from the host: 7 bits a step")
    assert terms["0.001 * pre"][0] == "approximated"
    assert "host" not in terms["0.1 * post * x"][1]


def test_a_modulator_of_the_world_asks_nothing_of_a_host(
    compile_file: Callable[..., Program],
) -> None:
    terms = statuses(compile_file(HEAD.format(target=True, reward=False)))

    assert terms["0.01 * reward * tag"][0] == "neuron-side"
    assert terms["0.002 * post.error * x"][0] == "host-assisted"


def test_a_host_changes_no_integer_and_survives_the_text(
    compile_file: Callable[..., Program],
) -> None:
    by_host = compile_file(HEAD.format(target=True, reward=True))
    outside = compile_file(HEAD.format(target=False, reward=False))

    assert by_host.source is not None
    assert "modulator reward in [-1.0, 1.0], host" in by_host.source.text
    assert by_host.connections[0].learning == outside.connections[0].learning
    assert by_host.populations == outside.populations
