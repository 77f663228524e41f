"""What an exported file must be: written beside it, and compared with it before anybody relies on it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from analytics_assets.cli.problems import CommandError

Manifest = dict[str, Any]
AGAIN = "Export it again."


def manifest_of(file: Path) -> Path:
    """Where a file's manifest stands."""
    return file.with_name(f"{file.name}.manifest.json")


def sha256_of(file: Path) -> str:
    """SHA-256 of the file's content."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_manifest(file: Path, manifest: Manifest) -> Path:
    """Write it beside the file, whole or not at all."""
    place = manifest_of(file)
    fresh = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    try:
        fresh.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)
    return place


def read_manifest(file: Path) -> Manifest:
    """The file's manifest.

    Raises:
        CommandError: there is none, or it is not one.
    """
    place = manifest_of(file)
    try:
        manifest = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CommandError(f"{file} has no manifest: {place.name} is not there.", AGAIN) from None
    except (OSError, ValueError) as error:
        raise CommandError(f"{place} cannot be read: {error}", AGAIN) from error
    if not isinstance(manifest, dict) or not {"table", "rows", "bytes", "sha256", "format"} <= manifest.keys():
        raise CommandError(f"{place} is no manifest of an export.", AGAIN)
    return manifest
