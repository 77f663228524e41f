"""A git repository whose commits a test dates and writes."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

FIRST_DAY = datetime(2026, 1, 1)


def day(number: float) -> datetime:
    """Midnight of a day of the history, from 0, naive UTC."""
    return FIRST_DAY + timedelta(days=number)


class Worked:
    """A repository with an identity of its own and without the user's settings."""

    def __init__(self, folder: Path, *, bare: bool = False) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self("init", "--quiet", "--initial-branch=main", *(["--bare"] if bare else []))

    def __call__(self, *words: str, number: float = 0) -> str:
        """Run git here on a day; returns what it says."""
        at = f"{day(number).isoformat()}+00:00"
        person = {
            f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        done = subprocess.run(
            ["git", "-C", str(self.folder), *words],  # noqa: S607
            check=True,
            capture_output=True,
            env=os.environ
            | person
            | {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at, "GIT_CONFIG_GLOBAL": "/dev/null"},
        )
        return done.stdout.decode().strip()

    def commit(self, number: float, files: dict[str, str | bytes | None], *options: str) -> None:
        """Write the files (None removes one) and commit all on that day."""
        for name, content in files.items():
            path = self.folder / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        self("add", "--all")
        self("commit", "--quiet", "--allow-empty", "--message=work", *options, number=number)


def fast_import(folder: Path, commits: list[tuple[float, dict[str, str]]]) -> None:
    """Many commits at once: day and files of each. A process a commit would take minutes for a year of them."""
    repository = Worked(folder)
    stream = []
    for number, files in commits:
        seconds = int((day(number) - datetime(1970, 1, 1)).total_seconds())
        stream.append(f"commit refs/heads/main\ncommitter ada <ada@example.org> {seconds} +0000\ndata 4\nwork")
        for name, content in files.items():
            size = len(content.encode())
            stream.append(f"M 100644 inline {name}\ndata {size}\n{content}")
    subprocess.run(
        ["git", "-C", str(repository.folder), "fast-import", "--quiet"],  # noqa: S607
        input=("\n".join(stream) + "\n").encode(),
        check=True,
        capture_output=True,
    )
