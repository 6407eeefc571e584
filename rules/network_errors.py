"""What can be wrong with the projections of a network, as messages."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Diagnostic


@dataclass(frozen=True)
class UnknownGroup(Diagnostic):
    """A projection starts or ends at a group that the network does not have.

    Groups are named in the network before projections use them. A misspelt name is
    the usual cause.
    """

    code = "R120"
    title = "projection `{projection}` names the group `{group}`, which does not exist"
    note = "the network has: {known}"
    help = "add the group or correct the name"

    projection: str
    group: str
    known: str


@dataclass(frozen=True)
class UnknownPort(Diagnostic):
    """A projection ends at a port that the target's neuron model does not declare.

    A neuron model declares by name where synapses may end; the synapse has to name
    one of these ports.
    """

    code = "R121"
    title = "projection `{projection}`: neuron `{neuron}` has no port `{port}`"
    note = "`{neuron}` declares: {known}"
    help = "use one of the declared ports"

    projection: str
    neuron: str
    port: str
    known: str


@dataclass(frozen=True)
class WrongWeightShape(Diagnostic):
    """A weight array does not have the shape (post, pre) of its groups.

    One row for each target neuron, one column for each source neuron. Frameworks
    differ in this order, so a transposed array is the usual cause.
    """

    code = "R122"
    title = "projection `{projection}`: weights have shape {shape}, not {wanted}"
    note = "weights are (post, pre): one row for each target neuron"
    help = "transpose the array or correct the group sizes"

    projection: str
    shape: str
    wanted: str


@dataclass(frozen=True)
class WrongMaskShape(Diagnostic):
    """Where a projection has synapses is not said for each of its weights.

    ``connected`` holds one truth value for each weight.
    """

    code = "R129"
    title = "projection `{projection}`: `connected` has shape {shape}, not {wanted}"
    note = "it is (post, pre), as the weights are"
    help = "transpose the array, or leave it out if every synapse exists"

    projection: str
    shape: str
    wanted: str


@dataclass(frozen=True)
class WeightIsNotFinite(Diagnostic):
    """A weight is NaN or infinite; no chip can hold that.

    Training that diverged is the usual cause. The first such weight is named.
    """

    code = "R123"
    title = "projection `{projection}`: weight [{post}, {pre}] is {value}"
    note = "{count} of {total} weights are not finite"
    help = "mend the array before compiling"

    projection: str
    post: int
    pre: int
    value: str
    count: int
    total: int


@dataclass(frozen=True)
class InputHasNoNeuron(Diagnostic):
    """A projection ends at an input group, which has no neurons to receive spikes.

    Inputs only send what the stimulus says. A group of neurons can receive, an
    input cannot.
    """

    code = "R124"
    title = "projection `{projection}` ends at the input `{group}`"
    note = "an input's spikes come from the stimulus alone"
    help = "give `{group}` a neuron model, or turn the projection round"

    projection: str
    group: str
