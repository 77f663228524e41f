"""A server like GitHub's, on this machine: it notes what it is asked and answers what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Api:
    """What came in, and what goes out."""

    def __init__(self) -> None:
        self.status = 201
        self.answer: Any = {"html_url": "https://git.example.org/team/specs/pull/7"}
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.address = ""


@contextmanager
def serving() -> Iterator[Api]:
    """Serve on a free port until the block ends."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            api.asked.append((self.path, dict(self.headers), body))
            answer = api.answer if isinstance(api.answer, bytes) else json.dumps(api.answer).encode()
            self.send_response(api.status)
            for name, value in {**api.headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
