"""Published versions with the tables of issues, and a small world in them whose figures are computed by hand.

The week ends on Monday 2026-02-02 06:00, so most of it lies in 2026-W05.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from analytics_assets.settings import Settings

AS_OF = datetime(2026, 2, 2, 6)
TODAY, WEEK_AGO = date(2026, 2, 2), date(2026, 1, 26)
EVIL = "\x1b[31m<script>alert(1)</script>|[red]x[/red]\nnext"
"""A text from a tracker that would act on a terminal, on a page and on a table, if it were let."""
_END = "as_of timestamp, is_stale boolean"
COLUMNS = {
    "staging.stg_issue_clock": "is_overridden boolean",
    "kpis.optimization_kpis": "day date, scope varchar, kpi varchar, value double, unit varchar, target double, "
    "is_higher_better boolean, status varchar, n bigint, reason varchar, is_week_ago boolean",
    "kpis.review_trends": "id varchar, run_date timestamp, scope varchar, health_score_overall double, "
    "health_delta double, health_delta_week double, issues_found bigint, issues_fixed bigint, burn_rate double, "
    "burn_reason varchar, issue_debt bigint, debt_trend bigint",
    "kpis.issue_features": "id varchar, issue varchar, category varchar, subcategory varchar, priority integer, "
    "status varchar, first_seen timestamp, fixed_date timestamp, root_cause_id varchar, time_spent_minutes double, "
    "duplicate_count bigint, is_open boolean, is_ever_fixed boolean, is_recurred boolean, "
    "is_recurrence_known boolean, days_to_fix double, "
    "complexity_score double, impact_score double, roi_score double, problem varchar",
    "kpis.issue_statistics": "breakdown varchar, value varchar, issues bigint, open_issues bigint, "
    "fixed_issues bigint, median_fix_minutes double, dated_fixes bigint, median_days_to_fix double, "
    "ever_fixed_issues bigint, recurred_issues bigint, recurrence_rate double, recurrence_rate_low double, "
    "recurrence_rate_high double",
    "kpis.unexplained_fixes": "id varchar, issue varchar, fixed_date timestamp",
    "kpis.long_fixes": "id varchar, issue varchar, time_spent_minutes double, limit_minutes double, "
    "deviations double, timed_fixes bigint",
    "kpis.weekly_health": "week date, scope varchar, health_score double, source varchar, is_finished boolean, "
    "issue_debt bigint, new_issues bigint, fixed_issues bigint",
    "kpis.root_cause_progress": "root_cause_id varchar, subcategory varchar, open_issues bigint, "
    "open_week_ago bigint, new_issues bigint, reopened_issues bigint, fixed_issues bigint, wont_fix_issues bigint, "
    "issues bigint, share_of_issues double, is_cleared boolean",
    "summaries.weekly_issues": "week date, category varchar, priority integer, root_cause_id varchar, "
    "new_issues bigint, reopened_issues bigint, fixed_issues bigint, wont_fix_issues bigint, open_issues bigint, "
    "open_debt bigint",
    "patterns.issue_anomalies": "id varchar, issue varchar, category varchar, priority integer, feature varchar, "
    "value double, usual_value double, deviation double, reason varchar, examined bigint",
    "patterns.issue_answers": "question_number integer, question varchar, method varchar, answer varchar, "
    "value double, n bigint, p_adjusted double, is_enough boolean, is_significant boolean",
    "patterns.correlations": "variable_a varchar, variable_b varchar, n bigint, correlation double, "
    "correlation_low double, correlation_high double, rank_correlation double, p_value double, p_adjusted double, "
    "is_significant boolean, expected_sign varchar, agrees boolean, reason varchar",
    "patterns.lag_correlations": "lag_weeks bigint, n bigint, correlation double, p_adjusted double, "
    "is_significant boolean, reason varchar",
    "patterns.association_rules": "antecedent varchar, consequent varchar, both_count bigint, confidence double, "
    "lift double, is_significant boolean",
    "forecasts.health_forecast": "scope varchar, forecast_for date, health_score double, lower double, upper double, "
    "method varchar, weeks bigint, reason varchar",
    "predictions.file_risks": "file varchar, risk double, naive_risk double, method varchar, past_issues bigint, "
    "changes_90d double, lines_grown_90d double, reason varchar, rank bigint",
    "predictions.critical_outlook": "category varchar, p0_issues bigint, method varchar, n bigint, "
    "probability_next double, probability_next_low double, probability_next_high double, reason varchar",
    "predictions.fix_time_estimates": "id varchar, issue varchar, category varchar, priority integer, "
    "p50_minutes double, p90_minutes double, method varchar, n bigint, reason varchar",
    "predictions.issue_models": "model varchar, is_published boolean, metric varchar, score double, "
    "naive_name varchar, naive_score double, reason varchar",
    "predictions.root_cause_predictions": "id varchar, issue varchar, predicted_root_cause_id varchar, "
    "confidence double, runner_up varchar, runner_up_confidence double, reason varchar",
}
"""The columns that the read functions and charts name, of those that the assets declare."""
LEARNED = tuple(table for table in COLUMNS if table.split(".")[0] in ("patterns", "forecasts", "predictions"))
"""Computed once a day, so they may be missing."""
Rows = Iterable[Mapping[str, Any]]


def publish(
    settings: Settings, tables: Mapping[str, Rows] | None = None, *, version: int = 3, without: Iterable[str] = ()
) -> None:
    """Publish the tables with these rows; what a row does not name is NULL, but for where its window ends."""
    settings.published.mkdir(parents=True, exist_ok=True)
    file = settings.published / f"snapshot-{version}.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as con:
        for table, columns in COLUMNS.items():
            con.execute(f"create schema if not exists {table.split('.')[0]}")
            if table in without:
                continue
            con.execute(f"create table {table} ({columns}, {_END})")
            for row in (tables or {}).get(table, ()):
                dated = {"as_of": AS_OF, "is_stale": False} | dict(row)
                places = ", ".join("?" * len(dated))
                con.execute(f"insert into {table} ({', '.join(dated)}) values ({places})", list(dated.values()))
    fresh = settings.pointer.with_suffix(".new")
    fresh.write_text(json.dumps({"version": version, "file": file.name, "published_at": "2026-02-02T06:05:00Z"}))
    fresh.replace(settings.pointer)


def kpi(name: str, value: float | None, before: float | None, **fields: Any) -> list[dict[str, Any]]:
    """A KPI now and a week ago; what the day of a week ago ended with is another value."""
    target, is_higher_better, unit = _KPIS.get(name, (None, False, "issues"))
    row = {"scope": "all", "kpi": name, "unit": unit, "target": target, "is_higher_better": is_higher_better}
    row |= {"status": "no_target" if target is None else "off_target", "n": 20} | fields
    return [
        row | {"day": TODAY, "value": value, "is_week_ago": False},
        row | {"day": WEEK_AGO, "value": before, "is_week_ago": True},
        row | {"day": WEEK_AGO, "value": OF_THAT_DAY, "is_week_ago": False},
    ]


OF_THAT_DAY = 1234.5
_KPIS = {
    "health_score": (90.0, True, "percent"),
    "issue_debt": (20.0, False, "points"),
    "fix_velocity": (5.0, True, "issues"),
    "fix_minutes": (None, False, "minutes"),
    "recurrence_rate": (10.0, False, "percent"),
    "time_to_fix_p0": (1.0, False, "days"),
}


def issue(key: str, **fields: Any) -> dict[str, Any]:
    """An open issue of P2, of which little is known."""
    return {
        "id": key,
        "issue": f"what is wrong in {key}",
        "category": "commands",
        "priority": 2,
        "status": "OPEN",
        "first_seen": datetime(2026, 1, 30),
        "is_open": True,
        "is_ever_fixed": False,
        "is_recurred": False,
        "is_recurrence_known": True,
    } | fields


def fixed(key: str, minutes: float | None, **fields: Any) -> dict[str, Any]:
    """A fixed issue from before the newest run."""
    ended = {"status": "FIXED", "is_open": False, "is_ever_fixed": True, "time_spent_minutes": minutes}
    return (
        issue(key, first_seen=datetime(2026, 1, 5), fixed_date=datetime(2026, 1, 8), days_to_fix=3.0) | ended | fields
    )


HEALTHS = (60.0, 62.0, 63.0, 66.0, 67.0, 70.0)
"""Six weeks, each better: Kendall's exact p is 2 / 6! = 0.0028; Theil-Sen's slope is 2."""
DUPLICATES = [
    *[fixed(f"D{n}", minutes, subcategory="duplicate") for n, minutes in enumerate((10, 20, 30, 40))],
    fixed("D4", None, duplicate_count=2, is_recurred=True),
]
OTHERS = [
    *[fixed(f"F{n}", 15, complexity_score=score) for n, score in enumerate((4.0, 5.0, 6.0))],
    fixed("OPT-003", 30, fixed_date=datetime(2026, 1, 30)),
]
OPEN = [
    issue("OPT-006", priority=1, roi_score=4.2, complexity_score=8.0, impact_score=37.8),
    issue("OPT-014", priority=2, roi_score=3.8, complexity_score=9.0, impact_score=38.0),
    issue("OPT-020", first_seen=datetime(2026, 1, 10)),
]
WORLD: dict[str, list[dict[str, Any]]] = {
    "staging.stg_issue_clock": [{}],
    "kpis.optimization_kpis": [
        *kpi("health_score", 72.0, 75.0),
        *kpi("fix_velocity", 5.0, 3.0, status="on_target", n=5),
        *kpi("fix_minutes", 13.0, 18.0, n=4),
        *kpi("recurrence_rate", 0.0, 0.0, status="on_target", n=8),
        *kpi("new_issues", 6.0, None, reason="no issue known by then"),
        *kpi("issue_debt", 32.0, 30.0),
        *kpi("time_to_fix_p0", None, None, status="unknown", n=0, reason="no fix recorded so far"),
        *kpi("recurrence_rate", 25.0, 20.0, scope="commands", n=8),
        *kpi("recurrence_rate", None, None, scope="agents", n=0, reason="no fix recorded so far"),
    ],
    "kpis.review_trends": [
        {"id": "rv-1", "run_date": datetime(2026, 1, 25, 10), "scope": "all", "health_score_overall": 75.0},
        {
            "id": "rv-2",
            "run_date": datetime(2026, 2, 1, 10),
            "scope": "all",
            "health_score_overall": 72.0,
            "health_delta_week": -3.0,
            "issues_found": 6,
            "issues_fixed": 5,
            "burn_rate": 5 / 6,
        },
    ],
    "kpis.issue_features": [*OPEN, *DUPLICATES, *OTHERS],
    "kpis.issue_statistics": [
        {"breakdown": "all", "issues": 22, "open_issues": 10, "fixed_issues": 12, "median_fix_minutes": 20.0},
        {"breakdown": "category", "value": "agents", "issues": 5, "open_issues": 1, "fixed_issues": 4}
        | {"dated_fixes": 0, "ever_fixed_issues": 4, "recurred_issues": 0},
        {"breakdown": "category", "value": "commands", "issues": 17, "open_issues": 9, "fixed_issues": 8}
        | {"dated_fixes": 7, "median_days_to_fix": 3.46, "ever_fixed_issues": 8, "recurred_issues": 2}
        | {"recurrence_rate": 0.25, "recurrence_rate_low": 0.0715, "recurrence_rate_high": 0.5907},
    ],
    "kpis.unexplained_fixes": [
        {"id": "D0", "fixed_date": datetime(2026, 1, 8)},
        {"id": "F9", "fixed_date": None},
        {"id": "F1", "fixed_date": datetime(2026, 1, 9)},
    ],
    "kpis.long_fixes": [
        {"id": "D3", "time_spent_minutes": 40.0, "limit_minutes": 38.0, "deviations": 2.1, "timed_fixes": 7}
    ],
    "kpis.weekly_health": [
        {"week": date(2025, 12, 22) + n * timedelta(days=7), "scope": "overall"}
        | {"health_score": health, "source": "reviews", "is_finished": True}
        for n, health in enumerate(HEALTHS)
    ],
    "kpis.root_cause_progress": [
        {"root_cause_id": "RCA-001", "subcategory": "oversized", "open_week_ago": 9, "open_issues": 8, "issues": 9}
        | {"new_issues": 1, "reopened_issues": 1, "fixed_issues": 2, "wont_fix_issues": 1}
        | {"share_of_issues": 9 / 22, "is_cleared": False},
        {"root_cause_id": "RCA-002", "subcategory": "duplicate", "open_week_ago": 4, "open_issues": 0, "issues": 8}
        | {"new_issues": 0, "fixed_issues": 4, "share_of_issues": 8 / 22, "is_cleared": True},
        {"root_cause_id": None, "open_week_ago": 1, "open_issues": 1, "issues": 5, "new_issues": 0}
        | {"fixed_issues": 0, "share_of_issues": 5 / 22, "is_cleared": False},
        {"root_cause_id": "RCA-009", "open_week_ago": 0, "open_issues": 0, "issues": 0, "new_issues": 0}
        | {"fixed_issues": 0, "share_of_issues": 0.0, "is_cleared": False},
    ],
    "summaries.weekly_issues": [
        {"week": date(2026, 1, 26), "category": "commands", "priority": 1, "root_cause_id": "RCA-001"}
        | {"new_issues": 3, "reopened_issues": 0, "fixed_issues": 2, "wont_fix_issues": 0, "open_issues": 8}
        | {"open_debt": 32.0}
    ],
    "patterns.issue_anomalies": [
        {"id": key, "deviation": deviation, "examined": 40}
        | {"reason": f"took {minutes} min; issues of its complexity take 9 min"}
        for key, deviation, minutes in (("D3", 6.0, 40), ("OPT-003", 4.1, 30))
    ],
    "patterns.issue_answers": [
        {"question_number": 2, "question": "What categories recur most?", "answer": "not enough data: 3 fixes"},
        {"question_number": 1, "question": "What predicts long fix times?", "method": "regression", "n": 40}
        | {"answer": "Complexity: 1.3 times longer a point."},
    ],
    "patterns.correlations": [
        {"variable_a": "time_spent_minutes", "variable_b": "duplicate_count", "rank_correlation": 0.31, "n": 30}
        | {"correlation": 0.3, "is_significant": False},
        {"variable_a": "days_open", "variable_b": "complexity_score", "rank_correlation": 0.5, "n": 30}
        | {"correlation": 0.5, "is_significant": True},
    ],
    "patterns.lag_correlations": [
        {"lag_weeks": 2, "n": 55, "correlation": -0.1, "p_adjusted": 0.6, "is_significant": False},
        {"lag_weeks": 3, "n": 54, "correlation": -0.52, "p_adjusted": 0.003, "is_significant": True},
    ],
    "patterns.association_rules": [
        {"antecedent": "RCA-002", "consequent": "RCA-001", "both_count": 6, "confidence": 0.75, "lift": 2.0}
        | {"is_significant": True},
        {"antecedent": "RCA-001", "consequent": "RCA-003", "both_count": 9, "confidence": 0.9, "lift": 3.0}
        | {"is_significant": True},
    ],
    "forecasts.health_forecast": [
        {"scope": "overall", "forecast_for": date(2026, 2, 2), "health_score": 71.0, "lower": 66.0, "upper": 76.0}
        | {"method": "naive", "weeks": 6},
        {"scope": "agents", "forecast_for": date(2026, 2, 2), "health_score": 10.0},
    ],
    "predictions.file_risks": [
        {"file": "plan-feature.md", "risk": 0.999, "reason": "growing fast: 120 lines in 90 days", "rank": 1},
        {"file": "system-review.md", "risk": 0.2, "reason": "5 issues so far", "rank": 2},
    ],
    "predictions.critical_outlook": [
        {"category": category, "p0_issues": critical, "method": "critical_issues", "n": 20}
        | {"probability_next": share, "probability_next_low": low, "probability_next_high": high}
        for category, critical, share, low, high in (
            *(("commands", 12, 0.6, 0.4, 0.78), ("agents", 7, 0.35, 0.18, 0.57), ("planning", 1, 0.05, 0.01, 0.24)),
        )
    ],
    "predictions.fix_time_estimates": [
        {"id": "OPT-006", "p50_minutes": 25.0, "p90_minutes": 60.0, "method": "naive", "n": 40},
        {"id": "OPT-014", "p50_minutes": 45.0, "p90_minutes": 130.0, "method": "naive", "n": 40},
    ],
    "predictions.issue_models": [
        {"model": "root_cause", "is_published": True, "reason": "The classifier is better: 0.2 against 0.8."}
    ],
    "predictions.root_cause_predictions": [
        {"id": "OPT-030", "predicted_root_cause_id": "unknown", "confidence": 0.3},
        {"id": "OPT-031", "predicted_root_cause_id": "RCA-003", "confidence": 0.81},
    ],
}
"""Little of everything."""


def hostile() -> dict[str, list[dict[str, Any]]]:
    """The same with texts of the tracker that try to be markup."""
    told = {name: list(rows) for name, rows in WORLD.items()}
    told["kpis.issue_features"] = [*told["kpis.issue_features"], issue(EVIL, roi_score=9.0, complexity_score=1.0)]
    told["kpis.root_cause_progress"] = [
        {"root_cause_id": EVIL, "subcategory": EVIL, "open_week_ago": 1, "open_issues": 9, "issues": 30}
        | {"share_of_issues": 0.5, "is_cleared": False}
    ]
    told["patterns.issue_anomalies"] = [{"id": EVIL, "deviation": 9.0, "reason": EVIL, "examined": 40}]
    told["patterns.issue_answers"] = [{"question_number": 1, "question": EVIL, "answer": EVIL}]
    told["predictions.file_risks"] = [{"file": EVIL, "risk": 0.3, "reason": EVIL, "rank": 1}]
    return told
