"""What a torch module holds and a network of lahar cannot say, or not this way."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Diagnostic


@dataclass(frozen=True)
class ModuleHasNoEqual(Diagnostic):
    """A torch module computes something that no network of lahar computes.

    Nothing is read then: leaving the module out would change what the others do.
    """

    code = "N802"
    title = "module `{module}` ({type}): {reason}"
    help = "{instead}"

    module: str
    type: str
    reason: str
    instead: str


@dataclass(frozen=True)
class NotLinearBetween(Diagnostic):
    """Between spiking cells there is something that is not a linear map.

    Synapses multiply spikes by weights and add them up. lahar runs the module a few
    times with numbers of its own in the place of spikes; here the sums did not add up.
    A ReLU, a product of two signals, noise, a dropout that is always on, or a detached
    tensor looks like this.
    """

    code = "N803"
    title = "what reaches `{target}` is not a linear function of {sources}"
    note = "between them: {between}"
    help = "put Linear, Conv, AvgPool, BatchNorm, sums only between cells, or a torch.nn.MaxPool2d of spikes"  # noqa: E501

    target: str
    sources: str
    between: str


@dataclass(frozen=True)
class CouldNotRun(Diagnostic):
    """The module was run for a few steps to see what leads where, and it failed.

    By default it is called once a step with a tensor of one sample. A module whose
    forward goes through the steps itself, or wants its states, has to be run another
    way.
    """

    code = "N804"
    title = "the module did not run on an input of shape {shape}: {error}"
    note = "it was called with {how}"
    help = "give input_shape (of one sample in one step), time_axis=0 if forward takes all steps at once, or run=lambda module, x: ... with x of shape (steps, 1, ...)"  # noqa: E501

    shape: str
    error: str
    how: str


@dataclass(frozen=True)
class CellsRunUnevenly(Diagnostic):
    """Not every cell took part once in every step.

    lahar takes the calls of a cell as its steps. A cell that two layers share, or that
    runs more often than the others, cannot be told apart in this way.
    """

    code = "N805"
    title = "cell `{cell}` was called {calls} times and `{other}` {others} times"
    help = "give each layer a cell of its own, which runs once a step"

    cell: str
    calls: int
    other: str
    others: int


@dataclass(frozen=True)
class TimeStepOfTheCells(Diagnostic):
    """Norse's cells carry the length of their step, and another one was given.

    What a cell computes in a step depends on the product of its `dt` and its rates
    alone. Read for another length of step, its time constants would be others.
    """

    code = "N806"
    title = "cell `{cell}` has dt = {own:g} s, and {given:g} s was asked for"
    help = "leave dt out, or give all cells the dt of the network"

    cell: str
    own: float
    given: float


@dataclass(frozen=True)
class NoCells(Diagnostic):
    """A torch module without spiking cells is no spiking network.

    lahar looks for the cells of {framework} among all submodules.
    """

    code = "N807"
    title = "`{type}` has no cells of {framework}"
    note = "known: {known}"
    help = "give the module that holds the cells"

    type: str
    framework: str
    known: str


@dataclass(frozen=True)
class MembraneIsUsed(Diagnostic):
    """A layer reads the membrane of a cell, which synapses cannot carry.

    Only spikes travel. A membrane as the network's output is fine: every state of every
    group can be recorded.
    """

    code = "N808"
    title = "what reaches `{target}` depends on the {what} of `{cell}`"
    note = "between groups only spikes travel"
    help = "let `{target}` read the spikes of `{cell}`"

    target: str
    cell: str
    what: str


@dataclass(frozen=True)
class ConnectionsChange(Diagnostic):
    """What leads where is not the same in every step.

    A network has one set of connections for all steps. Code that asks for the number of
    the step, or for the values of spikes, makes others.
    """

    code = "N809"
    title = (
        "what reaches `{target}` comes from {now} in one step, from {before} in another"
    )
    help = "take the condition out of forward, or give run=, which does without it"

    target: str
    now: str
    before: str


@dataclass(frozen=True)
class InputShapeMissing(Diagnostic):
    """Nothing says how large the input of the network is.

    It is known without being said only where the first layer is a Linear.
    """

    code = "N810"
    title = "the shape of the input of `{type}` is not known"
    help = "give input_shape, of one sample in one step: (784,), or (1, 28, 28)"

    type: str


@dataclass(frozen=True)
class ResetIsLate(Diagnostic):
    """snnTorch 1.0.0 does not compute what this option of a cell says.

    RSynaptic with reset_delay=False works out the prompt reset and then drops it. It is
    read as what it computes.
    """

    code = "N811"
    severity = "warning"
    title = "module `{module}` (RSynaptic): reset_delay=False has no effect"
    note = "snnTorch 1.0.0 keeps the membrane without the prompt reset"
    help = "expect the spikes of reset_delay=True, in snnTorch as here"

    module: str


@dataclass(frozen=True)
class FactorOfTheOutput(Diagnostic):
    """A graded_spikes_factor other than 1 is in the weights of the layers that follow.

    Spikes are 1 in a network of lahar. Where nothing follows, what snnTorch gives is
    the factor times the spikes that are recorded here.
    """

    code = "N812"
    severity = "warning"
    title = "module `{module}`: graded_spikes_factor is not 1"
    note = "it multiplies the weights of the layers that follow"
    help = "multiply what is recorded of `{module}` to get snnTorch's output"

    module: str


@dataclass(frozen=True)
class GroupHasNoCell(Diagnostic):
    """Neurons of a network compute what no cell of a framework computes.

    A model is known by its equations, not by its name. Graded spikes, modulators, noise
    and traces of own spikes have no cell either.
    """

    code = "N813"
    title = "{framework} has no cell for the neurons of `{group}` ({neuron})"
    note = "models that have one: {known}"
    help = "use one of them, or run the network on backend `reference`"

    framework: str
    group: str
    neuron: str
    known: str


@dataclass(frozen=True)
class LearnsInTorch(Diagnostic):
    """A projection learns by a local rule, which torch modules do not run.

    They are for training by gradients and for inference.
    """

    code = "N814"
    title = "projection `{projection}` learns by `{rule}`, which no torch module runs"
    help = "leave the rule out, or freeze the program: program.frozen()"

    projection: str
    rule: str


@dataclass(frozen=True)
class NumberOfNoCell(Diagnostic):
    """A cell has the equations of a group's neurons, but not for these numbers.

    Another framework may have a cell for them.
    """

    code = "N815"
    title = "group `{group}`: {framework} has no place for its `{parameter}`"
    note = "{reason}"
    help = "use other numbers, or another framework"

    group: str
    framework: str
    parameter: str
    reason: str


@dataclass(frozen=True)
class TorchNeedsTimeStep(Diagnostic):
    """A network without a time step cannot become a torch module.

    Cells keep a share of their state in a step, which depends on its length.
    """

    code = "N816"
    title = "network `{network}` has no time step"
    help = "give the network a dt, for example dt = 1 ms"

    network: str


@dataclass(frozen=True)
class PoolOfNoSpikes(Diagnostic):
    """A MaxPool gets something else than the spikes of cells.

    The largest of spikes, zeros and ones, is their OR, which neurons with a threshold
    compute exactly. The largest of sums is nothing that synapses add up.
    """

    code = "N817"
    title = "`{module}` takes the largest of {what}; of spikes it could be read"
    note = "Conv2d, MaxPool2d, cell: the pool gets currents"
    help = "put the pool behind the cell (Conv2d, cell, MaxPool2d), or use AvgPool2d"

    module: str
    what: str
