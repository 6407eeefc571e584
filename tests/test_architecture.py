"""The house rules that a machine can hold: who imports whom, sizes, words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LINES_OF_A_FILE = 400
LEAVES = {"diagnostics", "units", "atomic_file", "pairs"}
MAY_IMPORT = {
    "diagnostics": set(),
    "units": {"diagnostics"},
    "atomic_file": set(),
    "pairs": {"diagnostics", "pairs_counted"},
    "pairs_counted": set(),
    "rules": LEAVES,
    "hardware": LEAVES,
    "compiler": LEAVES | {"rules", "hardware"},
    "frontends": LEAVES | {"rules"},
    "sim": LEAVES | {"rules", "hardware", "frontends"},
}
FACE = {
    *("__init__", "__main__", "verbs", "running", "live", "exporting"),
    *("long_run", "finished_run", "stimulus_parts"),
    *("exporting_brian2", "versions"),
    *("costing", "deployment"),
    *("cli", "demo"),
}


HELD = (
    *(ast.Import, ast.ImportFrom, ast.ClassDef),
    *(ast.Call, ast.Compare, ast.BinOp, ast.Constant),
)


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


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


@cache
def nodes_in(file: Path) -> tuple[tuple[str, ast.AST], ...]:
    """The nodes that some rule is about, each with its place, `file:line`."""
    return tuple(
        (f"{name_of(file)}:{node.lineno}", node)
        for node in ast.walk(tree_of(file))
        if isinstance(node, HELD)
    )


def nodes_of(files: list[Path]) -> Iterator[tuple[str, Any]]:
    for file in files:
        yield from nodes_in(file)


def part_of(file: Path) -> str:
    """The folder below the root, or the name of a module at the root."""
    return file.relative_to(ROOT).with_suffix("").parts[0]


def imported_parts(file: Path, node: ast.AST) -> list[str]:
    """The parts of lahar that a relative import names."""
    if not isinstance(node, ast.ImportFrom) or node.level == 0:
        return []
    folder = file.relative_to(ROOT).parent.parts
    base = folder[: len(folder) - node.level + 1]
    path = [*base, *(node.module.split(".") if node.module else [])]
    return path[:1] or [alias.name for alias in node.names]


def imported_modules(node: ast.AST) -> set[str]:
    """The top-level packages that an absolute import names."""
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return {node.module.split(".")[0]}
    return set()


def test_there_is_something_to_hold() -> None:
    assert {part_of(file) for file in FILES} >= set(MAY_IMPORT)
    assert INTEGER_ENGINE


def test_every_part_has_its_arrows() -> None:
    assert not {part_of(file) for file in FILES} - set(MAY_IMPORT) - FACE


def test_imports_follow_the_arrows() -> None:
    wrong = [
        f"{place} imports {imported}"
        for file in FILES
        if part_of(file) in MAY_IMPORT
        for place, node in nodes_in(file)
        for imported in imported_parts(file, node)
        if imported not in MAY_IMPORT[part_of(file)] | {part_of(file)}
    ]
    assert wrong == []


def test_inside_the_package_imports_are_relative() -> None:
    wrong = [p for p, node in nodes_of(FILES) if "lahar" in imported_modules(node)]

    assert wrong == []


def test_outside_the_package_imports_name_lahar() -> None:
    parts = set(MAY_IMPORT) | FACE
    wrong = [p for p, node in nodes_of(OTHERS) if parts & imported_modules(node)]

    assert wrong == []


def test_lava_is_imported_by_its_own_files_only() -> None:
    others = [file for file in FILES if "compiler/lava/" not in name_of(file)]
    wrong = [p for p, node in nodes_of(others) if "lava" in imported_modules(node)]

    assert wrong == []


def test_nothing_is_unpickled_or_evaluated() -> None:
    wrong = [p for p, node in nodes_of(FILES) if runs_foreign_data(node)]

    assert wrong == []


def runs_foreign_data(node: ast.AST) -> bool:
    if imported_modules(node) & {"pickle", "marshal", "shelve", "dill"}:
        return True
    if not isinstance(node, ast.Call):
        return False
    pickles = [k.value for k in node.keywords if k.arg == "allow_pickle"]
    evaluates = isinstance(node.func, ast.Name) and node.func.id == "eval"
    return evaluates or any(ast.unparse(value) != "False" for value in pickles)


def test_only_the_command_line_prints() -> None:
    inner = [file for file in FILES if part_of(file) not in FACE]
    wrong = [
        place
        for place, node in nodes_of(inner)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    assert wrong == []


def test_a_file_is_one_idea() -> None:
    sizes = {
        name_of(file): len(file.read_text(encoding="utf-8").splitlines())
        for file in [*FILES, *OTHERS]
    }
    vague = {"utils", "util", "helpers", "misc", "common"}

    assert {n: s for n, s in sizes.items() if s > LINES_OF_A_FILE} == {}
    assert [n for n in sizes if Path(n).stem in vague] == []


def test_a_file_says_what_it_is_for() -> None:
    silent = [
        name_of(file)
        for file in FILES
        if tree_of(file).body and not ast.get_docstring(tree_of(file))
    ]
    assert silent == []


def test_chips_and_profiles_differ_in_data_not_in_ifs() -> None:
    wrong = [
        f"{place}: {ast.unparse(node)}"
        for place, node in nodes_of(FILES)
        if isinstance(node, ast.Compare)
        and any(is_chip_or_profile(side) for side in sides_of(node))
        and any(names_one(side) for side in sides_of(node))
    ]
    assert wrong == []


def test_compiler_and_simulator_name_no_chip() -> None:
    chips = {"loihi1", "loihi2", "ideal"}
    inner = [file for file in FILES if part_of(file) in ("compiler", "sim")]
    wrong = [
        place
        for place, node in nodes_of(inner)
        if isinstance(node, ast.Constant) and node.value in chips
    ]
    assert wrong == []


def sides_of(node: ast.Compare) -> list[ast.expr]:
    return [node.left, *node.comparators]


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
    return constant or isinstance(getattr(node, "value", None), str)


def test_the_integer_engine_holds_no_float() -> None:
    wrong = [p for p, node in nodes_of(INTEGER_ENGINE) if makes_a_float(node)]

    assert wrong == []


def makes_a_float(node: ast.AST) -> bool:
    divides = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
    return divides or isinstance(getattr(node, "value", None), float)


def diagnostics() -> list[tuple[str, str, ast.ClassDef]]:
    """Every class with a code: (file, code, class)."""
    return [
        (name_of(file), statement.value.value, node)
        for file in FILES
        for _, node in nodes_in(file)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and ast.unparse(statement.targets[0]) == "code"
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    ]


def test_every_code_belongs_to_one_diagnostic_that_explains_itself() -> None:
    homes: dict[str, list[str]] = {}
    for file, code, _ in diagnostics():
        homes.setdefault(code, []).append(file)

    assert len(homes) > 40
    assert {code: files for code, files in homes.items() if len(files) > 1} == {}
    assert [c for _, c, node in diagnostics() if not ast.get_docstring(node)] == []


def test_tests_have_names_of_their_own() -> None:
    stems = [file.stem for file in (ROOT / "tests").rglob("test_*.py")]

    assert not [stem for stem in stems if stems.count(stem) > 1]
    assert not list((ROOT / "tests").rglob("__init__.py"))
    assert not (ROOT / "conftest.py").exists()


def test_continuous_integration_type_checks_every_package() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    for file in ROOT.glob("*/__init__.py"):
        assert f"-p lahar.{file.parent.name}" in script, file.parent.name
