"""lahar: local learning rules on Loihi-style chips, proven bit for bit.

Names load on first use, so that ``import lahar`` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .deployment.deploy import Deployment, deploy
    from .diagnostics import Diagnostic, LaharError
    from .frontends.from_torch import from_norse, from_snntorch
    from .frontends.to_torch import to_norse, to_snntorch
    from .hardware.program import Program
    from .live import Live, start
    from .pairs import Sparse
    from .rules.expr import (
        abs_,
        clip,
        delay,
        dt,
        every,
        exp,
        log,
        maximum,
        minimum,
        post,
        pre,
        sigmoid,
        sign,
        sqrt,
        tanh,
        w,
        where,
    )
    from .rules.language import NeuronModel, Rule
    from .rules.network import Group, Network, Projection
    from .rules.symbols import (
        Event,
        Graded,
        Modulator,
        Noise,
        Output,
        Param,
        Port,
        State,
        Tag,
        Trace,
    )
    from .sim.recording import Recording, load_recording
    from .sim.stimulus import Stimulus, poisson
    from .sim.validation import Validation
    from .sim.verdict import Verdict
    from .units import Hz, kHz, ms, s, us
    from .verbs import (
        compare,
        compile,
        cost,
        from_lava,
        load,
        read_nir,
        run,
        validate,
        write_nir,
    )

__version__ = "0.1.0"

_HOMES = {
    "deployment.deploy": ("Deployment", "deploy"),
    "diagnostics": ("Diagnostic", "LaharError"),
    "frontends.from_torch": ("from_norse", "from_snntorch"),
    "frontends.to_torch": ("to_norse", "to_snntorch"),
    "hardware.program": ("Program",),
    "live": ("Live", "start"),
    "pairs": ("Sparse",),
    "rules.expr": (
        *("pre", "post", "w", "delay", "dt", "every", "where"),
        *("clip", "sign", "abs_", "minimum", "maximum"),
        *("exp", "log", "sqrt", "sigmoid", "tanh"),
    ),
    "rules.language": ("Rule", "NeuronModel"),
    "rules.network": ("Network", "Group", "Projection"),
    "rules.symbols": (
        *("Param", "Trace", "Tag", "Modulator"),
        *("State", "Port", "Noise", "Event", "Output", "Graded"),
    ),
    "sim.recording": ("Recording", "load_recording"),
    "sim.stimulus": ("Stimulus", "poisson"),
    "sim.validation": ("Validation",),
    "sim.verdict": ("Verdict",),
    "units": ("s", "ms", "us", "Hz", "kHz"),
    "verbs": (
        *("compile", "load", "run", "validate", "compare"),
        *("cost", "from_lava", "read_nir", "write_nir"),
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # grouped by the user's task  # noqa: RUF022
    # write a rule
    "Rule",
    "Param",
    "Trace",
    "Tag",
    "Modulator",
    "pre",
    "post",
    "w",
    "delay",
    "every",
    "where",
    "clip",
    "sign",
    "abs_",
    "minimum",
    "maximum",
    "exp",
    "log",
    "sqrt",
    "sigmoid",
    "tanh",
    # write a neuron model
    "NeuronModel",
    "dt",
    "Port",
    "State",
    "Noise",
    "Event",
    "Graded",
    "Output",
    # build a network
    "Network",
    "Group",
    "Projection",
    "Sparse",
    "read_nir",
    "write_nir",
    "from_lava",
    "from_snntorch",
    "from_norse",
    "to_snntorch",
    "to_norse",
    "cost",
    # units
    "s",
    "ms",
    "us",
    "Hz",
    "kHz",
    # compile, run, compare
    "compile",
    "deploy",
    "Deployment",
    "load",
    "run",
    "start",
    "Live",
    "validate",
    "compare",
    "Program",
    "Stimulus",
    "poisson",
    "Recording",
    "load_recording",
    "Verdict",
    "Validation",
    # what went wrong
    "Diagnostic",
    "LaharError",
]


def __getattr__(name: str) -> object:
    """Import the home of a public name on first use (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
