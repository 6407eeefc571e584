"""How far the decay factors depend on whose exp computes them.

``python -m benchmarks.exponentials`` compares numpy's exp(-1/tau) with the C library's
for many tau, and says how near exp(-1/tau) * 2**16 comes to a tie, where the profile
loihi2 rounds it. docs/validation.md has what follows from it.
"""

from __future__ import annotations

import math
import platform

import numpy as np

STEPS_COMPARED = 256
STEPS_ROUNDED = 4096


def main() -> None:
    """Print both."""
    taus = np.arange(1, STEPS_COMPARED * 256 + 1) / 256
    of_numpy = np.exp(-1 / taus)
    of_c = np.array([math.exp(-1 / tau) for tau in taus])
    differing = int(np.count_nonzero(of_numpy != of_c))
    print(f"Python {platform.python_version()}, numpy {np.__version__}")
    print(f"tau up to {STEPS_COMPARED} steps, in steps of 1/256:")
    print(f"  numpy's exp differs from the C library's for {differing} of {taus.size}")
    taus = np.arange(1, STEPS_ROUNDED * 256 + 1) / 256
    scaled = np.exp(-1 / taus) * 2**16
    from_tie = np.abs(scaled - np.floor(scaled) - 0.5)
    nearest = int(from_tie.argmin())
    print(f"tau up to {STEPS_ROUNDED} steps, in steps of 1/256:")
    print(f"  exp(-1/tau) * 2^16 stays {from_tie[nearest]:.1e} away from a tie")
    print(f"  a last bit of it is {np.spacing(scaled[nearest]):.1e}")


if __name__ == "__main__":
    main()
