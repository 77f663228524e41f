"""What the report tells, section by section; the same for a text and for a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from analytics_assets.cli.reports.facts import Facts
from analytics_assets.cli.reports.predictions import predictions
from analytics_assets.cli.suggesting import evidence, headline, subject, worth
from analytics_assets.lib.rates import success_rate, wilson_interval
from analytics_assets.reports.figures import (
    Column,
    Row,
    between,
    count,
    figure,
    interval,
    mcores,
    megabytes,
    moment,
    seconds,
    share,
    text,
    usd,
)
from analytics_assets.reports.section import Case, Section
from analytics_assets.thresholds import (
    QUALITY_WEIGHT_COST,
    QUALITY_WEIGHT_ITERATIONS,
    QUALITY_WEIGHT_SUCCESS,
    SPEC_REVIEW_RATE,
)

MOST_FAILURES = 20
"""Patterns listed; the most frequent ones, and SQL finds the rest."""
MOST_IMPROVEMENTS = 10
"""Applied suggestions listed: the newest."""
TITLE = "Spec quality report"
LEARN = "`analytics learn` computes it."
REVIEW = f"{100 * SPEC_REVIEW_RATE.value:.0f} %"


SCORE = (
    f"Score, 0 to 100: success ({100 * QUALITY_WEIGHT_SUCCESS.value:.0f} %), cost "
    f"({100 * QUALITY_WEIGHT_COST.value:.0f} %) and iterations ({100 * QUALITY_WEIGHT_ITERATIONS.value:.0f} %), "
    "both against specs of the same type."
)


def sections(facts: Facts) -> list[Section]:
    """The report's sections, in the order in which they are read."""
    return [
        _summary(facts),
        _under_review(facts),
        _specs(facts),
        _models(facts),
        _resources(facts),
        _failures(facts),
        _costs(facts),
        predictions(facts),
        _suggestions(facts),
        _improvements(facts),
        _calibration(facts),
        _rules(facts),
    ]


def _summary(facts: Facts) -> Section:
    runs, successes = (sum(row[name] for row in facts.models) for name in ("runs", "successful_runs"))
    priced, cost = sum(row["priced_runs"] for row in facts.models), _total(facts.models)
    newest = f"newest run {moment(facts.as_of)} (UTC)" if facts.as_of else "no run so far"
    told = [f"Version {facts.version}, published {moment(facts.published_at)} (UTC); {newest}."]
    rate, band = success_rate(successes, runs), wilson_interval(successes, runs)
    if band is None:
        told.append("In the last 30 days no run succeeded or failed.")
    else:
        told.append(
            f"In the 30 days before it {successes:,} of {runs:,} runs succeeded: {share(rate)}, "
            f"95 % interval {between(*band)}."
        )
        known = f"Models cost {usd(cost)} in the {priced:,} runs whose cost is known."
        told.append(known if priced else "What models cost is not known of any run.")
    judged = [row for row in facts.specs if row["runs_count"]]
    poor = [row for row in judged if row["needs_review"]]
    told.append(f"{len(judged):,} of {len(facts.specs):,} specs ran; {len(poor):,} succeed in under {REVIEW}.")
    if facts.suggestions is not None:
        pending = Counter(row["level"] for row in facts.suggestions if row["status"] == "pending")
        levels = ", ".join(f"{pending[level]} {level}" for level in ("HIGH", "MED", "LOW"))
        waiting = sum(pending.values())
        told.append(f"{waiting} {'suggestion waits' if waiting == 1 else 'suggestions wait'} for a decision: {levels}.")
    return Section("Summary", tuple(told))


def _total(rows: Sequence[Row]) -> float | None:
    known = [row["total_cost_usd"] for row in rows if row["total_cost_usd"] is not None]
    return sum(known) if known else None


_RATE = (figure("succeeded", "success_rate", share), interval("95 % interval", "success_rate"))


def _under_review(facts: Facts) -> Section:
    poor = [row for row in facts.specs if row["needs_review"]]
    # What is just under the limit must not be rounded to it.
    rate = figure("succeeded", "success_rate", lambda value: f"{100 * value:.1f} %")
    if not poor:
        return Section(f"Specs under {REVIEW}", (f"No spec that ran succeeds in under {REVIEW} of its runs.",))
    return Section(
        f"Specs under {REVIEW}",
        ("A rewritten spec starts a new history; its version before stands beside it.",),
        (
            *(text("spec", "spec_id"), text("type", "spec_type"), figure("runs", "runs_count", count), rate, _RATE[1]),
            Column("version before", _before),
            Column("common failures", _common_failures, is_number=False),
        ),
        poor,
    )


def _before(row: Row) -> str | None:
    known = row["previous_success_rate"]
    return None if known is None else f"{share(known)} of {count(row['previous_runs_count'])}"


def _common_failures(row: Row) -> str | None:
    return ", ".join(json.loads(row["common_failures"] or "[]")) or None


def _specs(facts: Facts) -> Section:
    score = figure("score", "quality_score", lambda value: None if value is None else f"{value:.0f}")
    rated = sorted((row for row in facts.specs if row["quality_score"] is not None), key=lambda r: r["quality_score"])
    unrated = [row for row in facts.specs if row["quality_score"] is None]
    return Section(
        "Every spec",
        (SCORE,),
        (
            *(text("spec", "spec_id"), text("type", "spec_type"), score, figure("runs", "runs_count", count), *_RATE),
            figure("per run", "avg_cost_usd", usd),
            figure("mean time", "avg_duration_seconds", seconds),
            figure("iterations", "avg_iterations", lambda value: None if value is None else f"{value:.1f}"),
            figure("memory p95", "p95_memory_mb", megabytes),
            figure("killed", "oom_runs", count),
        ),
        [*rated, *unrated],
        charts=("specs",),
    )


def _models(facts: Facts) -> Section:
    return Section(
        "Models per type of spec",
        ("Compare models within a type only. A cost per success counts what the failed runs cost too.",),
        (
            *(text("type", "spec_type"), text("model", "model"), figure("runs", "runs", count), *_RATE),
            figure("per success", "cost_per_success_usd", usd),
            figure("per run", "avg_cost_usd", usd),
            figure("median time", "p50_duration_seconds", seconds),
        ),
        facts.models,
        charts=("models",),
    )


def _resources(facts: Facts) -> Section:
    return Section(
        "Memory and CPU",
        ("Percentiles of the peaks that no limit cut off: of a killed run it is only known that it needed more.",),
        (
            *(text("spec", "spec_id"), text("memory", "memory_limit"), text("cpu", "cpu_limit")),
            figure("runs", "runs", count),
            figure("killed", "oom_share", share),
            interval("95 % interval", "oom_share"),
            figure("memory p50", "memory_p50_mb", megabytes),
            figure("p95", "memory_p95_mb", megabytes),
            figure("p99", "memory_p99_mb", megabytes),
            figure("cpu p95", "cpu_p95_mcores", mcores),
        ),
        facts.resources,
        charts=("resources",),
    )


def _failures(facts: Facts) -> Section:
    shown = facts.failures[:MOST_FAILURES]
    cut = len(facts.failures) - len(shown)
    return Section(
        "Failures",
        (f"The {len(shown)} most frequent; {cut} more stand in profiles.failure_patterns.",) if cut else (),
        (
            *(text("error", "error_type"), text("type of spec", "spec_type"), figure("tasks", "task_count", count)),
            figure("failures", "occurrences", count),
            figure("of the type's", "failure_share", share),
            figure("mean time to failure", "avg_time_to_failure_seconds", seconds),
            figure("last seen (UTC)", "last_seen_at", moment),
        ),
        shown,
    )


def _costs(facts: Facts) -> Section:
    return Section(
        "Costs per project and model",
        (),
        (
            *(text("project", "scope_id"), text("model", "model"), figure("runs", "runs", count)),
            figure("with a cost", "priced_runs", count),
            figure("total", "total_cost_usd", usd),
            figure("per success", "cost_per_success_usd", usd),
            figure("median", "p50_cost_usd", usd),
            figure("p95", "p95_cost_usd", usd),
        ),
        facts.costs,
    )


def _suggestions(facts: Facts) -> Section:
    if facts.suggestions is None:
        return Section("Suggestions", (f"Not computed yet: {LEARN}",))
    pending = [row for row in facts.suggestions if row["status"] == "pending"]
    others = Counter(row["status"].replace("_", " ") for row in facts.suggestions if row["status"] != "pending")
    told = ", ".join(f"{number} {word}" for word, number in sorted(others.items()))
    return Section(
        "Suggestions",
        (f"Beside these: {told}." if told else "No other suggestion was made.",),
        cases=tuple(_case(row) for row in pending),
    )


def _case(row: Row) -> Case:
    """The suggestion with its evidence; its words are those of ``analytics suggest``."""
    facts = [("Why", row["reasoning"]), ("Evidence", evidence(row))]
    facts += [("Worth", line) for line in worth(row)]
    facts += [("Proven wrong by", row["falsified_by"]), ("Id", row["id"])]
    return Case(f"{subject(row)}: {headline(row)}", row["level"], tuple(facts), row["evidence_sql"])


_HELD = (
    figure("held", "held_share", share),
    interval("95 % interval", "held_share"),
    figure("stated", "mean_confidence", share),
)


def _improvements(facts: Facts) -> Section:
    """Of each application: what is known of speed, reliability, cost and what people said, in one score."""
    title = "What applied suggestions did"
    if facts.improvements is None:
        return Section(title, (f"Not measured yet: {LEARN}",))
    if not facts.improvements:
        return Section(title, ("No suggestion was applied.",))
    newest = facts.improvements[:MOST_IMPROVEMENTS]
    told = f"The newest {len(newest)} of {len(facts.improvements)}. Score: 0 to 1, over what is known of it."
    return Section(
        title,
        (told,),
        (
            Column("for", lambda row: row["spec_id"] or row["spec_type"] or "all", is_number=False),
            text("rule", "rule"),
            figure("score", "effectiveness_score", lambda score: None if score is None else f"{score:.2f}"),
            figure("known", "known_weight", share),
            text("verdict", "verdict"),
            text("what it teaches", "lessons_learned"),
        ),
        newest,
    )


def _calibration(facts: Facts) -> Section:
    if facts.calibration is None:
        return Section("Do such suggestions hold?", (f"Not measured yet: {LEARN}",))
    known = [row for row in facts.calibration if row["n"]]
    bins = Column("said", lambda row: f"{100 * row['confidence_from']:.0f} to {100 * row['confidence_to']:.0f} %")
    told = "Of suggestions stated with 80 to 90 %, 80 to 90 % should prove right; backtest: replayed history."
    return Section(
        "Do such suggestions hold?",
        (told if known else "Not measured yet: the history is too short for a back-test, and nothing was applied.",),
        (text("from", "source"), bins, figure("n", "n", count), *_HELD),
        known,
        charts=("calibration",) if known else (),
    )


def _rules(facts: Facts) -> Section:
    if facts.rule_scores is None:
        return Section("What each rule is worth", (f"Not measured yet: {LEARN}",))
    return Section(
        "What each rule is worth",
        (),
        (
            *(text("rule", "rule"), figure("suggested", "suggested", count), figure("testable", "testable", count)),
            *(figure("held", "held", count), *_HELD[1:]),
            text("what to think of it", "opinion"),
        ),
        facts.rule_scores,
    )
