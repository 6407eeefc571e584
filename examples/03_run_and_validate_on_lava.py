"""Prove that simulator and Lava compute the same bits, and see how a bug would look.

The same integer Program runs in lahar's simulator and on Intel's Lava 0.10, whose own
learning engine knows nothing of lahar. Lava needs Python 3.10; without it this script
says so and compares the simulator with its slow definition, the interpreter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import lahar
from lahar import LaharError, Program, Recording, Validation, ms
from lahar.diagnostics import EXIT_MISSING_BACKEND
from lahar.rules.library import STDP

STEPS = 200


def validate_with_lava(program: Program) -> Validation:
    """Compare with Lava, or with the interpreter where Lava is not installed."""
    try:
        return lahar.validate(program, backends=("sim", "lava"), steps=STEPS)
    except LaharError as error:
        if error.exit_code != EXIT_MISSING_BACKEND:
            raise
        print(f"Lava is not installed here, so nothing is compared with it.\n{error}\n")
    return lahar.validate(program, backends=("sim", "interpreter"), steps=STEPS)


def with_a_wrong_bit(recording: Recording) -> Recording:
    """The same recording, with one bit of a weight flipped since a spike of post[3]."""
    since = np.flatnonzero(recording["post.s_out[3]"])[-1]
    weights = np.array(recording["synapse.weights"], np.int32)
    weights[since:, 3, 7] ^= 1
    return replace(
        recording, variables={**recording.variables, "synapse.weights": weights}
    )


def main() -> None:
    program = lahar.compile(STDP, chip="loihi2", dt=1 * ms, pre=40, post=10)

    # All state of the program is compared, after every step, bit for bit. The verdict
    # says whose code computed what: weights and traces come from Lava's LearningDense,
    # membranes from Lava's LIF.
    validation = validate_with_lava(program)
    print(validation.render())
    validation.require()  # raises unless identical or within budget

    # The float64 reference runs the rule itself, not the program, on the spikes that
    # the simulator recorded. Its weights must lie within the error that the compiler
    # predicted from its roundings.
    against_the_rule = lahar.validate(program, ("sim", "reference"), steps=STEPS)
    print(against_the_rule.render())

    # This is what a disagreement looks like: the first step, synapse and both values,
    # and the products of the rule that moved the weight there.
    recording = lahar.run(program, steps=STEPS, record="all")
    print(lahar.compare(recording, with_a_wrong_bit(recording), program).render())


# Lava starts processes; a script without this line would start itself again.
if __name__ == "__main__":
    main()
