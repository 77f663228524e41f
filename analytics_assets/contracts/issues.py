"""Tracked problems, and the reviews that look for them."""

from analytics_assets.contracts.model import (
    Choice,
    Contract,
    Field,
    Identity,
    choice,
    integer,
    real,
    text,
    texts,
    time,
)

CATEGORY = Choice(values=("commands", "agents", "planning", "infrastructure"), open=True)
ISSUE_STATUS = Choice(
    values=("OPEN", "IN_PROGRESS", "FIXED", "WONT_FIX"),
    synonyms={
        "new": "OPEN",
        "reopened": "OPEN",
        "todo": "OPEN",
        "doing": "IN_PROGRESS",
        "closed": "FIXED",
        "resolved": "FIXED",
        "done": "FIXED",
        "wontfix": "WONT_FIX",
        "won't_fix": "WONT_FIX",
    },
)

ISSUES = Contract(
    kind="issues",
    grain="One row per tracked problem.",
    identity=Identity.ENTITY,
    key=("id",),
    time_field="first_seen",
    fields=(
        text("id", "Key of the issue, as OPT-001.", required=True),
        text("issue", "What is wrong.", required=True),
        choice("category", "Part of the system it belongs to.", CATEGORY, required=True),
        text("subcategory", "Finer class: oversized, duplicate, broken-ref, ..."),
        integer("priority", "0 critical, 1 high, 2 medium, 3 low.", required=True, minimum=0, maximum=3),
        time("first_seen", "When it was first seen.", required=True, date_allowed=True),
        time("fixed_date", "When it was fixed.", date_allowed=True),
        choice("status", "Where it stands.", ISSUE_STATUS, required=True),
        real("time_spent_minutes", "Time spent on it."),
        real("expected_minutes", "Time that was expected."),
        integer("recurrence_count", "Times it came back.", minimum=0),
        text("root_cause_id", "Root cause it was traced to."),
        texts("files_affected", "Files it touches."),
        integer("lines_over_limit", "For oversized files: lines over the limit."),
        integer("duplicate_count", "For duplication: number of copies."),
        text("resolution", "How it was resolved."),
        text("created_by", "What found it."),
        text("sprint", "Sprint it was tracked in."),
        time("updated_at", "Version of this record."),
    ),
)

SCOPE = Choice(values=("all", "planning", "commands", "agents"))
TRIGGERED_BY = Choice(values=("/optimize", "/system-review", "manual"), open=True)


def _health(part: str) -> Field:
    return real(f"health_score_{part}", f"Health, {part}: 0 to 100.", minimum=0, maximum=100)


REVIEWS = Contract(
    kind="reviews",
    grain="One row per optimization run.",
    identity=Identity.EVENT,
    key=("id",),
    time_field="run_date",
    fields=(
        text("id", "Key of the review.", required=True),
        time("run_date", "When it ran.", required=True, date_allowed=True),
        choice("scope", "What it looked at.", SCOPE, required=True),
        _health("overall"),
        _health("planning"),
        _health("commands"),
        _health("agents"),
        integer("issues_found", "Issues it found.", minimum=0),
        integer("issues_fixed", "Issues it fixed.", minimum=0),
        real("time_spent_minutes", "Time it took."),
        choice("triggered_by", "What started it.", TRIGGERED_BY),
    ),
)
