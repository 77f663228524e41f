"""The tables of settings and commands in README.md; ``python -m analytics_assets.cli.reference`` renews them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from analytics_assets.cli.app import app
from analytics_assets.settings import Settings

BLOCK = "<!-- {name}: made by python -m analytics_assets.cli.reference -->\n{body}\n<!-- end of {name} -->"


def names() -> list[str]:
    """Every command as it is typed."""
    return [_typed(command.callback) for command in app.registered_commands if command.callback]


def _typed(function: Callable[..., object]) -> str:
    """Typer's way: a function's name with hyphens."""
    return function.__name__.replace("_", "-")


def commands() -> str:
    """One row per command."""
    rows = ["| command | what it does |", "|---|---|"]
    for command in app.registered_commands:
        assert command.callback is not None, "a command has a function"
        rows.append(f"| `analytics {_typed(command.callback)}` | {(command.callback.__doc__ or '').splitlines()[0]} |")
    return "\n".join(rows)


def settings() -> str:
    """One row per setting."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        value = field.get_default(call_default_factory=True)
        default = "" if value is None else f"`{json.dumps(value) if isinstance(value, dict) else value}`"
        rows.append(f"| `ANALYTICS_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)


def renewed(page: str) -> str:
    """The page with its tables as they are now."""
    for name, body in (("commands", commands()), ("settings", settings())):
        before, _, rest = page.partition(f"<!-- {name}:")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        assert end, f"the page has no block of {name}"
        page = before + BLOCK.format(name=name, body=body) + after
    return page


if __name__ == "__main__":
    readme = Path("README.md")
    readme.write_text(renewed(readme.read_text(encoding="utf-8")), encoding="utf-8")
