"""Scanned digits as spikes: the data, how they are split, how pixels become spikes.

In: scikit-learn's 1,797 digits of 8 x 8 pixels. Out: a Stimulus for the network, which
shows a digit for a while, is silent for a while, and shows the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..sim.stimulus import Stimulus

CLASSES = 10
PIXELS = 64
_BRIGHTEST = 16.0  # load_digits counts 0 to 16


@dataclass(frozen=True, eq=False)
class Digits:
    """Images (n, 64) in [0, 1] with their labels."""

    images: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, positions: npt.NDArray[np.int64]) -> Digits:
        """Give some of the digits, in the order asked for."""
        return Digits(self.images[positions], self.labels[positions])


def load_digits() -> Digits:
    """Read the digits that come with scikit-learn."""
    from sklearn import datasets

    images, labels = datasets.load_digits(return_X_y=True)
    return Digits(images / _BRIGHTEST, labels.astype(np.int64))


def split(
    digits: Digits, training: int, testing: int, seed: int
) -> tuple[Digits, Digits]:
    """Draw digits for training and others for testing."""
    order = np.random.default_rng([seed, *b"split"]).permutation(len(digits))
    chosen, others = order[:training], order[training : training + testing]
    return digits.take(chosen), digits.take(others)


def repeat(digits: Digits, passes: int, seed: int) -> Digits:
    """Show the digits several times over, in a new order each time."""
    random = np.random.default_rng([seed, *b"order"])
    orders = [random.permutation(len(digits)) for _ in range(passes)]
    return digits.take(np.concatenate(orders))


@dataclass(frozen=True)
class Encoding:
    """How digits follow each other in time, and how often a pixel spikes.

    A pixel spikes at regular intervals, beginning at a random moment; the brightest
    with the highest probability, a black one never.
    """

    shown_steps: int = 32
    silent_steps: int = 8
    highest_probability: float = 0.5

    @property
    def steps_per_digit(self) -> int:
        """Steps from one digit to the next."""
        return self.shown_steps + self.silent_steps

    def steps(self, digits: Digits) -> int:
        """Count the steps that all digits take."""
        return len(digits) * self.steps_per_digit

    def lessons(self, digits: Digits, seed: int) -> Stimulus:
        """Show digits together with a teacher that names the right neuron."""
        right = np.eye(CLASSES)[digits.labels]
        return Stimulus(
            {"pixels": self._spikes(digits, seed)},
            {"teacher": self._through_time(right)},
        )

    def questions(self, digits: Digits, seed: int) -> Stimulus:
        """Show digits with a teacher that says nothing."""
        silence = np.zeros((self.steps(digits), CLASSES))
        return Stimulus({"pixels": self._spikes(digits, seed)}, {"teacher": silence})

    def _spikes(self, digits: Digits, seed: int) -> npt.NDArray[np.uint8]:
        random = np.random.default_rng([seed, *b"phase"])
        probability = self.highest_probability * digits.images[:, None, :]
        elapsed = np.arange(self.shown_steps + 1)[:, None]
        phase = random.random((len(digits), 1, PIXELS)) + probability * elapsed
        spikes = np.zeros((len(digits), self.steps_per_digit, PIXELS), np.uint8)
        spikes[:, : self.shown_steps] = np.diff(np.floor(phase), axis=1)
        return spikes.reshape(-1, PIXELS)

    def _through_time(self, levels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        shown = np.zeros((len(levels), self.steps_per_digit, CLASSES))
        shown[:, : self.shown_steps] = levels[:, None]
        return shown.reshape(-1, CLASSES)

    def answers(self, output: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
        """Read from spikes (steps, 10) the busiest neuron; the first of equals."""
        per_digit = output.reshape(-1, self.steps_per_digit, CLASSES)
        counts = per_digit[:, : self.shown_steps].sum(axis=1, dtype=np.int64)
        answers: npt.NDArray[np.int64] = counts.argmax(axis=1)
        return answers
