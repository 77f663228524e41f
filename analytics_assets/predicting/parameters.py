"""Parameters of a model as JSON keeps them, brought back to their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def typed(stored: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Each parameter in the type of the usual one; those that are not named are left out.

    Raises:
        ValueError: there is no parameter of that name.
    """
    strangers = sorted(set(stored) - set(usual))
    if strangers:
        raise ValueError(f"no such parameter: {', '.join(strangers)}")
    return {name: type(usual[name])(value) for name, value in stored.items()}
