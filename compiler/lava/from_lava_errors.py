"""Why a Lava network is not read: what it holds that has no meaning as a Program.

Most of these networks would crash or hang in Lava itself; the message says which.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...diagnostics import EXIT_MISSING_BACKEND, Diagnostic


@dataclass(frozen=True)
class LavaIsNotInstalled(Diagnostic):
    """`from_lava` reads the objects of Intel's Lava, which is not installed here.

    Its last release, 0.10, declares Python 3.8 to 3.10. A Program that `from_lava`
    made and `save` wrote loads and runs anywhere.
    """

    code = "B530"
    title = "Lava is not installed"
    note = "from_lava reads processes of lava-nc 0.10.0, which runs on Python 3.10"
    help = (
        "install lava-nc==0.10.0 on Python 3.10, save the Program there, load it here"
    )
    exit_code = EXIT_MISSING_BACKEND


@dataclass(frozen=True)
class NotAProcess(Diagnostic):
    """`from_lava` takes one Lava process; the others are found through its ports.

    Something else was given: a class instead of an instance, a list, or a network
    of another tool.
    """

    code = "B531"
    title = "from_lava takes a Lava process, not something of class {what}"
    help = "give it any one process of the network: lahar.from_lava(lif)"

    what: str


@dataclass(frozen=True)
class UnknownProcess(Diagnostic):
    """What a process computes is written in its ProcessModel, which is Python code.

    lahar knows the models of Lava's own library that are listed in docs/from_lava.md
    and compares them with Lava bit by bit. A process class of your own, a subclass of
    a known one included (Lava looks models up by the exact class), has a model that
    nobody has compared. Written as a lahar NeuronModel it is compiled to integer
    operations, which run in the simulator and in Lava alike.
    """

    code = "B532"
    title = "process `{process}` is of class {kind}, which from_lava cannot read"
    note = "{reason}; it reads {known}"
    help = (
        "write the neuron as a lahar.NeuronModel (examples/07_your_own_neuron.py) and "
        "the network as a lahar.Network, then lahar.compile it"
    )

    process: str
    kind: str
    reason: str
    known: str


@dataclass(frozen=True)
class ProcessIsHierarchical(Diagnostic):
    """A process that holds others gets them from a SubProcessModel, when compiled.

    Which model that is depends on the run configuration, which is not in the graph.
    """

    code = "B533"
    title = "process `{process}` ({kind}) holds other processes"
    note = "its parts are chosen when Lava compiles it, so they cannot be read before"
    help = "connect the inner processes directly and call from_lava on one of them"

    process: str
    kind: str


@dataclass(frozen=True)
class NetworkIsRunning(Diagnostic):
    """The network was compiled or is running: its state is in Lava's processes.

    A Program starts from the initial values, so the two would not agree.
    """

    code = "B534"
    title = "process `{process}` is already compiled or running"
    note = "from_lava reads the initial values of a network that has not run"
    help = "call from_lava before run(), or build the network once more"

    process: str


@dataclass(frozen=True)
class LavaWouldFail(Diagnostic):
    """Lava itself cannot run this network: one of its processes would raise.

    There is nothing to be bit-exact to, so nothing is guessed.
    """

    code = "B535"
    title = "process `{process}`: {problem}"
    note = "Lava 0.10 {consequence}"
    help = "{remedy}"

    process: str
    problem: str
    consequence: str
    remedy: str


@dataclass(frozen=True)
class BeyondAProgram(Diagnostic):
    """Lava computes this, but a Program has no form for it.

    A number is wider than a register, or a setting varies where a Program has one
    value for all. The run in Lava is not affected.
    """

    code = "B536"
    title = "process `{process}`: {problem}"
    note = "{limit}"
    help = "{remedy}"

    process: str
    problem: str
    limit: str
    remedy: str


@dataclass(frozen=True)
class LavaWouldHang(Diagnostic):
    """A connection on which one side waits for ever: a run of this network hangs.

    Lava's processes exchange one message per port and step. A port that its model
    never sends on keeps the receiver waiting in the first step; one that its model
    never reads stops the sender once the channel is full, after 64 steps.
    """

    code = "B537"
    title = "`{source}` -> `{target}`: {problem}"
    note = "a run of this network in Lava 0.10 hangs {when}"
    help = "{remedy}"

    source: str
    target: str
    problem: str
    when: str
    remedy: str


@dataclass(frozen=True)
class NeuronsWaitForEachOther(Diagnostic):
    """Neurons that feed each other directly, in a loop, wait for each other for ever.

    A neuron sends after it has received, in the same step. Connection processes send
    first, which is what lets recurrent networks run.
    """

    code = "B538"
    title = "the neurons {loop} feed each other without a connection in between"
    note = "Lava would hang in the first step: each waits for the spikes of the others"
    help = "put a Dense (or another connection process) into the loop"

    loop: str
