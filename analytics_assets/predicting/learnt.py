"""Which runs a version may have learnt from: those whose outcome was on record when it was trained.

Not the start decides: a run may end, or its record arrive, long after runs that started later.
"""

from __future__ import annotations

from analytics_assets.predicting.runs import FAILED, SUCCEEDED

_OUTCOMES = ", ".join(f"'{status}'" for status in (*sorted(FAILED), SUCCEEDED))
# Every version of a record: who learnt from an outcome knows of it, also when it was corrected or withdrawn since.
# Without an end the start stands for it, which is earlier: rather a run too many counts as learnt from. Of a run that
# is no more on record nothing says when it was told.
TOLD = f"""
    select run_id, ingested_at as told_at, greatest(completed_at, started_at) as ended_at
    from raw.runs where status in ({_OUTCOMES})
    union all
    select run_id, null as told_at, known_at as ended_at
    from predictions.run_features
    where known_at is not null and run_id not in (select run_id from raw.runs where run_id is not null)
"""
"""What was told of runs: when it was ingested, and when by that the run had ended. One row per record."""
LEARNT = f"""
    select run_id from ({TOLD}) as told
    where run_id is not null and ended_at <= $trained_until and (told_at is null or told_at <= $trained_at)
"""
"""Runs that a version may have learnt from, by its ``trained_at`` (the clock) and ``trained_until`` (the records)."""
EARLY = f"""
    select distinct predictions.id, predictions.subject_id
    from predictions.model_predictions as predictions
    inner join predictions.model_versions as versions on predictions.model_id = versions.id
    inner join ({TOLD}) as told on predictions.subject_id = told.run_id
    where
        predictions.subject_type = 'run'
        and told.ended_at <= versions.trained_until
        and (told.told_at is null or told.told_at <= versions.trained_at)
    order by predictions.id
"""
"""Answers about runs that their version may have learnt from."""
