"""The wheel holds the whole package and works where nothing else of lahar is.

No network: the wheel is built with the setuptools of the development group, unpacked
into a fresh virtual environment, and a .pth file there lends it the third-party
packages of this one. The editable lahar of this one needs its own .pth file to be
found, which Python does not read through a borrowed folder.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_PACKAGED = {"tests", "examples", "benchmarks", "docs", "build", "dist"}


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build from a copy, so that the checkout stays clean."""
    folder = tmp_path_factory.mktemp("wheel")
    ignored = shutil.ignore_patterns(
        ".*", "__pycache__", "*.egg-info", "lahar-demo", *NOT_PACKAGED
    )
    shutil.copytree(ROOT, folder / "source", ignore=ignored)
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation")
    run(*build, "--outdir", folder, folder / "source", cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel into an environment of its own; give its Python."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder)
    executable = folder / "env" / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(run(executable, "-c", code, cwd=folder).strip())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "third_party.pth").write_text("".join(f"{path}\n" for path in lent))
    return executable


def files_to_ship() -> set[str]:
    """Everything in the package's folders, data files included."""
    folders = [f.parent for f in ROOT.glob("*/__init__.py")]
    inside = {file for folder in folders for file in folder.rglob("*")}
    files = {*ROOT.glob("*.py"), ROOT / "py.typed", *inside}
    return {
        f"lahar/{file.relative_to(ROOT).as_posix()}"
        for file in files
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_the_wheel_holds_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {n for n in archive.namelist() if ".dist-info/" not in n}

    wanted = files_to_ship()
    assert "lahar/hardware/chips/loihi2.py" in wanted
    assert held == wanted


def test_every_folder_with_code_is_a_package() -> None:
    for folder in (f.parent for f in ROOT.glob("*/__init__.py")):
        for file in folder.rglob("*.py"):
            assert (file.parent / "__init__.py").exists(), file


def test_the_installed_lahar_is_the_wheels(python: Path, tmp_path: Path) -> None:
    code = "import lahar, numpy; print(lahar.__file__); print(numpy.__version__)"

    place, _ = run(python, "-I", "-c", code, cwd=tmp_path).split()

    assert Path(place).is_relative_to(python.parents[1])


def test_every_module_of_the_wheel_imports(python: Path, tmp_path: Path) -> None:
    code = "from lahar import diagnostics as d; print(len(d.all_diagnostics()))"

    assert int(run(python, "-I", "-c", code, cwd=tmp_path)) > 40


def test_the_installed_command_compiles_a_rule(python: Path, tmp_path: Path) -> None:
    command = ("-m", "lahar", "compile", "stdp", "--chip", "loihi2", "-o", "x.lahar")

    run(python, "-I", *command, cwd=tmp_path)

    code = "import lahar; print(lahar.load('x.lahar').chip)"
    assert run(python, "-I", "-c", code, cwd=tmp_path).strip() == "loihi2"


def test_the_entry_point_leads_to_the_command_line(
    python: Path, tmp_path: Path
) -> None:
    code = (
        "from importlib.metadata import distribution as d;"
        "(e,) = d('lahar').entry_points.select(group='console_scripts');"
        "import sys; sys.argv = ['lahar', 'list', 'chips']; e.load()()"
    )
    assert "loihi2" in run(python, "-I", "-c", code, cwd=tmp_path)
