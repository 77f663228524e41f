"""A branch with one commit, made of git's own objects: the working tree, HEAD and the index stay as they are."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics_assets.feedback.spec_files import FeedbackError

_ASIDE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_NAMESPACE")
"""What a hook sets for its own repository; the one of the folder is meant."""


class GitError(FeedbackError):
    """The repository cannot do what is asked."""


@dataclass(frozen=True)
class Committed:
    """A file as the last commit has it. ``path`` is within the repository."""

    repository: Path
    head: str
    path: str
    mode: str
    content: bytes


def committed(file: Path) -> Committed:
    """The file as HEAD has it, its bytes as git stores them.

    Raises:
        GitError: the file is in no repository, or not in its last commit.
    """
    folder = file.resolve().parent
    try:
        top = _git(folder, "rev-parse", "--show-toplevel").decode().rstrip("\n")
    except GitError as error:
        raise GitError(
            f"{folder} is in no git repository.", "Keep the specs in one, or use `analytics apply`."
        ) from error
    repository = Path(top)
    path = file.resolve().relative_to(repository.resolve()).as_posix()
    try:
        head = _git(repository, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
    except GitError as error:
        raise GitError(f"{repository} has no commit yet.", "Commit the specs first.") from error
    listed = _git(repository, "ls-tree", "-z", "--full-tree", head, "--", path).decode()
    if not listed.startswith("100"):
        raise GitError(f"{path} is not a file of the last commit of {repository}.", "Commit it first.")
    mode, _, blob = listed.partition("\t")[0].split(" ")
    return Committed(repository, head, path, mode, _git(repository, "cat-file", "blob", blob))


def commit_beside(base: Committed, branch: str, content: bytes, message: str) -> tuple[str, bool]:
    """Make a branch of one commit on HEAD in which the file has this content; returns the commit and whether it is new.

    Author and committer are who git says the user is; hooks are not run, because nothing is checked out.

    Raises:
        GitError: the branch exists with other content, or git does not know who the user is.
    """
    repository = base.repository
    blob = _git(repository, "hash-object", "-w", "--stdin", given=content).decode().strip()
    with tempfile.TemporaryDirectory(prefix="analytics-index-") as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        _git(repository, "read-tree", base.head, env=index)
        _git(repository, "update-index", "--cacheinfo", f"{base.mode},{blob},{base.path}", env=index)
        tree = _git(repository, "write-tree", env=index).decode().strip()
    ref = f"refs/heads/{branch}"
    present = _tip(repository, ref)
    if present is not None:
        if _tree(repository, present) == tree:
            return present, False
        raise GitError(
            f"The branch {branch} exists and has other content.", f"Merge or remove it: git branch -D {branch}"
        )
    try:
        commit = _git(repository, "commit-tree", tree, "-p", base.head, given=message.encode()).decode().strip()
    except GitError as error:
        if "user.email" in str(error):
            raise GitError(
                "git does not know whose commit this is.",
                'git config user.name "Your Name"; git config user.email you@example.org',
            ) from error
        raise
    # Only if it still does not exist: nobody's branch is moved.
    _git(repository, "update-ref", "-m", "analytics propose", ref, commit, "0" * len(commit))
    return commit, True


def remote_address(repository: Path, remote: str) -> str:
    """Where the remote pushes to.

    Raises:
        GitError: there is no such remote.
    """
    try:
        return _git(repository, "remote", "get-url", "--push", remote).decode().strip()
    except GitError as error:
        raise GitError(f"{repository} has no remote '{remote}'.", "git remote add origin ADDRESS") from error


def default_branch(repository: Path, remote: str) -> str | None:
    """The branch that pull requests go to: the remote's own, else the one checked out; None on a detached HEAD."""
    for name in (f"refs/remotes/{remote}/HEAD", "HEAD"):
        try:
            found = _git(repository, "symbolic-ref", "--quiet", name).decode().strip()
        except GitError:
            continue
        return found.removeprefix(f"refs/remotes/{remote}/").removeprefix("refs/heads/")
    return None


def push(repository: Path, remote: str, branch: str) -> None:
    """Push the branch as the user would, without asking for a password and without moving anything there.

    Raises:
        GitError: it was refused; git's own words are in the message.
    """
    _git(repository, "push", "--quiet", remote, f"refs/heads/{branch}:refs/heads/{branch}")


def _tip(repository: Path, ref: str) -> str | None:
    try:
        return _git(repository, "rev-parse", "--verify", "--quiet", ref).decode().strip()
    except GitError:
        return None


def _tree(repository: Path, commit: str) -> str:
    return _git(repository, "rev-parse", f"{commit}^{{tree}}").decode().strip()


def _git(folder: Path, *words: str, given: bytes | None = None, env: Mapping[str, str] | None = None) -> bytes:
    surroundings = {name: value for name, value in os.environ.items() if name not in _ASIDE}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],  # noqa: S607 -- the user's own git, wherever it is installed
            input=given,
            stdin=None if given is not None else subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env=surroundings | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"} | dict(env or {}),
        )
    except FileNotFoundError:
        raise GitError("git is not installed.", "Install it, or use `analytics apply`.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise GitError(f"git {words[0]} failed: {said or f'exit code {done.returncode}'}")
    return done.stdout
