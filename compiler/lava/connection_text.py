"""The statements that make and connect the connections of a Program.

Lava's own Dense, DelayDense and LearningDense wherever they compute what the Program
says; else the generated process of synapse_text.py. All learning is Lava's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...hardware.learning import GradedSpikes, Learning, TraceProgram
from ...hardware.program import Connection
from .network_text import connect
from .plans import ConnectionPlan
from .rule_text import RuleText, rule_texts
from .sparse_text import PROCESS as LEARNING_SPARSE
from .synapse_text import PROCESS as GENERATED

DENSE, DELAY_DENSE, LEARNING_DENSE = "Dense", "DelayDense", "LearningDense"

_LAVA_NAMES = {"w": "dw", "d": "dd", "t": "dt"}
_TRACES = ("x1", "x2", "y1", "y2", "y3")
_GRADED_SPIKES = {
    GradedSpikes.OVERWRITE: "OVERWRITE",
    GradedSpikes.ADD_WITH_SATURATION: "ADD_WITH_SATURATION",
    GradedSpikes.ADD_WITHOUT_SATURATION: "ADD_WITHOUT_SATURATION",
}
_ALMOST_ONE = 1023 / 1024  # Lava rounds such a fraction up to 256/256


def process_of(connection: Connection) -> str:
    """Choose the process that computes a connection."""
    if connection.learning is not None:
        return LEARNING_SPARSE if lacks_synapses(connection) else LEARNING_DENSE
    if connection.weight_format == "raw" or connection.result_bits != 32:
        return GENERATED
    # Lava sums spikes of 1 in 64 bit; with stored weights 32 hold their sums as well.
    wide = connection.sum_bits == 64 or connection.message_bits == 0
    if connection.delays is not None:
        return DELAY_DENSE if wide else GENERATED
    if connection.message_bits == 0 or connection.sum_bits == 32:
        return DENSE
    return DELAY_DENSE


def lacks_synapses(connection: Connection) -> bool:
    """Tell whether learning finds some synapses missing."""
    return not all(exists.all() for exists in connection.exists.values())


def connection_text(plan: ConnectionPlan) -> Iterator[str]:
    """Make a connection."""
    learning = plan.connection.learning
    yield f"{plan.variable} = {plan.process}("
    yield from (f"    {line}" for line in _synapse_arguments(plan))
    if learning is not None:
        yield from (f"    {line}" for line in _learning_arguments(plan, learning))
    yield ")"
    yield from _first_traces(plan)


def ends_text(plan: ConnectionPlan) -> Iterator[str]:
    """Connect a connection to both ends."""
    yield from connect(plan.source, f"{plan.variable}.s_in")
    port = plan.target.port(plan.connection.port) if plan.target else None
    if port is not None:
        yield f"{plan.variable}.a_out.connect({port})"
    if plan.connection.learning is not None:
        yield from _feedback_text(plan, plan.connection.learning)


def _synapse_arguments(plan: ConnectionPlan) -> Iterator[str]:
    connection = plan.connection
    yield f'weights=arrays["{plan.arrays["weights"]}"],'
    if "delays" in plan.arrays:
        yield f'delays=arrays["{plan.arrays["delays"]}"].astype(int),'
    yield f"weight_exp={connection.weight_exponent},"
    yield f"num_weight_bits={connection.weight_bits},"
    generated = plan.process == GENERATED
    if connection.weight_format == "raw":
        yield "sign_mode=None,"
    else:
        yield f"sign_mode=SignMode.{connection.sign_mode.name},"
    if connection.message_bits or generated:
        yield f"num_message_bits={connection.message_bits},"
    if generated:
        yield f"sum_bits={connection.sum_bits},"
        yield f"result_bits={connection.result_bits},"


def _learning_arguments(plan: ConnectionPlan, learning: Learning) -> Iterator[str]:
    for name in ("tag_1", "tag_2", "exists_t", "exists_d"):
        if name in plan.arrays:
            yield f'{name}=arrays["{plan.arrays[name]}"],'
    if learning.graded_spikes != GradedSpikes.REGULAR:
        mode = _GRADED_SPIKES[learning.graded_spikes]
        yield f"graded_spike_cfg=GradedSpikeCfg.{mode},"
    texts = rule_texts(learning)
    yield "learning_rule=check("
    yield f"    {rule_class(learning)}("
    for target, rule in texts.items():
        yield f'        {_LAVA_NAMES[target]}="{rule.text}",'
    for name, trace in learning.traces.items():
        yield from (f"        {line}," for line in _trace_arguments(name, trace))
    yield f"        t_epoch={learning.epoch_steps},"
    yield f"        rng_seed=seed + {learning.seed_offset},"
    yield "    ),"
    yield from (f"    {_LAVA_NAMES[t]}={_parsed_text(r)}," for t, r in texts.items())
    yield "),"


def rule_class(learning: Learning) -> str:
    """Choose Lava's class: the plain one never receives post spikes."""
    if learning.third_factors:
        return "Loihi3FLearningRule"
    return (
        "LoihiLearningRule" if learning.hears_post is False else "Loihi2FLearningRule"
    )


def _trace_arguments(name: str, trace: TraceProgram) -> Iterator[str]:
    fraction = trace.impulse_fraction_256 / 256
    # Exact in a float: 8 bits after the point.
    yield f"{name}_impulse={trace.impulse + min(fraction, _ALMOST_ONE)!r}"
    yield f"{name}_tau={trace.tau_steps!r}"


def _parsed_text(rule: RuleText) -> str:
    return repr(rule.parsed)


def _first_traces(plan: ConnectionPlan) -> Iterator[str]:
    """Set what Lava's process takes no argument for."""
    for name in _TRACES:
        if name in plan.arrays:
            yield f'{plan.variable}.{name}.init = arrays["{plan.arrays[name]}"]'


def _feedback_text(plan: ConnectionPlan, learning: Learning) -> Iterator[str]:
    """Send post events and graded values back to the learning engine."""
    if learning.uses_post_event:
        yield from connect(_event_senders(plan, learning), f"{plan.variable}.s_in_bap")
    for slot, output in learning.third_factors.items():
        receiver = f"{plan.variable}.s_in_{slot}"
        if slot in plan.feedback:
            yield from connect(plan.feedback[slot].senders, receiver)
        elif output:
            assert plan.target is not None, "an output is the target's"
            yield f"{plan.target.sender(output)}.connect({receiver})"


def _event_senders(plan: ConnectionPlan, learning: Learning) -> tuple[str, ...]:
    if "event" in plan.feedback:
        return plan.feedback["event"].senders
    if plan.target is None:
        return ()
    three = learning.third_factors and plan.target.generated is not None
    return (f"{plan.target.variable}.{'s_out_bap' if three else 's_out'}",)
