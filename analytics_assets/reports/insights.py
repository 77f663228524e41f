"""Data Insights as sections: this run, trends, predictions."""

from __future__ import annotations

from collections.abc import Callable

from analytics_assets.lib.words import grouped, percent, plural
from analytics_assets.queries.answers import Answer
from analytics_assets.queries.issue_insights import WHOLE
from analytics_assets.queries.issues import HEALTH_SOURCES, NO_ISSUES
from analytics_assets.reports.figures import UNKNOWN, Row, between, certainty, moment, share
from analytics_assets.reports.issue_words import because, measure, moved, number, problems, rests_on, target
from analytics_assets.reports.section import Section

TITLE = "Data Insights"
Point = tuple[str, str]


def insight_sections(insights: Answer) -> list[Section]:
    """The answer of ``get_data_insights`` in the order in which it is read."""
    run, trends, predictions = (insights[name] for name in ("this_run", "trends", "predictions"))
    return [
        Section("This run", tuple(_span(insights)), points=(*_run_points(run), *_data(insights))),
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
        ("ROI priorities", grouped(map(_with_roi, roi["rows"])) + known if roi["rows"] else str(roi["reason"])),
        *_each(run["anomalies"], "Anomaly", lambda row: f"{row['id']} {row['reason'] or 'stands out'}: investigate"),
    ]


def _complexity(found: Answer) -> str:
    if found["reason"]:
        return str(found["reason"])
    mean = f"{number(found['complexity'])} ({found['n']:,} of {plural(found['issues'], 'issue')})"
    if found["against_usual"] is None:
        return f"{mean}; usual: {because('no issue before')}"
    return f"{mean}, {found['against_usual']}: usual is {number(found['usual_complexity'])} (n = {found['usual_n']:,})"


def _with_roi(row: Row) -> Point:
    return row["id"], f"roi = {row['roi_score']:.1f}, P{row['priority']}"


def _data(insights: Answer) -> list[Point]:
    return [("Data", told) for told in problems(insights["problems"])]


def _only(part: Answer, told: Callable[[Row], str]) -> str:
    """What is said of the one row, or why there is none."""
    return told(part["rows"][0]) if part["rows"] else str(part["reason"])


def _each(part: Answer, name: str, told: Callable[[Row], str]) -> list[Point]:
    """A line for each row, as there is much to say of it, or why there is none."""
    return [(name, told(row)) for row in part["rows"]] or [(name, str(part["reason"]))]


def _trend_points(trends: Answer) -> list[Point]:
    return [
        ("Health", _kpi(trends["health"], HEALTH_SOURCES["issues"])),
        ("Last review", _review(trends["review"])),
        ("Burn rate", _burn(trends["burn"], trends["review"])),
        ("Debt", _kpi(trends["debt"])),
        ("Top root cause", _only(trends["top_root_cause"], _top_cause)),
    ]


def _kpi(row: Row | None, source: str | None = None) -> str:
    if row is None:
        return NO_ISSUES
    if row["value"] is None:
        return because(row["reason"])
    aim = "" if row["target"] is None else f"; target {target(row)}"
    value = measure(row["value"], row["unit"])
    return f"{f'{value} {source}' if source else value} ({moved(row)}{aim}; {rests_on(row['n'])})"


def _review(review: Row | None) -> str:
    if review is None:
        return because("no review so far")
    of_part, when = _of_part(review), moment(review["run_date"])
    if review["health_score_overall"] is None:
        return f"{when}{of_part}, without a health score"
    delta = review["health_delta_week"]
    change = "no review a week before" if delta is None else f"{delta:+.1f} points in a week"
    return f"health {number(review['health_score_overall'])} %, as the review says, on {when}{of_part} ({change})"


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
        ("Health to expect", _expected(predictions["expected_health"])),
        ("Will take long", _long(predictions["longest_estimates"])),
        ("Proposed root causes", _causes(predictions["proposed_root_causes"])),
        *_models(predictions["models"]),
    ]


def _file(row: Row) -> str:
    if row["risk"] is None:
        return f"{row['file']} ({because(row['reason'])})"
    return f"{row['file']} ({certainty(row['risk'])} in 28 days: {row['reason'] or UNKNOWN})"


def _models(part: Answer) -> list[Point]:
    """How far to trust what is said above: what each model was worth."""
    told = [
        (f"Model of {row['model'].replace('_', ' ')}", _used(row["is_published"]) + (row["reason"] or UNKNOWN))
        for row in part["rows"]
    ]
    return told or [("Models", str(part["reason"]))]


def _used(is_published: bool | None) -> str:
    return "used: " if is_published else "not used: "


def _next_critical(part: Answer) -> str:
    if part["rows"] and all(row["p0_issues"] == 0 for row in part["rows"]):
        return "no critical issue so far"
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


def _expected(part: Answer) -> str:
    if not part["rows"]:
        return str(part["reason"])
    row = part["rows"][0]
    if row["health_score"] is None:
        return because(row["reason"])
    source = f" {HEALTH_SOURCES[part['source']]}" if part["source"] in HEALTH_SOURCES else ""
    band = "" if row["lower"] is None else f", {number(row['lower'])} to {number(row['upper'])} % in 8 of 10 cases"
    when = f"at the end of the week of {row['forecast_for'][:10]}"
    how = f"{row['method'] or UNKNOWN}, {rests_on(row['weeks'], 'week')}"
    return f"{number(row['health_score'])} %{source}{band} ({when}; {how})"


def _long(part: Answer) -> str:
    if not part["rows"]:
        return str(part["reason"])
    usual = part["rows"][0]["usual_minutes"]
    beside = "" if usual is None else f"; the usual fix takes {usual:,.0f} min"
    return grouped((row["id"], _estimate(row)) for row in part["rows"]) + beside


def _estimate(row: Row) -> str:
    slow = "" if row["p90_minutes"] is None else f", 1 in 10 over {row['p90_minutes']:,.0f} min"
    return f"{row['p50_minutes']:,.0f} min{slow}, {rests_on(row['n'])}"


def _causes(part: Answer) -> str:
    known = [row for row in part["rows"] if row["confidence"] is not None]
    if part["rows"] and not known:
        # Without a model all of them have the same reason.
        return because(part["rows"][0]["reason"])
    return grouped(map(_cause, known)) if known else str(part["reason"])


def _cause(row: Row) -> Point:
    proposed = row["predicted_root_cause_id"]
    return row["id"], f"{UNKNOWN if proposed is None else proposed}, {certainty(row['confidence'])}"
