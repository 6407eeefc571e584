"""``lahar deploy``: a trained network on a chip, with scales chosen by samples."""

from __future__ import annotations

from pathlib import Path

import click

from ..rules.network import Network
from .nir_options import nir_options, read_options
from .output import console, print_json


@click.command("deploy")
@click.argument("network_file", type=click.Path(path_type=Path))
@click.option(
    "--samples",
    "samples_file",
    required=True,
    type=click.Path(path_type=Path),
    help="An .npz: `samples` or an array for each input, `labels`; `test_` of each.",
)
@click.option("--chip", default="loihi2", show_default=True, help="Name or .toml file.")
@click.option("--dt", default=None, help="Length of a step, such as 1ms.")
@nir_options
@click.option("--output", default=None, help="The group that answers.")
@click.option("--readout", default=None, help="count, mean, last or max.")
@click.option(
    "-o", "out", type=click.Path(path_type=Path), help="Write the Program here."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    network_file: Path,
    samples_file: Path,
    chip: str,
    dt: str | None,
    reset: str | None,
    bounds: tuple[str, ...],
    exporter: str | None,
    output: str | None,
    readout: str | None,
    out: Path | None,
    as_json: bool,
) -> int:
    """Calibrate NETWORK_FILE by samples, compile it, say what each rounding costs."""
    from .. import verbs
    from ..deployment.deploy import deploy
    from ..deployment.samples import load_samples, parts_of
    from ..units import parse_duration

    seconds = None if dt is None else parse_duration(dt)
    said = read_options(str(network_file), reset, bounds, exporter)
    network: Network = verbs.read_nir(network_file, seconds, **said)
    parts = parts_of(network, load_samples(samples_file), samples_file)
    deployment = deploy(
        network,
        parts.samples,
        parts.labels,
        chip=chip,
        dt=seconds,
        output=output,
        readout=readout,
        test=parts.test,
    )
    if out is not None:
        deployment.save(out)
    if as_json:
        print_json(deployment.report.to_json())
    else:
        console().print(deployment.report.render(), markup=False, highlight=False)
    return 0
