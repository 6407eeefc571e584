"""A generated Lava process for synapses that none of Lava's own connections computes.

Weights that are used as they are (a convolution written as a matrix), results of fewer
than 32 bits, sums of another width than Lava's. Learning never runs here.
"""

from __future__ import annotations

PROCESS = "Synapses"

SYNAPSES = '''\
class Synapses(AbstractProcess):
    """Static synapses: docs/semantics.md section 3.2 of lahar, for any widths."""

    def __init__(self, *, weights, delays, **settings):
        post, pre = weights.shape
        super().__init__(weights=weights, delays=delays, **settings)
        self.s_in = InPort(shape=(pre,))
        self.a_out = OutPort(shape=(post,))


@implements(proc=Synapses, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class SynapsesModel(PyLoihiProcessModel):
    """Sends what was summed in earlier steps, then sums what comes in."""

    s_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    a_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)

    def __init__(self, proc_params):
        super().__init__(proc_params)
        self.settings = proc_params
        weights, delays = self.stored(), proc_params["delays"]
        self.by_delay = [
            np.where(delays == d, weights, 0) for d in range(int(delays.max()) + 1)
        ]
        self.waiting = np.zeros((len(self.by_delay), len(weights)), np.int64)

    def stored(self):
        weights, mode = self.settings["weights"], self.settings["sign_mode"]
        if mode is None:
            return weights
        weights = clip_weights(weights, mode, num_bits=8)
        return truncate_weights(weights, mode, self.settings["num_weight_bits"])

    def run_spk(self):
        self.a_out.send(signed(self.waiting[0], self.settings["result_bits"]))
        self.waiting = np.roll(self.waiting, -1, axis=0)
        self.waiting[-1] = 0
        spikes = self.s_in.recv()
        if self.settings["num_message_bits"] == 0:
            spikes = spikes != 0
        for d, weights in enumerate(self.by_delay):
            total = self.shifted(narrow(weights * wide(spikes)).sum(axis=1))
            self.waiting[d] = narrow(self.waiting[d] + narrow(total))

    def shifted(self, total):
        exponent = self.settings["weight_exp"]
        total = signed(total, self.settings["sum_bits"])
        return total << exponent if exponent > 0 else total >> -exponent


def signed(values, bits):
    """Keep so many bits of a value, with a sign."""
    unused = 64 - bits
    return (values << unused) >> unused
'''
