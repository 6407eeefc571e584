"""Digits become spikes at the rates that their pixels ask for."""

from __future__ import annotations

import numpy as np

from lahar.demo.digits import CLASSES, PIXELS, Encoding, load_digits, repeat, split

ENCODING = Encoding(shown_steps=32, silent_steps=8, highest_probability=0.5)
DIGITS = load_digits()
FEW = DIGITS.take(np.arange(20))


def shown(array: object) -> np.ndarray:
    """Steps by digit: (digits, steps of a digit, columns)."""
    values = np.asarray(array)
    return values.reshape(-1, ENCODING.steps_per_digit, values.shape[1])


def test_there_are_the_digits_of_the_data_set() -> None:
    assert DIGITS.images.shape == (1797, PIXELS)
    assert (DIGITS.images.min(), DIGITS.images.max()) == (0.0, 1.0)
    assert sorted(set(DIGITS.labels.tolist())) == list(range(CLASSES))


def test_a_pixel_spikes_as_often_as_it_is_bright() -> None:
    counts = shown(ENCODING.lessons(FEW, seed=1).spikes["pixels"]).sum(axis=1)

    wanted = FEW.images * ENCODING.highest_probability * ENCODING.shown_steps

    assert np.abs(counts - wanted).max() < 1  # regular: never a whole spike off
    assert abs(float((counts - wanted).mean())) < 0.05


def test_the_brightest_pixel_spikes_at_equal_intervals() -> None:
    spikes = shown(ENCODING.lessons(FEW, seed=1).spikes["pixels"])
    digit, pixel = np.argwhere(FEW.images == 1.0)[0]

    assert set(np.diff(np.flatnonzero(spikes[digit, :, pixel]))) == {2}


def test_phases_differ_from_pixel_to_pixel() -> None:
    spikes = shown(ENCODING.lessons(FEW, seed=1).spikes["pixels"])
    first = spikes[:, 0][FEW.images == 1.0]

    assert 0.3 < first.mean() < 0.7


def test_nothing_spikes_and_nobody_teaches_between_digits() -> None:
    lessons = ENCODING.lessons(FEW, seed=1)

    for signal in (lessons.spikes["pixels"], lessons.modulators["teacher"]):
        assert not shown(signal)[:, ENCODING.shown_steps :].any()


def test_the_teacher_names_the_right_neuron_only() -> None:
    teacher = shown(ENCODING.lessons(FEW, seed=1).modulators["teacher"])

    wanted = np.eye(CLASSES)[FEW.labels]
    assert (teacher[:, : ENCODING.shown_steps] == wanted[:, None]).all()


def test_questions_show_the_same_spikes_without_a_teacher() -> None:
    lessons, questions = ENCODING.lessons(FEW, 1), ENCODING.questions(FEW, 1)

    assert np.array_equal(lessons.spikes["pixels"], questions.spikes["pixels"])
    assert not np.asarray(questions.modulators["teacher"]).any()


def test_an_answer_is_the_busiest_neuron_while_the_digit_is_shown() -> None:
    output = np.zeros((2, ENCODING.steps_per_digit, CLASSES), np.uint8)
    output[0, :5, 3] = 1
    output[0, :4, 2] = 1
    output[0, ENCODING.shown_steps :, 8] = 1  # too late to count
    output[1, 31, 9] = 1

    assert ENCODING.answers(output.reshape(-1, CLASSES)).tolist() == [3, 9]


def test_no_test_digit_is_trained_on() -> None:
    numbered = DIGITS.take(np.arange(len(DIGITS)))
    numbered.images[:, 0] = np.arange(len(DIGITS))

    training, testing = split(numbered, 1400, 397, seed=5)

    assert len(training) + len(testing) == len(DIGITS)
    assert not set(training.images[:, 0]) & set(testing.images[:, 0])


def test_every_pass_shows_all_digits_in_another_order() -> None:
    shown_labels = repeat(FEW, passes=2, seed=3).labels

    first, second = shown_labels[: len(FEW)], shown_labels[len(FEW) :]
    assert sorted(first) == sorted(second) == sorted(FEW.labels)
    assert first.tolist() != second.tolist()
