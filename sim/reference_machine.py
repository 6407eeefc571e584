"""The float reference of a Program, piece by piece.

A Program that carries its network goes in; what its rule computes comes out under the
Program's names, in the rule's units, each call going on where the last one ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..hardware.dense_twin import of_synapses, of_variable
from ..hardware.program import Program
from .backend import Progress, silent
from .recording import Array
from .reference import (
    network_of,
    resolve_for_reference,
    still_read,
    symbols_of,
)
from .reference_names import reference_variables
from .reference_run import ReferenceMachine
from .stimulus_needs import Stimulus


class ReferenceOfProgram:
    """The network of a Program under way.

    Raises
    ------
    LaharError
        S455 and S456 for a Program without its network, S450 without a time step.

    """

    def __init__(self, program: Program, seed: int) -> None:
        self._program = program
        self._network = network_of(program).dense()
        self._machine = ReferenceMachine(self._network, seed)
        self._computed = reference_variables(self._network)
        self._symbols = symbols_of(program, self._computed)

    @property
    def steps_done(self) -> int:
        """How many steps lie behind it."""
        return self._machine.steps_done

    @property
    def names(self) -> tuple[str, ...]:
        """The Program's variables that the rule has a counterpart of."""
        return tuple(self._symbols)

    def run(
        self,
        stimulus: Stimulus,
        steps: int,
        record: str | Sequence[str] | None,
        progress: Progress = silent,
    ) -> Mapping[str, Array]:
        """Go ``steps`` further; ``record`` as for `run_reference_of_program`."""
        wanted = resolve_for_reference(self._program, self._computed, record)
        symbols = {name: self._symbols.get(name, name) for name in wanted}
        chosen = {
            n: symbol for n, symbol in symbols.items() if symbol in self._computed
        }
        modulated = still_read(self._program, self._network, stimulus)
        record_now = frozenset(chosen.values())
        rows = self._machine.run(modulated, steps, record_now, progress)
        found = {name: rows[symbol] for name, symbol in chosen.items()}
        return of_synapses(self._program, found)

    def read(self, name: str) -> Array:
        """Copy what a variable of the Program holds after the last step."""
        values = self._machine.read(self._symbols[name])
        return of_variable(self._program, name, values)
