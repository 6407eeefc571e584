"""Screen random four-term rules in the float reference, for system B17b.

    uv run python -m benchmarks.screen_rules

Writes demo/systems/screened_rules.csv: every rule that was drawn, with what its network
did. Takes a minute or two.
"""

from __future__ import annotations

import sys

from joblib import Parallel, delayed

from lahar.demo.systems.rule_screening import DRAWN, SEED, draw_rules, screen, write


def main() -> int:
    """Screen all, and say how many were kept."""
    found = list(Parallel(-1)(delayed(screen)(r) for r in draw_rules(DRAWN, SEED)))
    write(found)
    print(f"{sum(one.kept for one in found)} of {len(found)} rules kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
