"""Count the products that a rule takes on one connection: by quantising it.

In: a rule in terms. Out: a number, where a chip says how many its engine adds up. A
coefficient takes one product or two, which depends on the scales of all terms.
"""

from __future__ import annotations

from dataclasses import replace

from .assign import Assign
from .draft import Draft, SynapseDraft
from .quantise import Quantise
from .weights import ScaleWeights


def products_of(draft: Draft, synapse: SynapseDraft) -> int:
    """Quantise a rule, as if it were the only one, and count."""
    trial = replace(draft, synapses=(synapse,))
    for step in (Assign(), ScaleWeights(), Quantise()):
        if any(True for _ in step.requires(trial)):
            return len(synapse.terms)  # the pass itself will say what is wrong
        trial = step.apply(trial)
    return sum(len(fitted.fits) for fitted in trial.synapses[0].fitted)
