"""What the terminal shows of one published version, and the evidence of what is chosen in it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.text import Text

from analytics_assets.cli.deciding import in_plain_words
from analytics_assets.cli.problems import CommandError, explained
from analytics_assets.cli.suggesting import COLOURS, evidence, headline, held, subject, unseen, worth
from analytics_assets.cli.tables import as_table
from analytics_assets.queries.errors import NotAnsweredYetError, QueryError
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.queries.specs import get_spec_quality
from analytics_assets.queries.suggestions import get_calibration, get_suggestions
from analytics_assets.reports.figures import Row, between, count, megabytes, moment, plain, said, seconds, share, usd
from analytics_assets.settings import Settings


@dataclass(frozen=True)
class View:
    """One published version. ``problem`` says why there is nothing to see; ``decided`` is not counted yet."""

    version: int | None = None
    as_of: str | None = None
    specs: list[Row] = field(default_factory=list)
    suggestions: list[Row] = field(default_factory=list)
    decided: dict[str, str] = field(default_factory=dict)
    calibration: str = ""
    problem: str | None = None

    @property
    def title(self) -> str:
        """What is shown, in a line."""
        if self.version is None:
            return "nothing to show"
        return f"version {self.version}, newest run {moment(self.as_of) or 'none'} (UTC)"


def load(settings: Settings) -> View:
    """Specs under 70 % and pending suggestions of the current version, the worst and the most certain first."""
    try:
        with open_snapshot(settings) as snapshot, in_plain_words():
            specs = get_spec_quality(snapshot)
            pending = [row for row in get_suggestions(snapshot) if row["status"] == "pending"]
            try:
                calibration = get_calibration(snapshot)
            except NotAnsweredYetError:
                calibration = None
            return View(
                version=snapshot.version,
                as_of=max((row["as_of"] for row in specs if row["as_of"]), default=None),
                specs=[row for row in specs if row["needs_review"]],
                suggestions=pending,
                decided={key: entry.decision for key, entry in unseen(settings, pending, snapshot).items()},
                calibration=held(calibration),
            )
    except (QueryError, CommandError) as error:
        return View(problem=in_words(error))


def in_words(error: Exception) -> str:
    """A known error with its remedy."""
    problem = explained(error)
    assert problem is not None, "errors of queries and commands are explained"
    return plain(f"{problem}\n{problem.remedy or ''}".strip())


def about_suggestion(settings: Settings, row: Row) -> RenderableType:
    """All that speaks for a suggestion and against it, and what its query answers now."""
    title = Text(f"[{row['level']}] ", style=COLOURS.get(row["level"], ""))
    title.append(f"{subject(row)}: {headline(row)}\n", style="bold")
    lines = [plain(row["reasoning"]), evidence(row), *worth(row), f"Proven wrong by: {plain(row['falsified_by'])}"]
    target = "by hand" if row["target"] is None else f"applying changes {said(row['target'])} in the spec's document"
    parts: list[RenderableType] = [title, *(Text(line) for line in lines), Text(f"{row['id']}, {target}", style="dim")]
    try:
        with open_snapshot(settings) as snapshot:
            answer: RenderableType = as_table(snapshot.query(row["evidence_sql"]))
    except QueryError as error:
        answer = Text(in_words(error), style="red")
    return Group(*parts, Text(), answer, Text(), Text(plain(row["evidence_sql"]), style="dim"))


def about_spec(row: Row) -> RenderableType:
    """How a spec does, and how its version before did."""
    rate = f"{share(row['success_rate'])}, interval {between(row['success_rate_low'], row['success_rate_high'])}"
    failures = ", ".join(json.loads(row["common_failures"] or "[]"))
    figures = {
        "succeeded": f"{count(row['success_count'])} of {count(row['runs_count'])} runs ({rate})",
        "version before": _before(row),
        "fails of": failures or None,
        "killed": f"{count(row['oom_runs'])} runs for want of memory",
        "per run": f"{said(usd(row['avg_cost_usd']))}, {said(seconds(row['avg_duration_seconds']))}",
        "memory": f"p95 {said(megabytes(row['p95_memory_mb']))}, asked for {said(row['memory_limit'])}",
        "model": row["model"],
        "document": row["path"],
    }
    shown = [Text(f"{name:<15}{said(value)}") for name, value in figures.items()]
    return Group(Text(f"{said(row['spec_id'])} ({said(row['spec_type'])})\n", style="bold"), *shown)


def _before(row: Row) -> str | None:
    if row["previous_success_rate"] is None:
        return None
    interval = between(row["previous_success_rate_low"], row["previous_success_rate_high"])
    return f"{share(row['previous_success_rate'])} of {count(row['previous_runs_count'])} runs, interval {interval}"
