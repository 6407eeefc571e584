"""What exporters of frameworks are known to lose, seen in the file or undone on demand.

A flat NIR graph and what the caller says in; warnings and errors out that name the
loss, or the graph as its framework meant it. Files do not say who wrote them, so an
exporter is told by the numbers that only it writes (snnTorch 1.0.0, Norse 1.1.0):

* snnTorch counts in steps of 0.1 ms: r = tau / 0.1 ms, w_in = tau_syn / 0.1 ms. How a
  spike resets the membrane is lost.
* Norse divides time constants by 1000 (tau = dt * tau instead of tau, with dt = 1 ms)
  and writes r = 1 everywhere. What a spike moves is lost for LIFCell (w_in is
  tau_syn / dt there) and IAFCell (r is 1 / dt).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

import numpy as np

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from .nir_graph import FlatGraph

Exporter = Literal["snntorch", "norse"]
SNNTORCH_STEP_SECONDS = 1e-4  # hard-wired in snntorch/export_nir.py
NORSE_SHORTENS = 1000.0  # norse/torch/utils/export_nir.py: dt / tau_inv, dt = 1e-3
FLOAT32 = 1e-4  # 1 - beta of a float32 beta near 1 has few digits left

ENDS = ("Input", "Output", "Flatten", "AvgPool2d", "Conv2d", "Affine")
WRITTEN_BY_SNNTORCH = {*ENDS, "Linear", "LIF", "CubaLIF", "pass"}
WRITTEN_BY_NORSE = {*ENDS, "LIF", "CubaLIF", "LI", "IF", "pass"}
TAUS = ("tau", "tau_mem", "tau_syn")


@dataclass(frozen=True)
class NoSuchExporter(Diagnostic):
    """An exporter is named whose losses lahar does not know.

    What snnTorch and Norse are known to write wrongly can be undone; files of all other
    tools are read as they stand.
    """

    code = "N733"
    title = "there is no exporter `{exporter}`"
    note = "known: {known}"
    help = "use one of these, or leave it out"

    exporter: str
    known: str


@dataclass(frozen=True)
class WrittenForAnotherStep(Diagnostic):
    """Time constants are those of snnTorch's exporter, which takes 0.1 ms for a step.

    A beta of 0.9 is written as tau = 1 ms, r = 10, whatever the step was meant to be.
    Under another dt a step keeps another share of the membrane.
    """

    code = "N734"
    severity = "warning"
    title = "the numbers are those of snnTorch's exporter: dt 0.1 ms, and not {dt:g} ms"
    note = (
        "a step keeps {here:.4g} of the membrane of `{node}`; in snnTorch {there:.4g}"
    )
    help = "dt=0.1 * ms, or exporter='snntorch' (--exporter snntorch), which keeps it"

    node: str
    dt: float
    here: float
    there: float


@dataclass(frozen=True)
class ResetIsLost(Diagnostic):
    """snnTorch's exporter does not say how a spike resets the membrane.

    Its default takes the threshold away in the step after a spike; NIR knows only a
    reset to v_reset, and that is what the file says whatever it was.
    """

    code = "N735"
    severity = "warning"
    title = "the numbers are those of snnTorch's exporter, which loses the reset"
    note = "it is read as `hard`; snnTorch's default is `subtract-late`"
    help = "say what it was: reset='subtract-late', or --reset subtract-late"


@dataclass(frozen=True)
class TimeConstantsAreThousandths(Diagnostic):
    """Time constants are those of Norse's exporter, which writes them 1000 times small.

    It writes dt / tau_inv with dt = 1 ms, which has lost its unit. Norse mended this
    after version 1.1.0.
    """

    code = "N736"
    title = "the numbers are those of Norse's exporter: time constants 1000 times small"
    note = "node `{node}`: `{parameter}` is {tau:g} s, dt is {dt:g} s"
    help = "exporter='norse' (--exporter norse) undoes it; or write with dt=1.0"

    node: str
    parameter: str
    tau: float
    dt: float


@dataclass(frozen=True)
class GainIsLost(Diagnostic):
    """What a spike adds is as Norse's exporter writes it, which leaves a factor out.

    LIFCell adds a spike to its current whole, IAFCell to its membrane; in NIR's
    equations that is w_in = tau_syn / dt, and r = 1 / dt. The exporter writes 1.
    """

    code = "N737"
    severity = "warning"
    title = "node `{node}` ({type}): `{parameter}` is 1, as Norse's exporter leaves it"
    note = "a spike then adds {here:.3g} of its weight; in Norse it adds all of it"
    help = "exporter='norse' (--exporter norse) if Norse wrote it; else all is well"

    node: str
    type: str
    parameter: str
    here: float


def check_exporter(exporter: str | None) -> Exporter | None:
    """Check the name of an exporter.

    Raises
    ------
    LaharError
        N733.

    """
    if exporter is not None and exporter not in get_args(Exporter):
        raise LaharError(NoSuchExporter(exporter, ", ".join(get_args(Exporter))))
    return cast("Exporter | None", exporter)


def as_meant(
    flat: FlatGraph, exporter: Exporter | None, dt_seconds: float
) -> FlatGraph:
    """Undo what an exporter did to numbers; the graph itself if none is named.

    Raises
    ------
    LaharError
        N736 where no exporter is named and the file cannot be meant as it stands.

    """
    match exporter:
        case "snntorch":
            factor, lost = dt_seconds / SNNTORCH_STEP_SECONDS, False
        case "norse":
            factor, lost = _norse_factor(flat, dt_seconds), True
        case _:
            require_no_errors(_thousandths(flat, dt_seconds))
            return flat
    mended = {
        n: _mended(node, factor, dt_seconds, lost) for n, node in flat.nodes.items()
    }
    return replace(flat, nodes=mended)


def what_was_lost(
    flat: FlatGraph,
    exporter: Exporter | None,
    dt_seconds: float,
    *,
    reset_is_said: bool,
) -> Iterator[Diagnostic]:
    """Warn of what the exporter of a file left out, and nobody has said."""
    if exporter == "norse":
        return
    if exporter is None and not _is_snntorchs(flat, SNNTORCH_STEP_SECONDS):
        yield from _lost_gains(flat, dt_seconds)
        return
    node, tau = next(_leaks(flat), ("", SNNTORCH_STEP_SECONDS))
    there = 1 - SNNTORCH_STEP_SECONDS / tau
    if exporter is None and not np.isclose(dt_seconds, SNNTORCH_STEP_SECONDS):
        here = 1 - dt_seconds / tau
        yield WrittenForAnotherStep(node, dt_seconds * 1e3, here, there)
    if not reset_is_said:
        yield ResetIsLost()


# --- who wrote it -------------------------------------------------------------------


def _is_snntorchs(flat: FlatGraph, step: float) -> bool:
    """Tell whether r and w_in are tau / step of all neurons, and there are some."""
    neurons = list(_neurons(flat))
    return (
        bool(neurons)
        and {flat.type_of(n) for n in flat.nodes} <= WRITTEN_BY_SNNTORCH
        and all(_counts_in(node, step) for _, node in neurons)
    )


def _counts_in(node: Any, step: float) -> bool:
    if type(node).__name__ == "LIF":
        pairs = [(node.r, node.tau)]
    else:
        pairs = [(node.r, node.tau_mem), (node.w_in, node.tau_syn)]
    same = (np.allclose(a, np.asarray(b) / step, rtol=FLOAT32) for a, b in pairs)
    return all(same) and not np.any(node.v_leak) and not np.any(node.v_reset)


def _is_norses(flat: FlatGraph) -> bool:
    neurons = list(_neurons(flat))
    return (
        bool(neurons)
        and {flat.type_of(n) for n in flat.nodes} <= WRITTEN_BY_NORSE
        and all(np.all(node.r == 1.0) for _, node in neurons)
        and not any(np.any(getattr(node, "v_reset", 0.0)) for _, node in neurons)
        and all(np.all(getattr(n, "w_in", 1.0) == 1.0) for _, n in neurons)
    )


def _thousandths(flat: FlatGraph, dt_seconds: float) -> Iterator[Diagnostic]:
    """Find a file of Norse's whose time constants can only be meant 1000 times long."""
    taus = [
        (name, parameter, float(np.min(getattr(node, parameter))))
        for name, node in _neurons(flat)
        for parameter in TAUS
        if hasattr(node, parameter)
    ]
    low = [t for t in taus if t[2] < dt_seconds * (1 - 1e-6)]
    longest = [t for t in taus if t[2] * NORSE_SHORTENS >= dt_seconds]
    if low and len(longest) == len(taus) and _is_norses(flat):
        yield TimeConstantsAreThousandths(*low[0], dt_seconds)


def _lost_gains(flat: FlatGraph, dt_seconds: float) -> Iterator[Diagnostic]:
    if not _is_norses(flat):
        return
    for name, node in _neurons(flat):
        kind = type(node).__name__
        if kind == "CubaLIF":
            here = dt_seconds / float(np.min(node.tau_syn))
            yield GainIsLost(name, kind, "w_in", here)
        elif kind == "IF":
            yield GainIsLost(name, kind, "r", dt_seconds)


def _norse_factor(flat: FlatGraph, dt_seconds: float) -> float:
    """Take a tau of dt or less for thousandths: a step would leave nothing of it."""
    shortest = min(
        (
            float(np.min(getattr(node, parameter)))
            for _, node in _neurons(flat)
            for parameter in TAUS
            if hasattr(node, parameter)
        ),
        default=np.inf,
    )
    return NORSE_SHORTENS if shortest <= dt_seconds * (1 + 1e-6) else 1.0


# --- nodes --------------------------------------------------------------------------


def _neurons(flat: FlatGraph) -> Iterator[tuple[str, Any]]:
    return ((name, node) for name, node in flat.nodes.items() if hasattr(node, "r"))


def _leaks(flat: FlatGraph) -> Iterator[tuple[str, float]]:
    for name, node in _neurons(flat):
        tau = node.tau if hasattr(node, "tau") else node.tau_mem
        yield name, float(np.min(tau))


def _mended(node: Any, factor: float, dt_seconds: float, gains_are_lost: bool) -> Any:
    if not hasattr(node, "r"):
        return node
    mended = copy.copy(node)
    for parameter in TAUS:
        if hasattr(node, parameter):
            setattr(mended, parameter, np.asarray(getattr(node, parameter)) * factor)
    if gains_are_lost and type(node).__name__ == "CubaLIF":
        mended.w_in = mended.tau_syn / dt_seconds
    if gains_are_lost and type(node).__name__ == "IF":
        mended.r = np.asarray(node.r) / dt_seconds
    return mended
