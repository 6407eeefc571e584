"""A failing network as a script that stands alone and shows the first difference.

Lava's own processes, Lava's own ring buffers as witnesses of what is sent, and
`from_lava`; nothing of the fuzzer. What a bug report needs.
"""

from __future__ import annotations

from .lava_network import Network
from .lava_text import build_lines, import_lines

HEAD = '''\
"""{title}"""

{imports}
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg

import lahar

STEPS = {steps}


def main() -> None:
'''

TAIL = """
    program = lahar.from_lava({entry})
    got = lahar.run(program, steps=STEPS, backend={backend!r}, record="all")

    witnesses = {{}}  # what is sent goes into ring buffers, what is kept is read
{witnesses}
    kept = {{
{kept}
    }}
    wanted = {{name: [] for name in kept}}
    for _ in range(STEPS):
        {entry}.run(condition=RunSteps(1), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
        for name, var in kept.items():
            value = var.get()
            dense = value.toarray() if hasattr(value, "toarray") else value
            wanted[name].append(np.array(dense))
    for name, sink in witnesses.items():
        wanted[name] = np.moveaxis(sink.data.get(), -1, 0)
    {entry}.stop()

    equal = True
    for name, values in wanted.items():
        if name not in got:
            continue
        unequal = np.argwhere(np.stack(values) != got[name])
        if len(unequal):
            equal = False
            step, *index = unequal[0].tolist()
            of_lava = np.stack(values)[tuple(unequal[0])]
            ours = got[name][tuple(unequal[0])]
            place = f"{{name}}{{index}} at step {{step + 1}}"
            print(f"{{place}}: Lava {{of_lava:g}}, lahar {{ours}}")
    print("all equal" if equal else "Lava and lahar differ")


if __name__ == "__main__":
    main()
"""


def script_of(network: Network, title: str, backend: str = "interpreter") -> str:
    """Write the script."""
    witnesses = []
    kept = []
    for process in network.processes:
        name, port = process.name, process.out_port
        if port is not None:
            witness = f'witnesses["{name}.{port}"]'
            sent = f"{name}.{port}"
            made = f"Sink(shape={sent}.shape, buffer=STEPS)"
            witnesses += [f"    {witness} = {made}"]
            witnesses += [f"    {sent}.connect({witness}.a_in)"]
        kept += [f'        "{name}.{var}": {name}.{var},' for var in process.vars]
    build = "".join(f"    {line}\n" for line in build_lines(network))
    tail = TAIL.format(
        entry=network.entry,
        backend=backend,
        witnesses="\n".join(witnesses),
        kept="\n".join(kept),
    )
    imports = "\n".join(import_lines(build + tail))
    head = HEAD.format(title=title, imports=imports, steps=network.steps)
    return head + build + tail
