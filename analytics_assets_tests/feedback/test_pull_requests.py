"""A pull request is opened with the token in its header and nowhere else, and a refusal is said in words."""

from __future__ import annotations

import socket

import pytest

from analytics_assets.feedback.pull_requests import Destination, PullRequestError, open_pull_request, repository_of
from analytics_assets_tests.feedback.api import serving

TOKEN = "not-a-real-one"
TEXTS = {"title": "t", "body": "b ü", "head": "analytics/x"}


@pytest.fixture
def api():
    with serving() as server:
        yield server


def ask(api, repository="team/specs"):
    return open_pull_request(Destination(api.address, repository, "main"), TOKEN, **TEXTS)


def test_the_request_is_what_such_servers_expect(api):
    assert ask(api) == "https://git.example.org/team/specs/pull/7"
    ((path, headers, body),) = api.asked
    assert path == "/repos/team/specs/pulls"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert body == TEXTS | {"base": "main"}


def test_a_path_below_the_address_is_kept_and_names_cannot_leave_theirs(api):
    open_pull_request(Destination(f"{api.address}/api/v3/", "te am/../x", "main"), TOKEN, **TEXTS)
    assert api.asked[0][0] == "/api/v3/repos/te%20am/..%2Fx/pulls"


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (401, {"message": "Bad credentials"}, ["401", "Bad credentials", "make a new one"]),
        (404, {"message": "Not Found"}, ["404", "--repository"]),
        (
            422,
            {"message": "Validation Failed", "errors": [{"message": "already exists"}]},
            ["already exists", "by hand"],
        ),
        (500, b"<html>oops", ["500", "<html>oops"]),
        (201, {}, ["names no pull request"]),
    ],
)
def test_a_refusal_is_told_without_the_token(api, status, answer, words):
    api.status, api.answer = status, answer
    with pytest.raises(PullRequestError) as caught:
        ask(api)
    said = f"{caught.value} {caught.value.remedy}"
    assert [word for word in words if word not in said] == []
    assert TOKEN not in said


def test_a_redirect_does_not_carry_the_token_away(api):
    with serving() as other:
        api.status, api.headers = 307, {"Location": f"{other.address}/elsewhere"}
        with pytest.raises(PullRequestError, match="307"):
            ask(api)
        assert other.asked == []


@pytest.mark.parametrize("address", ["http://git.example.org", "ftp://127.0.0.1", "git.example.org", "file:///etc"])
def test_a_token_is_sent_to_https_or_to_this_machine_only(address):
    with pytest.raises(PullRequestError, match="not an https address"):
        Destination(address, "team/specs", "main")


def test_a_server_that_is_not_there_is_said():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(PullRequestError, match="does not answer"):
        open_pull_request(Destination(f"http://127.0.0.1:{port}", "team/specs", "main"), TOKEN, **TEXTS)


@pytest.mark.parametrize(
    "address",
    [
        "https://git.example.org/team/specs.git",
        "https://user@git.example.org/team/specs",
        "ssh://git@git.example.org:2222/team/specs.git",
        "git@git.example.org:team/specs.git",
        "/srv/git/team/specs.git",
        "https://git.example.org/group/team/specs/",
    ],
)
def test_the_repository_is_read_from_the_address_of_the_remote(address):
    assert repository_of(address) == "team/specs"


def test_an_address_without_a_repository_is_said():
    with pytest.raises(PullRequestError) as caught:
        repository_of("specs")
    assert "--repository" in str(caught.value.remedy)
