"""The float reference: what a network computes by its rules, in float64.

A Network in, or a Program that carries its network; never the Program's own integers,
so that a bug of the compiler cannot sit on both sides of a comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from ..hardware.dense_twin import of_synapses
from ..hardware.program import Connection, Program, SignMode
from ..hardware.variables import state_variables
from ..hardware.weight_sums import initial_sums, shifts_of, variable_of
from ..rules.network import Network, Projection
from ..rules.parser import parse_network
from .backend import Progress, Trajectory, silent
from .recording import Array, Recording, in_rule_units, resolve_names
from .reference_names import reference_variables, synapse_variables
from .reference_run import run_reference
from .rule_engines import NetworkEngine
from .stimulus import to_port
from .stimulus_needs import Stimulus, needs_of

__all__ = ["network_of", "run_reference", "run_reference_of_program"]


@dataclass(frozen=True)
class ProgramHasNoRule(Diagnostic):
    """A Program that came from Lava holds integers only; nobody knows its rule.

    The reference computes what a rule means. A Program that lahar compiled carries its
    rule and network along; one that was read from Lava processes does not.
    """

    code = "S455"
    title = "backend `reference` needs the rule, and program `{program}` has none"
    note = "a program from Lava holds integers only"
    help = "run backend `sim`, or compile the rule with lahar"

    program: str


@dataclass(frozen=True)
class WeightsAreNotTheRules(Diagnostic):
    """The Program's weights were replaced after it was compiled.

    The reference starts from the weights of the network that was compiled. Other
    integers (``program.with_weights``) have no counterpart there.
    """

    code = "S456"
    title = "connection `{connection}` has other weights than the network it came from"
    note = "{count} of {total} differ by more than {step} LSB, the grid they lie on"
    help = "put the weights into the network and compile that"

    connection: str
    count: int
    total: int
    step: int


def network_of(program: Program) -> Network:
    """Give the network that a Program was compiled from.

    Where a connection of the Program does not learn (``program.frozen()``), the
    projection has no rule either.

    Raises
    ------
    LaharError
        S455 if the Program does not carry it, S456 if it holds other weights.

    """
    if program.source is None:
        raise LaharError(ProgramHasNoRule(program.name))
    network = parse_network(program.source.text, program.source.arrays)
    connections = {c.name: c for c in program.connections}
    require_no_errors(_check_weights(program, network))
    for weight_sum in program.sums:
        connections[weight_sum.name] = connections[weight_sum.connections[0]]
    return replace(
        network,
        dt_seconds=program.dt_seconds,
        projections=tuple(
            _as_it_learns(p, connections.get(p.name)) for p in network.projections
        ),
    )


def _as_it_learns(projection: Projection, connection: Connection | None) -> Projection:
    frozen = connection is not None and connection.learning is None
    if projection.rule is None or not frozen:
        return projection
    # Without its rule, an inhibitory weight is no longer counted positive.
    sign = -1.0 if projection.rule.polarity == "inhibitory" else 1.0
    return replace(projection, rule=None, weights=sign * projection.weights)


def _check_weights(program: Program, network: Network) -> Iterator[Diagnostic]:
    stored = {f"{c.name}.weights": c.weights for c in program.connections}
    stored |= initial_sums(program)
    steps = _grids(program)
    for view in program.views:
        name = view.variable.removesuffix(".weights")
        sources = [p for p in network.projections if f"{p.name}.weights" == view.symbol]
        if view.variable not in stored or not sources:
            continue
        step = steps[name]
        weights = in_rule_units(stored[view.variable], view)
        far = np.abs((weights - sources[0].weights) * view.scale) > step + 0.5
        if far.any():
            yield WeightsAreNotTheRules(name, int(far.sum()), far.size, step)


def _grids(program: Program) -> dict[str, int]:
    """Give what neighbouring weights differ by, added up over the parts of a sum."""
    grids = {
        c.name: 1 << (8 - c.weight_bits + (c.sign_mode == SignMode.MIXED))
        for c in program.connections
    }
    for s in program.sums:
        parts = zip(s.connections, shifts_of(program, s), strict=True)
        grids[s.name] = sum(grids[name] << shift for name, shift in parts)
    return grids


def run_reference_of_program(
    program: Program,
    stimulus: Stimulus,
    steps: int,
    *,
    record: str | Sequence[str] | None = None,
    given: Recording | None = None,
    seed: int = 0,
    progress: Progress = silent,
    engine: NetworkEngine = run_reference,
) -> Trajectory:
    """Run the network of a Program; results carry the Program's names, in rule units.

    Parameters
    ----------
    program, stimulus, steps
        What to run. In an open loop modulators act in the quantised form in which
        ports get them, and the stimulus has to hold only what ``given`` lacks.
    record
        Names or shell patterns of the Program's variables or of the rule's, or
        ``"all"``. What the rule has no counterpart for (a register that only the chip
        needs; in an open loop, all that is replayed) is left out.
    given
        A recording to replay: open loop.
    seed
        Of the neurons' noise; a recording that is replayed has its own.
    progress
        Called after each step.
    engine
        Who computes it.

    Raises
    ------
    LaharError
        S455 for a Program without its network; S420 for a name; else as
        `run_reference`.

    """
    network = network_of(program).dense()
    closed = reference_variables(network)
    computed = closed if given is None else synapse_variables(network)
    symbols = symbols_of(program, computed)
    wanted = resolve_for_reference(program, closed, record)
    chosen = {n: symbols.get(n, n) for n in wanted if symbols.get(n, n) in computed}
    modulated = still_read(program, network, stimulus)
    trajectory = engine(
        network,
        modulated if given is None else _as_ports_get_it(program, modulated),
        steps,
        record=frozenset(chosen.values()),
        given=given,
        seed=seed,
        progress=progress,
    )
    known = trajectory.variables  # snnTorch and Norse do not show everything
    variables = {n: known[symbol] for n, symbol in chosen.items() if symbol in known}
    final = dict(_finals(trajectory, symbols, computed))
    lacking = set(trajectory.not_kept)
    not_kept = tuple(n for n, symbol in chosen.items() if symbol in lacking)
    return Trajectory(
        of_synapses(program, variables), of_synapses(program, final), not_kept
    )


def resolve_for_reference(
    program: Program, computed: Mapping[str, object], record: str | Sequence[str] | None
) -> tuple[str, ...]:
    """Find names of the Program, and of the rule where the Program has other ones."""
    if record is None:
        return ()
    own = list(_names(program))
    if record == "all":
        return tuple(own)
    known = tuple(dict.fromkeys((*own, *computed)))
    chosen = resolve_names(known, record, f"program `{program.name}`")
    return tuple(name for name in known if name in chosen)


def _names(program: Program) -> Iterator[str]:
    """List what a recording of the Program may hold: its state, and sums of weights."""
    yield from (v.name for v in state_variables(program))
    yield from (variable_of(s) for s in program.sums)


def symbols_of(
    program: Program, computed: Mapping[str, tuple[int, ...]]
) -> dict[str, str]:
    """Map names of a Program to those of the reference, where it has them."""
    viewed = {v.variable: v.symbol for v in program.views}
    named = {name: viewed.get(name, name) for name in _names(program)}
    return {name: symbol for name, symbol in named.items() if symbol in computed}


def _finals(
    trajectory: Trajectory, symbols: Mapping[str, str], computed: Mapping[str, object]
) -> Iterator[tuple[str, Array]]:
    for name, symbol in symbols.items():
        if symbol in trajectory.final:
            yield name, trajectory.final[symbol]
    # What only an open loop has: updates and travel.
    yield from ((n, v) for n, v in trajectory.final.items() if n not in computed)


def still_read(program: Program, network: Network, stimulus: Stimulus) -> Stimulus:
    """Drop modulators that the Program's ports take, but no rule reads any more."""
    idle = {m.name for m in program.modulators} - needs_of(network).modulators.keys()
    modulators = {n: v for n, v in stimulus.modulators.items() if n not in idle}
    return Stimulus(stimulus.spikes, modulators)


def _as_ports_get_it(program: Program, stimulus: Stimulus) -> Stimulus:
    known = {m.name: m for m in program.modulators}
    quantised = {
        name: to_port(known[name], np.asarray(values)) / known[name].scale
        if name in known
        else values
        for name, values in stimulus.modulators.items()
    }
    return Stimulus(stimulus.spikes, quantised)
