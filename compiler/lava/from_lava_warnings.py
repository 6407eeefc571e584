"""What a user of `from_lava` should know about a network that was read.

They stand in the Program's report; nothing of the Program depends on them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...diagnostics import Diagnostic


@dataclass(frozen=True)
class FixedPointIsAssumed(Diagnostic):
    """The run configuration is not part of a Lava network, so it cannot be read.

    The Program computes what Lava computes with
    `Loihi2SimCfg(select_tag="fixed_pt")`. Lava's floating-point models, the default
    of `Loihi1SimCfg()`, compute something else.
    """

    code = "B540"
    severity = "warning"
    title = "Lava's fixed-point models are assumed"
    note = "the run configuration is not in the network; this is that of fixed_pt"
    help = 'in Lava, run it with Loihi2SimCfg(select_tag="fixed_pt")'


@dataclass(frozen=True)
class LavaHasAnotherVersion(Diagnostic):
    """What Lava computes was read from, and compared with, one version of it.

    Another version may compute other bits, so a comparison with it may part without
    anybody's fault.
    """

    code = "B539"
    severity = "warning"
    title = "Lava {found} is installed; the Program computes as Lava {known} does"
    note = "nobody compared the arithmetic of other versions"
    help = "install lava-nc=={known} to compare"

    found: str
    known: str


@dataclass(frozen=True)
class LavaReadsOtherwise(Diagnostic):
    """Lava's rule parser read another rule than the text says, without a word.

    The Program computes what Lava computes. The forms that Lava misreads are: a sign
    before a variable in brackets or in sgn(), a product or a second number within
    brackets, doubled brackets, a second digit after u, and a sign after `*`.
    """

    code = "B541"
    severity = "warning"
    title = "process `{process}`: Lava reads {target} otherwise than it is written"
    note = "written: {target} = {text}\n           Lava computes {target} = {read}"
    help = "write sums out as products: gate * (variable + number) * number * 2^number"

    process: str
    target: str
    text: str
    read: str


@dataclass(frozen=True)
class FactorIsConstant(Diagnostic):
    """The sum of a variable and a number is clipped whatever the variable is.

    The engine keeps 7 bits of a trace and a number, 9 of a weight or tag and a number.
    """

    code = "B549"
    severity = "warning"
    title = "process `{process}`: {factor} in {target} is {value} whatever it adds to"
    note = "the sum is clipped to the width of the variable"
    help = "multiply by {value} instead, or use a smaller number"

    process: str
    target: str
    factor: str
    value: int


@dataclass(frozen=True)
class ValuesChange(Diagnostic):
    """Lava's fixed-point model starts with other numbers than the user gave.

    Floats are cut off toward zero, numbers beyond the storage wrap, weights are
    clipped to the range of their sign mode and lose the low bits that are not stored.
    Weights of mixed sign lose one bit more than others: odd ones become even.
    """

    code = "B542"
    severity = "warning"
    title = "process `{process}`: {count} of {size} values of `{variable}` change"
    note = "{why}: {before} becomes {after}"
    help = "give the values that are meant"

    process: str
    variable: str
    count: int
    size: int
    why: str
    before: str
    after: str


@dataclass(frozen=True)
class SynapsesAreLost(Diagnostic):
    """A synapse whose delay is longer than max_delay never delivers anything.

    Weights of such synapses are kept and never used, in Lava as in the Program.
    """

    code = "B543"
    severity = "warning"
    title = "process `{process}`: {count} synapses are longer than max_delay {longest}"
    note = "Lava drops them without a word, and so does the Program"
    help = "leave max_delay out, or make it at least {needed}"

    process: str
    count: int
    longest: int
    needed: int


@dataclass(frozen=True)
class NameChanges(Diagnostic):
    """Two processes have one name; a recording could not tell them apart.

    Lava allows equal names. A number is added to the later one, and recordings use
    it.
    """

    code = "B544"
    severity = "warning"
    title = "another process is called `{name}` too; this one becomes `{unique}`"
    help = "give each process a name of its own"

    name: str
    unique: str


@dataclass(frozen=True)
class CannotRecord(Diagnostic):
    """A Monitor probes something that a Program does not keep.

    Parameters, static weights and inner buffers never change or are no state; spike
    times within an epoch are used up by the learning step in which they are set.
    """

    code = "B545"
    severity = "warning"
    title = "a Monitor probes `{variable}`, which is not recorded"
    note = "recorded are {known}"
    help = "read constants from the Program itself"

    variable: str
    known: str


@dataclass(frozen=True)
class SettingHasNoEffect(Diagnostic):
    """Lava's fixed-point model takes this setting and does not use it.

    It makes no difference to a run on the chip's arithmetic; it would to a
    floating-point one.
    """

    code = "B546"
    severity = "warning"
    title = "process `{process}`: {setting} has no effect"
    note = "{why}; the Program does as Lava does"
    help = "{remedy}"

    process: str
    setting: str
    why: str
    remedy: str


@dataclass(frozen=True)
class PathsAreMerged(Diagnostic):
    """One port is connected to another more than once, over reshaped ports.

    Lava makes one channel for each pair of ports, so the values arrive once, on the
    last of the paths that has a reshape or transpose on it.
    """

    code = "B548"
    severity = "warning"
    title = "`{source}` is connected to `{target}` more than once"
    note = "Lava delivers it once, on the last reshaped path; so does the Program"
    help = "send one of them through a process of its own, such as a Dense"

    source: str
    target: str


@dataclass(frozen=True)
class SumsMayLeaveInt32(Diagnostic):
    """Lava sums a convolution in float64 and then makes an int32 of it.

    Where the sum leaves 32 bit the result is what the machine's conversion gives; the
    Program goes on modulo 2^32. Up to there both are the same.
    """

    code = "B547"
    severity = "warning"
    title = "process `{process}`: sums beyond 2^31 differ from Lava's"
    note = "Lava converts a float64 that does not fit; a spike above {limit} may do it"
    help = "send smaller graded spikes"

    process: str
    limit: int
