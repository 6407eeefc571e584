"""The verbs `to_snntorch` and `to_norse`: a network as a torch module for training."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..diagnostics import LaharError, require_no_errors
from ..rules.check import check_whole_network
from ..rules.network import Network
from ..rules.neuron import Neuron
from .extra import need
from .known_neurons import KnownNeurons, recognise
from .refusals import GroupHasNoCell, LearnsInTorch, TorchNeedsTimeStep


def to_snntorch(network: Network, *, spike_grad: Any = None, dtype: Any = None) -> Any:
    """Make a torch module with cells of snnTorch that spikes as a network does.

    Parameters
    ----------
    network
        What learns is refused; weights, (post, pre), and constant inputs become
        parameters, all else buffers. Delays and latencies are states of the module.
    spike_grad
        Surrogate gradient of the cells; snnTorch's atan if None.
    dtype
        Of parameters and states; torch's default if None.

    Returns
    -------
    torch.nn.Module
        Called with x (steps, ..., inputs), it gives what the last group sends, or its
        membrane if it never spikes: (steps, ..., n). ``module.step`` goes one step and
        shows all groups; ``module.projection(name).weight`` is what is trained.

    Raises
    ------
    LaharError
        N801, exit status 3, without the extra; N813 to N816 for what has no equal.

    """
    need("snntorch")
    from .snntorch_groups import CELLS, snntorch_group

    kind = _default(dtype)
    found = _recognised(network, "snnTorch", CELLS)
    dt = network.dt_seconds or 0.0
    return _module(
        network, found, kind, lambda g, k: snntorch_group(g, k, dt, spike_grad, kind)
    )


def to_norse(network: Network, *, dtype: Any = None) -> Any:
    """Make a torch module with cells of Norse that spikes as a network does.

    Norse keeps parameters of cells outside of the module: they stay in the dtype that
    is given here.

    Parameters
    ----------
    network, dtype
        As for `to_snntorch`.

    Returns
    -------
    torch.nn.Module
        As that of `to_snntorch`.

    Raises
    ------
    LaharError
        As `to_snntorch`.

    """
    need("norse.torch")
    from .norse_groups import MAKERS, norse_group

    kind = _default(dtype)
    found = _recognised(network, "Norse", MAKERS)
    dt = network.dt_seconds or 0.0
    return _module(network, found, kind, lambda g, k: norse_group(g, k, dt, kind))


def _default(dtype: Any) -> Any:
    return need("torch").get_default_dtype() if dtype is None else dtype


def _recognised(
    network: Network, framework: str, models: Iterable[Neuron]
) -> dict[str, KnownNeurons]:
    """Find the models of all groups, or say all that has no equal."""
    require_no_errors(check_whole_network(network))
    if network.dt_seconds is None:
        raise LaharError(TorchNeedsTimeStep(network.name))
    models = tuple(models)
    known = ", ".join(m.name for m in models)
    problems: list[Any] = [
        LearnsInTorch(p.name, p.rule.name, span=p.span)
        for p in network.projections
        if p.rule is not None
    ]
    found: dict[str, KnownNeurons] = {}
    for group in network.groups:
        if group.neuron is None:
            continue
        one = recognise(group, models, network.dt_seconds)
        if one is None:
            name = group.neuron.name
            problems.append(GroupHasNoCell(framework, group.name, name, known))
        else:
            found[group.name] = one
    require_no_errors(problems)
    return found


def _module(
    network: Network,
    found: dict[str, KnownNeurons],
    dtype: Any,
    make: Callable[[Any, KnownNeurons], Any],
) -> Any:
    from .torch_network import TorchNetwork

    groups = {name: make(network.group(name), known) for name, known in found.items()}
    return TorchNetwork(network.dense(), groups, dtype)
