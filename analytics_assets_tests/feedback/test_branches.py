"""A proposal becomes a branch with one commit, and the user's own work stays as it is."""

from __future__ import annotations

import pytest

from analytics_assets.feedback.branches import GitError, default_branch, push, remote_address
from analytics_assets.feedback.changes import DecisionError
from analytics_assets.feedback.json_edit import set_value
from analytics_assets.feedback.proposals import propose
from analytics_assets.feedback.proposing import make_branch, plan_branch
from analytics_assets.feedback.spec_files import find
from analytics_assets_tests.feedback.conftest import DOCUMENT, row
from analytics_assets_tests.feedback.git import Repository

APPLIED = DOCUMENT.replace(b'"2Gi"', b'"4Gi"')


@pytest.fixture(autouse=True)
def without_settings_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-config"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(tmp_path / "no-config"))


@pytest.fixture
def repository(spec) -> Repository:
    """The folder of the specs is a repository; its document is committed."""
    made = Repository(spec.settings.specs)
    made.commit_all()
    return made


def planned(spec):
    proposal = propose(spec.settings, find(spec.settings, "api-impl"), [row()], spec.fingerprint)
    return plan_branch(proposal)


def test_the_branch_has_one_commit_on_head_that_changes_that_value_alone(spec, repository):
    branch = planned(spec)
    commit, is_new = make_branch(branch)
    name = branch.proposal.branch
    assert is_new
    assert repository("rev-parse", name) == commit
    assert repository("rev-parse", f"{name}^") == repository("rev-parse", "HEAD")
    assert repository("diff", "--name-only", "HEAD", name) == "team/api.json"
    assert repository.blob(f"{name}:team/api.json") == APPLIED
    assert repository("log", "-1", "--format=%an <%ae>|%cn|%s", name) == (
        "Ada <ada@example.org>|Ada|api-impl: memory: 2Gi -> 4Gi"
    )
    assert row()["id"] in repository("log", "-1", "--format=%b", name)


def test_head_the_index_and_the_working_copy_stay_as_they_are(spec, repository):
    (spec.settings.specs / "staged.txt").write_text("x")
    repository("add", "staged.txt")
    (spec.settings.specs / "untracked.txt").write_text("y")
    before = repository.state()
    make_branch(planned(spec))
    assert repository.state() == before
    assert spec.path.read_bytes() == DOCUMENT


def test_planning_writes_nothing(spec, repository):
    objects = repository("count-objects", "-v")
    branch = planned(spec)
    assert '+\t"resources": {"memory": "4Gi"' in branch.diff
    assert repository("count-objects", "-v") == objects
    assert repository("branch", "--list") == "* main"


def test_what_is_not_committed_stays_out_of_it_and_is_told(spec, repository):
    spec.path.write_bytes(DOCUMENT.replace(b'"1.0.0"', b'"1.0.1"'))
    branch = planned(spec)
    make_branch(branch)
    assert branch.has_other_changes
    assert repository.blob(f"{branch.proposal.branch}:team/api.json") == APPLIED


def test_what_was_learned_stays_out_of_it_and_is_no_change_of_the_user(spec, repository):
    spec.path.write_bytes(set_value(DOCUMENT, ("_learned",), {"runs_count": 4}))
    branch = planned(spec)
    make_branch(branch)
    assert not branch.has_other_changes
    assert repository.blob(f"{branch.proposal.branch}:team/api.json") == APPLIED


def test_bytes_are_stored_as_they_are_whatever_git_would_convert(spec, repository):
    repository("config", "core.autocrlf", "true")
    branch = planned(spec)
    make_branch(branch)
    assert repository.blob(f"{branch.proposal.branch}:team/api.json") == APPLIED


def test_a_second_time_the_branch_is_there_already(spec, repository):
    first, _ = make_branch(planned(spec))
    assert make_branch(planned(spec)) == (first, False)


def test_a_branch_with_other_content_is_never_moved(spec, repository):
    branch = planned(spec)
    repository("branch", branch.proposal.branch)
    with pytest.raises(GitError, match="exists and has other content"):
        make_branch(branch)
    assert repository("rev-parse", branch.proposal.branch) == repository("rev-parse", "HEAD")


def test_variables_of_a_hook_do_not_lead_to_another_repository(spec, repository, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other-index"))
    branch = planned(spec)
    make_branch(branch)
    monkeypatch.undo()
    assert repository("branch", "--list", branch.proposal.branch)


def test_a_folder_in_no_repository_is_refused(spec):
    with pytest.raises(GitError, match="is in no git repository") as caught:
        planned(spec)
    assert "analytics apply" in str(caught.value.remedy)


def test_a_repository_without_a_commit_and_a_document_outside_of_it_are_refused(spec):
    repository = Repository(spec.settings.specs)
    with pytest.raises(GitError, match="has no commit yet"):
        planned(spec)
    repository("commit", "--quiet", "--allow-empty", "--message=empty")
    with pytest.raises(GitError, match="is not a file of the last commit"):
        planned(spec)


def test_a_last_commit_with_another_value_is_refused(spec, repository):
    spec.path.write_bytes(DOCUMENT.replace(b'"2Gi"', b'"1Gi"'))
    repository("commit", "--quiet", "--all", "--message=other")
    spec.path.write_bytes(DOCUMENT)
    with pytest.raises(DecisionError, match="of the last commit has memory: 1Gi"):
        planned(spec)


def test_without_an_identity_git_is_asked_for_one_and_no_branch_is_left(spec, repository, monkeypatch):
    repository("config", "--unset", "user.name")
    repository("config", "--unset", "user.email")
    repository("config", "user.useConfigOnly", "true")
    for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(GitError, match="does not know whose commit") as caught:
        make_branch(planned(spec))
    assert "git config user.email" in str(caught.value.remedy)
    assert repository("branch", "--list") == "* main"


def test_the_branch_can_be_pushed_and_nothing_else_is(spec, repository, tmp_path):
    bare = tmp_path / "remote" / "specs.git"
    bare.mkdir(parents=True)
    repository("init", "--quiet", "--bare", str(bare))
    with pytest.raises(GitError, match="has no remote 'origin'"):
        remote_address(repository.folder, "origin")
    repository("remote", "add", "origin", str(bare))
    branch = planned(spec)
    commit, _ = make_branch(branch)
    push(repository.folder, "origin", branch.proposal.branch)
    assert repository("ls-remote", "origin").split() == [commit, f"refs/heads/{branch.proposal.branch}"]


def test_pull_requests_go_to_the_remotes_own_branch_else_to_the_one_checked_out(repository):
    assert default_branch(repository.folder, "origin") == "main"
    repository("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert default_branch(repository.folder, "origin") == "trunk"
    repository("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    repository("checkout", "--quiet", "--detach")
    assert default_branch(repository.folder, "origin") is None
