"""The generated process that reads every variable of a run.

One process with a RefPort for each Var and an InPort for each OutPort: Lava's own
Monitors cost a process and 33 microseconds a value each. It reads after learning,
writes a step counter for whoever waits, and one npz file in the last step.
"""

from __future__ import annotations

RECORDER = '''\
class Recorder(AbstractProcess):
    """Reads Vars through ref_0, ref_1, ... and hears OutPorts through in_0, in_1, ...

    `names` maps each of its ports to a recorded name, `types` recorded names to numpy
    types; `record` are the names of which every step is kept.
    """

    def __init__(self, *, shapes, names, types, record, steps, folder):
        super().__init__(
            shapes=shapes,
            names=names,
            types=types,
            record=record,
            steps=steps,
            folder=folder,
        )
        for port, shape in shapes.items():
            kind = RefPort if port.startswith("ref_") else InPort
            setattr(self, port, kind(shape=shape))


@implements(proc=Recorder, protocol=LoihiProtocol)
@requires(CPU)
class RecorderModel(PyLoihiProcessModel):
    """Keeps rows of what is recorded, and of everything the last value."""

{ports}

    def __init__(self, proc_params):
        super().__init__(proc_params)
        self.steps = proc_params["steps"]
        self.names = proc_params["names"]
        self.types = proc_params["types"]
        self.record = proc_params["record"]
        self.folder = proc_params["folder"]
        shapes = proc_params["shapes"]
        self.rows = {{
            name: np.zeros((self.steps, *shapes[port]), self.types[name])
            for port, name in self.names.items()
            if name in self.record
        }}
        self.final = {{}}
        self.counter = os.open(f"{{self.folder}}/progress", os.O_CREAT | os.O_WRONLY)

    def run_spk(self):
        for port, name in self.names.items():
            if port.startswith("in_"):
                self.keep(name, getattr(self, port).recv())
        os.pwrite(self.counter, self.time_step.to_bytes(8, "little"), 0)

    def post_guard(self):
        return self.time_step == self.steps or any(
            name in self.record
            for port, name in self.names.items()
            if port.startswith("ref_")
        )

    def run_post_mgmt(self):
        last = self.time_step == self.steps
        for port, name in self.names.items():
            if port.startswith("ref_") and (last or name in self.record):
                self.keep(name, getattr(self, port).read())
        if last:
            self.write()

    def keep(self, name, values):
        if name in self.rows:
            self.rows[name][self.time_step - 1] = values
        if self.time_step == self.steps:
            self.final[name] = values.astype(self.types[name])

    def write(self):
        """Write everything under another name first: the file is whole or absent."""
        rows = {{f"row {{name}}": values for name, values in self.rows.items()}}
        final = {{f"final {{name}}": values for name, values in self.final.items()}}
        np.savez(f"{{self.folder}}/unfinished.npz", **rows, **final)
        os.replace(f"{{self.folder}}/unfinished.npz", f"{{self.folder}}/result.npz")
'''

REFERENCE = "    {port}: PyRefPort = LavaPyType(PyRefPort.VEC_DENSE, int)"
LISTENER = "    {port}: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)"


def recorder_text(references: int, listeners: int) -> str:
    """Write the recorder for so many Vars and OutPorts."""
    lines = [REFERENCE.format(port=f"ref_{k}") for k in range(references)]
    lines += [LISTENER.format(port=f"in_{k}") for k in range(listeners)]
    return RECORDER.format(ports="\n".join(lines))
