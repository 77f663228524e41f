"""The door before the Dagster UI, which has no login and would obey any web page open in an operator's browser.

Dagster's server executes mutations sent by GET and checks neither Host nor Origin, so an image tag on a foreign page
could start or delete runs on a loopback address. Behind this door only pages of the UI itself, and programs on this
machine, get through. It is not a login: who can open a port on this machine can use the UI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLOSED = ("/report_asset_", "/download_debug", "/notebook", "/dagit/notebook")
"""Writing endpoints that need no GraphQL, and files that the UI of this project does not use."""
METHODS = frozenset({"GET", "HEAD", "POST"})
HTTP_PORT = 80
POLICY_VIOLATION = 1008
"""WebSocket close code; before the handshake ends the server sends it as 403."""


class Guard:
    """ASGI middleware for a server on 127.0.0.1."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        # Browsers leave the port of plain HTTP out.
        ending = "" if port == HTTP_PORT else f":{port}"
        self._hosts = frozenset({f"127.0.0.1{ending}", f"localhost{ending}"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refused = self.refusal(scope)
        if refused is None:
            await self._app(scope, receive, _unframed(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": refused})
        else:
            await PlainTextResponse(f"{refused}\n", status_code=403)(scope, receive, send)

    def refusal(self, scope: Scope) -> str | None:
        """Why a request may not pass, in words; None when it may."""
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "This server answers to its own address only: a foreign name may point here (DNS rebinding)."
        if any(origin.removeprefix("http://") not in self._hosts for origin in origins):
            return "Another page asked for this."
        if scope["path"].startswith(CLOSED):
            return "This endpoint is closed."
        return None if scope["type"] == "websocket" else _refused_request(scope, headers)


def _refused_request(scope: Scope, headers: Headers) -> str | None:
    """What another page can make a browser send without being asked who it is."""
    method, path = scope["method"], scope["path"].rstrip("/")
    if method not in METHODS:
        return f"{method} is not used here."
    if path != "/graphql":
        return None
    if method != "POST":
        given = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        return "GraphQL is asked by POST." if any(name == "query" for name, _ in given) else None
    media_type = headers.get("content-type", "").split(";")[0].strip().lower()
    return None if media_type == "application/json" else "GraphQL is asked in application/json."


def _unframed(send: Send) -> Send:
    """Forbid other pages to show this one in a frame and lead clicks to it."""

    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Frame-Options"] = "DENY"
            # A policy of its own: Dagster's stays in force beside it.
            headers.append("Content-Security-Policy", "frame-ancestors 'none'")
        await send(message)

    return send_guarded
