"""What a chip's learning engine can be told: each limit is a function of its name.

In: a Program and a chip. Out: a diagnostic for every value beyond a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from .chip import Chip
from .learning import Learning, Product
from .limit import LimitExceeded, exceeded, holds
from .program import Connection, Program

Problems = Iterator[Diagnostic]


@dataclass(frozen=True)
class ImpulseDoesNotFit(LimitExceeded):
    """What a spike adds to a trace does not fit the trace's register.

    Traces are 7-bit unsigned and saturate; an impulse beyond that would add the same
    as the largest one. Lava's CPU models accept any impulse and say nothing.
    """

    code = "P330"
    title = "{where}: impulse {value} does not fit its register"
    help = "scale the trace down; compile from the rule and the compiler chooses"


@dataclass(frozen=True)
class MantissaDoesNotFit(LimitExceeded):
    """The mantissa of a product's coefficient mantissa * 2**exponent is too wide.

    Mantissas have 4 bits with a sign. A coefficient that needs more is the sum of
    two products, or is rounded to the nearest one.
    """

    code = "P331"
    title = "{where}: mantissa {value} does not fit"
    help = "split the product in two, or round the coefficient"


@dataclass(frozen=True)
class ExponentDoesNotFit(LimitExceeded):
    """A product's coefficient is too large or too small for the exponent field.

    The exponent shifts a product; beyond the field it would vanish or overflow.
    Other scales of weight and traces move the coefficient into reach.
    """

    code = "P332"
    title = "{where}: exponent {value} does not fit"
    help = "choose other scales for the weight or the traces"


@dataclass(frozen=True)
class EpochDoesNotFit(LimitExceeded):
    """The number of steps between two learning phases does not fit its register.

    The counter of an epoch has six bits. Longer intervals are made of epochs, by a
    term under `every(n)`.
    """

    code = "P333"
    title = "{where}: an epoch of {value} steps does not fit"
    help = "learn more often, or gate slow terms with `every(n)`"


@dataclass(frozen=True)
class TooManyTraces(LimitExceeded):
    """A synapse needs more traces of one side than the chip keeps.

    Each trace with a time constant and an impulse of its own takes a register at
    every input or neuron.
    """

    code = "P334"
    title = "{where} needs {value}"
    help = "merge traces with equal time constants, or use fewer"


@dataclass(frozen=True)
class TooManyThirdFactors(LimitExceeded):
    """A rule reads graded values of the post neuron that this chip cannot send.

    Loihi 2's neurons write the y slots of their synapses; Loihi 1 has core-wide reward
    channels only.
    """

    code = "P335"
    title = "{where} reads {value} from the neuron"
    help = "choose a chip with graded third factors, such as loihi2"


@dataclass(frozen=True)
class FactorIsUnknown(LimitExceeded):
    """A product reads or writes a variable that the chip's learning engine lacks.

    Which variables there are differs between chips: graded values y1 to y3 came
    with Loihi 2, reward traces are of Loihi 1.
    """

    code = "P336"
    title = "{where}: the engine has no {value}"
    help = "write the rule with the engine's variables"


@dataclass(frozen=True)
class ConstantDoesNotFit(LimitExceeded):
    """The constant in a factor such as `(y1 + 3)` does not fit its field.

    A factor adds a constant to one variable before it is multiplied; the field is
    that of a signed byte.
    """

    code = "P337"
    title = "{where}: the constant {value} does not fit"
    help = "expand the factor into two products"


@dataclass(frozen=True)
class DecimationDoesNotFit(LimitExceeded):
    """`every(n)` waits 2**k epochs, and k is beyond what is known to work.

    Lava takes exponents from 0 to 9. What a chip does beyond them is not published,
    so it is refused rather than guessed.
    """

    code = "P338"
    title = "{where}: u{value} is not known to exist"
    help = "use a smaller n in `every(n)`"


@dataclass(frozen=True)
class TooManyProducts(LimitExceeded):
    """A rule is a longer sum of products than the learning engine adds up.

    Nobody has published how many a Loihi takes; a chip from a file may say so.
    """

    code = "P339"
    title = "{where} needs {value}"
    help = "use fewer terms, or coefficients of one mantissa * 2^exponent"


def every_trace_impulse_fits_its_register(program: Program, chip: Chip) -> Problems:
    for c, learning in _learning(program):
        for name, trace in learning.traces.items():
            largest = trace.impulse + (trace.impulse_fraction_256 > 0)
            limits = chip.trace_impulse
            if not (holds(limits.value, trace.impulse) and largest <= limits.value[1]):
                where = f"trace {c.name}.{name}"
                value = trace.impulse + trace.impulse_fraction_256 / 256
                yield exceeded(ImpulseDoesNotFit, where, f"{value:g}", chip, limits)


def every_mantissa_fits_its_field(program: Program, chip: Chip) -> Problems:
    for where, product in _products(program):
        if not holds(chip.mantissa.value, product.mantissa):
            value = product.mantissa
            yield exceeded(MantissaDoesNotFit, where, value, chip, chip.mantissa)


def every_exponent_fits_its_field(program: Program, chip: Chip) -> Problems:
    for where, product in _products(program):
        if not holds(chip.exponent.value, product.exponent):
            value = product.exponent
            yield exceeded(ExponentDoesNotFit, where, value, chip, chip.exponent)


def every_epoch_fits_its_register(program: Program, chip: Chip) -> Problems:
    for c, learning in _learning(program):
        steps = learning.epoch_steps
        if not holds(chip.epoch_steps.value, steps):
            where = _where(c)
            yield exceeded(EpochDoesNotFit, where, steps, chip, chip.epoch_steps)


def traces_fit_the_slots_of_a_synapse(program: Program, chip: Chip) -> Problems:
    for c, learning in _learning(program):
        for side, limit in (("x", chip.pre_traces), ("y", chip.post_traces)):
            count = sum(name.startswith(side) for name in learning.traces)
            if count > limit.value:
                value = f"{count} {side} traces"
                yield exceeded(TooManyTraces, _where(c), value, chip, limit)


def third_factors_fit_what_neurons_send(program: Program, chip: Chip) -> Problems:
    limit = chip.graded_post_factors
    for c, learning in _learning(program):
        if len(learning.third_factors) > limit.value:
            value = f"{len(learning.third_factors)} third factors"
            yield exceeded(TooManyThirdFactors, _where(c), value, chip, limit)


def every_factor_exists_in_the_engine(program: Program, chip: Chip) -> Problems:
    for where, product in _products(program):
        if product.target not in chip.learning_targets.value:
            value = f"update of `{product.target}`"
            yield exceeded(FactorIsUnknown, where, value, chip, chip.learning_targets)
        for factor in product.factors:
            limit = chip.sign_factors if factor.sign else chip.learning_factors
            if factor.variable not in limit.value:
                name = factor.variable
                value = f"sign of `{name}`" if factor.sign else f"factor `{name}`"
                yield exceeded(FactorIsUnknown, where, value, chip, limit)


def every_constant_fits_its_field(program: Program, chip: Chip) -> Problems:
    for where, product in _products(program):
        for factor in product.factors:
            if not holds(chip.factor_constant.value, factor.constant):
                value, limit = factor.constant, chip.factor_constant
                yield exceeded(ConstantDoesNotFit, where, value, chip, limit)


def every_decimation_is_known(program: Program, chip: Chip) -> Problems:
    for c, learning in _learning(program):
        k = learning.decimate_exponent
        if k is not None and not holds(chip.decimate_exponent.value, k):
            limit = chip.decimate_exponent
            yield exceeded(DecimationDoesNotFit, _where(c), k, chip, limit)


def products_fit_the_engine(program: Program, chip: Chip) -> Problems:
    limit = chip.products_per_rule
    for c, learning in _learning(program):
        count = len(learning.products)
        if limit.value is not None and count > limit.value:
            where, value = _where(c), f"{count} products"
            yield exceeded(TooManyProducts, where, value, chip, limit)


LEARNING_LIMITS = (
    every_trace_impulse_fits_its_register,
    every_mantissa_fits_its_field,
    every_exponent_fits_its_field,
    every_epoch_fits_its_register,
    traces_fit_the_slots_of_a_synapse,
    third_factors_fit_what_neurons_send,
    every_factor_exists_in_the_engine,
    every_constant_fits_its_field,
    every_decimation_is_known,
    products_fit_the_engine,
)


def _where(connection: Connection) -> str:
    return f"connection `{connection.name}`"


def _learning(program: Program) -> Iterator[tuple[Connection, Learning]]:
    for connection in program.connections:
        if connection.learning is not None:
            yield connection, connection.learning


def _products(program: Program) -> Iterator[tuple[str, Product]]:
    for connection, learning in _learning(program):
        for number, product in enumerate(learning.products):
            yield f"{_where(connection)}, product {number}", product
