"""What runs need, and what they are given."""

from __future__ import annotations

from analytics_assets.queries.answers import Row, rows
from analytics_assets.queries.snapshot import Snapshot, reading

RESOURCES = """
    select * from profiles.resource_usage_profiles
    where $spec is null or spec_id = $spec
    order by oom_share desc, spec_id, runs desc, memory_limit, cpu_limit
"""


def get_resource_usage(spec_id: str | None = None, snapshot: Snapshot | None = None) -> list[Row]:
    """Use of memory and CPU per spec and limits: the rows of ``profiles.resource_usage_profiles``.

    What was killed for want of memory most often comes first. Percentiles are of peaks that no limit cut off.
    """
    with reading(snapshot) as current:
        return rows(current, RESOURCES, {"spec": spec_id})
