"""What is wrong when Python asks a symbol for something that it does not have."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Diagnostic


@dataclass(frozen=True)
class SymbolIsNotABool(Diagnostic):
    """A symbolic value was used where Python needs True or False.

    Inside a rule nothing has a value yet, so ``if``, ``and``, ``or`` and ``not`` cannot
    decide. Write the choice itself as an expression: ``where(condition, a, b)``.
    """

    code = "R102"
    title = "a symbolic value cannot be used as a condition of Python"
    label = "this asks for the truth of `{expression}`"
    help = "write where(condition, value_if_true, value_if_false)"

    expression: str


@dataclass(frozen=True)
class SymbolIsNotANumber(Diagnostic):
    """A symbolic value was turned into a float or an int.

    A rule is compiled, not executed, so its symbols have no numbers. The default of
    a parameter is ``Param.default``; functions such as exp, clip or abs_ of lahar
    take symbols, those of math and numpy do not.
    """

    code = "R103"
    title = "a symbolic value has no number"
    label = "this asks for the value of `{expression}`"
    help = (
        "use lahar's clip, sign, abs_, minimum, maximum, exp; "
        "a parameter's number is Param.default"
    )

    expression: str


@dataclass(frozen=True)
class NotAnExpression(Diagnostic):
    """Something that is neither a number nor a symbol stands in an expression.

    Text, lists, arrays and None have no meaning at a synapse. A number, a declared
    symbol or a function of them has.
    """

    code = "R104"
    title = "`{value}` ({type_name}) cannot stand in an expression"
    note = "expressions are made of numbers and of the symbols declared in the rule"
    help = "use a number or a declared symbol"

    value: str
    type_name: str


BY_ACTIVITY = (
    "no neuron sums its weights; scale them by its activity instead: "
    "`dw = eta * post.deviation * w` on a HomeostaticLIF"
)
"""The nearest legal form of a normalisation by the sum of a neuron's weights."""


@dataclass(frozen=True)
class NotLocal(Diagnostic):
    """A term reads something that a synapse cannot see.

    A synapse knows its own weight, tag and delay, the spikes and traces of its two
    neurons, graded values of its post-synaptic neuron, and broadcast modulators. Not
    other synapses, not sums over them, not the voltage of the pre-synaptic neuron.
    """

    code = "R110"
    title = "`{expression}` is not local to the synapse"
    note = "local are: w, tags, delay, pre, post, traces, post.<quantity>, modulators"
    help = "{advice}"

    expression: str
    advice: str
