"""Putting a proposal on a branch of the user's repository: upon the last commit, whatever the working copy holds."""

from __future__ import annotations

from dataclasses import dataclass

from analytics_assets.feedback.branches import Committed, commit_beside, committed
from analytics_assets.feedback.changes import edited, unified_diff
from analytics_assets.feedback.json_edit import JsonEditError, parse
from analytics_assets.feedback.proposals import Proposal
from analytics_assets.feedback.spec_files import SpecFile, SpecFileError


@dataclass(frozen=True)
class Branch:
    """A branch to be: the file of the last commit, and what it becomes."""

    proposal: Proposal
    base: Committed
    content: bytes
    has_other_changes: bool
    """Whether the working copy differs from the last commit in more than what was learned; that stays out of it."""

    @property
    def diff(self) -> str:
        """What the commit changes."""
        return unified_diff(self.base.content, self.content, self.base.path)


def plan_branch(proposal: Proposal) -> Branch:
    """What the branch would hold; nothing is written.

    Raises:
        GitError: the document is in no repository, or not in its last commit.
        DecisionError: the last commit has other values than the suggestions are about.
        SpecFileError: the document of the last commit cannot be read.
    """
    base = committed(proposal.file.path)
    shown = f"{base.path} of the last commit"
    try:
        _, document = parse(base.content)
    except JsonEditError as error:
        raise SpecFileError(f"{shown} {error}.", "Commit the document as it is now.") from error
    file = SpecFile(proposal.file.name, proposal.file.path, base.content, document)
    # The fingerprint was compared when it was proposed, with the working copy; the last commit may well be older.
    content = edited(file, proposal.suggestions, shown)
    return Branch(proposal, base, content, file.fingerprint != proposal.file.fingerprint)


def make_branch(branch: Branch) -> tuple[str, bool]:
    """Make it; returns the commit and whether it is new.

    Raises:
        GitError: a branch of that name has other content, or git does not know whose commit it is.
    """
    return commit_beside(branch.base, branch.proposal.branch, branch.content, branch.proposal.message)
