"""`analytics propose`: a branch, a commit and a pull request, on a person's word alone."""

from __future__ import annotations

import pytest

from analytics_assets_tests.cli.suggested import APPLIED, ID, publish, write_document
from analytics_assets_tests.feedback.api import serving
from analytics_assets_tests.feedback.conftest import DOCUMENT, row
from analytics_assets_tests.feedback.git import Repository

TOKEN = "not-a-real-one"


@pytest.fixture
def repository(cli, monkeypatch, tmp_path):
    """The folder of the specs is a repository with a remote."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-config"))
    write_document(cli.settings)
    publish(cli.settings)
    made = Repository(cli.settings.specs)
    made.commit_all()
    remote = tmp_path / "team" / "specs.git"
    remote.mkdir(parents=True)
    made("init", "--quiet", "--bare", str(remote))
    made("remote", "add", "origin", str(remote))
    return made


def branches(repository):
    return repository("for-each-ref", "--format=%(refname:short)", "refs/heads/analytics").split()


def test_everything_is_shown_and_nothing_is_done_until_it_is_told_to(cli, repository):
    before = repository.state()
    said = cli.run("propose", "api-impl").stdout
    for part in ("branch analytics/api-impl-", "memory: 2Gi -> 4Gi", "select 1", ID):
        assert part in said
    (added,) = [line for line in said.splitlines() if line.startswith("+ ")]
    assert '"memory": "4Gi"' in added
    assert "Nothing was done" in said
    assert (branches(repository), repository.state()) == ([], before)


def test_with_yes_the_branch_is_made_and_nothing_else_changes(cli, repository):
    before = repository.state()
    said = cli.run("propose", "specs/api.json", "--yes").stdout
    (branch,) = branches(repository)
    assert f"branch {branch} made" in said
    assert f"next: git push origin {branch}" in said
    assert repository.blob(f"{branch}:api.json") == APPLIED
    assert repository.state() == before
    assert "was there already" in cli.run("propose", "api-impl", "--yes").stdout
    assert repository("ls-remote", "origin") == ""


def test_opening_pushes_the_branch_and_asks_for_a_pull_request_without_showing_the_token(cli, repository, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", TOKEN)
    with serving() as api:
        words = ("propose", "api-impl", "--open", "--token-variable", "MY_TOKEN", "--api", api.address)
        shown = cli.run(*words)
        assert f"a pull request into main of team/specs is opened at {api.address}" in shown.stdout
        assert (api.asked, repository("ls-remote", "origin")) == ([], "")
        done = cli.run(*words, "--yes")
    (branch,) = branches(repository)
    assert f"refs/heads/{branch}" in repository("ls-remote", "origin")
    ((path, headers, body),) = api.asked
    assert path == "/repos/team/specs/pulls"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert (body["head"], body["base"], body["title"]) == (branch, "main", "api-impl: memory: 2Gi -> 4Gi")
    assert "33 of 44 runs were killed" in body["body"]
    assert "pull request: https://git.example.org/team/specs/pull/7" in done.stdout
    assert TOKEN not in shown.output + done.output


def test_without_a_token_nothing_is_done(cli, repository, monkeypatch):
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    said = cli.run("propose", "api-impl", "--open", "--yes", exit_code=2).stderr
    assert "GITHUB_TOKEN has no token" in said
    assert "--token-variable" in said
    assert branches(repository) == []


def test_a_refused_pull_request_leaves_the_branch_and_says_why(cli, repository, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with serving() as api:
        api.status, api.answer = 422, {"message": "Validation Failed"}
        said = cli.run("propose", "api-impl", "--open", "--yes", "--api", api.address, exit_code=1)
    assert "refused it (422): Validation Failed" in said.stderr
    assert TOKEN not in said.output
    assert len(branches(repository)) == 1


def test_an_unsafe_address_is_refused_before_anything_is_pushed(cli, repository, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    words = ("propose", "api-impl", "--open", "--yes", "--api", "http://git.example.org")
    assert "not an https address" in cli.run(*words, exit_code=1).stderr
    assert (branches(repository), repository("ls-remote", "origin")) == ([], "")


def test_what_is_not_committed_is_told_and_stays_out_of_it(cli, repository):
    (cli.settings.specs / "api.json").write_bytes(DOCUMENT.replace(b'"1.0.0"', b'"1.0.1"'))
    publish(cli.settings)
    assert "not committed: they stay out of it" in cli.run("propose", "api-impl", "--yes").stdout
    assert repository.blob(f"{branches(repository)[0]}:api.json") == APPLIED


def test_specs_in_no_repository_are_said_with_another_way(cli):
    write_document(cli.settings)
    publish(cli.settings)
    said = cli.run("propose", "api-impl", "--yes", exit_code=1).stderr
    assert "is in no git repository" in said
    assert "analytics apply" in said


@pytest.mark.usefixtures("repository")
def test_an_unknown_spec_and_one_without_a_suggestion_are_said(cli):
    assert "api-impl" in cli.run("propose", "api-imp", exit_code=1).stderr
    publish(cli.settings, row(level="LOW"))
    assert "Nothing is pending for 'api-impl'" in cli.run("propose", "api-impl", exit_code=1).stderr
