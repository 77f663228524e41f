"""Fitted models as files: written whole or not at all, never changed, read only where every byte is as it was written.

A folder ``data/models/<model>/<version>/`` holds the model's own files and ``manifest.json`` with the SHA-256 of each.
The hash of the manifest stands in the warehouse, so nobody can change a file without being noticed. No file is of a
kind that runs code when it is read: a pickle is refused by its name, by its hash and by those who read it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from analytics_assets.feedback.spec_files import sync_folder
from analytics_assets.settings import Settings

if TYPE_CHECKING:
    from analytics_assets.predicting.purpose import Model

MANIFEST = "manifest.json"
SAFE = (".json", ".skops")
"""Plain data, and skops, which builds only what it is told to trust."""
UNFINISHED = ".unfinished"
_MODEL = re.compile(r"[a-z][a-z0-9_]*")
_VERSION = re.compile(r"v([1-9]\d*)")
_UNREADABLE = (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError, zipfile.BadZipFile)
"""What reading a file of another form ends in."""


class ArtefactError(Exception):
    """A model's files cannot be used; the message names the file, ``remedy`` says what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


class Artefact(NamedTuple):
    """Where a version lies, below ``settings.models``, and the hash of its manifest."""

    path: str
    sha256: str


def save(settings: Settings, model: Model, name: str, version: str) -> Artefact:
    """Write a version's files; a kill on the way leaves a folder that nobody reads.

    Raises:
        ArtefactError: the version is there already, it is none, or the model wrote a file that is not read.
        OSError: it cannot be written.
    """
    path = f"{name}/{version}"
    folder = _folder(settings, path)
    if folder.exists():
        raise ArtefactError(f"{folder} is there already, and a version never changes.", "Train anew: it gets a number.")
    draft = folder.with_name(f"{version}{UNFINISHED}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    model.save(draft)
    strange = sorted(file.name for file in draft.iterdir() if not _is_safe(file))
    if strange:
        raise ArtefactError(f"{draft} holds {', '.join(strange)}: such a file is not read.", "Write JSON instead.")
    hashes = {file.name: _sha256(file.read_bytes()) for file in sorted(draft.iterdir())}
    manifest = json.dumps(hashes, indent=1, sort_keys=True).encode()
    (draft / MANIFEST).write_bytes(manifest)
    for file in draft.iterdir():
        _sync(file)
    draft.replace(folder)
    sync_folder(folder.parent)
    return Artefact(path, _sha256(manifest))


def load(settings: Settings, name: str, path: str, sha256: str) -> Model:
    """The model of a version, after every byte was compared with what was written.

    Raises:
        ArtefactError: the version is of another model, or a file is missing, was changed or is not known, or cannot
            be read.
    """
    from analytics_assets.predicting.purposes import PURPOSES

    if not path.startswith(f"{name}/"):
        raise ArtefactError(f"{path} is no version of {name}.", remedy(path))
    folder = verify(settings, path, sha256)
    try:
        return PURPOSES[name].load(folder)
    except _UNREADABLE as error:
        raise ArtefactError(f"{folder} cannot be read as a model {name}: {error}", remedy(path)) from error


def verify(settings: Settings, path: str, sha256: str) -> Path:
    """The folder of a version, where every byte of it is as it was written. Nothing of it is interpreted but hashes.

    Raises:
        ArtefactError: it is not.
    """
    folder = _folder(settings, path)
    manifest = _bytes(folder / MANIFEST, path)
    if _sha256(manifest) != sha256:
        raise ArtefactError(f"{folder / MANIFEST} is not what was written: its SHA-256 differs.", remedy(path))
    hashes = json.loads(manifest)
    there = {file.name for file in folder.iterdir()} - {MANIFEST}
    if there - set(hashes):
        strange = ", ".join(sorted(there - set(hashes)))
        raise ArtefactError(f"{folder} holds {strange}, which no training wrote.", f"Remove it from {folder}.")
    for file, written in hashes.items():
        if Path(file).name != file or ((folder / file).exists() and not _is_safe(folder / file)):
            raise ArtefactError(f"{folder / file} is of a kind that is not read.", remedy(path))
        if _sha256(_bytes(folder / file, path)) != written:
            raise ArtefactError(f"{folder / file} is not what was written: its SHA-256 differs.", remedy(path))
    return folder


def problem(settings: Settings, path: str, sha256: str) -> str | None:
    """Why a version cannot be used, in a sentence; None where it is whole."""
    try:
        verify(settings, path, sha256)
    except ArtefactError as error:
        return str(error)
    return None


def remedy(path: str) -> str:
    """What to do about files that cannot be used."""
    name = path.split("/", maxsplit=1)[0]
    return (
        f"Bring the files back from a copy, or `analytics predictors {name} --rollback --yes` to answer with the "
        f"version before, or `analytics predictors {name} --retrain --yes`."
    )


def next_version(settings: Settings, name: str, known: Collection[str]) -> str:
    """Name of the next version: beyond those that are known, and beyond what a killed training left behind.

    >>> next_version(Settings(data_dir="/nowhere"), "failure_risk", ["v1", "v9", "v10"])
    'v11'
    """
    names = {*known, *(_stem(folder) for folder in _folders(settings, name))}
    return f"v{1 + max((version_number(one) for one in names), default=0)}"


def version_number(version: str) -> int:
    """The number of a version; 0 of a name that is none.

    >>> version_number("v12"), version_number("lost+found")
    (12, 0)
    """
    found = _VERSION.fullmatch(version)
    return int(found[1]) if found else 0


def sweep(settings: Settings, name: str, known: Collection[str]) -> list[str]:
    """Remove what killed trainings left: folders of versions that no table knows. Returns their names.

    Folders that are named otherwise are somebody's own and stay.
    """
    lost = [folder for folder in _folders(settings, name) if version_number(_stem(folder))]
    lost = [folder for folder in lost if folder.name not in known]
    for folder in lost:
        shutil.rmtree(folder)
    return sorted(folder.name for folder in lost)


def remove(settings: Settings, path: str) -> None:
    """Remove a version's files; none is no error: a run that was killed may have removed them.

    Raises:
        ArtefactError: the path is that of no version: nothing was removed.
    """
    shutil.rmtree(_folder(settings, path), ignore_errors=True)


def _folder(settings: Settings, path: str) -> Path:
    """Where a version lies; a path that leads elsewhere, also by a link, is none.

    Raises:
        ArtefactError: it is none.
    """
    model, _, version = path.partition("/")
    folder = settings.models / model / version
    is_one = _MODEL.fullmatch(model) is not None and _VERSION.fullmatch(version) is not None
    if not is_one or folder.resolve() != settings.models.resolve() / model / version:
        raise ArtefactError(f"{path} is no version of a model.", remedy(path))
    return folder


def _folders(settings: Settings, name: str) -> list[Path]:
    folder = settings.models / name
    return [one for one in folder.iterdir() if one.is_dir()] if folder.is_dir() else []


def _stem(folder: Path) -> str:
    return folder.name.removesuffix(UNFINISHED)


def _is_safe(file: Path) -> bool:
    return file.suffix in SAFE and file.is_file() and not file.is_symlink()


def _bytes(file: Path, path: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ArtefactError(f"{file} cannot be read: {error.strerror or error}.", remedy(path)) from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
