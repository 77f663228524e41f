"""A git repository of a test, with an identity of its own and without the user's settings."""

from __future__ import annotations

import subprocess
from pathlib import Path


class Repository:
    """A repository at a folder, made with a first commit of all that lies there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self("init", "--quiet", "--initial-branch=main")
        self("config", "user.name", "Ada")
        self("config", "user.email", "ada@example.org")

    def __call__(self, *words: str) -> str:
        """Run git here; returns what it says."""
        done = subprocess.run(
            ["git", "-C", str(self.folder), *words],  # noqa: S607
            check=True,
            capture_output=True,
        )
        return done.stdout.decode().strip()

    def commit_all(self) -> None:
        """Commit every file."""
        self("add", "--all")
        self("commit", "--quiet", "--message=first")

    def blob(self, name: str) -> bytes:
        """The bytes of ``commit:path`` as git has them."""
        done = subprocess.run(
            ["git", "-C", str(self.folder), "cat-file", "blob", name],  # noqa: S607
            check=True,
            capture_output=True,
        )
        return done.stdout

    def state(self) -> tuple[str, ...]:
        """All that a proposal must leave as it is."""
        index = (self.folder / ".git" / "index").read_bytes().hex()
        return (index, self("status", "--porcelain"), self("rev-parse", "HEAD"), self("symbolic-ref", "HEAD"))
