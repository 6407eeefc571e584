"""Generated Lava processes for wires that Lava's ports cannot sum by themselves.

A process of k taps receives all of them and sends their sum in the same step. Nothing
waits in a circle: a neuron's wire taps only what is sent before the neuron.
"""

from __future__ import annotations

from ...hardware.wires import Tap

WIRE = '''\
class {process}(AbstractProcess):
    """The sum of {taps} signals in the same step, element by element.

    Row k of `places` is of tap k: indices of the sum; -1: nowhere, -2: no element.
    """

    def __init__(self, *, places, size):
        super().__init__(places=places, size=size)
{ports}
        self.out = OutPort(shape=(size,))


@implements(proc={process}, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class ModelOf{process}(PyLoihiProcessModel):
{members}
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)

    def __init__(self, proc_params):
        super().__init__(proc_params)
        self.places = [row[row > -2] for row in proc_params["places"]]
        self.size = proc_params["size"]

    def run_spk(self):
        total = np.zeros(self.size, np.int64)
        for k, places in enumerate(self.places):
            values = wide(getattr(self, f"tap_{{k}}").recv())
            np.add.at(total, places[places >= 0], values[places >= 0])
        self.out.send(narrow(total))
'''

PORT = "        self.tap_{k} = InPort(shape=(int((places[{k}] > -2).sum()),))"
MEMBER = "    tap_{k}: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)"


def wire_class_text(process: str, taps: int) -> str:
    """Write the process of so many taps."""
    return WIRE.format(
        process=process,
        taps=taps,
        ports="\n".join(PORT.format(k=k) for k in range(taps)),
        members="\n".join(MEMBER.format(k=k) for k in range(taps)),
    )


def is_identity(tap: Tap, elements: int, size: int) -> bool:
    """Tell whether a tap adds element k at k, for all k of the wire."""
    if elements != size:
        return False
    return tap.places is None or bool((tap.places == range(size)).all())
