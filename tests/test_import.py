"""What `import lahar` may cost: nothing that a user has not asked for."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("numba", "lava", "torch", "matplotlib", "sklearn", "scipy", "h5py", "nir")

CHILD = """
import json, sys, time
start = time.perf_counter()
{code}
seconds = time.perf_counter() - start
loaded = [name for name in {heavy!r} if name in sys.modules]
print(json.dumps({{"loaded": loaded, "seconds": seconds}}))
"""


def loaded_by(code: str) -> list[str]:
    """Run code in a fresh Python and say which heavy packages it loaded."""
    script = CHILD.format(code=code, heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    print(f"{code}: {answer['seconds']:.3f} s")
    return list(answer["loaded"])


def test_importing_lahar_loads_nothing_heavy() -> None:
    assert loaded_by("import lahar") == []


def test_writing_a_rule_loads_nothing_heavy() -> None:
    code = "import lahar; lahar.Rule; lahar.Param; lahar.Network; lahar.ms"

    assert loaded_by(code) == []


def test_the_verbs_load_nothing_heavy_until_they_are_called() -> None:
    assert loaded_by("import lahar; lahar.compile; lahar.run; lahar.load") == []


def test_reading_and_checking_a_program_loads_nothing_heavy() -> None:
    code = "import lahar.hardware.program_file, lahar.hardware.limits"

    assert loaded_by(code) == []
