"""Every example runs as its reader runs it, and shows what it claims to show."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(FOLDER.glob("[0-9]*.py"))


def run(script: Path, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def numbers(line: str) -> list[float]:
    return [float(n) for n in re.findall(r"[-+]?\d+(?:\.\d+)?", line)]


def line_with(text: str, start: str) -> str:
    return next(n for n in text.splitlines() if n.strip().startswith(start))


def active_and_silent_inputs_part(out: str) -> None:
    active, silent = (
        numbers(line_with(out, f"{name} inputs")) for name in ("active", "silent")
    )
    assert active[1] > active[0] + 0.3
    assert silent[1] < silent[0] - 0.3


def the_report_names_loss_and_refusal(out: str) -> None:
    assert numbers(line_with(out, "wanted"))[:2] == [0.02, 0.023438]
    assert "error[R211]: `exp(x)` cannot be computed at a synapse" in out
    assert "unverified" in out


def lava_agrees_and_a_wrong_bit_is_found(out: str) -> None:
    judge = "interpreter" if "Lava is not installed" in out else "lava"
    assert f"sim and {judge}: identical" in out
    assert "sim and reference: within budget" in out
    assert "sim and sim: diverged" in out
    first, second = numbers(line_with(out, "first at step").partition(" is ")[2])
    assert abs(first - second) == 1
    assert "dw += y0 * x1" in out


def the_network_comes_back_from_nir(out: str) -> None:
    assert "lahar reads back the same network: True" in out
    assert "rule STDP" in out
    assert "error[N710]" in out
    moved, of_all = numbers(out.splitlines()[-1])
    assert 0 < moved <= of_all


def the_sign_of_learning_follows_the_reward(out: str) -> None:
    rewards = {n[0]: n[1:] for n in map(numbers, out.splitlines()[-3:])}
    assert rewards[0] == [0, 0]
    assert rewards[1][0] > 0.1 > -0.1 > rewards[1][1]
    assert rewards[-1][0] < -0.1 < 0.1 < rewards[-1][1]


def the_measured_window_is_the_closed_form(out: str) -> None:
    assert "sim and interpreter: identical" in out
    difference, of_all = numbers(line_with(out, "largest difference"))
    assert difference < 0.05 * of_all


def the_dendrite_learns_to_foretell_the_soma(out: str) -> None:
    rows = [numbers(line) for line in out.splitlines()[-4:]]
    assert [row[0] for row in rows] == [0, 1, 2, 3]
    for _, wanted, _, after in rows:
        assert after == pytest.approx(wanted, abs=0.8)
    worst_before = max(abs(before - wanted) for _, wanted, before, _ in rows)
    assert worst_before > 2


def a_lava_script_gives_the_same_bits_sooner(out: str) -> None:
    if "Lava is not installed" in out:
        return
    assert "membranes, spikes and weights: identical" in out
    spikes, *_ = numbers(next(n for n in out.splitlines() if "spikes of" in n))
    assert spikes > 1000
    whole, a_step = numbers(next(n for n in out.splitlines() if "sooner" in n))
    assert a_step > 100
    assert whole > 2


def new_digits_are_learned_where_torch_is(out: str) -> None:
    if "not installed" in out:
        assert "uv run --extra frontends" in out
        return
    rows = [numbers(line) for line in out.splitlines()[1:]]
    assert rows
    assert all(new >= 80 for _, _, _, new in rows)
    assert all(after >= before - 3 for _, before, after, _ in rows)


CLAIMS: dict[str, Callable[[str], None]] = {
    "01_write_your_own_rule": active_and_silent_inputs_part,
    "02_read_the_report": the_report_names_loss_and_refusal,
    "03_run_and_validate_on_lava": lava_agrees_and_a_wrong_bit_is_found,
    "04_network_in_and_out_of_nir": the_network_comes_back_from_nir,
    "05_a_third_factor": the_sign_of_learning_follows_the_reward,
    "06_stdp_curve": the_measured_window_is_the_closed_form,
    "07_your_own_neuron": the_dendrite_learns_to_foretell_the_soma,
    "08_your_lava_script_much_sooner": a_lava_script_gives_the_same_bits_sooner,
    "09_few_shot_learning": new_digits_are_learned_where_torch_is,
}


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda script: script.stem)
def test_example_shows_what_it_claims(script: Path, tmp_path: Path) -> None:
    out = run(script, tmp_path)

    CLAIMS[script.stem](out)


def test_the_stdp_curve_is_drawn_where_it_is_asked_for(tmp_path: Path) -> None:
    script = FOLDER / "06_stdp_curve.py"
    picture = tmp_path / "window.png"

    subprocess.run(
        [sys.executable, str(script), str(picture)],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )

    assert picture.read_bytes().startswith(b"\x89PNG")
    assert list(tmp_path.iterdir()) == [picture]


def test_the_list_of_examples_names_every_script() -> None:
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert EXAMPLES
    assert [s.name for s in EXAMPLES if s.name not in listed] == []
