"""The sample: written to a folder, or into an inbox that is empty."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from analytics_assets.cli.problems import MISUSED, CommandError
from analytics_assets.settings import Settings, load_settings
from analytics_assets.warehouse.inbox import SAMPLE_TRUTH, scan

if TYPE_CHECKING:
    from analytics_assets.sample import SampleReport


def write_sample(out: Path, *, days: int, seed: int, effects: str, console: Console) -> SampleReport:
    """Write the sample and say what it holds.

    Raises:
        CommandError: an effect is not known, or the folder cannot be written.
    """
    from analytics_assets.sample import generate

    chosen = effects if effects in ("all", "none") else tuple(name.strip() for name in effects.split(","))
    with console.status("writing the sample") as status:

        def tell(what: str, done: int, total: int) -> None:
            status.update(f"writing the sample: {what} ({done} of {total})")

        report = _generated(generate, out, days=days, seed=seed, effects=chosen, progress=tell)
    records = sum(report.records_by_kind.values())
    console.print(f"{records:,} records of {len(report.records_by_kind)} kinds in {out}", markup=False)
    is_landed = out.resolve().is_relative_to(load_settings().inbox.resolve())
    following = "refresh" if is_landed else f"ingest {out}"
    console.print(f"next: `analytics {following}`", style="dim", markup=False)
    return report


def _generated(generate: Callable[..., SampleReport], out: Path, **options: object) -> SampleReport:
    try:
        return generate(out, **options)
    except ValueError as error:
        raise CommandError(str(error), exit_code=MISUSED) from error
    except OSError as error:
        raise CommandError(f"{error.filename or out} cannot be written: {error.strerror}") from error


def fill_empty_inbox(settings: Settings, console: Console) -> bool:
    """Land a sample where neither a record nor an answer is yet; says whether it did.

    The files are made beside the inbox and renamed into it, each complete; ``truth.json`` stays beside the inbox.
    """
    from analytics_assets.sample import generate

    if settings.pointer.exists() or scan(settings):
        return False
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (
        console.status("the inbox is empty: writing a sample"),
        tempfile.TemporaryDirectory(prefix=".sample-", dir=settings.data_dir) as folder,
    ):
        made = Path(folder)
        report = _generated(generate, made)
        for source in sorted(made.rglob("*.json*")):
            target = _place(source.relative_to(made), settings)
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
    records = sum(report.records_by_kind.values())
    console.print(f"the inbox was empty: a sample of {records:,} records is in it now", markup=False)
    return True


def _place(file: Path, settings: Settings) -> Path:
    if file.parts[0] == "specs":
        return settings.specs / file.name
    return (settings.data_dir if file.name == SAMPLE_TRUTH else settings.inbox) / file
