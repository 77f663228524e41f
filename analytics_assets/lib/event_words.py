"""Events, links and times as sentences say them."""

from __future__ import annotations

from datetime import datetime

NO_SYSTEM = "(none)"
"""Stands for the target of an event that has none."""


def systems_of(*types: str) -> list[str]:
    """The systems that types of events name.

    >>> systems_of("ci>cluster/deployment", "github>ci/push")
    ['ci', 'cluster', 'github']
    """
    return sorted({system for name in types for system in name.split("/")[0].split(">")})


def titled(link_type: str) -> str:
    """A type of events, or a link, in a sentence.

    >>> titled("github>ci/push"), titled("ci>(none)/push"), titled("ci>cluster"), titled("3 more")
    ('push from github to ci', 'push from ci', 'ci to cluster', '3 more')
    """
    link, _, event_type = link_type.partition("/")
    way = " to ".join(system for system in link.split(">") if system != NO_SYSTEM)
    return f"{event_type} from {way}" if event_type else way


def minute(at: datetime) -> str:
    """A moment, to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def step_in_words(step: str) -> str:
    """A step of a flow: types of events that come together are joined by ``+``."""
    return " and ".join(map(titled, step.split(" + ")))


def lasting(seconds: float) -> str:
    """A time in the unit in which people say it.

    >>> lasting(62), lasting(545), lasting(10_800)
    ('62 s', '9 min', '3.0 h')
    """
    if seconds < 2 * 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3_600 else f"{seconds / 3_600:.1f} h"
