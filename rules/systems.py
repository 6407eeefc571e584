"""The systems that lahar sets out to run, each with the paper it comes from.

Plain data for ``lahar list systems``. A system works when its smallest faithful
experiment runs through lahar and meets a criterion that was fixed beforehand; until
then it is open, and nothing is claimed of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["works", "open"]


@dataclass(frozen=True)
class System:
    """One system.

    paper
        Authors and year as far as they are known; not every reference was checked
        against the paper itself. "-" where no paper could be identified.
    """

    id: str
    name: str
    paper: str
    status: Status = "open"


# 61 in all: S1 to S23 are 23, B01 to B37 are 37, and B41 (a group of small ones) is
# one; B38 to B40 do not exist. S3, S4, S13, B03 and B17 have two parts each and count
# once, when both parts pass.
SYSTEMS: tuple[System, ...] = (
    System("S1", "node perturbation and decorrelation", "Ahmad et al. 2022-24"),
    System("S2", "orthogonalised state machine", "Sun et al. 2025", "works"),
    System(
        "S3",
        "BTSP: one-shot place field (a), gated multilayer credit (b)",
        "Milstein et al. 2021; Galloni, Peddada & Milstein 2025",
    ),
    System(
        "S4",
        "predictive plasticity: head direction (a), conditioning (b)",
        "Vafidis et al. 2022; Vafidis & Rangel",
    ),
    System("S5", "pattern separation in the dentate gyrus", "Galloni et al. 2022"),
    System("S6", "curriculum as a probe of rules", "Kepple, Engelken & Rajan 2022"),
    System("S7", "predictive plasticity in a neuron", "Saponati & Vinck 2023", "works"),
    System(
        "S8",
        "tempotron, static and with plastic dynamics",
        "Guetig & Sompolinsky 2006",
        "works",
    ),
    System("S9", "broadcast global error vector", "Clark, Abbott & Chung 2021"),
    System("S10", "nonlinear shot-noise calcium plasticity", "Wang & Aoi"),
    System("S11", "dendritic balance", "Mikulasch, Rudelt & Priesemann 2021"),
    System("S12", "restless engrams", "Raman & O'Leary 2021; Rule & O'Leary 2022"),
    System("S13", "neural learning rules in the cerebrum", "-", "works"),
    System(
        "S14",
        "Hebb, scaling and dendritic renormalisation",
        "El-Boustani et al. 2018",
        "works",
    ),
    System("S15", "calcium-gated delta rule, co-designed", "Maryada et al. 2024"),
    System("S16", "experiment-based models", "-"),
    System("S17", "low-rank recurrent networks by Hebb", "Crespo et al. 2024", "works"),
    System("S18", "flat minima of truncated three-factor rules", "Liu et al. 2022"),
    System("S19", "operant matching in Drosophila", "Rajagopalan et al. 2023", "works"),
    System("S20", "meta-learned feedback rules", "Kaleb & Clopath 2022"),
    System("S21", "optimal feedback control, Bio-OFC", "Friedrich et al. 2021"),
    System("S22", "representation dynamics", "Bordelon & Pehlevan 2023"),
    System("S23", "variance-limited scaling", "Atanasov et al. 2023"),
    System("B01", "cerebro-cerebellar feedback decoupling", "Boven et al. 2023"),
    System("B02", "cerebellum drives cortical dynamics", "Pemberton et al. 2024"),
    System("B03", "BurstCCN: digits (a), spikes (b)", "Greedy et al. 2022", "works"),
    System(
        "B04",
        "predictive coding with local rules",
        "Rao & Ballard 1999; Whittington & Bogacz 2017",
        "works",
    ),
    System("B05", "PredNet inference, feedback and noise", "Lotter et al. 2017"),
    System("B06", "predictive coding light", "N'dri et al. 2025", "works"),
    System(
        "B07", "inhibitory STDP for replay generalisation", "Liao et al. 2024", "works"
    ),
    System("B08", "EventProp with loss shaping", "Nowotny, Turner & Knight 2025"),
    System("B09", "EGRU, event-based GRU", "Subramoney et al. 2023"),
    System("B10", "FPTT with liquid time constants", "Yin, Corradi & Bohte 2023"),
    System("B11", "efficient-coding network at criticality", "Safavi et al. 2024"),
    System("B12", "neuron as direct data-driven controller", "Moore et al. 2024"),
    System("B13", "factor-based training", "DePasquale et al. 2023"),
    System("B14", "MDGL, cell-type neuromodulation", "Liu et al. 2021"),
    System("B15", "ModProp", "Liu et al. 2022"),
    System(
        "B16",
        "meta-learned rate rules, Oja recovered",
        "Confavreux et al. 2020; Ramesh et al. 2023",
    ),
    System(
        "B17", "meta-learned rules in spiking nets", "Confavreux et al. 2023", "works"
    ),
    System("B18", "balanced spiking networks", "Podlaski & Machens 2024"),
    System("B19", "dendritic single neuron, k-tree", "Jones & Kording 2021"),
    System("B20", "SpikingJelly import", "Fang et al. 2023"),
    System("B21", "complementary learning in the hippocampus", "Schapiro et al. 2017"),
    System("B22", "CA1 microcircuit recall", "Cutsuridis et al. 2010", "works"),
    System("B23", "spatially embedded RNN", "Achterberg et al. 2023"),
    System("B24", "low-rank RNNs, LINT", "Valente, Pillow & Ostojic 2022"),
    System("B25", "fly-connectome reservoirs", "McAllister et al. 2026"),
    System("B26", "maintaining plasticity", "Dohare et al. 2024"),
    System("B27", "quasicriticality and homeostasis", "Fosque et al. 2021"),
    System(
        "B28",
        "electric fish: negative image, two stages",
        "Kennedy et al. 2014; Muller et al. 2019",
        "works",
    ),
    System("B29", "attractor networks", "Hopfield 1982; Ben-Yishai et al. 1995"),
    System("B30", "planning by rollouts", "Jensen, Hennequin & Mattar 2024"),
    System("B31", "place cells from compressing memories", "Benna & Fusi 2021"),
    System("B32", "few-shot prototype learning", "Sorscher et al. 2022"),
    System("B33", "convex codes, threshold-linear networks", "Curto et al."),
    System("B34", "connectome-constrained motion", "Lappalainen et al. 2024"),
    System("B35", "strongly recurrent regime", "Dahmen et al. 2019"),
    System("B36", "replica-mean-field limits", "Baccelli & Taillefumier 2019"),
    System("B37", "two-population bursting network", "-"),
    System("B41", "small ones: attention gain, dANN, others", "Lindsay & Miller 2018"),
)
