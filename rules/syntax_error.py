"""Say in plain words why a text is not well formed.

lark's exception and the text in, one diagnostic with a caret out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import cast

from lark.exceptions import UnexpectedInput, UnexpectedToken

from ..diagnostics import Diagnostic, SourceSpan


@dataclass(frozen=True)
class NotUnderstood(Diagnostic):
    """The text of a rule, neuron model or network is not well formed.

    ``lahar show RULE`` prints examples of the form; the grammar is rules/grammar.py.
    """

    code = "R111"
    title = "{found} is not expected here"
    label = "expected {expected}"
    help = "{advice}"

    found: str
    expected: str
    advice: str


@dataclass(frozen=True)
class UnevenIndentation(Diagnostic):
    """A line is indented less than its block, but like no block around it.

    The text form shows by indentation what belongs to which rule or neuron, as
    Python does.
    """

    code = "R115"
    title = "this line belongs to no block"
    label = "its indentation fits no line above"
    help = "indent all lines of a block alike, by four spaces"


_FOUND = {
    "_NL": "the end of the line",
    "_INDENT": "a deeper indentation",
    "_DEDENT": "the end of the block",
    "$END": "the end of the text",
}
_WORDS = {
    "_NL": "the end of the line",
    "_INDENT": "indented lines",
    "_DEDENT": "the end of the block",
    "$END": "the end of the text",
    "NAME": "a name",
    "NUMBER": "a number",
    "ARRAY": "weights such as @a.weights",
    "DOC": "a docstring",
    "EQUAL": "`=`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "DOT": "`.`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "__ANON_0": "`->`",
    "__ANON_1": "`**`",
    "MINUS": "`-`",
    "RELATION": "a comparison",
}
_OPERATORS = {"PLUS", "MINUS", "TIMES", "OVER", "RELATION", "__ANON_1"}
_EXPRESSION = {"NAME", "NUMBER", "QUANTITY", "MINUS", "LPAR"}
_KEYWORDS = (
    *("rule", "neuron", "network", "param", "trace", "tag", "modulator", "bounds"),
    *("polarity", "port", "state", "output", "group", "projection", "spike"),
)
_INSTEAD = {
    "and": "multiply conditions: (a > 1) * (b > 1)",
    "or": "use max(a, b) of two conditions",
    "not": "turn the relation round, or write where(condition, 0, 1)",
    "if": "write where(condition, a, b)",
    "^": "write ** for a power",
    '"': "close the quotes",
    "_INDENT": "indent all lines of a block alike",
    "==": "there are > >= < <= only; a spike is already 0 or 1",
}


def not_understood(
    error: UnexpectedInput, file: str, lines: Sequence[str]
) -> NotUnderstood:
    """Turn lark's exception into a diagnostic."""
    token = error.token.type if isinstance(error, UnexpectedToken) else ""
    expected = _possible(error)
    line = error.line if isinstance(error.line, int) else 1
    text = lines[line - 1]
    if token in _FOUND:
        shown, column, width = _FOUND[token], len(text.rstrip()) + 1, 1
        advice = _advise(text, token, expected)
    else:
        column = int(error.column)
        found = _found(text, column)
        shown, width = f"`{found}`", len(found)
        advice = _advise(text, found, expected)
    span = SourceSpan(file, line, column, column + width, text)
    return NotUnderstood(shown, in_words(expected), advice, span=span)


def _possible(error: UnexpectedInput) -> set[str]:
    """Ask the parser which tokens it could have gone on with."""
    assert error.interactive_parser is not None
    accepts = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    return cast(set[str], set(accepts))


def _found(text: str, column: int) -> str:
    """Give the word or the signs that stand at a column."""
    match = re.match(r"\w+|==|[^\w\s]", text[column - 1 :])
    return match[0] if match else text[column - 1 : column]


def in_words(expected: set[str]) -> str:
    """Say what would be possible: `a name`, `an expression or the end of the line`."""
    words: list[str] = []
    if expected >= _EXPRESSION:
        words.append("an expression")
        expected = expected - _EXPRESSION
    if expected >= {"PLUS", "MINUS"}:
        words.append("an operator")
        expected = expected - _OPERATORS - {"LPAR", "LSQB", "DOT"}
    expected = expected - {"STRING", "QUANTITY"}
    words += sorted(_WORDS.get(name, f"`{name.lower()}`") for name in expected)
    if len(words) < 2:
        return "".join(words) or "nothing more"
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _advise(text: str, found: str, expected: set[str]) -> str:
    if found in _INSTEAD:
        return _INSTEAD[found]
    if found in "<>=" and {"PLUS", "MINUS"} <= expected:
        return "compare two values only, and put each comparison in parentheses"
    if "_INDENT" in expected:
        return "indent the lines of the block by four spaces"
    first = re.match(r"\s*(\w+)", text)
    if first and first[1] not in _KEYWORDS:
        near = get_close_matches(first[1], _KEYWORDS, n=1, cutoff=0.7)
        if near:
            return f"did you mean `{near[0]}`?"
    return "compare with an example: `lahar show stdp` prints one"
