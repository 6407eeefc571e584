"""Find the rule, network or neuron model that a user names on the command line.

A library name, ``file.py:Class``, a text file or a .nir file in; a checked
LearningRule, Network or Neuron out. Every way to get it wrong is a diagnostic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from .check import check_neuron, check_rule, check_whole_network
from .language import NeuronModel, Rule
from .library import NEURONS, RULES
from .network import Network
from .neuron import Neuron
from .parser import parse_document
from .rule import LearningRule
from .scope import suggest
from .user_file import run_user_file

Model = LearningRule | Network | Neuron
_TEXT_FILES = (".rule", ".txt")


@dataclass(frozen=True)
class NotInTheLibrary(Diagnostic):
    """A name is neither in the library nor a file.

    A rule is named by its library name, as ``file.py:Class``, or by a text file (.rule,
    .txt) or a .nir file; a neuron model by the first three.
    """

    code = "R151"
    title = "there is no {kind} `{name}`"
    note = "the library has: {known}"
    help = "{advice}"

    kind: str
    name: str
    known: str
    advice: str


@dataclass(frozen=True)
class FileNotReadable(Diagnostic):
    """A file of rules or neuron models is not there, or cannot be opened.

    The path may be misspelt, or the file may not be readable by you. Nothing was
    run.
    """

    code = "R152"
    title = "cannot read `{file}`: {reason}"
    help = "correct the path"

    file: str
    reason: str


@dataclass(frozen=True)
class NotInTheFile(Diagnostic):
    """A file does not define the name that was asked for.

    The part after the colon is a class, or the name of a rule, in that file.
    """

    code = "R153"
    title = "`{file}` defines no `{name}`"
    note = "it has: {known}"
    help = "{advice}"

    file: str
    name: str
    known: str
    advice: str


@dataclass(frozen=True)
class OfAnotherKind(Diagnostic):
    """The name that was asked for is something else than was wanted.

    A file may define helpers and numbers too; what is compiled is a Rule, a
    NeuronModel or a Network.
    """

    code = "R154"
    title = "`{name}` in `{file}` is of type {found}, not {wanted}"
    help = "name {wanted}: a subclass of Rule or NeuronModel, or what calling it gives"

    file: str
    name: str
    found: str
    wanted: str


@dataclass(frozen=True)
class NameOneOf(Diagnostic):
    """A file defines several things, or none, and none was named.

    Say which one after a colon: file.py:Name. With exactly one in the file no name
    is needed.
    """

    code = "R156"
    title = "`{file}` defines {count}, not one"
    note = "it has: {known}"
    help = "{advice}"

    file: str
    count: str
    known: str
    advice: str


@dataclass(frozen=True)
class NotAText(Diagnostic):
    """A text file is not encoded in UTF-8.

    The file may be in an older encoding, or no text at all, such as a .nir or
    .lahar file.
    """

    code = "R157"
    title = "`{file}` is not a text in UTF-8: {reason}"
    help = "save it as UTF-8, or check that it is the right file"

    file: str
    reason: str


def load_rule(
    spec: str,
    dt: float | None = None,
    *,
    reset: str | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    exporter: str | None = None,
) -> LearningRule | Network:
    """Find a rule or a network.

    ``dt`` in seconds is needed by foreign .nir files, ``reset``, ``bounds`` and
    ``exporter`` say what else these leave open (read_nir).

    Raises
    ------
    LaharError
        R151 to R157, what the parser, the checks or the reading of NIR say.

    """
    if spec in RULES:
        return RULES[spec]
    if spec.endswith(".nir"):
        from .nir_read import read_nir  # h5py and nir are slow to import

        return read_nir(spec, dt, reset=reset, bounds=bounds, exporter=exporter)
    wanted = "a rule or a network"
    found = _from_file(spec, wanted, (LearningRule, Network))
    if found is None:
        raise LaharError(_unknown("rule", spec, RULES))
    assert isinstance(found, (LearningRule, Network))
    _require_sound(found)
    return found


def load_neuron(spec: str) -> Neuron:
    """Find a neuron model.

    Raises
    ------
    LaharError
        R151 to R157, and what the parser or the checks say.

    """
    if spec in NEURONS:
        return NEURONS[spec]
    found = _from_file(spec, "a neuron model", (Neuron,))
    if found is None:
        raise LaharError(_unknown("neuron model", spec, NEURONS))
    assert isinstance(found, Neuron)
    _require_sound(found)
    return found


def _unknown(kind: str, name: str, library: Mapping[str, object]) -> NotInTheLibrary:
    advice = suggest(name, library)
    if not advice.startswith("did"):
        advice = "use one of these, file.py:Class, or a text file such as mine.rule"
    return NotInTheLibrary(kind, name, ", ".join(library), advice)


def _require_sound(model: Model) -> None:
    match model:
        case LearningRule():
            require_no_errors(check_rule(model))
        case Neuron():
            require_no_errors(check_neuron(model))
        case Network():
            require_no_errors(check_whole_network(model))


# --- files ------------------------------------------------------------------------


def _from_file(spec: str, wanted: str, kinds: tuple[type, ...]) -> Model | None:
    """Read ``path`` or ``path:name``; None if the text names no file at all."""
    path, name = _split(spec)
    if path.suffix == ".py":
        defined = _python_models(path, name, wanted, kinds)
    elif path.suffix in _TEXT_FILES or path.is_file():
        defined = _text_models(path, kinds)
    else:
        return None
    return _choose(path, name, wanted, kinds, defined)


def _split(spec: str) -> tuple[Path, str]:
    file, colon, name = spec.rpartition(":")
    return (Path(file), name) if colon and file else (Path(spec), "")


def _python_models(
    path: Path, name: str, wanted: str, kinds: tuple[type, ...]
) -> dict[str, Model]:
    _read_bytes(path)
    names = run_user_file(path)
    models = {n: m for n, value in names.items() if (m := _as_model(value)) is not None}
    if name in names and name not in models:
        found = type(names[name]).__name__
        raise LaharError(OfAnotherKind(str(path), name, found, wanted))
    return models


def _as_model(value: object) -> Model | None:
    if isinstance(value, (LearningRule, Network, Neuron)):
        return value
    if isinstance(value, type) and issubclass(value, (Rule, NeuronModel)):
        declared: Any = getattr(value, "declared", None)  # Rule itself has none
        return declared if isinstance(declared, (LearningRule, Neuron)) else None
    return None


def _text_models(path: Path, kinds: tuple[type, ...]) -> dict[str, Model]:
    try:
        text = _read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LaharError(NotAText(str(path), error.reason)) from None
    document = parse_document(text, str(path))
    models: list[tuple[str, Model]] = [
        (d.handle, d.model) for d in document.definitions
    ]
    models += [(n.name, n) for n in document.networks]
    # A rule and a neuron model may share a name: the wanted kind wins.
    return dict(sorted(models, key=lambda named: isinstance(named[1], kinds)))


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(FileNotReadable(str(path), reason)) from None


def _choose(
    path: Path,
    name: str,
    wanted: str,
    kinds: tuple[type, ...],
    defined: Mapping[str, Model],
) -> Model:
    fitting = {n: m for n, m in defined.items() if isinstance(m, kinds)}
    known = ", ".join(fitting) or "none"
    if not name:
        return _only(path, fitting, wanted)
    if name in fitting:
        return fitting[name]
    if name in defined:
        found = type(defined[name]).__name__
        raise LaharError(OfAnotherKind(str(path), name, found, wanted))
    advice = suggest(name, fitting)
    raise LaharError(NotInTheFile(str(path), name, known, advice))


def _only(path: Path, fitting: Mapping[str, Model], wanted: str) -> Model:
    """Choose without a name: the one network, else the one model."""
    networks: list[Model] = [m for m in fitting.values() if isinstance(m, Network)]
    choices = networks or [*fitting.values()]
    if len(choices) == 1:
        return choices[0]
    known = ", ".join(fitting) or "none"
    if not choices:
        kind = wanted.removeprefix("a ")
        advice = "add one, or name another file"
        raise LaharError(NameOneOf(str(path), f"no {kind}", known, advice))
    advice = f"name one, such as `{path}:{next(iter(fitting))}`"
    raise LaharError(NameOneOf(str(path), f"{len(choices)} models", known, advice))
