"""The spec documents of a sample, and their fingerprints as runs note them."""

from __future__ import annotations

from typing import Any

from analytics_assets.sample.cast import SPECS, Spec
from analytics_assets.warehouse.conversion import spec_record

FIRST, REVISED = "1.0.0", "1.1.0"


def document(spec: Spec, version: str) -> dict[str, Any]:
    """The document as its author wrote it."""
    return {
        "id": spec.id,
        "version": version,
        "spec_type": spec.spec_type,
        "complexity": spec.complexity,
        "model": "sample-medium",
        "resources": {"memory": spec.memory_limit, "cpu": spec.cpu},
        "tasks": [{"id": f"t{n}", "type": task_type} for n, task_type in enumerate(task_types(spec), start=1)],
    }


def documents() -> list[dict[str, Any]]:
    """The latest version of every spec."""
    return [document(spec, REVISED if spec.revised else FIRST) for spec in SPECS]


def task_types(spec: Spec) -> list[str]:
    """What its tasks are: plan, implement as often as needed, validate, review.

    >>> task_types(SPECS[3])
    ['implement', 'validate', 'review']
    """
    ends = ["validate", "review"]
    planned = ["plan"] if spec.task_count > len(ends) + 1 else []
    return [*planned, *["implement"] * (spec.task_count - len(planned) - len(ends)), *ends]


FINGERPRINTS = {
    (spec.id, version): str(spec_record(document(spec, version), "")["fingerprint"])
    for spec in SPECS
    for version in (FIRST, REVISED)
}
"""SHA-256 by spec and version, the same as the warehouse derives from the document."""
