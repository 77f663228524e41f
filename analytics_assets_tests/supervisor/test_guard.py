"""Only the UI's own pages and programs of this machine get through to Dagster."""

from __future__ import annotations

import asyncio
import json

import dagster as dg
import pytest
from starlette.responses import PlainTextResponse

from analytics_assets.supervisor.guard import Guard

OWN = {"Host": "127.0.0.1:3000"}
JSON = {"Content-Type": "application/json"}
MUTATION = "mutation { setNuxSeen }"


async def _exchange(app, scope, body):
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent


def ask(app, method, path, headers=OWN, *, query="", body=b""):
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 3000),
        "client": ("127.0.0.1", 5),
        "root_path": "",
    }
    start, *rest = asyncio.run(_exchange(app, scope, body))
    text = b"".join(message.get("body", b"") for message in rest).decode()
    return start["status"], [(name.decode(), value.decode()) for name, value in start["headers"]], text


def connect(app, headers):
    scope = {
        "type": "websocket",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    return asyncio.run(_exchange(app, scope, b""))[0]["type"]


async def _answers_anybody(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("through", headers={"Content-Security-Policy": "default-src 'self'"})(
            scope, receive, send
        )


@pytest.fixture
def app():
    return Guard(_answers_anybody, 3000)


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost:3000"])
def test_the_ui_is_served_under_its_own_names(app, host):
    assert ask(app, "GET", "/assets", {"Host": host})[0] == 200


@pytest.mark.parametrize("host", ["evil.example:3000", "127.0.0.1:8000", "127.0.0.1", "localhost:3000.evil.example"])
def test_a_foreign_name_that_points_here_is_refused(app, host):
    assert ask(app, "GET", "/", {"Host": host})[0] == 403


def test_a_request_without_a_host_is_refused(app):
    assert ask(app, "GET", "/", {})[0] == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:8000", "http://127.0.0.1:3000.evil.example"]
)
def test_a_page_of_another_origin_cannot_post(app, origin):
    assert ask(app, "POST", "/graphql", OWN | JSON | {"Origin": origin}, body=b"{}")[0] == 403


def test_the_ui_itself_and_programs_can_post_json(app):
    assert ask(app, "POST", "/graphql", OWN | JSON | {"Origin": "http://127.0.0.1:3000"})[0] == 200
    assert ask(app, "POST", "/graphql", OWN | {"Content-Type": "application/json; charset=utf-8"})[0] == 200


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "text/plain; application/json", "application/graphql", ""],
)
def test_content_types_that_a_form_can_send_are_refused(app, kind):
    assert ask(app, "POST", "/graphql", OWN | {"Content-Type": kind}, query="query=mutation{x}")[0] == 403


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("query", ["query=mutation%7Bx%7D", "%71uery=x", "a=1&query=", "query"])
def test_graphql_is_not_asked_in_the_address(app, method, query):
    assert ask(app, method, "/graphql", query=query)[0] == 403
    assert ask(app, method, "/graphql/", query=query)[0] == 403


def test_the_playground_page_is_served(app):
    assert ask(app, "GET", "/graphql", OWN | {"Accept": "text/html"})[0] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(app, method):
    assert ask(app, method, "/graphql")[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/report_asset_materialization/raw/runs",
        "/report_asset_check/raw/runs",
        "/report_asset_observation/raw/runs",
        "/download_debug/some-run",
        "/notebook",
        "/dagit/notebook",
    ],
)
def test_endpoints_that_the_ui_does_not_need_are_closed(app, path):
    assert ask(app, "POST", path, OWN | JSON)[0] == 403
    assert ask(app, "GET", path)[0] == 403


def test_a_websocket_needs_the_own_host_and_origin(app):
    assert connect(app, OWN | {"Origin": "http://127.0.0.1:3000"}) == "websocket.accept"
    assert connect(app, OWN | {"Origin": "https://evil.example"}) == "websocket.close"
    assert connect(app, {"Host": "evil.example:3000", "Origin": "http://evil.example:3000"}) == "websocket.close"


def test_no_page_may_frame_the_ui_and_its_own_policy_stays(app):
    headers = ask(app, "GET", "/")[1]
    assert ("x-frame-options", "DENY") in [(name.lower(), value) for name, value in headers]
    policies = [value for name, value in headers if name.lower() == "content-security-policy"]
    assert policies == ["default-src 'self'", "frame-ancestors 'none'"]


def test_the_standard_port_is_not_named_by_browsers():
    app = Guard(_answers_anybody, 80)
    assert ask(app, "GET", "/", {"Host": "localhost"})[0] == 200
    assert ask(app, "GET", "/", {"Host": "evil.example"})[0] == 403


@pytest.fixture(scope="module")
def dagster_app():
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import EmptyWorkspaceTarget
    from dagster_webserver.app import create_app_from_workspace_process_context

    with (
        dg.instance_for_test() as instance,
        WorkspaceProcessContext(
            instance, version=dg.__version__, workspace_load_target=EmptyWorkspaceTarget()
        ) as context,
    ):
        yield create_app_from_workspace_process_context(context)


def test_dagster_alone_obeys_a_mutation_in_an_address_and_behind_the_guard_does_not(dagster_app):
    from urllib.parse import urlencode

    query = urlencode({"query": MUTATION})
    status, _, text = ask(dagster_app, "GET", "/graphql", query=query)
    assert (status, json.loads(text)) == (200, {"data": {"setNuxSeen": True}}), "the hole is closed: drop the guard"
    assert ask(Guard(dagster_app, 3000), "GET", "/graphql", query=query)[0] == 403


def test_dagster_still_answers_its_own_page_behind_the_guard(dagster_app):
    body = json.dumps({"query": "{ version }"}).encode()
    status, _, text = ask(Guard(dagster_app, 3000), "POST", "/graphql", OWN | JSON, body=body)
    assert (status, json.loads(text)["data"]["version"]) == (200, dg.__version__)
