"""A neuron program computes what its model says, within its own rounding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lahar import LaharError, ms
from lahar.compiler.compiled_neuron import CompiledNeuron, SentValue
from lahar.compiler.draft import NeuronValue
from lahar.compiler.neuron_program import compile_neuron
from lahar.compiler.state_range import OutputBeyondBounds
from lahar.hardware.chips import get_chip
from lahar.hardware.lif_core import find_lif_core
from lahar.hardware.profile import PROFILES
from lahar.hardware.program import Population
from lahar.rules.expr import (
    Binary,
    Call,
    Compare,
    Const,
    Expr,
    Name,
    Negative,
    Power,
    Quantity,
    Where,
)
from lahar.rules.library import LIF, NEURONS, CubaLIF
from lahar.rules.network import Group
from lahar.rules.neuron import Neuron, OutputDecl, PortDecl, SpikeTraceDecl, StateDecl
from lahar.rules.parser import parse_neuron
from lahar.rules.rule import ModulatorDecl, ParamDecl
from lahar.sim.interpreter_neurons import initial_population, step_neurons
from lahar.sim.reference_neurons import ReferenceGroup

SCALE = 255.0  # what arrives for a weight of 1
LSB = 1 / (SCALE * 64)  # of a state
SENT = SentValue(
    "sent", NeuronValue("post.error", "signed", Quantity("error"), -1.0, 1.0), 63.0
)


def compiled(neuron: Neuron, sent: tuple[SentValue, ...] = ()) -> CompiledNeuron:
    return compile_neuron(
        neuron,
        chip=get_chip("loihi2"),
        dt_seconds=1 * ms,
        owner="post",
        input_scale=SCALE,
        arrivals={port.name: 25500 for port in neuron.ports},
        sent=sent,
    )


class SideBySide:
    """A chip's neurons and the float model, which begins each step at their state."""

    def __init__(self, neuron: Neuron, size: int, sent: tuple[SentValue, ...]) -> None:
        self.neuron = neuron
        self.compiled = compiled(neuron, sent)
        self.chip = initial_population(Population("post", size, self.compiled.program))
        self.model = ReferenceGroup(Group("post", size, neuron), 1 * ms)

    def step(self, current: npt.NDArray[np.int64], m: npt.NDArray[np.int64]) -> None:
        for name, scale in self.compiled.scales.items():
            if name in self.model.values:
                self.model.values[name][...] = self.chip.registers[name] / scale
        ports = {p.name: current for p in self.compiled.program.ports}
        ports |= dict.fromkeys(self.compiled.modulator_ports.values(), m)
        step_neurons(self.chip, self.compiled.program, ports, PROFILES["loihi2"], 1)
        signals = dict.fromkeys(self.compiled.modulator_ports, m / 63)
        self.model.step({"current": current / SCALE, **signals}, 1)

    def is_tie(self, tolerance: float) -> npt.NDArray[np.bool_]:
        """Say where rounding may decide whether the threshold is exceeded."""
        match self.neuron.spike:
            case Compare(left=Name(name=state), right=Const(value=threshold)):
                values = self.model.values
                v = values.get(f"{state}_pre_reset", values[state])
                return np.asarray(np.abs(v - threshold) < tolerance * LSB)
        return np.zeros(self.model.size, bool)

    def errors(self, tolerance: float) -> dict[str, npt.NDArray[np.bool_]]:
        """Say where a value is further off than its rounding explains."""
        alike = self.chip.spikes == self.model.spikes
        wrong = {"spikes": ~alike & ~self.is_tie(tolerance)}
        read = {n: s for n, s in self.compiled.scales.items() if n in self.model.values}
        for name, scale in read.items():
            # The float model goes on where a register of 24 bits saturates.
            alike = alike & (np.abs(self.model.values[name]) * scale < 8388607)
        for name, scale in read.items():
            wanted = self.model.values[name]
            off = np.abs(self.chip.registers[name] / scale - wanted)
            allowed = tolerance * LSB + 2e-3 * np.abs(wanted)
            wrong[name] = (off > allowed) & alike
        for name in self.chip.outputs:
            sent = (self.chip.outputs[name] - 64) / 63
            off = np.abs(sent - self.model.values["error"])
            wrong[name] = (off > 0.6 / 63 + 2e-3) & alike
        return wrong


def share_of_wrong_steps(
    neuron: Neuron, sent: tuple[SentValue, ...] = (), tolerance: float = 4.0
) -> dict[str, float]:
    """Compare 60 single steps of 30 neurons."""
    rng = np.random.default_rng(5)
    pair = SideBySide(neuron, 30, sent)
    found = []
    for _ in range(60):
        current = rng.integers(-60, 200, 30) * (rng.random(30) < 0.5)
        pair.step(current, rng.integers(-63, 64, 30))
        found.append(pair.errors(tolerance))
    return {name: float(np.mean([f[name] for f in found])) for name in found[0]}


# --- random models ----------------------------------------------------------------

NAMES = ("u", "v", "current", "m", "rate", "gain")
NUMBERS = (0.53, 0.11, -0.23, 1.07, -1.0, 0.05, 2.0)

DIVISORS = (Const(0.7), Const(-3.0))

leaves: st.SearchStrategy[Expr] = st.sampled_from(
    [*(Name(n) for n in NAMES), *(Const(c) for c in NUMBERS)]
)
# A threshold that no sum of the others meets: at a tie the last bit decides.
comparisons = st.builds(
    Compare, st.sampled_from((">", ">=", "<", "<=")), leaves, st.just(Const(0.40173))
)


def inner(part: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*"), part, part),
        st.builds(Binary, st.just("/"), part, st.sampled_from(DIVISORS)),
        st.builds(Power, leaves, st.sampled_from([Const(1.0), Const(2.0)])),
        st.builds(Negative, part),
        st.builds(Where, comparisons, part, part),
        st.builds(lambda a: Call("abs", (a,)), part),
        st.builds(lambda a, b: Call("min", (a, b)), part, part),
        st.builds(lambda a, b: Call("max", (a, b)), part, part),
        st.builds(lambda a: Call("clip", (a, Const(-0.51), Const(0.77))), part),
        comparisons,
    )


drives = st.recursive(leaves, inner, max_leaves=5)
leaks = st.sampled_from([None, Const(0.0), Const(0.02), Const(0.005), Const(0.1)])


@st.composite
def models(draw: st.DrawFn) -> Neuron:
    return Neuron(
        "Random",
        states=(
            StateDecl("u", draw(drives), draw(leaks)),
            StateDecl("v", draw(drives), draw(leaks), draw(st.sampled_from(RESETS))),
        ),
        spike=Compare(draw(st.sampled_from((">", ">="))), Name("v"), Const(0.80311)),
        params=(ParamDecl("gain", 0.7),),
        ports=(PortDecl("current"),),
        modulators=(ModulatorDecl("m", -1.0, 1.0),),
        traces=(SpikeTraceDecl("rate", Const(0.02)),),
        outputs=(OutputDecl("error", draw(drives), -1.0, 1.0),),
    )


RESETS = (Const(0.0), Const(-0.5), None)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models())
def test_a_step_of_any_small_model_is_that_of_the_float_model(neuron: Neuron) -> None:
    try:
        # Drives multiply the rounding of the states that they read, by 10 or so.
        wrong = share_of_wrong_steps(neuron, (SENT,), tolerance=40.0)
    except LaharError as error:
        # A drawn output may be beyond its bounds all the time, which is refused.
        assume(any(not isinstance(d, OutputBeyondBounds) for d in error.diagnostics))
        raise

    assert {name: share for name, share in wrong.items() if share > 0.01} == {}


@pytest.mark.parametrize("name", ["lif", "cuba-lif", "error-lif"])
def test_a_step_of_a_library_neuron_is_exact_to_a_few_bits(name: str) -> None:
    neuron = NEURONS[name].with_params(threshold=512 / SCALE)
    sent = (SENT,) if name == "error-lif" else ()

    wrong = share_of_wrong_steps(neuron, sent)

    assert {name: share for name, share in wrong.items() if share > 0.0} == {}


# --- what the general way has to get right ----------------------------------------


def model(body: str) -> Neuron:
    return parse_neuron(f"neuron Mine:\n    port current\n{body}")


def rounds_as_said(body: str, tolerance: float = 4.0) -> bool:
    return max(share_of_wrong_steps(model(body), tolerance=tolerance).values()) <= 0.01


def test_units_of_any_size_keep_their_precision() -> None:
    # Volts, amperes and farads: constants of 1e-3, 1e-9 and 1e-12.
    body = """
    state v, leak 20 ms, reset 0.0
    dv = 0.000000001 * (0.7 - v) * current / 0.000000000003 * 0.001
    spike = v > 0.40173
    """
    assert rounds_as_said(body)


def test_a_square_of_small_values_is_not_lost() -> None:
    body = """
    state v, leak 20 ms, reset 0.0
    dv = 40.0 * (0.001 * current) ** 2.0
    spike = v > 0.0040173
    """
    assert rounds_as_said(body)


def test_a_drive_reads_the_neurons_own_spike_trace() -> None:
    body = """
    state v, leak 20 ms, reset 0.0
    dv = current - 0.3 * rate
    spike = v > 0.80311 + 0.1 * rate
    trace rate = spike, tau 50 ms
    """
    assert rounds_as_said(body)


def test_a_current_without_leak_does_not_leak() -> None:
    body = """
    state u
    du = current
    state v, leak 20 ms, reset 0.0
    dv = u
    spike = v > 300.0
    """
    assert find_lif_core(compiled(model(body)).program) is None
    assert rounds_as_said(body)


def test_a_drive_beyond_a_register_saturates_and_does_not_wrap() -> None:
    body = """
    state v, leak 20 ms
    dv = 1000000000.0 * current
    spike = v > 0.5
    """
    pair = SideBySide(model(body), 3, ())

    pair.step(np.array([-100, 0, 100]), np.zeros(3, np.int64))

    assert pair.chip.registers["v"].tolist() == [-8388607, 0, 8388607]


def test_names_of_the_model_never_collide_with_temporaries() -> None:
    drive = Name("t_1") * 0.5 + 0.1 * Name("u")
    neuron = Neuron(
        "Mine",
        (
            StateDecl("t_1", Name("input"), Const(0.005)),
            StateDecl("input_input", drive, Const(0.02), Const(0.0)),
        ),
        Compare(">", Name("input_input"), Const(0.80311)),
        ports=(PortDecl("input"), PortDecl("u")),
    )
    pair = SideBySide(neuron, 2, ())
    step_neurons(
        pair.chip,
        pair.compiled.program,
        {"input": np.array([100, 0]), "u": np.array([0, 1000])},
        PROFILES["loihi2"],
        step=1,
    )

    got = pair.chip.registers["input_input"] * LSB

    assert got == pytest.approx([50 / SCALE, 100 / SCALE], abs=3 * LSB)


def test_a_modulator_of_a_rule_may_be_called_like_a_parameter_of_the_neuron() -> None:
    value = NeuronValue("gain", "signed", Name("gain"), -1.0, 1.0)
    neuron = compile_neuron(
        NEURONS["error-lif"],
        chip=get_chip("loihi2"),
        dt_seconds=1 * ms,
        owner="post",
        input_scale=SCALE,
        sent=(SentValue("sent", value, 63.0),),
        modulator_ranges={"gain": (-1.0, 1.0)},
    )
    chip = initial_population(Population("post", 3, neuron.program))
    level = np.array([-63, 0, 40])
    ports = {p.name: np.zeros(3, np.int64) for p in neuron.program.ports}
    step_neurons(
        chip,
        neuron.program,
        {**ports, neuron.modulator_ports["gain"]: level},
        PROFILES["loihi2"],
        step=1,
    )

    assert (chip.outputs["sent"] - 64).tolist() == level.tolist()


# --- the LIF core -----------------------------------------------------------------


@given(
    tau_u=st.floats(1.5, 200.0),
    tau_v=st.floats(1.5, 2000.0),
    threshold=st.floats(0.01, 100.0),
    bias=st.floats(-1.0, 1.0),
)
@settings(max_examples=50, deadline=None)
def test_lif_models_are_the_lif_core(
    tau_u: float, tau_v: float, threshold: float, bias: float
) -> None:
    cuba = CubaLIF(tau_u=tau_u * ms, tau_v=tau_v * ms, threshold=threshold, bias=bias)
    lif = LIF(tau=tau_v * ms, threshold=threshold, bias=bias)

    core, plain = (find_lif_core(compiled(n).program) for n in (cuba, lif))

    assert core is not None
    assert plain is not None
    assert core.current_decay == round(4096 / tau_u)
    assert plain.current_decay == 4096
    for found in (core, plain):
        assert found.voltage_decay == round(4096 / tau_v)
        assert found.threshold == round(threshold * SCALE) * 64
        assert found.bias * LSB == pytest.approx(bias, rel=2**-12, abs=LSB)


@pytest.mark.parametrize(
    ("change", "is_core"),
    [
        ("dv = u", True),
        ("dv = u + bias", True),
        ("dv = bias + u", True),
        ("dv = u + 2.0 * bias", True),
        ("dv = u - bias", False),
        ("dv = 0.5 * u", False),
        ("dv = current", False),
    ],
)
def test_the_shape_of_a_drive_decides_what_is_lif(change: str, is_core: bool) -> None:
    body = f"""
    param bias = 0.1
    state u, leak 5 ms
    du = current
    state v, leak 20 ms, reset 0.0
    {change}
    spike = v > 0.5 * 2.0
    """
    assert (find_lif_core(compiled(model(body)).program) is not None) == is_core


def test_what_the_chips_lif_cannot_hold_goes_the_general_way() -> None:
    cuba = CubaLIF()
    forgetful = replace(cuba.states[1], leak=Const(0.0))

    assert find_lif_core(compiled(CubaLIF(bias=40.0)).program) is None
    assert find_lif_core(compiled(CubaLIF(threshold=0.0)).program) is None
    no_memory = replace(cuba, states=(cuba.states[0], forgetful))
    assert find_lif_core(compiled(no_memory).program) is None


def test_a_leak_shorter_than_a_step_is_refused() -> None:
    with pytest.raises(LaharError, match=r"R242.*`v` in `LIF` is 0.5 steps"):
        compiled(LIF(tau=0.5 * ms))


def test_roundings_say_what_was_wanted_and_what_is() -> None:
    neuron = CubaLIF(tau_u=7 * ms, tau_v=900 * ms, threshold=0.3337, bias=0.01)

    found = {r.parameter: r for r in compiled(neuron).roundings}

    core = find_lif_core(compiled(neuron).program)
    assert core is not None
    assert found["post.u.leak"].got == pytest.approx(0.001 * 4096 / core.current_decay)
    assert found["post.v.leak"].got == pytest.approx(0.001 * 4096 / core.voltage_decay)
    assert found["post.threshold"].got == core.threshold * LSB
    assert found["post.bias"].got == core.bias * LSB
    assert found["post.v.leak"].wanted == 900 * ms
