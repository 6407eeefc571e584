"""Read networks with from_lava and write down what it says of each, nothing more.

A script for a process of its own (tests/compiler/conftest.py starts it).
"""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import lahar
from lahar import LaharError


def said_of(build: Any) -> dict[str, Any]:
    try:
        program = lahar.from_lava(build())
    except LaharError as error:
        codes = [d.code for d in error.diagnostics]
        return {"errors": codes, "text": str(error), "exit": error.exit_code}
    return {
        "errors": [],
        "text": program.text(),
        "record": program.record,
        "warnings": [f.code for f in program.report.findings],
        "findings": [f.message for f in program.report.findings],
    }


def main() -> None:
    settings = json.loads(Path("settings.json").read_text())
    path = Path(settings["networks"])
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    said = {name: said_of(build) for name, build in module.NETWORKS.items()}
    Path("said.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main()
