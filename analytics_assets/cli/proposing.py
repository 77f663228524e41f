"""``analytics propose``: the pending suggestions of a spec as a branch with one commit, and as a pull request."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rich.console import Console

from analytics_assets.cli.deciding import finish_interrupted, in_plain_words, show_diff
from analytics_assets.cli.problems import MISUSED, CommandError
from analytics_assets.reports.figures import plain
from analytics_assets.settings import Settings

if TYPE_CHECKING:
    from analytics_assets.feedback.proposals import Proposal
    from analytics_assets.feedback.proposing import Branch
    from analytics_assets.feedback.pull_requests import Destination

REMOTE = "origin"


def propose(
    settings: Settings,
    console: Console,
    spec: str,
    *,
    yes: bool,
    opens: bool,
    token_variable: str,
    api: str,
    repository: str | None,
) -> None:
    """Show the branch, its commit and the text of the pull request; with ``yes`` make them.

    Raises:
        CommandError: there is nothing to propose, or git or the other side refuses.
    """
    from analytics_assets.feedback.proposing import make_branch, plan_branch

    token = _token(token_variable) if opens else None
    with in_plain_words():
        finish_interrupted(settings, console)
        branch = plan_branch(_proposal(settings, spec))
        to = _destination(branch, api, repository) if opens else None
        _show(console, branch, to)
        if not yes:
            console.print("Nothing was done. To do it: the same command with --yes", markup=False)
            return
        name, (commit, is_new) = branch.proposal.branch, make_branch(branch)
        said = "made" if is_new else "was there already"
        console.print(f"branch {name} {said}: {commit[:12]} in {branch.base.repository}", markup=False)
        if to is not None and token is not None:
            console.print(f"pull request: {plain(_open(branch, to, token))}", markup=False)
            return
    console.print(f"next: git push {REMOTE} {name}", style="dim", markup=False)


def _proposal(settings: Settings, spec: str) -> Proposal:
    from analytics_assets.feedback.proposals import applicable
    from analytics_assets.feedback.proposals import propose as proposed
    from analytics_assets.feedback.spec_files import find
    from analytics_assets.queries.decisions import get_fingerprint
    from analytics_assets.queries.snapshot import open_snapshot
    from analytics_assets.queries.specs import find_spec
    from analytics_assets.queries.suggestions import get_suggestions

    with open_snapshot(settings) as snapshot:
        spec_id = find_spec(spec, snapshot)
        suggestions = get_suggestions(snapshot)
        fingerprint = get_fingerprint(spec_id, snapshot)
    return proposed(settings, find(settings, spec_id), applicable(suggestions, spec_id), fingerprint)


def _show(console: Console, branch: Branch, to: Destination | None) -> None:
    proposal = branch.proposal
    console.print(f"branch {proposal.branch} on {branch.base.head[:12]}", style="bold", markup=False)
    console.print(plain(proposal.title), markup=False)
    show_diff(console, branch.diff)
    console.print(plain(proposal.body), markup=False)
    if branch.has_other_changes:
        words = f"{branch.base.path} has changes that are not committed: they stay out of it."
        console.print(words, style="yellow", markup=False)
    if to is not None:
        words = f"It is pushed to {REMOTE}, and a pull request into {to.base} of {to.repository} is opened at {to.api}."
        console.print(plain(words), markup=False)


def _destination(branch: Branch, api: str, repository: str | None) -> Destination:
    from analytics_assets.feedback.branches import GitError, default_branch, remote_address
    from analytics_assets.feedback.pull_requests import Destination, repository_of

    folder = branch.base.repository
    address = remote_address(folder, REMOTE)
    base = default_branch(folder, REMOTE)
    if base is None:
        raise GitError("HEAD is detached: which branch the pull request goes to cannot be told.", "git switch BRANCH")
    return Destination(api, repository or repository_of(address), base)


def _open(branch: Branch, to: Destination, token: str) -> str:
    from analytics_assets.feedback.branches import push
    from analytics_assets.feedback.pull_requests import open_pull_request

    proposal = branch.proposal
    push(branch.base.repository, REMOTE, proposal.branch)
    return open_pull_request(to, token, title=proposal.title, body=proposal.body, head=proposal.branch)


def _token(variable: str) -> str:
    token = os.environ.get(variable, "").strip()
    if not token:
        raise CommandError(
            f"{variable} has no token, which opening a pull request needs.",
            f"export {variable}=..., or name another variable with --token-variable, or leave out --open.",
            exit_code=MISUSED,
        )
    return token
