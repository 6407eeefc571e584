"""Compounds of two cues: a population of units for each, and one surprise for both.

As in the code of Vafidis & Rangel (PavlovNet, `network2`): a cue has units and weights
of its own. Both populations hear the reward; what joins them is that it surprises
as far as neither cue foretells it, 1 - E1 - E2. A cue's salience is how loud it is,
when it is learned and when it is asked for; its share of what is expected is its E.
"""

from __future__ import annotations

from .frame import Arithmetic
from .pavlovian_trials import THRICE, Animal

REPEATS = 40  # with the first cue alone, then with both
_APART = 500  # from the seed of the first population to that of the second


class TwoCues:
    """Two populations that hear one reward; each has a cue of its own.

    They learn three times as fast as pairs are learned, so that 40 trials with the
    first cue are enough for no surprise to be left.
    """

    def __init__(self, arithmetic: Arithmetic, seed: int) -> None:
        self.first = Animal(arithmetic, seed, 1, THRICE)
        rewards = self.first.rewards
        self.second = Animal(arithmetic, seed + _APART, 1, THRICE, rewards)

    def trial(self, loudness: tuple[float, float], *, gated: bool) -> None:
        """Show the cues that loud, 0 for not at all, then the reward; learn.

        Ungated, every reward counts as a full surprise.
        """
        animals = self.first, self.second
        cues = [k * a.cues[0] for k, a in zip(loudness, animals, strict=True)]
        expected = 0.0
        for animal, cue in zip(animals, cues, strict=True):
            expected += animal.expects(animal.respond(cue), 0)
        for animal, cue in zip(animals, cues, strict=True):
            surprise = 1.0 - expected if gated else 1.0
            animal.learn(cue, animal.rewards[0], surprise)

    def likeness(self) -> float:
        """Give how like the response to the second cue is to that to the reward."""
        return self.second.likeness(self.second.cues[0])


def compound(
    arithmetic: Arithmetic, seed: int, *, pretrained: bool, gated: bool = True
) -> tuple[float, float]:
    """Reward two cues together, maybe after the first one alone.

    Gives how like the response to the second cue is to that to the reward, before
    and after.
    """
    cues = TwoCues(arithmetic, seed)
    for _ in range(REPEATS if pretrained else 0):
        cues.trial((1.0, 0.0), gated=gated)
    before = cues.likeness()
    for _ in range(REPEATS):
        cues.trial((1.0, 1.0), gated=gated)
    return before, cues.likeness()


def shares(arithmetic: Arithmetic, seed: int, loudness: float) -> tuple[float, float]:
    """Reward a loud cue and another together; give what each leads to expect, E."""
    cues = TwoCues(arithmetic, seed)
    for _ in range(REPEATS):
        cues.trial((loudness, 1.0), gated=True)
    loud, other = loudness * cues.first.cues[0], cues.second.cues[0]
    return (
        cues.first.expects(cues.first.respond(loud), 0),
        cues.second.expects(cues.second.respond(other), 0),
    )
