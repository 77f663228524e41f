"""How the specs do, and which one is meant by an id or a path."""

from __future__ import annotations

import difflib

from analytics_assets.queries.answers import Row, rows
from analytics_assets.queries.errors import UnknownSpecError
from analytics_assets.queries.snapshot import Snapshot, reading

SPECS = "select * from profiles.spec_quality order by success_rate nulls last, runs_count desc, spec_id"
FAILURES = """
    select * from profiles.failure_patterns
    order by occurrences desc, error_type nulls last, spec_type nulls last, task_count nulls last
"""
KNOWN = """
    select spec_id, max(path) as path from (
        select id as spec_id, path from staging.stg_specs
        union all
        select spec_id, null as path from staging.stg_runs
    ) as named
    group by spec_id order by spec_id
"""
CLOSE_NAMES = 3


def get_spec_quality(snapshot: Snapshot | None = None) -> list[Row]:
    """How every spec does over 30 days: the rows of ``profiles.spec_quality``, the least successful first.

    A spec without a run has no rate and comes last.
    """
    with reading(snapshot) as current:
        return rows(current, SPECS)


def get_failure_patterns(snapshot: Snapshot | None = None) -> list[Row]:
    """What runs fail of: the rows of ``profiles.failure_patterns``, the most frequent first."""
    with reading(snapshot) as current:
        return rows(current, FAILURES)


def find_spec(asked: str, snapshot: Snapshot | None = None) -> str:
    """The id of the spec that is meant by its id, or by its document's path or the end of it.

    Raises:
        UnknownSpecError: no document and no run has it, or several documents end so.
    """
    with reading(snapshot) as current:
        paths: dict[str, str | None] = {row["spec_id"]: row["path"] for row in rows(current, KNOWN)}
    if asked in paths:
        return asked
    found = [spec for spec, path in paths.items() if path and _is_same_file(asked, path)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownSpecError(f"'{asked}' may be {' or '.join(found)}: name the spec by its id")
    ends = {path.rsplit("/", 1)[-1]: spec for spec, path in paths.items() if path}
    named = {spec: spec for spec in paths} | ends
    close = dict.fromkeys(named[name] for name in difflib.get_close_matches(asked, named, n=CLOSE_NAMES))
    hint = f"did you mean {' or '.join(close)}?" if close else "`analytics report` lists those that are known"
    raise UnknownSpecError(f"no run and no document has the spec '{asked}': {hint}")


def _is_same_file(asked: str, path: str) -> bool:
    """Whether one of the two ends with the other, folder by folder."""
    one, other = asked.split("/"), path.split("/")
    shared = min(len(one), len(other))
    return one[-shared:] == other[-shared:]
