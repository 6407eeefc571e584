"""Keep a module in float64 and in evaluation for a while; then it is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .extra import need


@contextmanager
def as_double(module: Any) -> Iterator[None]:
    """Hold parameters and buffers as float64, dropout off; restore all at the end.

    The module is not copied: trained modules hold states that torch does not copy.
    """
    torch = need("torch")
    training = {m: m.training for m in module.modules()}
    attributes = [(m, dict(m.__dict__)) for m in module.modules()]
    parameters = [(p, p.data) for p in module.parameters()]
    buffers = [(m, n, b) for m in module.modules() for n, b in m._buffers.items()]
    dtype = torch.get_default_dtype()
    random = torch.get_rng_state()
    try:
        module.eval()
        torch.set_default_dtype(torch.float64)
        for parameter, data in parameters:
            parameter.data = _double(data)
        for owner, name, buffer in buffers:
            owner._buffers[name] = None if buffer is None else _double(buffer.detach())
        yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_rng_state(random)
        for parameter, data in parameters:
            parameter.data = data
        for owner, had in attributes:
            owner.__dict__.clear()
            owner.__dict__.update(had)
        for owner, name, buffer in buffers:
            owner._buffers[name] = buffer
        for owner, mode in training.items():
            owner.training = mode


def _double(tensor: Any) -> Any:
    return tensor.double() if tensor.is_floating_point() else tensor.clone()
