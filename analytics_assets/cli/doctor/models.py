"""Findings about the models of runs: files that were changed or lost, and versions that nobody asked to stop."""

from __future__ import annotations

from datetime import datetime

from analytics_assets.cli.doctor.finding import Finding, fine, problem
from analytics_assets.predicting import artefacts
from analytics_assets.predicting.artefacts import ArtefactError
from analytics_assets.queries.answers import rows
from analytics_assets.queries.errors import NoSnapshotError, NotAnsweredYetError
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.settings import Settings

IN_USE = """
    select versions.* from predictions.model_versions as versions
    where versions.stage in ('champion', 'shadow', 'canary')
        or versions.id in (select predecessor from predictions.model_versions where stage = 'champion')
    order by versions.stage != 'champion', versions.id
"""


def model_files(settings: Settings, _now: datetime) -> list[Finding]:
    """Whether the files of the versions in use are what was written; a champion whose files are not has stopped."""
    try:
        with open_snapshot(settings) as snapshot:
            used = [row for row in rows(snapshot, IN_USE) if row["artifact_removed_at"] is None]
    except (NoSnapshotError, NotAnsweredYetError):
        return []
    findings = []
    for row in used:
        try:
            artefacts.verify(settings, row["artifact_path"], row["artifact_sha256"])
        except ArtefactError as error:
            role = "It answers nothing until then." if row["stage"] == "champion" else f"It is {row['stage']}."
            findings.append(problem("models", f"{row['id']} cannot be read: {error} {role}", error.remedy))
    if findings or not used:
        return findings
    return [fine("models", f"the files of {', '.join(row['id'] for row in used)} are as they were written")]
