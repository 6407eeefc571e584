"""B03a: bursts carry credit downwards, and only while a teacher speaks."""

from __future__ import annotations

from functools import cache

import numpy as np

from lahar.demo.digits import Digits, load_digits, split
from lahar.demo.systems import b03a_bursts as b03a
from lahar.demo.systems.credit_angles import angles_to_backpropagation


@cache
def digits() -> Digits:
    return split(load_digits(), 30, 1, 3)[0]


def test_weights_move_with_a_teacher_and_not_without() -> None:
    program = b03a.compiled(b03a.network(*b03a.first_weights(3)))
    live = b03a.begin("loihi2", program, 3)

    untaught = b03a.moved(live, digits(), teach=False)
    taught = b03a.moved(live, digits(), teach=True)

    assert taught > 1.0
    assert untaught <= 0.05 * taught


def test_mirrored_feedback_gives_the_credits_of_backpropagation() -> None:
    forward, _ = b03a.first_weights(3)
    net = b03a.network(forward, (forward[1].T, forward[2].T))
    live = b03a.begin("reference", b03a.compiled(net), 3)

    angles = b03a.credit_angles(live, digits().take(np.arange(10)))

    assert (angles < 3.0).all()


def test_credits_that_have_nothing_in_common_stand_at_right_angles() -> None:
    forward, _ = b03a.first_weights(3)
    nothing = [np.zeros((len(digits()), size)) for size in b03a.SIZES[1:]]

    angles = angles_to_backpropagation(forward, nothing, digits())

    np.testing.assert_allclose(angles, 90.0)
