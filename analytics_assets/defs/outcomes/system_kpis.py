"""How well does the whole do today, and compared with the days before?

Reads the signals, the store of patterns, the advice and what became of it, and the record of the models; feeds
``analytics kpis``. The published table is read by everybody who wants one number.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import RECORDS_END, Column, is_old

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

KEY = ["outcomes", "system_kpis"]
COLUMNS = (
    Column("measured_on", "DATE", "Day of as_of, UTC; the newest look of a day stands.", required=True),
    Column("kpi_group", "VARCHAR", "performance, pattern_analysis, optimization, ml or overall.", required=True),
    Column("kpi", "VARCHAR", "The KPI; group_score of a group, overall_health_score of all.", required=True),
    Column("value", "DOUBLE", "In unit; NULL: not known, reason says why."),
    Column("unit", "VARCHAR", "Unit of the value.", required=True),
    Column("usual", "DOUBLE", "What the value is compared with, in unit; NULL: with fixed ends, or with nothing."),
    Column("score", "DOUBLE", "0 to 1, 1 is best; NULL: not known, or more is not better."),
    Column("normalisation", "VARCHAR", "How the value becomes the score, in a sentence.", required=True),
    Column("n", "BIGINT", "Calls, hours, weeks, patterns, decisions, changes or models it rests on.", required=True),
    Column("reason", "VARCHAR", "Why value or score is NULL; of a group and of all: what is left out."),
    Column(
        "weight",
        "DOUBLE",
        "Stated weight: of a KPI in its group, of a group in the health score; of all: how much of it is known.",
    ),
    Column(
        "effective_weight",
        "DOUBLE",
        "Share of the health score that it carries today, as what is not known carries none.",
        required=True,
    ),
    Column("source", "VARCHAR", "What it was computed from.", required=True),
    *RECORDS_END,
)
LANDED = ("executions", "runs", "procedure_calls", "pipelines", "metrics", "events")
"""Kinds of records whose batches say what was imported."""
SHOWN = ("kpi_group", "kpi", "value", "unit", "usual", "score", "n", "reason")


@dg.asset(
    key=KEY,
    deps=[
        ["summaries", "hourly_signals"],
        ["patterns", "detected_patterns"],
        ["patterns", "pattern_evolution"],
        ["patterns", "performance_patterns"],
        ["patterns", "integration_patterns"],
        ["predictions", "weekly_model_accuracy"],
        ["predictions", "model_versions"],
        ["predictions", "model_training_data"],
        ["predictions", "model_predictions"],
        ["predictions", "drift_reports"],
        ["suggestions", "suggestions"],
        ["suggestions", "optimization_opportunities"],
        ["suggestions", "recommendations"],
        ["outcomes", "recommendation_effectiveness"],
        *(["staging", f"stg_{name}"] for name in ("as_of", *LANDED)),
    ],
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def system_kpis(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """The sixteen KPIs of the system, their four groups and its health score. One row per day and KPI, of 400 days.

    Reads its own earlier rows before it replaces them: a day has the rows of its newest look. A KPI that is not known
    is NULL and not 0; the others carry its weight.
    """
    from analytics_assets.system_kpis.reading import AS_OF, measure
    from analytics_assets.system_kpis.scoring import day_of, kept
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    least = warehouse.settings.min_model_accuracy
    now = datetime.now(UTC).replace(tzinfo=None)
    with warehouse.get_connection() as con:
        rows = earlier_rows(con, *KEY)
        ((as_of,),) = con.execute(AS_OF).fetchall()
        today = []
        if as_of is not None:
            measured = measure(con, as_of, LANDED, min_model_accuracy=least, now=now)
            today = day_of(measured, as_of, is_stale=is_old(as_of))
            rows = [*kept(rows, as_of.date()), *today]
    context.log.info("health score %s", today[-1]["score"] if today else "not known: no record yet")
    frame = frame_of(COLUMNS, rows)
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "today": shown_rows(SHOWN, [[row.get(name) for name in SHOWN] for row in today], numbers=".4g"),
            "days": len({row["measured_on"] for row in rows}),
            **drawn(".".join(KEY), frame),
        },
    )


def _days(frame: Frame) -> "dict[Any, list[Mapping[str, Any]]]":
    """Rows by day, with None for what is missing."""
    plain = frame.astype(object).where(frame.notna(), None)
    days: dict[Any, list[Mapping[str, Any]]] = {}
    for row in plain.to_dict("records"):
        days.setdefault(row["measured_on"], []).append({str(name): value for name, value in row.items()})
    return days


@dg.asset_check(asset=KEY, description="Every day has all sixteen KPIs, four groups and the health score, once each.")
def every_kpi_is_told(system_kpis: Frame) -> dg.AssetCheckResult:
    """A KPI that is missing would make the others look like the whole."""
    from collections import Counter

    from analytics_assets.system_kpis.definitions import GROUP_SCORE, GROUPS, HEALTH, KPIS, OVERALL

    wanted = Counter(
        [*((kpi.group, kpi.name) for kpi in KPIS), *((group, GROUP_SCORE) for group in GROUPS), (OVERALL, HEALTH)]
    )
    wrong = []
    for day, rows in _days(system_kpis).items():
        there = Counter((row["kpi_group"], row["kpi"]) for row in rows)
        wrong += [(day, *key, there[key]) for key in wanted.keys() | there.keys() if there[key] != wanted[key]]
    return _result(system_kpis, ("measured_on", "kpi_group", "kpi", "rows"), wrong)


@dg.asset_check(asset=KEY, description="Every score is within 0 to 1, or NULL with its reason.")
def scores_are_shares_or_explained(system_kpis: Frame) -> dg.AssetCheckResult:
    """A blank without a reason reads like 0, or like nothing to worry about."""
    wrong = [
        (row["measured_on"], row["kpi"], row["score"], row["reason"])
        for rows in _days(system_kpis).values()
        for row in rows
        if (row["score"] is None and not row["reason"]) or (row["score"] is not None and not 0 <= row["score"] <= 1)
    ]
    return _result(system_kpis, ("measured_on", "kpi", "score", "reason"), wrong)


@dg.asset_check(asset=KEY, description="What is known carries the whole weight, and what is not known none.")
def weights_are_those_of_what_is_known(system_kpis: Frame) -> dg.AssetCheckResult:
    """Weights that add up to less would count what is not known as 0."""
    from analytics_assets.kpi_thresholds import SAME_SCORE
    from analytics_assets.system_kpis.definitions import GROUP_SCORE, OVERALL

    wrong = []
    for day, rows in _days(system_kpis).items():
        of_groups = [row for row in rows if row["kpi"] == GROUP_SCORE]
        of_kpis = [row for row in rows if row["kpi"] != GROUP_SCORE and row["kpi_group"] != OVERALL]
        stated = sum(row["weight"] for row in of_groups)
        wrong += [(day, "stated", stated)] if abs(stated - 1) > SAME_SCORE.value else []
        for name, part in (("groups", of_groups), ("KPIs", of_kpis)):
            carried = sum(row["effective_weight"] for row in part)
            is_known = any(row["score"] is not None for row in part)
            is_blank_carried = any(row["score"] is None and row["effective_weight"] for row in part)
            if abs(carried - is_known) > SAME_SCORE.value or is_blank_carried:
                wrong.append((day, name, carried))
    return _result(system_kpis, ("measured_on", "weights", "sum"), wrong)


@dg.asset_check(asset=KEY, description="The health score is the mean of its groups, and each of its KPIs, by weight.")
def health_is_the_mean_of_its_parts(system_kpis: Frame) -> dg.AssetCheckResult:
    """Compute it anew, from the stated weights of the groups and from what each KPI carries: all three agree."""
    from analytics_assets.kpi_thresholds import SAME_SCORE
    from analytics_assets.system_kpis.definitions import GROUP_SCORE, HEALTH, OVERALL

    wrong = []
    for day, rows in _days(system_kpis).items():
        health = next((row["score"] for row in rows if row["kpi"] == HEALTH), None)
        groups = [row for row in rows if row["kpi"] == GROUP_SCORE and row["score"] is not None]
        kpis = [row for row in rows if row["kpi"] != GROUP_SCORE and row["kpi_group"] != OVERALL]
        by_groups = _weighted((row["score"], row["weight"]) for row in groups)
        by_kpis = _weighted((row["score"], row["effective_weight"]) for row in kpis if row["score"] is not None)
        ways = (health, by_groups, by_kpis)
        known = [score for score in ways if score is not None]
        if known and (len(known) < len(ways) or max(known) - min(known) > SAME_SCORE.value):
            wrong.append((day, *ways))
    return _result(system_kpis, ("measured_on", "health", "by groups", "by KPIs"), wrong)


def _weighted(parts: "Iterable[tuple[float, float]]") -> float | None:
    scored = list(parts)
    total = sum(weight for _, weight in scored)
    return sum(score * weight for score, weight in scored) / total if total else None


def _result(frame: Frame, titles: tuple[str, ...], wrong: "list[tuple[Any, ...]]") -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={"rows": len(frame), "wrong": len(wrong), "examples": shown_rows(titles, wrong[:EXAMPLES])},
    )
