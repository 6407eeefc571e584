"""What was measured already, kept in a file, so that a long benchmark can be cut.

A task in, its answer out: measured now and written down, or read if an earlier run of
the command came so far. A task that is asked twice is measured twice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

Task = dict[str, Any]


class Answers:
    """Answers by task, in the order in which they were given.

    path
        A line of JSON for each; None: nothing is kept.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._kept: dict[str, list[Any]] = defaultdict(list)
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                kept = json.loads(line)
                self._kept[_key(kept["task"])].append(kept["answer"])

    def of(self, task: Task, measure: Callable[[], Any]) -> Any:
        """Give the next answer that was kept, or measure."""
        kept = self._kept[_key(task)]
        if kept:
            return kept.pop(0)
        answer = measure()
        if self._path is not None:
            line = json.dumps({"task": task, "answer": answer})
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        return answer


def _key(task: Task) -> str:
    return json.dumps(task, sort_keys=True)
