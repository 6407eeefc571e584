"""Read what was lost on the way to the chip, and get it back.

A learning engine multiplies by mantissa * 2^exponent with a mantissa from -8 to 7. No
coefficient of a paper falls on that grid by itself: the compiler looks for the scale
that loses least, and writes down every number that it had to change.
"""

from __future__ import annotations

import lahar
from lahar import LaharError, Param, Program, Rule, Trace, every, exp, ms, post, pre, w


class PostGated(Rule):
    """At a post spike: strengthen inputs that were active, weaken the others."""

    tau = Param(20 * ms)
    eta = Param(0.05)
    target = Param(0.4)
    w_max = Param(1.0)
    x = Trace(pre, tau=tau)
    dw = eta * post * (x - target) * (w_max - w)
    bounds = (0.0, w_max)


class Decaying(Rule):
    """Hebbian growth, and a decay that an active input makes exponentially faster."""

    tau = Param(20 * ms)
    x = Trace(pre, tau=tau)
    dw = 0.05 * x * post - 0.001 * every(4) * exp(x)
    bounds = (0.0, 1.0)


def show_terms(program: Program) -> None:
    """One line a term: what became of it, and by how much it is wrong."""
    for term in program.report.terms:
        error = f"{100 * term.relative_error:.2f} %"
        print(f"    {term.term:24} {term.status:13} {error:>8}   {term.how}")


def main() -> None:
    program = lahar.compile(PostGated, dt=1 * ms)
    print("Each term of the rule, with its error on the chip:")
    show_terms(program)

    # The last term is off by 17 %: exponents end at -7, 0.02 is 2.56 * 2^-7, and
    # becomes 3 * 2^-7. Every rounding names the number and the line of the rule.
    worst = max(program.report.roundings, key=lambda r: abs(r.relative_error))
    line = worst.where.rpartition(":")[2]
    print(f"\nThe worst rounding: {worst.parameter}")
    print(f"    wanted {worst.wanted:.6f}, got {worst.got:.6f} (line {line})")

    # A parameter that fits costs nothing and is often as good: 0.05 * 0.3125 is
    # 1/64, or 1 * 2^-6.
    print("\nThe same rule with target = 0.3125:")
    show_terms(lahar.compile(PostGated(target=0.3125), dt=1 * ms))

    # Findings are warnings of an analysis of ranges, with a code; what it means in
    # full is printed by `lahar explain CODE`.
    print("\nFindings:")
    for finding in program.report.findings:
        print(f"    {finding.code}: {finding.message.splitlines()[0]}")

    # The use of the chip: "ok" only where somebody has published the limit.
    print("\nUse of the chip:")
    for usage in program.report.usage:
        print(f"    {usage.resource:45} {usage.used:8g}   {usage.status}")

    # A function of the weight is approximated, one of a trace that only the pre side
    # knows is not: what no sum of products can say is refused, with the line and a
    # way out.
    print("\nA rule that the chip cannot hold:")
    try:
        lahar.compile(Decaying, dt=1 * ms)
    except LaharError as error:
        print(error)


if __name__ == "__main__":
    main()
