"""Opening a pull request over an HTTP interface like GitHub's, with a token that is neither kept nor shown."""

from __future__ import annotations

import ipaddress
import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from analytics_assets.feedback.spec_files import FeedbackError
from analytics_assets.operating_thresholds import PULL_REQUEST_TIME_LIMIT

_REMOTE = re.compile(r"^(?:[a-z+]+://[^/]+/|[^/@]+@[^/:]+:|[^/:]+:)?(?:.*/)?([^/]+)/([^/]+?)(?:\.git)?/?$")
_REMEDIES = {
    401: "The token is not accepted: make a new one.",
    403: "The token may not do that: it needs to write pull requests.",
    404: "Check --api and --repository, and whether the token may see that repository.",
}


class PullRequestError(FeedbackError):
    """The pull request is not open; the branch may be pushed already."""


def repository_of(address: str) -> str:
    """``owner/name`` out of a remote's address.

    >>> repository_of("git@github.com:team/specs.git"), repository_of("https://git.example.org/team/specs")
    ('team/specs', 'team/specs')

    Raises:
        PullRequestError: it cannot be told.
    """
    found = _REMOTE.match(address)
    if found is None:
        raise PullRequestError("The remote's address does not tell the repository.", "Name it: --repository OWNER/NAME")
    return f"{found[1]}/{found[2]}"


@dataclass(frozen=True)
class Destination:
    """Where a pull request goes: ``api`` is the address of the interface, ``repository`` owner/name, ``base`` a branch.

    Raises:
        PullRequestError: the address is not safe for a token.
    """

    api: str
    repository: str
    base: str

    def __post_init__(self) -> None:
        _refuse_plain(self.api)


def open_pull_request(to: Destination, token: str, *, title: str, body: str, head: str) -> str:
    """Ask for a pull request of branch ``head``; returns its address.

    Raises:
        PullRequestError: nobody answers, or it is refused.
    """
    owner, _, name = to.repository.partition("/")
    request = urllib.request.Request(  # noqa: S310 -- the scheme is looked at above
        f"{to.api.rstrip('/')}/repos/{quote(owner, safe='')}/{quote(name, safe='')}/pulls",
        json.dumps({"title": title, "body": body, "head": head, "base": to.base}).encode(),
        {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
            "User-Agent": "analytics-assets",
        },
        method="POST",
    )
    try:
        with _OPENER.open(request, timeout=PULL_REQUEST_TIME_LIMIT.value) as answer:
            return _address(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            said = _message(error.read())
        remedy = _REMEDIES.get(error.code, "The branch is pushed: the pull request can be opened by hand.")
        raise PullRequestError(f"{urlsplit(to.api).netloc} refused it ({error.code}): {said}", remedy) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise PullRequestError(
            f"{urlsplit(to.api).netloc} does not answer: {reason}.", "The branch is pushed; try again later."
        ) from None


def _refuse_plain(api: str) -> None:
    """A token goes over HTTPS, or stays on this machine."""
    parts = urlsplit(api)
    host = parts.hostname or ""
    try:
        is_here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = False
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and is_here)):
        raise PullRequestError(f"A token is not sent to {api}: it is not an https address.", "--api https://...")


def _address(answer: bytes) -> str:
    try:
        found = json.loads(answer)["html_url"]
    except (ValueError, KeyError, TypeError):
        raise PullRequestError("The answer names no pull request.", "Look at the repository's own page.") from None
    return str(found)


def _message(answer: bytes) -> str:
    """What the other side says is wrong: its message, and the first of its errors."""
    try:
        given: Any = json.loads(answer)
        words = [str(given["message"]), *(str(e["message"]) for e in given.get("errors", []) if "message" in e)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer[:200].decode(errors="replace").strip() or "no reason given"
    return "; ".join(words)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another host."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none: it arrives as an error with its code."""


_OPENER = urllib.request.build_opener(_NoRedirect)
