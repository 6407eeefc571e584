"""The whole demo: compile, train, test, compare with Lava, write down.

In: a folder and a seed. Out: the accuracies of three arithmetics and Lava's verdict;
in the folder a page, programs and recordings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..hardware.program import Program
from ..hardware.program_file import save
from .files import DemoFiles
from .lava_check import LavaCheck, compare_with_lava
from .listener import AbstractListener
from .network import digits_network, initial_weights
from .result import DemoResult
from .result_page import write_result
from .training import (
    ARITHMETICS,
    Course,
    Plan,
    Trial,
    accuracy_before,
    compile_digits,
    freeze,
    prepare_course,
    school,
)


def conduct(out: Path, seed: int, plan: Plan, listener: AbstractListener) -> DemoResult:
    """Run the demo.

    Raises
    ------
    LaharError
        U950, U951 at the start if the folder will not take the files; P302, S430 or
        U952 if one cannot be written after all; B5xx if Lava is there and fails.

    """
    files = DemoFiles(out)
    files.prepare()
    program = compile_digits(digits_network(initial_weights(seed)))
    listener.compiled(program)
    course = prepare_course(plan, seed)
    before = accuracy_before(program, course, seed)
    listener.say(_answers_right("before training", before))
    trials = dict(_trials(program, course, seed, listener))
    check = compare_with_lava(
        program, course.lessons, plan.compared_steps, seed, listener
    )
    for verdict in check.verdicts.values():
        listener.say(verdict.render())
    if check.skipped:
        listener.say(check.skipped)
    result = DemoResult(
        seed,
        plan,
        program,
        course,
        before,
        trials,
        check.verdicts,
        check.skipped,
        files.report,
        _save(files, program, trials, check),
    )
    write_result(result)
    listener.say("written:")
    for path in (result.report, *result.files):
        listener.say(f"  {path}")
    return result


def _trials(
    program: Program, course: Course, seed: int, listener: AbstractListener
) -> Iterator[tuple[str, Trial]]:
    for name, arithmetic in ARITHMETICS.items():
        trial = school(program, course, arithmetic, seed, listener)
        listener.say(_answers_right(arithmetic.title, trial.accuracy))
        yield name, trial


def _answers_right(who: str, accuracy: float) -> str:
    return f"{who}: {100 * accuracy:.1f} % of the test digits are right"


def _save(
    files: DemoFiles, program: Program, trials: Mapping[str, Trial], check: LavaCheck
) -> dict[Path, str]:
    """Write programs and recordings; give what each holds."""
    written = {
        files.program: "the program before training",
        files.trained_program: "the same with the weights it learned, frozen",
    }
    save(program, files.program)
    save(freeze(program, trials["sim"].training), files.trained_program)
    for name, trial in trials.items():
        for kind, recording in (("training", trial.training), ("test", trial.testing)):
            path = files.recording(f"{kind}-{name.replace('_', '-')}")
            recording.save(path)
            written[path] = f"spikes of the {kind}, {trial.arithmetic.title}"
    for backend, recording in check.recordings.items():
        path = files.recording(f"compared-{backend}")
        recording.save(path)
        written[path] = f"all state of every compared step, {backend}"
    return written
