"""A generated child of Lava's LearningSparse whose synapses can be recorded.

Lava's own code learns; the child copies its sparse matrices, which no RefPort can read,
to dense Vars after each step and each learning phase.
"""

from __future__ import annotations

PROCESS = "SparseSynapses"

SPARSE_IMPORTS = """\
from lava.proc.sparse.models import PyLearningSparseModelBitApproximate
from lava.proc.sparse.process import LearningSparse
from scipy.sparse import csr_matrix
"""

SPARSE = '''\
class SparseSynapses(LearningSparse):
    """Synapses of which some do not exist: exists_* say where tags have an entry."""

    def __init__(self, *, weights, tag_1, tag_2, exists_t, exists_d, **more):
        super().__init__(
            weights=csr_matrix(weights),
            tag_1=sparse(tag_1, exists_t),
            tag_2=sparse(tag_2, exists_d),
            **more,
        )
        self.dense_weights = Var(shape=weights.shape, init=weights)
        self.dense_tag_1 = Var(shape=weights.shape, init=tag_1)
        self.dense_tag_2 = Var(shape=weights.shape, init=tag_2)


@implements(proc=SparseSynapses, protocol=LoihiProtocol)
class SparseSynapsesModel(PyLearningSparseModelBitApproximate):
    """Lava's own model, and a copy of what it holds."""

    implements_process = None  # the decorator fills it in again

    dense_weights: np.ndarray = LavaPyType(np.ndarray, np.int32)
    dense_tag_1: np.ndarray = LavaPyType(np.ndarray, np.int32)
    dense_tag_2: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self):
        super().run_spk()
        self.show()

    def run_lrn(self):
        super().run_lrn()
        self.show()

    def show(self):
        self.dense_weights[:] = self.weights.toarray()
        self.dense_tag_1[:] = self.tag_1.toarray()
        self.dense_tag_2[:] = self.tag_2.toarray()


def sparse(values, exists):
    """Make a sparse matrix with an entry, be it 0, wherever one exists."""
    place = np.nonzero(exists)
    return csr_matrix((values[place], place), values.shape)
'''
