"""What is said about our own NIR files: missing, damaged, changed or not writable."""

import h5py
import numpy as np
import pytest

from lahar.rules.network import Network
from lahar.rules.nir_read import read_nir
from lahar.rules.nir_write import write_nir


def test_a_message_about_a_nir_file_is_the_golden_one(case, assert_golden):
    assert_golden(case)


@pytest.mark.case("N701")
def _missing_nir():
    read_nir("missing.nir")


@pytest.mark.case("N702")
def _no_hdf5():
    with open("x.nir", "w") as file:
        file.write("no HDF5")
    read_nir("x.nir")


@pytest.mark.case("N702")
def _truncated(make_network):
    write_nir(make_network(), "x.nir")
    with open("x.nir", "r+b") as file:
        file.truncate(2000)
    read_nir("x.nir")


@pytest.mark.case("N703")
def _nodes_that_do_not_fit(make_network):
    write_nir(make_network(), "x.nir")
    with h5py.File("x.nir", "r+") as file:
        del file["node/nodes/syn/weight"]
        file["node/nodes/syn/weight"] = np.zeros((4, 2))
    read_nir("x.nir")


@pytest.mark.case("N704")
def _malformed_json(read_changed):
    read_changed(lambda graph: graph.metadata.update(lahar="{"))


@pytest.mark.case("N704")
def _missing_key(read_changed):
    record = '{"format": "lahar network", "version": 1, "text": ""}'
    read_changed(lambda graph: graph.metadata.update(lahar=record))


@pytest.mark.case("N704")
def _missing_weights(read_changed):
    read_changed(lambda graph: graph.metadata.pop("lahar_array_syn.weights"))


@pytest.mark.case("N705")
def _later_format(read_changed):
    record = '{"format": "lahar network", "version": 3}'
    read_changed(lambda graph: graph.metadata.update(lahar=record))


@pytest.mark.case("N707")
def _renamed_node(read_changed):
    def change(graph):
        graph.nodes["fc"] = graph.nodes.pop("syn")
        graph.edges = [
            tuple("fc" if end == "syn" else end for end in edge) for edge in graph.edges
        ]

    read_changed(change)


@pytest.mark.case("N708")
def _changed_threshold(read_changed):
    def change(graph):
        graph.nodes["out"].v_threshold[1] = 2.0

    read_changed(change)


@pytest.mark.case("N709")
def _changed_weights(read_changed):
    def change(graph):
        graph.nodes["syn"].weight[1, 0] = 0.75

    read_changed(change)


@pytest.mark.case("N717")
def _folder_that_is_not_there(make_network):
    write_nir(make_network(), "missing/x.nir")


@pytest.mark.case("N718")
def _network_without_dt(make_network):
    write_nir(make_network(dt=None), "x.nir")


@pytest.mark.case("N719")
def _network_without_groups():
    write_nir(Network("n", (), (), 0.001), "x.nir")
