"""The Dagster UI behind its guard: ``python -m analytics_assets.supervisor.web PORT WORKSPACE``.

``DAGSTER_HOME`` names the instance, as for every Dagster process.
"""

from __future__ import annotations

import sys
from pathlib import Path

HOST = "127.0.0.1"


def serve(port: int, workspace: Path) -> None:
    """Serve until the process is told to end."""
    import uvicorn
    from dagster import DagsterInstance, __version__
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster_webserver.app import create_app_from_workspace_process_context

    from analytics_assets.supervisor.guard import Guard

    with (
        DagsterInstance.get() as instance,
        WorkspaceProcessContext(
            instance, version=__version__, workspace_load_target=WorkspaceFileTarget([str(workspace)])
        ) as context,
    ):
        app = Guard(create_app_from_workspace_process_context(context), port)
        # No proxy is trusted to say who asks, and a page held open must not delay the end.
        uvicorn.run(
            app,
            host=HOST,
            port=port,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
