"""How long will it take, what is behind it, where is it next, and do models say so better than the naive answer?

Reads features, texts, versions and openings of issues, the git history of their files, and the forecast of health;
feeds the reports. One step fits, judges and uses the models, so that what is said of a model is true of its answers.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.defs.predictions import reading
from analytics_assets.defs.predictions.columns import CRITICAL, FILE_RISKS, FIX_TIMES, MODELS, ROOT_CAUSES
from analytics_assets.metadata import column_schema, shown_rows

if TYPE_CHECKING:
    from analytics_assets.warehouse.columns import Column

SHOWN_MODELS = ("model", "is_published", "score", "naive_name", "naive_score", "improvement_low", "reason")
SHOWN_OUTLOOK = ("category", "p0_issues", "p0_per_week", "probability_next", "method")
SHOWN_FILES = ("rank", "file", "risk", "method", "reason")
FILES_SHOWN = 10
STATES_GRAIN = {
    "fix_time_estimates": "How long open issues will take to fix. One row per open issue.",
    "root_cause_predictions": "Likely root causes of what was not traced. One row per issue without a root cause.",
    "file_risks": "Probability of a new issue within 28 days. One row per file, the 500 riskiest.",
    "critical_outlook": "Rate of critical issues, and where the next comes from. One row per category.",
    "issue_models": "Scores of the models against the naive answer. One row per model.",
}


def _table(name: str, columns: "tuple[Column, ...]") -> dg.AssetOut:
    return dg.AssetOut(
        key=["predictions", name],
        description=STATES_GRAIN[name],
        kinds={"scikit-learn"},
        metadata={"dagster/column_schema": column_schema(columns)},
    )


@dg.multi_asset(
    outs={
        "fix_time_estimates": _table("fix_time_estimates", FIX_TIMES),
        "root_cause_predictions": _table("root_cause_predictions", ROOT_CAUSES),
        "file_risks": _table("file_risks", FILE_RISKS),
        "critical_outlook": _table("critical_outlook", CRITICAL),
        "issue_models": _table("issue_models", MODELS),
    },
    deps=[
        ["raw", "issues"],
        ["staging", "stg_issues"],
        ["staging", "stg_issue_openings"],
        ["staging", "stg_issue_clock"],
        ["kpis", "issue_features"],
        ["forecasts", "health_forecast"],
    ],
    pool="warehouse",
)
def issue_predictions(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> Iterator[dg.Output[Any]]:
    """Fit each model on the past, judge it by what came, and answer with it or with the naive answer."""
    from analytics_assets.lib.critical_outlook import critical_outlook
    from analytics_assets.lib.file_risks import judge_file_risks
    from analytics_assets.lib.fix_times import fit_fix_times
    from analytics_assets.lib.root_causes import fit_root_causes
    from analytics_assets.lib.weekly_forecasts import judged_forecast
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        known = reading.known(con)
    repository = reading.read_repository(warehouse.settings.repository, known)
    for sentence in repository.sentences:
        context.log.warning(sentence)
    fix_times, root_causes = fit_fix_times(known.fixes), fit_root_causes(known.traced)
    risks = judge_file_risks(known.named, known.as_of, repository.history, repository.problem)
    outlook = critical_outlook(known.seen, known.as_of)
    judged = [fix_times.judged, root_causes.judged, risks.judged, outlook.judged, judged_forecast(known.forecasts)]

    def output(name: str, columns: "tuple[Column, ...]", rows: Iterable[Mapping[str, Any]], **shown: Any) -> Any:
        return dg.Output(frame_of(columns, known.dated(rows)), name, metadata=shown)

    yield output("fix_time_estimates", FIX_TIMES, known.beside(fix_times.estimates(known.open_issues)))
    yield output("root_cause_predictions", ROOT_CAUSES, known.beside(root_causes.predictions(known.untraced)))
    riskiest = _shown(SHOWN_FILES, risks.rows[:FILES_SHOWN])
    yield output("file_risks", FILE_RISKS, risks.rows, riskiest=riskiest, repository=repository.in_words)
    yield output("critical_outlook", CRITICAL, outlook.rows, outlook=_shown(SHOWN_OUTLOOK, outlook.rows))
    models = [one.row() | {"trained_at": known.as_of} for one in judged]
    yield output("issue_models", MODELS, models, models=_shown(SHOWN_MODELS, models))


def _shown(titles: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> dg.MarkdownMetadataValue:
    return shown_rows(
        titles, [[f"{cell:.3f}" if isinstance(cell, float) else cell for cell in map(row.get, titles)] for row in rows]
    )
