from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.hardware.program import IntArray, Program, SignMode, Source
from lahar.hardware.program_file import checksum, from_bytes, load, save, to_bytes
from lahar.hardware.report import Report


def codes(call: Callable[[], object]) -> list[str]:
    with pytest.raises(LaharError) as caught:
        call()
    assert caught.value.exit_code == 2
    for diagnostic in caught.value.diagnostics:
        assert diagnostic.render()
    return [d.code for d in caught.value.diagnostics]


def repacked(data: bytes, **changes: bytes | None) -> bytes:
    """The same file with members replaced (None: left out), nothing else mended."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w") as new,
    ):
        for name in old.namelist():
            content = changes.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return buffer.getvalue()


def resigned(data: bytes, edit: Callable[[dict[str, Any]], object]) -> bytes:
    """The same file with program.json edited and the manifest's checksum to match."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        tree = json.loads(archive.read("program.json"))
        manifest = json.loads(archive.read("manifest.json"))
    edit(tree)
    content = json.dumps(tree).encode()
    manifest["checksum"] = hashlib.sha256(content).hexdigest()
    changes = {"program.json": content, "manifest.json": json.dumps(manifest).encode()}
    return repacked(data, **changes)


def test_a_program_of_every_field_survives_the_file(
    everything: Program, tmp_path: Path
) -> None:
    save(everything, tmp_path / "everything.lahar")
    loaded = load(tmp_path / "everything.lahar")

    assert loaded == everything
    assert loaded.report == everything.report
    assert loaded.connections[0].sign_mode is SignMode.MIXED
    assert loaded.connections[0].weights.dtype == np.int32
    assert loaded.connections[0].weights.flags.writeable
    assert os.listdir(tmp_path) == ["everything.lahar"]


def test_equal_programs_give_equal_bytes(everything: Program) -> None:
    learning = everything.connections[0].learning
    assert learning is not None
    turned = MappingProxyType(dict(reversed(learning.traces.items())))
    wider = everything.connections[0].weights.astype(np.int64, order="F")
    connection = replace(
        everything.connections[0],
        weights=wider,
        learning=replace(learning, traces=turned),
    )
    same = replace(everything, connections=(connection, everything.connections[1]))

    assert to_bytes(same) == to_bytes(everything)


def test_the_checksum_says_what_a_program_says(everything: Program) -> None:
    other_weights = {"plastic": np.zeros((2, 3), dtype=np.int32)}

    assert checksum(replace(everything, report=Report())) == checksum(everything)
    assert checksum(replace(everything, name="b")) != checksum(everything)
    assert checksum(everything.with_weights(other_weights)) != checksum(everything)
    assert checksum(everything.frozen()) != checksum(everything)


def test_arrays_of_equal_bytes_and_different_shape_stay_apart(
    make_dense: Callable[..., Program],
) -> None:
    zeros = {"a": np.zeros((2, 3)), "b": np.zeros((3, 2)), "c": np.zeros(6)}
    program = replace(make_dense(), source=Source("", zeros))

    loaded = from_bytes(to_bytes(program), "memory")

    assert loaded.source == program.source


def test_the_format_is_stable(
    make_dense: Callable[..., Program], golden: Callable[[str, str], None]
) -> None:
    program = make_dense()
    with zipfile.ZipFile(io.BytesIO(to_bytes(program))) as archive:
        content = archive.read("program.json").decode()

    pretty = json.dumps(json.loads(content), indent=1)
    golden("program_file", f"{checksum(program)}\n{pretty}\n")


def test_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    assert codes(lambda: load(tmp_path / "none.lahar")) == ["P303"]
    assert codes(lambda: load(tmp_path)) == ["P303"]


@pytest.mark.parametrize("data", [b"", b"rule STDP", b"\x89HDF\r\n"])
def test_something_else_is_not_a_program_file(data: bytes) -> None:
    assert codes(lambda: from_bytes(data, "x.lahar")) == ["P304"]


def test_another_zip_is_not_a_program_file(everything: Program) -> None:
    data = to_bytes(everything)
    other = json.dumps({"format": "word processor"}).encode()

    for manifest in (None, other):
        foreign = repacked(data, **{"manifest.json": manifest})
        assert codes(lambda d=foreign: from_bytes(d, "x")) == ["P304"]


def test_every_truncation_is_noticed(everything: Program) -> None:
    data = to_bytes(everything)

    for length in range(2, len(data), 37):
        assert codes(lambda n=length: from_bytes(data[:n], "x")) == ["P305"]


def test_every_changed_byte_is_noticed_or_harmless(everything: Program) -> None:
    data = to_bytes(everything)

    for position in range(0, len(data), 23):
        changed = bytearray(data)
        changed[position] ^= 0x55
        try:
            loaded = from_bytes(bytes(changed), "x")
        except LaharError:
            continue
        # What is left are dates and attributes of the zip itself.
        assert loaded == everything
        assert loaded.report == everything.report


def test_missing_members_are_noticed(everything: Program) -> None:
    data = to_bytes(everything)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [n for n in archive.namelist() if n != "manifest.json"]

    for name in names:
        damaged = repacked(data, **{name: None})
        assert codes(lambda d=damaged: from_bytes(d, "x")) == ["P305"], name


def test_another_version_is_named(everything: Program) -> None:
    manifest = {"format": "lahar-program", "version": 2, "lahar": "9.1"}
    data = repacked(
        to_bytes(everything), **{"manifest.json": json.dumps(manifest).encode()}
    )

    with pytest.raises(LaharError, match=r"version 2; this lahar reads version 1"):
        from_bytes(data, "x")


@pytest.mark.parametrize("member", ["program.json", "report.json"])
def test_changed_content_fails_its_checksum(everything: Program, member: str) -> None:
    data = to_bytes(everything)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        changed = archive.read(member).replace(b"everything", b"anything")
    assert changed != zipfile.ZipFile(io.BytesIO(data)).read(member)

    assert codes(lambda: from_bytes(repacked(data, **{member: changed}), "x")) == [
        "P308"
    ]


def test_a_changed_weight_fails_its_checksum(everything: Program) -> None:
    data = to_bytes(everything)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = next(n for n in archive.namelist() if n.startswith("arrays/"))
        array = bytearray(archive.read(name))
    array[-8] ^= 1

    assert codes(lambda: from_bytes(repacked(data, **{name: bytes(array)}), "x")) == [
        "P308"
    ]


def test_an_array_that_is_not_as_announced_is_damage(everything: Program) -> None:
    data = to_bytes(everything)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = next(n for n in archive.namelist() if n.startswith("arrays/"))
        array = archive.read(name)
    pickled = io.BytesIO()
    np.save(pickled, np.array([{}], dtype=object), allow_pickle=True)

    for wrong in (b"", b"\x93NUMPY", array[:-1], array + b"1", pickled.getvalue()):
        damaged = repacked(data, **{name: wrong})
        assert codes(lambda d=damaged: from_bytes(d, "x")) == ["P305"]


@pytest.mark.parametrize(
    "json_text", [b"", b"{", b"[" * 100000, b"\xff\xfe", b"[1, 2]", b'"text"', b"null"]
)
def test_json_that_is_no_program_is_refused(
    everything: Program, json_text: bytes
) -> None:
    data = to_bytes(everything)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["checksum"] = hashlib.sha256(json_text).hexdigest()
    changes = {
        "program.json": json_text,
        "manifest.json": json.dumps(manifest).encode(),
    }

    assert codes(lambda: from_bytes(repacked(data, **changes), "x")) == ["P307"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda t: t.pop("populations"),
        lambda t: t.update(extra=1),
        lambda t: t.update(report={}),
        lambda t: t.update(name=5),
        lambda t: t.update(populations="pre"),
        lambda t: t.update(populations={"pre": 3}),
        lambda t: t.update(placement=5),
        lambda t: t["populations"][0].update(size="3"),
        lambda t: t["populations"][0].update(size=3.0),
        lambda t: t["populations"][0].update(size=True),
        lambda t: t["populations"].__setitem__(0, None),
        lambda t: t["populations"][1]["neuron"]["ops"][0].update(code="halt"),
        lambda t: t["populations"][1]["neuron"]["ops"][0].update(args="uv"),
        lambda t: t["populations"][1]["neuron"]["ops"][0].update(args=[1.5, None]),
        lambda t: t["populations"][1]["neuron"]["ports"][0].update(kind="chemical"),
        lambda t: t["connections"][0].update(sign_mode=4),
        lambda t: t["connections"][0].update(sign_mode="MIXED"),
        lambda t: t["connections"][0].update(weights=[[1]]),
        lambda t: t["connections"][0]["weights"].update(dtype="float64"),
        lambda t: t["connections"][0]["weights"].update(dtype="object"),
        lambda t: t["connections"][0]["learning"].update(traces=[]),
        lambda t: t["connections"][0]["learning"]["products"][0].update(gate="y1"),
        lambda t: t["modulators"][0].update(ports=[["post"]]),
    ],
)
def test_content_of_another_type_is_refused_with_its_place(
    everything: Program, edit: Callable[[dict[str, Any]], object]
) -> None:
    data = resigned(to_bytes(everything), edit)

    found = codes(lambda: from_bytes(data, "x"))

    assert set(found) <= {"P305", "P307"}


def test_a_wrong_type_is_named_with_its_path(everything: Program) -> None:
    data = resigned(
        to_bytes(everything), lambda t: t["populations"][0].update(size="3")
    )

    with pytest.raises(LaharError, match=r"\$\.populations\[0\]\.size"):
        from_bytes(data, "x")


def test_a_contradiction_in_a_file_is_refused(everything: Program) -> None:
    data = resigned(
        to_bytes(everything), lambda t: t["connections"][0].update(source="nobody")
    )

    assert codes(lambda: from_bytes(data, "x")) == ["P307", "P310"]


def test_a_program_that_contradicts_itself_is_not_written(
    make_dense: Callable[..., Program], tmp_path: Path
) -> None:
    wrong_shape: IntArray = np.zeros((3, 2), dtype=np.int32)
    program = make_dense().with_weights({"synapse": wrong_shape})

    assert codes(lambda: save(program, tmp_path / "p.lahar")) == ["P312"]
    assert os.listdir(tmp_path) == []


def test_a_path_that_cannot_be_written_is_a_diagnostic(
    everything: Program, tmp_path: Path
) -> None:
    for path in (tmp_path, tmp_path / "no" / "p.lahar", Path(os.devnull)):
        assert codes(lambda p=path: save(everything, p)) == ["P302"]
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_the_old_file_whole(
    everything: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.lahar"
    save(everything, path)
    before = path.read_bytes()

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)

    assert codes(lambda: save(replace(everything, name="b"), path)) == ["P302"]
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["p.lahar"]


def test_a_link_stays_a_link(everything: Program, tmp_path: Path) -> None:
    (tmp_path / "latest.lahar").symlink_to("run1.lahar")

    save(everything, tmp_path / "latest.lahar")

    assert (tmp_path / "latest.lahar").is_symlink()
    assert load(tmp_path / "run1.lahar") == everything
