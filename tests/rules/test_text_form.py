"""The printer and the parser are inverses, for any tree, model and network."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lahar.rules.expr import (
    ARITY,
    Before,
    Binary,
    Call,
    Compare,
    Const,
    Delay,
    Every,
    Name,
    Negative,
    Power,
    Quantity,
    Spike,
    Weight,
    Where,
)
from lahar.rules.library import NEURONS, RULES, STDP, ErrorLIF
from lahar.rules.network import Group, Network, Projection
from lahar.rules.neuron import Neuron, OutputDecl, PortDecl, SpikeTraceDecl, StateDecl
from lahar.rules.parser import (
    parse_document,
    parse_expr,
    parse_network,
    parse_neuron,
    parse_rule,
)
from lahar.rules.printer import print_expr, print_network, print_neuron, print_rule
from lahar.rules.rule import (
    LearningRule,
    ModulatorDecl,
    ParamDecl,
    TagDecl,
    TraceDecl,
    Update,
)

# Words of the grammar are good names as long as they are no symbols of expressions.
NAMES = st.sampled_from(
    ["x", "y", "tau", "trace", "in_", "reset", "leak", "param", "s", "ms", "e5", "_q"]
)
FLOATS = st.floats(allow_nan=False)
LEAVES = st.one_of(
    FLOATS.map(Const),
    NAMES.map(Name),
    NAMES.map(Before),
    NAMES.map(Quantity),
    st.sampled_from([Weight(), Delay(), Spike("pre"), Spike("post")]),
    st.integers(-(2**53), 2**53).map(Every),
)


def _inner(trees):
    binary = st.builds(Binary, st.sampled_from(["+", "-", "*", "/"]), trees, trees)
    compare = st.builds(Compare, st.sampled_from([">", ">=", "<", "<="]), trees, trees)
    calls = [
        st.builds(Call, st.just(name), st.tuples(*[trees] * arity))
        for name, arity in ARITY.items()
    ]
    return st.one_of(
        st.builds(Negative, trees),
        binary,
        st.builds(Power, trees, trees),
        compare,
        st.builds(Where, trees, trees, trees),
        *calls,
    )


EXPRESSIONS = st.recursive(LEAVES, _inner, max_leaves=12)


@settings(max_examples=100, deadline=None)
@given(EXPRESSIONS)
def test_any_expression_comes_back_equal(expr):
    _comes_back(expr)


def test_two_thousand_random_trees_come_back_equal():
    random = np.random.default_rng(0)

    for _ in range(2000):
        _comes_back(_random_tree(random, int(random.integers(0, 6))))


def _comes_back(expr):
    text = print_expr(expr)
    back = parse_expr(text)
    assert back == expr
    assert print_expr(back) == text  # tells -0.0 from 0.0, which == does not


def _random_tree(random, depth):
    def below():
        return _random_tree(random, depth - 1 - int(random.integers(0, 2)))

    if depth <= 0:
        number = float(random.choice([0.0, -0.0, 1.0, -1.0, 1e-9, -2.5, np.inf]))
        leaves = [Const(number), Name("x"), Before("x"), Quantity("v")]
        leaves += [Weight(), Delay(), Spike("pre"), Spike("post"), Every(3)]
        return leaves[random.integers(len(leaves))]
    function = str(random.choice(list(ARITY)))
    nodes = [
        lambda: Negative(below()),
        lambda: Binary(str(random.choice(list("+-*/"))), below(), below()),
        lambda: Power(below(), below()),
        lambda: Compare(str(random.choice([">", ">=", "<", "<="])), below(), below()),
        lambda: Where(below(), below(), below()),
        lambda: Call(function, tuple(below() for _ in range(ARITY[function]))),
    ]
    return nodes[random.integers(len(nodes))]()


@pytest.mark.parametrize(
    "text",
    [
        "a - b - c",
        "a - (b - c)",
        "a / b * c",
        "a / (b * c)",
        "-1.0",
        "-(1.0)",
        "-(-1.0)",
        "-(-x)",
        "-x ** 2.0",
        "(-x) ** 2.0",
        "(-2.0) ** 2.0",
        "-2.0 ** 2.0",
        "a ** b ** c",
        "(a ** b) ** c",
        "a ** -b",
        "-a * b",
        "-(a * b)",
        "a - -1.0",
        "(a > b) * c",
        "where(a > b, w, -0.0)",
        "(a > b) > c",
        "clip(x.before * post.v, -inf, 1e-05) + every(4) * delay",
    ],
)
def test_parentheses_are_as_few_as_keep_the_shape(text):
    assert print_expr(parse_expr(text)) == text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("20 ms", "0.02"),
        ("0.5s", "0.5"),
        ("-10 Hz", "-10.0"),
        ("2 kHz * x", "2000.0 * x"),
        ("((x))", "x"),
        ("abs_(x)", "abs(x)"),
        ("minimum(x, 1)", "min(x, 1.0)"),
        ("  x  # a comment", "x"),
        ("clip(x, 0,\n 1)", "clip(x, 0.0, 1.0)"),
    ],
)
def test_other_spellings_mean_the_same(written, meant):
    assert print_expr(parse_expr(written)) == meant


@pytest.mark.parametrize("name", RULES)
def test_rules_of_the_library_come_back_equal(name):
    assert parse_rule(print_rule(RULES[name])) == RULES[name]


@pytest.mark.parametrize("name", NEURONS)
def test_neuron_models_of_the_library_come_back_equal(name):
    assert parse_neuron(print_neuron(NEURONS[name])) == NEURONS[name]


DOC_LINES = st.text(st.characters(codec="utf-8"), max_size=20).filter(
    lambda line: line == line.strip() and len(line.splitlines()) < 2
)
DOCS = st.lists(DOC_LINES, max_size=4).map(lambda lines: "\n".join(lines).strip())
TITLES = st.sampled_from(["STDP", "rule", "a b", 'quo"te', "1.lif", "über", "input"])
PARAMS = st.lists(st.builds(ParamDecl, NAMES, FLOATS), max_size=3).map(tuple)
MODULATORS = st.lists(
    st.builds(ModulatorDecl, NAMES, FLOATS, FLOATS, st.booleans()), max_size=2
).map(tuple)
SMALL = st.recursive(LEAVES, _inner, max_leaves=4)
TIMES = st.one_of(NAMES.map(Name), FLOATS.map(Const), SMALL)


def _some(kind, *parts):
    return st.lists(st.builds(kind, *parts), max_size=3).map(tuple)


ANY_RULES = st.builds(
    LearningRule,
    name=TITLES,
    updates=_some(Update, NAMES | st.just("w"), SMALL),
    params=PARAMS,
    traces=_some(
        TraceDecl,
        NAMES,
        st.sampled_from(["pre", "post"]),
        TIMES,
        st.sampled_from(["all", "nearest"]),
    ),
    tags=_some(TagDecl, NAMES, st.none() | TIMES),
    modulators=MODULATORS,
    bounds=st.tuples(SMALL, SMALL),
    polarity=st.sampled_from(["excitatory", "inhibitory", "mixed"]),
    doc=DOCS,
)
ANY_NEURONS = st.builds(
    Neuron,
    name=TITLES,
    states=st.lists(
        st.builds(StateDecl, NAMES, SMALL, st.none() | TIMES, st.none() | SMALL),
        max_size=3,
        unique_by=lambda state: state.name,
    ).map(tuple),
    spike=st.none() | SMALL,
    params=PARAMS,
    ports=_some(PortDecl, NAMES),
    modulators=MODULATORS,
    traces=_some(SpikeTraceDecl, NAMES, TIMES),
    outputs=_some(OutputDecl, NAMES, SMALL, FLOATS, FLOATS),
    doc=DOCS,
)


@settings(max_examples=40, deadline=None)
@given(ANY_RULES)
def test_any_rule_comes_back_equal(rule):
    assert parse_rule(print_rule(rule)) == rule


@settings(max_examples=40, deadline=None)
@given(ANY_NEURONS)
def test_any_neuron_model_comes_back_equal(neuron):
    assert parse_neuron(print_neuron(neuron)) == neuron


@st.composite
def networks(draw):
    labels = draw(st.lists(TITLES | NAMES, min_size=1, max_size=4, unique=True))
    neurons = st.none() | ANY_NEURONS | st.sampled_from(list(NEURONS.values()))
    groups = tuple(Group(n, draw(st.integers(1, 3)), draw(neurons)) for n in labels)
    rules = st.none() | ANY_RULES | st.sampled_from([STDP(), STDP(a_plus=0.5)])
    names = draw(st.lists(TITLES | NAMES, max_size=4, unique=True))
    projections = []
    for name in names:
        source, target = draw(st.sampled_from(groups)), draw(st.sampled_from(groups))
        weights = np.full((target.size, source.size), draw(FLOATS))
        port, rule = draw(NAMES), draw(rules)
        projections.append(
            Projection(name, source.name, target.name, weights, port, rule)
        )
    dt = draw(st.none() | st.floats(1e-6, 10))
    return Network(draw(TITLES), groups, tuple(projections), dt)


@settings(max_examples=40, deadline=None)
@given(networks())
def test_any_network_comes_back_equal(network):
    assert parse_network(*print_network(network)) == network


def test_two_variants_of_one_rule_both_survive():
    groups = (Group("pre", 1), Group("post", 1, ErrorLIF()))
    one = np.ones((1, 1))
    variants = (STDP(), STDP(a_plus=0.5), STDP())
    network = Network(
        "n",
        groups,
        tuple(
            Projection(f"p{k}", "pre", "post", one * k, rule=rule)
            for k, rule in enumerate(variants)
        ),
        0.001,
    )

    text, arrays = print_network(network)

    assert text.count("rule STDP") == 5  # two definitions, three uses
    assert "rule STDP as STDP_2:" in text
    assert parse_network(text, arrays) == network


def test_a_text_may_hold_several_models_and_comments():
    text = """
        # two rules and a model
        rule A:   # the first
            dw = pre

        rule B:
            # indented comment
            param tau = 5 ms
            trace x = pre, tau tau
            dw = x * post - 0.1 * (x -
                w)
        neuron N:
            port current
            state v
            dv = current
    """

    document = parse_document(text)

    assert [rule.name for rule in document.rules] == ["A", "B"]
    assert document.rules[1].param_values == {"tau": 0.005}
    assert [neuron.name for neuron in document.neurons] == ["N"]


def test_a_network_text_may_use_models_from_above_and_from_the_library():
    text = """
        rule Mine:
            dw = pre
        network n:
            group a = input[2]
            group b = lif[3]
            projection p = a -> b.current, weights 0.5, rule Mine
            projection q = a -> b.current, weights -1, rule stdp
    """

    (network,) = parse_document(text).networks

    assert network.group("b").neuron == NEURONS["lif"]
    assert network.projection("p").rule == parse_document(text).rules[0]
    assert network.projection("q").rule == RULES["stdp"]
    assert network.projection("p").weights.tolist() == [[0.5, 0.5]] * 3
    assert network.dt_seconds is None


def test_every_node_knows_its_place():
    text = "rule A:\n    dw = x + clip(y, 0, a_plus)\n"

    rule = parse_rule(text, "mine.rule")

    call = rule.updates[0].expr.right
    bound = call.args[2]
    assert str(bound.span) == "mine.rule:2"
    assert (bound.span.column, bound.span.end_column) == (25, 31)
    assert bound.span.text[24:30] == "a_plus"
    assert call.span.text[call.span.column - 1 :] == "clip(y, 0, a_plus)"
    assert rule.updates[0].span.column == 5


def test_lines_that_end_the_dos_way_are_read():
    rule = parse_rule("rule A:\r\n    dw = pre\r\n")

    assert rule == LearningRule("A", (Update("w", Spike("pre")),))
    assert rule.updates[0].span.text == "    dw = pre"
