"""Every diagnostic of the rules says what it should: compared with golden texts."""

import warnings
from pathlib import Path

import h5py
import nir
import numpy as np
import pytest

import lahar.rules
from lahar.diagnostics import LaharError, all_diagnostics
from lahar.rules.check import check_neuron, check_rule, check_rule_on_neuron
from lahar.rules.check import check_whole_network as check_all
from lahar.rules.expr import as_expr, w
from lahar.rules.library import LIF, NEURONS, RULES, STDP
from lahar.rules.loading import load_neuron, load_rule
from lahar.rules.network import Group, Network, Projection
from lahar.rules.nir_read import read_nir
from lahar.rules.nir_write import write_nir
from lahar.rules.parser import (
    parse_document,
    parse_expr,
    parse_network,
    parse_neuron,
    parse_rule,
)
from lahar.units import parse_duration

HOME = str(Path(lahar.rules.__file__).parents[1])
CASES = {}


def case(code):
    def register(function):
        CASES.setdefault(code, []).append(function)
        return function

    return register


def _rendered(function):
    """Run a case and give all that it says."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            found = function()
        except LaharError as error:
            found = error.diagnostics
        else:
            found = found if isinstance(found, list) else []
    said = [d.render() for d in found] + [str(w.message) for w in warned]
    return "\n\n".join(said).replace(HOME, "LAHAR") + "\n"


def test_every_diagnostic_of_the_rules_has_a_case():
    ours = {
        code
        for code, kind in all_diagnostics().items()
        if kind.__module__.startswith(("lahar.rules.", "lahar.units"))
    }

    assert ours == set(CASES)


def _numbered():
    for code, functions in sorted(CASES.items()):
        for number, function in enumerate(functions, 1):
            suffix = "" if len(functions) == 1 else f"_{number}"
            yield pytest.param(code, function, id=f"{code}{suffix}")


def pytest_generate_tests(metafunc):
    if "make" in metafunc.fixturenames:
        metafunc.parametrize(("code", "make"), list(_numbered()))


def test_the_message_is_the_golden_one(
    code, make, golden, request, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    text = _rendered(make)

    assert f"[{code}]" in text
    golden(request.node.callspec.id, text)


# --- the class form ---------------------------------------------------------------


def _python(body):
    """Load a rule or neuron model from a file of the user's own."""
    source = "from lahar import *\nfrom lahar.rules.library import STDP\n\n" + body
    with open("mine.py", "w") as file:
        file.write(source)
    return load_rule("mine.py:Mine")


@case("R101")
def _bare_number_as_time():
    parse_duration("5")


@case("R102")
def _symbol_in_an_if():
    _python(
        "class Mine(Rule):\n"
        "    x = Trace(pre, tau=20 * ms)\n"
        "    dw = pre if x > 0.5 else -1.0 * pre\n"
    )


@case("R103")
def _symbol_in_math():
    _python("import math\nclass Mine(Rule):\n    dw = pre * math.sqrt(w)\n")


@case("R104")
def _text_in_an_expression():
    _python("class Mine(Rule):\n    dw = pre * 'half'\n")


@case("R105")
def _unknown_parameter():
    _python("Mine = STDP(a_pluss=0.02)\n")


@case("R106")
def _unknown_attribute():
    _python("class Mine(Rule):\n    dw = pre * 0.1\n    bound = (0.0, 2.0)\n")


@case("R106")
def _unknown_line():
    parse_rule("rule Mine:\n    dw = pre\n    wd = pre\n")


@case("R107")
def _rule_without_update():
    _python("class Mine(Rule):\n    x = Trace(pre, tau=20 * ms)\n")


@case("R107")
def _state_without_drive():
    parse_neuron("neuron Mine:\n    state v\n    spike = v > 1\n")


@case("R107")
def _text_without_update():
    return check_rule(parse_rule("rule Mine:\n    param a = 1\n"))


@case("R108")
def _nameless_trace():
    _python("class Mine(Rule):\n    dw = pre * Trace(post, tau=20 * ms)\n")


@case("R109")
def _subclass_of_a_rule():
    _python("class Mine(STDP):\n    bounds = (0.0, 2.0)\n")


@case("R110")
def _index():
    _python("class Mine(Rule):\n    dw = pre * w[3]\n")


@case("R110")
def _voltage_of_the_pre_neuron():
    _python("class Mine(Rule):\n    dw = post * pre.v\n")


@case("R110")
def _sum_over_synapses():
    parse_rule("rule Mine:\n    dw = pre * (1 - sum(w)) - w[3] + w.mean() + pre.v\n")


# --- the text form ----------------------------------------------------------------


@case("R111")
def _misspelt_line():
    parse_rule("rule Mine:\n    parm a = 2\n    dw = pre\n")


@case("R111")
def _nothing_after_plus():
    parse_rule("rule Mine:\n    dw = pre +\n")


@case("R111")
def _no_block():
    parse_rule("rule Mine:\ndw = pre\n")


@case("R111")
def _words_of_python():
    parse_expr("x and y")


@case("R111")
def _two_comparisons():
    parse_expr("0 < x < 1")


@case("R111")
def _open_parenthesis():
    parse_expr("clip(x, 0, 1")


@case("R112")
def _misspelt_function():
    parse_rule("rule Mine:\n    dw = clp(pre, 0, 1) * tanh(post)\n")


@case("R113")
def _too_few_arguments():
    parse_expr("1 + clip(x)")


@case("R114")
def _unknown_attribute_of_a_trace():
    parse_expr("x.after * post")


@case("R115")
def _uneven_indentation():
    parse_rule("rule Mine:\n    dw = pre\n  ddelay = post\n")


@case("R116")
def _half_a_step():
    parse_expr("every(2.5)")


@case("R116")
def _half_a_neuron():
    parse_network("network n:\n    group a = input[2.5]\n")


@case("R117")
def _too_deep():
    parse_expr("(1 +" * 160 + " 1" + ")" * 160)


NETWORK = """\
network n:
    dt = 1 ms
    group a = input[2]
    group b = lif[3]
    projection p = {}
"""


@case("R118")
def _unknown_models():
    text = NETWORK.replace("lif[", "lief[").format(
        "a -> b.current, weights 0.5, rule stpd"
    )
    parse_network(text)


@case("R119")
def _unknown_array():
    parse_network(NETWORK.format("a -> b.current, weights @p.weights"))


@case("R120")
def _unknown_group():
    parse_network(NETWORK.format("a -> c.current, weights 0.5"))


@case("R121")
def _unknown_port():
    return check_all(parse_network(NETWORK.format("a -> b.apical, weights 0.5")))


@case("R122")
def _transposed_weights():
    text = NETWORK.format("a -> b.current, weights @p")
    return check_all(parse_network(text, {"p": np.zeros((2, 3))}))


@case("R123")
def _weight_is_nan():
    weights = np.full((3, 2), 0.5)
    weights[1, 0] = np.nan
    text = NETWORK.format("a -> b.current, weights @p")
    return check_all(parse_network(text, {"p": weights}))


@case("R124")
def _projection_to_an_input():
    return check_all(parse_network(NETWORK.format("b -> a.current, weights 0.5")))


@case("R125")
def _two_rules():
    parse_rule("rule A:\n    dw = pre\nrule B:\n    dw = post\n")


@case("R126")
def _too_many_synapses():
    text = NETWORK.format("a -> b.current, weights 0.5")
    parse_network(text.replace("[2]", "[1e6]").replace("[3]", "[1e6]"))


# --- the checks -------------------------------------------------------------------


def _check(lines, **options):
    head = ["rule Mine:", "    param a = 0.1", "    trace x = pre, tau 20 ms"]
    text = "\n".join([*head, *(f"    {line}" for line in lines)])
    return check_rule(parse_rule(text, "mine.rule"))


def _check_neuron(lines):
    head = ["neuron Mine:", "    port current"]
    text = "\n".join([*head, *(f"    {line}" for line in lines)])
    return check_neuron(parse_neuron(text, "mine.rule"))


@case("R130")
def _unknown_names():
    return _check(["modulator reward in [-1, 1]", "dw = a * y * reword + 20 * ms"])


@case("R130")
def _unknown_name_in_a_neuron():
    return _check_neuron(["state v, leak 20 ms", "dv = curent", "spike = v > 1"])


@case("R131")
def _declared_twice():
    return _check(["tag x", "dw = x", "dw = pre"])


@case("R131")
def _two_groups_of_one_name():
    text = NETWORK.replace("group b", "group a").format("a -> a.current, weights 1")
    return check_all(parse_network(text))


@case("R131")
def _two_rules_of_one_name():
    parse_document("rule A:\n    dw = pre\nrule A:\n    dw = post\n", "mine.rule")


@case("R131")
def _value_before_reset_is_taken():
    return _check_neuron(
        [
            "state v, reset 0",
            "dv = current",
            "spike = v > 1",
            "output v_pre_reset = v in [0, 1]",
        ]
    )


@case("R132")
def _reserved_names():
    return _check(["param w = 2", "param lambda = 3", "dw = pre"])


@case("R133")
def _negative_tau():
    return _check(["trace y = post, tau -5 ms", "tag t, tau 0 ms", "dw = pre"])


@case("R133")
def _negative_leak():
    return _check_neuron(["state v, leak -5 ms", "dv = current"])


@case("R134")
def _before_of_a_parameter():
    return _check(["dw = a.before * x.before"])


@case("R135")
def _before_of_a_nearest_trace():
    return _check(["trace y = post, tau 20 ms, nearest", "dw = y.before * post"])


@case("R136")
def _update_of_no_tag():
    return _check(["tag t", "dtt = pre", "dw = t"])


@case("R137")
def _empty_bounds():
    return _check(["modulator m in [1, 1]", "dw = m", "bounds = [1, a]"])


@case("R138")
def _negative_bound_of_an_excitatory_rule():
    return _check(["dw = pre", "bounds = [-a, a]"])


@case("R138")
def _mixed_rule_without_negative_weights():
    return _check(["dw = pre", "polarity = mixed"])


@case("R139")
def _every_zero():
    return _check(["dw = every(0) * w"])


@case("R140")
def _numbers_that_are_none():
    return _check(["param b = 1e999", "dw = b * nan", "modulator m in [-inf, 1]"])


@case("R141")
def _wrong_words():
    parse_document(
        "rule A:\n    trace x = spike, tau 1 ms\n    dw = x\n    polarity = excite\n"
        "neuron B:\n    state v\n    dv = 1\n    trace r = pre, tau 1 ms\n"
    )


@case("R141")
def _misspelt_pairing_in_a_class():
    _python(
        "class Mine(Rule):\n"
        "    x = Trace(pre, tau=20 * ms, pairing='neerest')\n"
        "    dw = x * post\n"
    )


@case("R143")
def _reset_without_spike():
    return _check_neuron(["state v, reset 0", "dv = current"])


@case("R144")
def _source_that_never_spikes():
    text = """
        network n:
            neuron N:
                port current
                state v
                dv = current
            group a = N[1]
            group b = lif[1]
            projection p = a -> b.current, weights 1
    """
    return check_all(parse_network(text))


@case("R145")
def _synapse_in_a_neuron():
    return _check_neuron(["state v", "dv = current * w + post.v", "spike = v > 1"])


@case("R146")
def _neuron_without_the_quantity():
    return check_rule_on_neuron(RULES["delta"], NEURONS["lif"])


@case("R146")
def _quantity_of_no_library_neuron():
    rule = parse_rule("rule Mine:\n    dw = pre * post.calcium\n", "mine.rule")
    return check_rule_on_neuron(rule, LIF())


@case("R147")
def _tau_of_a_trace():
    return _check(["trace y = post, tau 2 * x", "dw = y"])


@case("R148")
def _division_by_zero():
    return _check(["trace y = post, tau 1 / (a - a)", "dw = y"])


@case("R149")
def _group_of_none():
    return check_all(Network("n", (Group("a", 0),), ()))


@case("R150")
def _time_step_of_none():
    return check_all(Network("n", (Group("a", 1),), (), 0.0))


# --- finding rules ----------------------------------------------------------------


@case("R151")
def _misspelt_library_name():
    load_rule("sdtp")


@case("R151")
def _unlike_any_library_name():
    load_neuron("izhikevich")


@case("R152")
def _missing_file():
    load_rule("missing.py:Mine")


def _text_file(text):
    with open("mine.rule", "wb") as file:
        file.write(text)


@case("R153")
def _missing_class():
    _text_file(b"rule Mine:\n    dw = pre\n")
    load_rule("mine.rule:Mien")


@case("R154")
def _not_a_rule():
    _python("Mine = 3\n")


@case("R154")
def _neuron_for_a_rule():
    _text_file(b"neuron Mine:\n    state v\n    dv = 1\n")
    load_rule("mine.rule:Mine")


@case("R155")
def _python_file_that_fails():
    _python("a_plus = 1 / 0\n")


@case("R156")
def _two_to_choose_from():
    _text_file(b"rule A:\n    dw = pre\nrule B:\n    dw = post\n")
    load_rule("mine.rule")


@case("R156")
def _nothing_to_choose_from():
    _text_file(b"rule A:\n    dw = pre\n")
    load_neuron("mine.rule")


@case("R157")
def _text_that_is_none():
    _text_file(b"rule \xff:\n")
    load_rule("mine.rule")


# --- NIR --------------------------------------------------------------------------


def _network(**options):
    groups = (Group("pre", 2), Group("out", 3, LIF()))
    weights = np.full((3, 2), 0.5)
    projections = (Projection("syn", "pre", "out", weights, rule=STDP()),)
    return Network("n", groups, projections, options.get("dt", 0.001))


def _written(change):
    """Write a network, let another tool change it, and read it again."""
    write_nir(_network(), "x.nir")
    graph = nir.read("x.nir")
    change(graph)
    nir.write("x.nir", graph)
    read_nir("x.nir")


def _plain(nodes, edges, dt=0.001):
    nir.write("x.nir", nir.NIRGraph(nodes, edges))
    read_nir("x.nir", dt)


def _chain(middle, neuron):
    size = neuron.output_type["output"]
    nodes = {
        "in": nir.Input({"input": np.array([2])}),
        "fc": middle,
        "lif": neuron,
        "out": nir.Output({"output": np.array(size)}),
    }
    return nodes, [("in", "fc"), ("fc", "lif"), ("lif", "out")]


def _lif(size=3, **changes):
    values = {"tau": 0.02, "r": 20.0, "v_leak": 0.0, "v_threshold": 1.0, "v_reset": 0.0}
    arrays = {k: np.full(size, changes.get(k, v)) for k, v in values.items()}
    return nir.LIF(**arrays)


def _linear():
    return nir.Linear(np.full((3, 2), 0.5))


@case("N701")
def _missing_nir():
    read_nir("missing.nir")


@case("N702")
def _no_hdf5():
    with open("x.nir", "w") as file:
        file.write("no HDF5")
    read_nir("x.nir")


@case("N702")
def _truncated():
    write_nir(_network(), "x.nir")
    with open("x.nir", "r+b") as file:
        file.truncate(2000)
    read_nir("x.nir")


@case("N703")
def _nodes_that_do_not_fit():
    write_nir(_network(), "x.nir")
    with h5py.File("x.nir", "r+") as file:
        del file["node/nodes/syn/weight"]
        file["node/nodes/syn/weight"] = np.zeros((4, 2))
    read_nir("x.nir")


@case("N711")
def _unknown_node_type():
    write_nir(_network(), "x.nir")
    with h5py.File("x.nir", "r+") as file:
        del file["node/nodes/out/type"]
        file["node/nodes/out/type"] = "Izhikevich"
    read_nir("x.nir")


@case("N704")
def _malformed_json():
    _written(lambda graph: graph.metadata.update(lahar="{"))


@case("N704")
def _missing_key():
    record = '{"format": "lahar network", "version": 1, "text": ""}'
    _written(lambda graph: graph.metadata.update(lahar=record))


@case("N704")
def _missing_weights():
    _written(lambda graph: graph.metadata.pop("lahar_array_syn.weights"))


@case("N705")
def _later_format():
    record = '{"format": "lahar network", "version": 2}'
    _written(lambda graph: graph.metadata.update(lahar=record))


@case("N706")
def _nan_in_stock_weights():
    linear = _linear()
    linear.weight[1, 0] = np.nan
    _plain(*_chain(linear, _lif()))


@case("N706")
def _nan_in_changed_weights():
    def change(graph):
        graph.nodes["syn"].weight[2, 1] = np.inf

    _written(change)


@case("N707")
def _renamed_node():
    def change(graph):
        graph.nodes["fc"] = graph.nodes.pop("syn")
        graph.edges = [
            tuple("fc" if end == "syn" else end for end in edge) for edge in graph.edges
        ]

    _written(change)


@case("N708")
def _changed_threshold():
    def change(graph):
        graph.nodes["out"].v_threshold[1] = 2.0

    _written(change)


@case("N709")
def _changed_weights():
    def change(graph):
        graph.nodes["syn"].weight[1, 0] = 0.75

    _written(change)


@case("N710")
def _no_time_step():
    _plain(*_chain(_linear(), _lif()), dt=None)


@case("N711")
def _unsupported_node():
    scale = nir.Scale(np.ones(2))
    lif = _lif(2)
    _plain(*_chain(scale, lif))


@case("N712")
def _unequal_neurons():
    lif = _lif()
    lif.v_threshold[:] = 1.0, 1.5, 2.0
    _plain(*_chain(_linear(), lif))


@case("N713")
def _reset_and_bias():
    affine = nir.Affine(np.full((3, 2), 0.5), np.array([0.0, 0.1, 0.0]))
    _plain(*_chain(affine, _lif()))


@case("N713")
def _reset_elsewhere():
    _plain(*_chain(_linear(), _lif(v_reset=-0.1)))


@case("N713")
def _picture_as_input():
    shape = np.array([2, 3])
    nodes = {
        "in": nir.Input({"input": shape}),
        "out": nir.Output({"output": shape}),
    }
    _plain(nodes, [("in", "out")])


@case("N714")
def _time_step_too_long():
    _plain(*_chain(_linear(), _lif(tau=0.0005)))


@case("N715")
def _weights_follow_weights():
    nodes, _ = _chain(_linear(), _lif())
    nodes["fc2"] = nir.Linear(np.eye(3))
    _plain(nodes, [("in", "fc"), ("fc", "fc2"), ("fc2", "lif"), ("lif", "out")])


@case("N715")
def _weights_without_neurons():
    nodes, _ = _chain(_linear(), _lif())
    del nodes["lif"]
    _plain(nodes, [("in", "fc"), ("fc", "out")])


@case("N716")
def _skipped_layer():
    nodes, edges = _chain(_linear(), _lif())
    nodes |= {"fc2": nir.Linear(np.eye(3)), "lif2": _lif(), "fc3": _linear()}
    edges = [("in", "fc"), ("fc", "lif"), ("lif", "fc2"), ("fc2", "lif2")]
    edges += [("in", "fc3"), ("fc3", "lif2"), ("lif2", "out")]
    _plain(nodes, edges)


@case("N717")
def _folder_that_is_not_there():
    write_nir(_network(), "missing/x.nir")


@case("N718")
def _network_without_dt():
    write_nir(_network(dt=None), "x.nir")


@case("N719")
def _network_without_groups():
    write_nir(Network("n", (), (), 0.001), "x.nir")


def test_messages_name_no_own_machinery():
    with pytest.raises(LaharError) as error:
        as_expr(w[0])

    assert error.value.diagnostics[0].span.file == __file__
