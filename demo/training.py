"""Train and test one arithmetic on the digits: a chip's, Lava's, or float64.

A Program and the course that all of them take in; out come what the ten neurons
answered, while they learned and afterwards with their weights frozen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..hardware.program import Program
from ..rules.network import FloatArray, Network
from ..sim.recording import Recording, in_rule_units
from ..sim.stimulus import Stimulus
from ..verbs import compile as compile_for_chip
from ..verbs import run
from .digits import Digits, Encoding, load_digits, repeat, split
from .listener import AbstractListener
from .network import INPUT_RATE, digits_network

CHIP = "loihi2"
WEIGHTS = "synapse.weights"
OUTPUT = "output.s_out"


@dataclass(frozen=True)
class Plan:
    """How much is trained, tested, and compared with Lava."""

    training_digits: int = 1400
    testing_digits: int = 397
    passes: int = 3
    compared_digits: int = 60
    encoding: Encoding = field(default_factory=Encoding)

    @property
    def compared_steps(self) -> int:
        """Steps that Lava repeats."""
        return self.compared_digits * self.encoding.steps_per_digit


@dataclass(frozen=True)
class Arithmetic:
    """A backend with its profile, and how people call it."""

    title: str
    backend: str
    profile: str | None = None


ARITHMETICS = {
    "sim": Arithmetic("simulator, profile loihi2", "sim", "loihi2"),
    "sim_lava_profile": Arithmetic("simulator, profile lava-0.10", "sim", "lava-0.10"),
    "reference": Arithmetic("float64 reference", "reference"),
}


@dataclass(frozen=True, eq=False)
class Course:
    """What every arithmetic is shown: the same spikes, lesson by lesson."""

    encoding: Encoding
    lesson_digits: Digits
    lessons: Stimulus
    question_digits: Digits
    questions: Stimulus


@dataclass(frozen=True, eq=False)
class Trial:
    """What one arithmetic made of the course.

    right_in_training
        For each digit shown: whether the answer was right, in the order of the lessons.
    accuracy
        Share of right answers to digits that it was never trained on.
    weights
        After training, in the rule's units.
    """

    arithmetic: Arithmetic
    training: Recording
    testing: Recording
    right_in_training: npt.NDArray[np.bool_]
    answers: npt.NDArray[np.int64]
    accuracy: float
    weights: FloatArray


def prepare_course(plan: Plan, seed: int) -> Course:
    """Draw digits, their order and their spikes."""
    training, questions = split(
        load_digits(), plan.training_digits, plan.testing_digits, seed
    )
    lessons = repeat(training, plan.passes, seed)
    return Course(
        plan.encoding,
        lessons,
        plan.encoding.lessons(lessons, seed),
        questions,
        plan.encoding.questions(questions, seed),
    )


def compile_digits(network: Network) -> Program:
    """Compile for Loihi 2."""
    return compile_for_chip(network, CHIP, rate=INPUT_RATE)


def school(
    program: Program,
    course: Course,
    arithmetic: Arithmetic,
    seed: int,
    listener: AbstractListener,
) -> Trial:
    """Train on all lessons, freeze the weights, then ask the questions."""
    encoding = course.encoding
    steps = encoding.steps(course.lesson_digits)
    training = _run(program, course.lessons, steps, arithmetic, seed, listener)
    answers = encoding.answers(training[OUTPUT])
    right = answers == course.lesson_digits.labels
    testing = ask(freeze(program, training), course, arithmetic, seed)
    answers = encoding.answers(testing[OUTPUT])
    return Trial(
        arithmetic,
        training,
        testing,
        right,
        answers,
        float(np.mean(answers == course.question_digits.labels)),
        in_rule_units(training.final[WEIGHTS], training.view(WEIGHTS)),
    )


def _run(
    program: Program,
    stimulus: Stimulus,
    steps: int,
    arithmetic: Arithmetic,
    seed: int,
    listener: AbstractListener,
) -> Recording:
    with listener.stage(f"training, {arithmetic.title}", steps) as progress:
        return run(
            program,
            stimulus,
            steps,
            arithmetic.backend,
            arithmetic.profile,
            seed=seed,
            progress=progress,
        )


def freeze(program: Program, training: Recording) -> Program:
    """Give the same network with the weights of a training, learning switched off.

    What learned in float64 is asked in float64, so its weights are not rounded.
    """
    learned = training.final[WEIGHTS]
    if training.provenance.units == "rule":
        weights = np.asarray(learned, np.float64)
        return compile_digits(digits_network(weights, learns=False))
    return program.with_weights({"synapse": np.asarray(learned, np.int32)}).frozen()


def ask(
    frozen: Program, course: Course, arithmetic: Arithmetic, seed: int
) -> Recording:
    """Show the digits that were kept back."""
    steps = course.encoding.steps(course.question_digits)
    return run(
        frozen,
        course.questions,
        steps,
        arithmetic.backend,
        arithmetic.profile,
        seed=seed,
    )


def accuracy_before(program: Program, course: Course, seed: int) -> float:
    """Ask the questions before anything was learned."""
    recording = ask(program.frozen(), course, ARITHMETICS["sim"], seed)
    answers = course.encoding.answers(recording[OUTPUT])
    return float(np.mean(answers == course.question_digits.labels))
