"""A chip of one's own in a file: what it may say, and what is said when it is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lahar
from lahar.diagnostics import LaharError
from lahar.hardware.chip_entries import ARITHMETIC, CHIP_FIELDS, WIDEST, within
from lahar.hardware.chips import CHIPS, get_chip
from lahar.hardware.limits import usage
from lahar.rules.library import STDP

EXAMPLE = Path(lahar.__file__).parent / "examples" / "my_chip.toml"
HEAD = 'name = "mine"\nbased_on = "loihi1"\n'
SAID = 'unit = "core", source = "a test", trust = "high"'


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Write `mine.toml` into a folder of its own and go there."""
    monkeypatch.chdir(tmp_path)

    def written(text: str) -> str:
        Path("mine.toml").write_text(text, encoding="utf-8")
        return "mine.toml"

    return written


@pytest.fixture
def refused(write: Callable[[str], str]) -> Callable[[str], str]:
    def said(text: str) -> str:
        with pytest.raises(LaharError) as caught:
            get_chip(write(text))
        return str(caught.value) + "\n"

    return said


def test_the_example_is_loihi_2_with_what_it_says() -> None:
    chip = get_chip(str(EXAMPLE))

    assert (chip.name, chip.cores.value, chip.cores.trust) == ("half_loihi", 64, "low")
    assert chip.epoch_steps.value == (1, 31)
    assert chip.neuron_program_operations.value is None
    assert chip.neurons_per_core == CHIPS["loihi2"].neurons_per_core
    assert [table.name for table in chip.cost_tables] == ["ratio", "mine"]


def test_a_rule_compiles_for_a_file_and_reports_its_sources() -> None:
    program = lahar.compile(STDP, str(EXAMPLE), pre=4, post=2)

    assert program.chip == "half_loihi"
    cores = program.report.usage[0]
    assert (cores.limit, cores.source) == (64, "an example")
    cost = program.report.cost
    assert cost is not None
    assert [f.table for f in cost.dynamic.figures] == ["ratio", "mine"]
    assert cost.dynamic.energy_range is not None


def test_a_tighter_limit_of_a_file_refuses(write: Callable[[str], str]) -> None:
    entry = (
        "epoch_steps = { value = [2, 8], unit = 'step', source = 's', trust = 'low' }"
    )

    with pytest.raises(LaharError, match=r"2 to 8"):
        lahar.compile(STDP, write(f"{HEAD}[values]\n{entry}\n"), pre=4, post=2)


def test_what_is_unpublished_is_unverified(write: Callable[[str], str]) -> None:
    entry = "in_axons_per_core = { unpublished = true, unit = 'axon', source = 'no' }"
    chip = get_chip(write(f"{HEAD}[values]\n{entry}\n"))

    program = lahar.compile(STDP, "loihi1", pre=4, post=2)
    rows = {u.resource: u for u in usage(program, chip)}

    assert chip.in_axons_per_core.value is None
    assert rows["input axons of the fullest core"].status == "unverified"


def test_where_a_number_is_needed_the_bases_own_stands_in_unverified(
    write: Callable[[str], str],
) -> None:
    entry = (
        "neurons_per_core = {unpublished = true, unit = 'compartment', source = 'no'}"
    )
    chip = get_chip(write(f"{HEAD}[values]\n{entry}\n"))

    program = lahar.compile(STDP, "loihi1", pre=4, post=2)
    rows = {u.resource: u for u in usage(program, chip)}

    assert chip.neurons_per_core.value == 1024
    assert chip.neurons_per_core.trust == "unverified"
    assert chip.neurons_per_core.source.startswith("no; stands in: Davies et al. 2018")
    assert rows["neurons of the fullest core"].status == "unverified"


def test_a_board_may_be_built_upon(write: Callable[[str], str]) -> None:
    chip = get_chip(write('name = "mine"\nbased_on = "loihi1:nahuku32/4"\n'))

    assert (chip.chips.value, chip.all_cores) == (4, 512)
    assert chip.title == "mine, based on Intel Loihi (2018) on Nahuku"


def test_every_field_can_be_given_as_it_is(write: Callable[[str], str]) -> None:
    for base in CHIPS.values():
        entries = [
            f"[values.{name}]\n{_toml_entry(getattr(base, name))}"
            for name in CHIP_FIELDS
        ]
        text = f'name = "mine"\nbased_on = "{base.name}"\n' + "\n".join(entries)

        chip = get_chip(write(text))

        for name in CHIP_FIELDS:
            mine, known = getattr(chip, name), getattr(base, name)
            assert mine.value == known.value, name


def _toml_entry(value: Any) -> str:
    said = f'unit = "{value.unit}"\nsource = "a test"\n'
    if value.value is None:
        return f"unpublished = true\n{said}"
    return f'value = {_toml(value.value)}\ntrust = "high"\n{said}'


def _toml(content: Any) -> str:
    match content:
        case bool():
            return str(content).lower()
        case int() | float():
            return str(content)
        case str():
            return f'"{content}"'
        case tuple():
            return f"[{', '.join(_toml(item) for item in content)}]"
    pairs = (
        f"{getattr(k, 'name', k).lower()} = {_toml(v)}" for k, v in content.items()
    )
    return f"{{ {', '.join(pairs)} }}"


def test_the_page_on_chips_lists_every_value_and_the_fixed_ones_as_such() -> None:
    page = (EXAMPLE.parents[1] / "docs" / "chips.md").read_text(encoding="utf-8")
    rows = {
        row.split("|")[1].strip(): set(row.split("|")[2].replace(" ", "").split(","))
        for row in page.partition("What `[values]` may name")[2].splitlines()
        if row.startswith("| ")
    }

    assert set().union(*rows.values()) >= set(CHIP_FIELDS)
    assert rows["fixed"] == ARITHMETIC


def test_every_known_chip_lies_within_what_a_file_may_say() -> None:
    assert set(CHIP_FIELDS) >= set(WIDEST)
    assert set(CHIP_FIELDS) >= ARITHMETIC
    for chip in CHIPS.values():
        for name, widest in WIDEST.items():
            content = getattr(chip, name).value
            assert content is None or within(content, widest), (chip.name, name)


WRONG = {
    "P373": 'name = "mine"\nbased_on = loihi1\n',
    "P374_1": HEAD + f"[values]\ncoers = {{ value = 4, {SAID} }}\n",
    "P374_2": HEAD + "[vlaues]\n",
    "P375_1": 'title = "no name"\nbased_on = "loihi1"\n',
    "P375_2": 'name = "loihi2"\nbased_on = "loihi1"\n',
    "P375_3": 'name = "my chip"\nbased_on = "other.toml"\n',
    "P375_4": 'name = 4\nbased_on = "loihi1"\n',
    "P375_5": HEAD + "values = 4\n",
    "P376_1": HEAD + f"[values]\ncores = {{ value = 4.0, {SAID} }}\n",
    "P376_2": HEAD + f"[values]\ncores = {{ value = 0, {SAID} }}\n",
    "P376_3": HEAD
    + "[values]\nsynapse_bits_per_core = { value = 64, unit = 'KB', source = 's', "
    "trust = 'low' }\n",
    "P376_4": HEAD
    + "[values]\nepoch_steps = { value = [9, 2], unit = 'step', source = 's', "
    "trust = 'low' }\n",
    "P376_5": HEAD + f"[values]\ncores = {{ value = 3000000000, {SAID} }}\n",
    "P377_1": HEAD + "[values]\ncores = 64\n",
    "P377_2": HEAD + "[values.cores]\nvalue = 64\nunit = 'core'\n",
    "P377_3": HEAD + f"[values]\ncores = {{ {SAID} }}\n",
    "P377_4": HEAD
    + "[values]\ncores = { unpublished = true, unit = 'core', source = 's', "
    "trust = 'high', limit = 4 }\n",
    "P378_1": HEAD + "[values]\ntrace_bits = { value = 9, unit = 'bit', source = 's', "
    "trust = 'low' }\n",
    "P378_2": HEAD
    + "[values]\nmantissa = { value = [-16, 15], unit = 'integer', source = 's', "
    "trust = 'low' }\n",
    "P379_1": HEAD + "[costs.mine]\ntitle = 'no basis'\n",
    "P379_2": HEAD
    + '[costs.A.energies]\n"synaptic op" = { value = 9, unit = "pJ", source = "s", '
    'trust = "low" }\n',
    "P379_3": HEAD + '[costs.A]\nbasis = "guessed"\nenergy = 4\n',
    "P379_4": HEAD + "[costs]\nA = 4\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_line(
    name: str, refused: Callable[[str], str], golden: Callable[[str, str], None]
) -> None:
    text = refused(WRONG[name])

    assert f"error[{name.partition('_')[0]}]" in text
    golden(name, text)


def test_everything_that_is_wrong_is_said_at_once(
    refused: Callable[[str], str],
) -> None:
    text = refused(
        HEAD + f"[values]\ncores = 64\ncoers = {{ value = 4, {SAID} }}\n"
        "[costs.mine]\nbasis = 'fitted'\n"
    )

    assert [code for code in ("P374", "P377", "P379") if f"error[{code}]" in text] == [
        "P374",
        "P377",
        "P379",
    ]


def test_a_file_that_is_not_there_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Callable[[str, str], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("latin.toml").write_bytes(b'name = "\xe9"\n')
    texts = []
    for name in ("gone.toml", "latin.toml"):
        with pytest.raises(LaharError) as caught:
            get_chip(name)
        texts.append(str(caught.value))

    golden("P372", "\n".join(texts) + "\n")


def test_an_unknown_base_is_the_diagnostic_of_an_unknown_chip(
    refused: Callable[[str], str],
) -> None:
    assert "error[P301]" in refused('name = "mine"\nbased_on = "loihi3"\n')
    assert "error[P370]" in refused('name = "mine"\nbased_on = "loihi1:hala-point"\n')


CONTENT = st.recursive(
    st.booleans() | st.integers(-3, 10**12) | st.floats(-2, 300) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "unit", "source", "trust", "mixed", "x1"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    field=st.sampled_from(sorted(CHIP_FIELDS)),
    content=CONTENT,
    whole_entry=st.booleans(),
)
def test_no_content_of_an_entry_is_anything_but_a_chip_or_a_diagnostic(
    tmp_path_factory: pytest.TempPathFactory,
    field: str,
    content: Any,
    whole_entry: bool,
) -> None:
    folder = tmp_path_factory.mktemp("chip")
    unit = getattr(CHIPS["loihi1"], field).unit
    entry = {"value": content, "unit": unit, "source": "s", "trust": "low"}
    text = HEAD + f"[values]\n{field} = {_inline(entry if whole_entry else content)}\n"
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")

    with suppress(LaharError):
        chip = get_chip(str(path))
        lahar.compile(STDP, chip, pre=3, post=2)
    shutil.rmtree(folder)


def _inline(content: Any) -> str:
    match content:
        case bool():
            return str(content).lower()
        case int() | float():
            return repr(content)
        case str():
            escaped = "".join(f"\\U{ord(c):08x}" for c in content)
            return f'"{escaped}"'
        case list():
            return f"[{', '.join(_inline(item) for item in content)}]"
    pairs = (f"{key} = {_inline(item)}" for key, item in content.items())
    return f"{{ {', '.join(pairs)} }}"
