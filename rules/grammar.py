"""The grammar of the text form, for lark's LALR parser.

One grammar for expressions, rules, neuron models and networks; printer.py writes
what it accepts. Words such as ``w`` or ``pre`` are plain names here: the builders give
them their meaning, so that a group may be called ``pre``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lark import Lark, Token
from lark.indenter import Indenter

GRAMMAR = r"""
document: _NL? (rule | neuron | network)*
only_formula: formula

rule: "rule" heading ":" _NL _INDENT doc? (_rule_line _NL)* _DEDENT
neuron: "neuron" heading ":" _NL _INDENT doc? (_neuron_line _NL)* _DEDENT
network: "network" name ":" _NL _INDENT doc? _part* _DEDENT
_part: rule | neuron | _network_line _NL
heading: name ["as" name]
doc: DOC _NL

// --- lines of a rule
_rule_line: param | rule_trace | tag | modulator | assignment | bounds | polarity
param: "param" NAME "=" signed_number
rule_trace: "trace" NAME "=" NAME ["." NAME] "," "tau" formula ["," NEAREST]
tag: "tag" NAME ["," "tau" formula]
modulator: "modulator" NAME range ["," HOST]
assignment: NAME "=" formula
bounds: "bounds" "=" "[" formula "," formula "]"
polarity: "polarity" "=" NAME

// --- lines of a neuron model
_neuron_line: param | port | modulator | noise | state | assignment
            | event | spike_trace | output | send
port: "port" NAME
noise: "noise" NAME range
state: "state" NAME ["," "leak" formula] ["," "reset" formula] ["," "initial" formula]
event: "event" NAME "=" formula
spike_trace: "trace" NAME "=" NAME "," "tau" formula
output: "output" NAME "=" formula range
send: "send" "=" formula range
range: "in" "[" signed_number "," signed_number "]"

// --- lines of a network
_network_line: time_step | group | projection
time_step: "dt" "=" number
group: "group" name "=" name "[" number "]" ["," "graded" range] [latency] initial*
latency: "," "latency" NUMBER "steps"
initial: "," "initial" name weights
projection: "projection" name "=" _route "," "weights" weights _more
_more: ["," "connected" mask] ["," "pairs" mask mask] ["," "delay" delays] _rule
_rule: ["," "rule" name]
_route: name "->" name "." name
?weights: ARRAY -> array
        | signed_number -> fill
mask: ARRAY -> array
?delays: ARRAY -> array
       | NUMBER "steps" -> steps
       | QUANTITY -> duration
name: NAME | STRING

// --- expressions, loosest first; -1.0 is a number, -(1.0) the negative of one
formula: _expression
_expression: comparison
?comparison: sum
           | sum RELATION sum -> compare
?sum: product
    | sum (PLUS | MINUS) product -> binary
?product: signed
        | product (TIMES | OVER) signed -> binary
?signed: operand | number
?operand: atom
        | (number | atom) "**" signed -> power
        | "-" number -> negative_number
        | "-" operand -> negative
?atom: NAME -> symbol
     | NAME "." NAME -> attribute
     | NAME "(" _arguments? ")" -> call
     | NAME "." NAME "(" _arguments? ")" -> method
     | atom "[" _expression "]" -> index
     | "(" _expression ")"
_arguments: _expression ("," _expression)*

signed_number: [MINUS] number
number: NUMBER | QUANTITY

NEAREST: "nearest"
HOST: "host"
RELATION: /[<>]=?/
PLUS: "+"
MINUS: "-"
TIMES: "*"
OVER: "/"
NAME: /[A-Za-z_][A-Za-z0-9_]*/
NUMBER.2: /(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf|nan)(?![A-Za-z0-9_])/
QUANTITY.3: /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[ \t]*(?:ms|us|s|kHz|Hz)(?!\w)/
STRING: /"(?:[^"\\\x00-\x1f]|\\(?:["\\\/bfnrt]|u[0-9a-fA-F]{4}))+"/
ARRAY: "@" (/[A-Za-z_][A-Za-z0-9_.]*/ | STRING)
DOC.2: /\"\"\"(?:[^"\\]|\\(?:.|\n)|"(?!""))*\"\"\"/
_NL: /(?:\r?\n[\t ]*(?:#[^\n]*)?)+/
COMMENT: /#[^\n]*/

%ignore /[\t ]+/
%ignore COMMENT
%declare _INDENT _DEDENT
"""


class Indentation(Indenter):
    """Turn deeper and shallower lines into tokens, as Python does."""

    NL_type = "_NL"
    OPEN_PAREN_types = ["LPAR", "LSQB"]  # noqa: RUF012  lark declares them as lists
    CLOSE_PAREN_types = ["RPAR", "RSQB"]  # noqa: RUF012
    INDENT_type = "_INDENT"
    DEDENT_type = "_DEDENT"
    tab_len = 8

    def handle_NL(self, token: Token) -> Iterator[Token]:  # noqa: N802
        self.line_break = token
        return super().handle_NL(token)


@cache
def parser() -> tuple[Lark, Indentation]:
    """Build the parser, once, with the indentation that it reads."""
    indentation = Indentation()
    lark = Lark(
        GRAMMAR,
        parser="lalr",
        start=["document", "only_formula"],
        postlex=indentation,
        propagate_positions=True,
        maybe_placeholders=True,
    )
    return lark, indentation
