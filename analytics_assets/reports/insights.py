"""Data Insights as sections: this run, trends, predictions."""

from __future__ import annotations

from collections.abc import Callable

from analytics_assets.lib.words import percent, plural
from analytics_assets.queries.answers import Answer
from analytics_assets.queries.issue_insights import WHOLE
from analytics_assets.queries.issues import NO_ISSUES
from analytics_assets.reports.figures import UNKNOWN, Row, between, certainty, moment, share
from analytics_assets.reports.issue_words import because, measure, moved, number, rests_on, target
from analytics_assets.reports.section import Section

TITLE = "Data Insights"
Point = tuple[str, str]


def insight_sections(insights: Answer) -> list[Section]:
    """The answer of ``get_data_insights`` in the order in which it is read."""
    run, trends, predictions = (insights[name] for name in ("this_run", "trends", "predictions"))
    return [
        Section("This run", tuple(_span(insights)), points=tuple(_run_points(run))),
        Section("Trends", points=tuple(_trend_points(trends))),
        Section("Predictions", points=tuple(_prediction_points(predictions))),
    ]


def _span(insights: Answer) -> list[str]:
    run = insights["this_run"]
    if run["since"] is None:
        return ["No issue and no review is known so far."]
    part = run["category"]
    of_part, alone = ("", "") if part is None else (f" of {part}", f" of {part} alone: no review is of everything")
    if run["is_since_review"]:
        before = f"the one before, {moment(run['since'])}"
        told = f"Review {run['review_id']}{alone}, {moment(run['run_date'])}; issues{of_part} since {before}."
    elif run["review_id"] is not None:
        told = f"Review {run['review_id']}{alone}, {moment(run['run_date'])}, is the first{of_part}; "
        told += f"issues{of_part} since {moment(run['since'])}."
    else:
        told = f"No review so far; issues of 7 days, since {moment(run['since'])}."
    stale = " The newest record is more than a day old." if insights["is_stale"] else ""
    return [f"{told} Up to {moment(insights['as_of'])}, all UTC.{stale}"]


def _run_points(run: Answer) -> list[Point]:
    roi = run["roi_priorities"]
    known = f"; known for {roi['with_roi']:,} of {plural(roi['open_issues'], 'open issue')}"
    return [
        ("Complexity score", _complexity(run["complexity"])),
        ("ROI priorities", _listed(roi, _with_roi, after=known)),
        *_each(run["anomalies"], "Anomaly", lambda row: f"{row['id']} {row['reason'] or 'stands out'}: investigate"),
    ]


def _complexity(found: Answer) -> str:
    if found["reason"]:
        return str(found["reason"])
    mean = f"{number(found['complexity'])} ({found['n']:,} of {plural(found['issues'], 'issue')})"
    if found["against_usual"] is None:
        return f"{mean}; usual: {because('no issue before')}"
    return f"{mean}, {found['against_usual']}: usual is {number(found['usual_complexity'])} (n = {found['usual_n']:,})"


def _with_roi(row: Row) -> str:
    return f"{row['id']} (roi = {row['roi_score']:.1f}, P{row['priority']})"


def _listed(part: Answer, told: Callable[[Row], str], *, separator: str = ", ", after: str = "") -> str:
    """The rows in one line, or why there are none."""
    return separator.join(map(told, part["rows"])) + after if part["rows"] else str(part["reason"])


def _each(part: Answer, name: str, told: Callable[[Row], str]) -> list[Point]:
    """A line for each row, as there is much to say of it, or why there is none."""
    return [(name, told(row)) for row in part["rows"]] or [(name, str(part["reason"]))]


def _trend_points(trends: Answer) -> list[Point]:
    return [
        ("Health", _kpi(trends["health"])),
        ("Last review", _review(trends["review"])),
        ("Burn rate", _burn(trends["burn"], trends["review"])),
        ("Debt", _kpi(trends["debt"])),
        ("Top root cause", _listed(trends["top_root_cause"], _top_cause)),
    ]


def _kpi(row: Row | None) -> str:
    if row is None:
        return NO_ISSUES
    if row["value"] is None:
        return because(row["reason"])
    aim = "" if row["target"] is None else f"; target {target(row)}"
    return f"{measure(row['value'], row['unit'])} ({moved(row)}{aim}; {rests_on(row['n'])})"


def _review(review: Row | None) -> str:
    if review is None:
        return because("no review so far")
    of_part, when = _of_part(review), moment(review["run_date"])
    if review["health_score_overall"] is None:
        return f"{when}{of_part}, without a health score"
    delta = review["health_delta_week"]
    change = "no review a week before" if delta is None else f"{delta:+.1f} points in a week"
    return f"health {number(review['health_score_overall'])} % on {when}{of_part} ({change})"


def _of_part(review: Row) -> str:
    """Of what the review is, where it did not look at everything."""
    return "" if review["scope"] == WHOLE else f", of {review['scope']} alone"


def _burn(burn: Answer, review: Row | None) -> str:
    if burn["rate"] is None or review is None:
        return str(burn["reason"])
    counted = f"{review['issues_fixed']:,} fixed, {review['issues_found']:,} found{_of_part(review)}"
    return f"{burn['rate']:.2f} ({burn['words']}: {counted})"


def _top_cause(row: Row) -> str:
    name = row["root_cause_id"] if row["subcategory"] is None else f"{row['subcategory']}, {row['root_cause_id']}"
    return f"{name} ({row['issues']:,} of {plural(int(row['all_issues']), 'issue')} = {share(row['share_of_issues'])})"


def _prediction_points(predictions: Answer) -> list[Point]:
    return [
        *_each(predictions["risk_files"], "Risk file", _file),
        ("Next P0 likely in", _next_critical(predictions["next_critical"])),
        ("Health to expect", _listed(predictions["expected_health"], _forecast)),
        ("Will take long", _listed(predictions["longest_estimates"], _estimate, separator="; ")),
        ("Proposed root causes", _causes(predictions["proposed_root_causes"])),
        *_each(predictions["models"], "How far to trust it", _model),
    ]


def _file(row: Row) -> str:
    if row["risk"] is None:
        return f"{row['file']} ({because(row['reason'])})"
    return f"{row['file']} ({certainty(row['risk'])} in 28 days: {row['reason'] or UNKNOWN})"


def _model(row: Row) -> str:
    answers = "its model answers" if row["is_published"] else "the simple answer stands"
    return f"{row['model'].replace('_', ' ')}: {answers}; {row['reason'] or UNKNOWN}"


def _next_critical(part: Answer) -> str:
    known = [row for row in part["rows"] if row["probability_next"] is not None]
    if not known:
        return because(part["rows"][0]["reason"]) if part["rows"] else str(part["reason"])
    first, rest = known[0], known[1:]
    if first["method"] == "uniform":
        return f"none more than another ({percent(first['probability_next'])} each: {first['reason'] or UNKNOWN})"
    band = between(first["probability_next_low"], first["probability_next_high"]) or "interval not known"
    seen = rests_on(first["n"], "P0 issue" if first["method"] == "critical_issues" else "issue")
    told = f"{first['category']} ({percent(first['probability_next'])}, {band}; {seen})"
    rivals = [row for row in rest if _overlap(first, row)]
    return f"{told}; not clearly more than {', '.join(row['category'] for row in rivals)}" if rivals else told


def _overlap(first: Row, other: Row) -> bool:
    low, high = first["probability_next_low"], other["probability_next_high"]
    return low is not None and high is not None and low <= high


def _forecast(row: Row) -> str:
    if row["health_score"] is None:
        return because(row["reason"])
    band = "" if row["lower"] is None else f", {number(row['lower'])} to {number(row['upper'])} % in 8 of 10 cases"
    when = f"at the end of the week of {row['forecast_for'][:10]}"
    how = f"{row['method'] or UNKNOWN}, {rests_on(row['weeks'], 'week')}"
    return f"{number(row['health_score'])} %{band} ({when}; {how})"


def _estimate(row: Row) -> str:
    if row["p50_minutes"] is None:
        return f"{row['id']} ({because(row['reason'])})"
    slow = "" if row["p90_minutes"] is None else f", 1 in 10 over {row['p90_minutes']:,.0f} min"
    return f"{row['id']} ({row['p50_minutes']:,.0f} min{slow}, {rests_on(row['n'])})"


def _causes(part: Answer) -> str:
    known = [row for row in part["rows"] if row["confidence"] is not None]
    if part["rows"] and not known:
        # Without a model all of them have the same reason.
        return because(part["rows"][0]["reason"])
    return _listed(part | {"rows": known}, _cause, separator="; ")


def _cause(row: Row) -> str:
    proposed = row["predicted_root_cause_id"]
    return f"{row['id']}: {UNKNOWN if proposed is None else proposed} ({certainty(row['confidence'])})"
