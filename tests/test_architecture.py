"""The house rules that a machine can hold: who imports whom, sizes, words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINES_OF_A_FILE = 400
LEAVES = {"diagnostics", "units"}
MAY_IMPORT = {
    "diagnostics": set(),
    "units": {"diagnostics"},
    "rules": LEAVES,
    "hardware": LEAVES,
    "compiler": LEAVES | {"rules", "hardware"},
    "sim": LEAVES | {"rules", "hardware"},
}
FACE = {"__init__", "__main__", "verbs", "cli", "demo"}
HEAVY = {"numba", "lava", "torch", "matplotlib", "sklearn", "snntorch", "norse"}


def package_files() -> list[Path]:
    """Every Python file of the package: the root's own and those of its packages."""
    folders = [f.parent for f in ROOT.glob("*/__init__.py")]
    inside = [file for folder in folders for file in folder.rglob("*.py")]
    return sorted([*ROOT.glob("*.py"), *inside])


FILES = package_files()
OTHERS = [
    file
    for folder in ("tests", "examples", "benchmarks")
    for file in sorted((ROOT / folder).rglob("*.py"))
]
INTEGER_ENGINE = [
    file
    for file in FILES
    if file.parent.name == "sim"
    and file.stem.startswith(("interpreter", "operations", "initial_weights"))
]


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def each(files: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("file", files, ids=name_of)


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def part_of(file: Path) -> str:
    """The folder below the root, or the name of a module at the root."""
    return file.relative_to(ROOT).with_suffix("").parts[0]


def imported_parts(file: Path) -> Iterator[tuple[int, str]]:
    """The parts of lahar that a file imports relatively, with the line."""
    folder = file.relative_to(ROOT).parent.parts
    for node in ast.walk(tree_of(file)):
        if not isinstance(node, ast.ImportFrom) or node.level == 0:
            continue
        base = folder[: len(folder) - node.level + 1]
        path = [*base, *(node.module.split(".") if node.module else [])]
        for first in [path[0]] if path else [alias.name for alias in node.names]:
            yield node.lineno, first


def imported_modules(node: ast.AST) -> list[str]:
    """The top-level packages that an absolute import names."""
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module.split(".")[0]]
    return []


def test_there_is_something_to_hold() -> None:
    assert {part_of(file) for file in FILES} >= set(MAY_IMPORT)
    assert INTEGER_ENGINE


@each(FILES)
def test_imports_follow_the_arrows(file: Path) -> None:
    part = part_of(file)
    allowed = MAY_IMPORT.get(part)
    if allowed is None:
        assert part in FACE, f"{part} has no arrows: add it to MAY_IMPORT or FACE"
        return
    wrong = [
        f"line {line}: {imported}"
        for line, imported in imported_parts(file)
        if imported not in allowed | {part}
    ]
    assert not wrong


@each(FILES)
def test_inside_the_package_imports_are_relative(file: Path) -> None:
    for node in ast.walk(tree_of(file)):
        assert "lahar" not in imported_modules(node), f"line {node.lineno}"


@each(OTHERS)
def test_outside_the_package_imports_name_lahar(file: Path) -> None:
    parts = set(MAY_IMPORT) | FACE
    for node in ast.walk(tree_of(file)):
        wrong = parts.intersection(imported_modules(node))
        assert not wrong, f"line {node.lineno}: write lahar.{wrong}"


@each([file for file in FILES if "compiler/lava" not in name_of(file)])
def test_lava_is_imported_by_its_own_files_only(file: Path) -> None:
    for node in ast.walk(tree_of(file)):
        assert "lava" not in imported_modules(node), f"line {node.lineno}"


@each(FILES)
def test_pickle_and_eval_have_no_place(file: Path) -> None:
    for node in ast.walk(tree_of(file)):
        assert not {"pickle", "marshal", "dill"}.intersection(imported_modules(node))
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                allows = keyword.arg == "allow_pickle"
                assert not (allows and ast.unparse(keyword.value) != "False")


@each([file for file in FILES if part_of(file) not in FACE])
def test_only_the_command_line_prints(file: Path) -> None:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"line {node.lineno}"


@each([*FILES, *OTHERS])
def test_a_file_is_one_idea(file: Path) -> None:
    assert file.stem not in {"utils", "util", "helpers", "misc", "common"}
    lines = len(file.read_text(encoding="utf-8").splitlines())
    assert lines <= LINES_OF_A_FILE, f"{lines} lines"


@each([file for file in FILES if file.stem != "__init__"])
def test_a_file_says_what_it_is_for(file: Path) -> None:
    assert ast.get_docstring(tree_of(file)), "write two or three sentences"


@each(FILES)
def test_chips_and_profiles_differ_in_data_not_in_ifs(file: Path) -> None:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            about = any(is_chip_or_profile(side) for side in sides)
            literal = any(names_one(side) for side in sides)
            assert not (about and literal), f"line {node.lineno}: {ast.unparse(node)}"


def is_chip_or_profile(node: ast.expr) -> bool:
    """chip, profile, x.chip, x.profile, and the name of any of them."""
    if isinstance(node, ast.Attribute) and node.attr == "name":
        node = node.value
    called = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return called.lower().removeprefix("_") in {"chip", "profile"}


def names_one(node: ast.expr) -> bool:
    """Some literal text, or a constant such as LAVA_0_10 or LOIHI2."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(names_one(item) for item in node.elts)
    if isinstance(node, ast.Attribute):
        return names_one(node.value)
    constant = isinstance(node, ast.Name) and node.id.isupper()
    return constant or isinstance(node, ast.Constant) and isinstance(node.value, str)


@each(INTEGER_ENGINE)
def test_the_integer_engine_holds_no_float(file: Path) -> None:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float), f"line {node.lineno}"
        assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))


def diagnostics() -> list[tuple[str, str, ast.ClassDef]]:
    """Every class with a code: (file, code, class)."""
    return [
        (name_of(file), statement.value.value, node)
        for file in FILES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and ast.unparse(statement.targets[0]) == "code"
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    ]


def test_every_code_belongs_to_one_diagnostic_that_explains_itself() -> None:
    homes: dict[str, str] = {}
    for file, code, node in diagnostics():
        assert code not in homes, f"{code} is in {file} and in {homes[code]}"
        homes[code] = file
        assert ast.get_docstring(node), f"{code} has no explanation"
    assert len(homes) > 40


def test_tests_have_names_of_their_own() -> None:
    stems = [file.stem for file in (ROOT / "tests").rglob("test_*.py")]

    assert not [stem for stem in stems if stems.count(stem) > 1]
    assert not list((ROOT / "tests").rglob("__init__.py"))
    assert not (ROOT / "conftest.py").exists()


def test_continuous_integration_type_checks_every_package() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    for file in ROOT.glob("*/__init__.py"):
        assert f"-p lahar.{file.parent.name}" in script, file.parent.name
