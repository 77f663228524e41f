"""Which changes of a pipeline's configuration came with a lasting change of a step?"""

from __future__ import annotations

from collections import defaultdict

from analytics_assets.pattern_store.looks import Row
from analytics_assets.pattern_store.observed import Observed, relative_size

CHANGE = "configuration_change"


def changes(rows: list[Row]) -> list[Observed]:
    """One pattern per version of a configuration that a step's lasting change came with.

    Args:
        rows: of ``patterns.bottlenecks``.
    """
    by_version: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["changed_with_version"] is not None and row["is_changed"]:
            by_version[row["pipeline_name"], row["changed_with_version"]].append(row)
    return [_change(pipeline, version, steps) for (pipeline, version), steps in sorted(by_version.items())]


def version_subject(pipeline: str, version: str) -> str:
    """How a version of a pipeline's configuration is named.

    >>> version_subject("ci", "1.1.0")
    'ci@1.1.0'
    """
    return f"{pipeline}@{version}"


def _change(pipeline: str, version: str, steps: list[Row]) -> Observed:
    largest = max(steps, key=lambda row: relative_size(1.0, row["change_ratio"]))
    told = ", ".join(f"{row['step_name']} takes {row['change_ratio']:.2g} times as long" for row in steps)
    return Observed(
        pattern_type=CHANGE,
        subject=version_subject(pipeline, version),
        pattern_name=f"Since configuration {version} of {pipeline}: {told}",
        pattern_category="workflow",
        topic="process_opportunity",
        detection_algorithm="first execution of a version against the date of a change",
        confidence_score=1 - largest["change_p_adjusted"],
        significance_score=relative_size(1.0, largest["change_ratio"]),
        strength=largest["change_ratio"],
        strength_unit="times as long",
        location=largest["step_name"],
        components=[pipeline],
        starts_at=min(row["change_at"] for row in steps),
        last_observed_at=largest["as_of"],
        detected_at=largest["as_of"],
        more={"pipeline_name": pipeline, "version": version, "steps": [row["step_name"] for row in steps]},
    )
