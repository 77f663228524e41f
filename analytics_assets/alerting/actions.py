"""What to do about an alert, in sentences that a tired person can follow in their order."""

from __future__ import annotations

from collections.abc import Sequence

from analytics_assets.alerting.condition import AlertType, Condition, Kind

_FIRST = {
    AlertType.PERFORMANCE: "Look at what {name} waits for: its own load, and what it calls",
    AlertType.ERROR_RATE: "Read the newest errors of {name}, and look for one message that is new or most frequent",
    AlertType.RESOURCE_USAGE: "Find what uses {name} most, and stop or move what is not needed now",
    AlertType.PATTERN_DEVIATION: "Compare {name} before and after: what was deployed, configured or sent to it then",
}
_OF_KIND = {
    Kind.UNUSUAL: "If it grows, take back the last change of {name}; three usual hours end it by themselves.",
    Kind.RATE_OVER_LIMIT: "Until it works again, send less to {name}, or retry later: each try fails as often.",
    Kind.LEVEL_OVER_LIMIT: "Else give {name} more; what is allowed is set by ANALYTICS_ALERT_THRESHOLDS.",
    Kind.FULL_SOON: "See what it will need and when: analytics capacity",
    Kind.CHANGED: "If it is meant to be so, say it: analytics reject {id} --reason TEXT",
    Kind.NEW_PATTERN: "If it is none, say it: analytics reject {id} --reason TEXT",
    Kind.STRONGER_PATTERN: "If that is expected, say it: analytics reject {id} --reason TEXT",
}


def recommended_actions(condition: Condition, key: str, causes: Sequence[str] = ()) -> list[str]:
    """Sentences, what to do first before the rest.

    Args:
        condition: what is wrong.
        key: id of its alert.
        causes: what is known to cause or precede it, in words.
    """
    name = condition.components[0] if condition.components else "it"
    since = f"{condition.began_at:%Y-%m-%d %H:%M}"
    known = [f"Look first at what comes before it: {cause.rstrip('.')}." for cause in causes]
    said = list(condition.advice)
    first = f"{_FIRST[condition.alert_type].format(name=name)} (since {since})."
    return [*known, *said, first, _OF_KIND[condition.kind].format(name=name, id=key)]
