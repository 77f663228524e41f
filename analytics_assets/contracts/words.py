"""Words that several kinds share: outcomes of work and where a cost is known from."""

from analytics_assets.contracts.model import Choice

RUN_STATUS = Choice(
    values=("running", "success", "failed", "error", "timeout", "cancelled", "skipped"),
    synonyms={
        "started": "running",
        "in_progress": "running",
        "active": "running",
        "queued": "running",
        "pending": "running",
        "ok": "success",
        "succeeded": "success",
        "successful": "success",
        "passed": "success",
        "pass": "success",
        "completed": "success",
        "complete": "success",
        "done": "success",
        "failure": "failed",
        "fail": "failed",
        "errored": "error",
        "system_error": "error",
        "timed_out": "timeout",
        "timedout": "timeout",
        "canceled": "cancelled",
        "cancel": "cancelled",
        "cancellation": "cancelled",
        "aborted": "cancelled",
        "skip": "skipped",
    },
)

OPEN_STATUS = Choice(values=RUN_STATUS.values, synonyms=RUN_STATUS.synonyms, open=True)
"""As a run's status where known; any other word is kept as it is."""

TASK_STATUS = Choice(
    values=("success", "failed", "retry", "skipped"),
    synonyms={
        "ok": "success",
        "succeeded": "success",
        "successful": "success",
        "passed": "success",
        "pass": "success",
        "completed": "success",
        "complete": "success",
        "done": "success",
        "failure": "failed",
        "fail": "failed",
        "error": "failed",
        "errored": "failed",
        "retried": "retry",
        "skip": "skipped",
    },
)

COST_SOURCE = Choice(
    values=("provider", "computed", "estimated"),
    synonyms={"actual": "provider", "billed": "provider", "calculated": "computed", "estimate": "estimated"},
)
