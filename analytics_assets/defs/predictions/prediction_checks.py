"""What must hold of the answers of the models."""

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import shown_rows
from analytics_assets.warehouse.accounting import EXAMPLES

MODELS = ["predictions", "issue_models"]


def _own_answers() -> dict[str, tuple[str, str]]:
    """Where each model answers, and which of the answers there are its own."""
    from analytics_assets.lib.root_causes import UNKNOWN

    return {
        "fix_time": ("fix_time_estimates", "method = 'quantile_regression'"),
        "root_cause": ("root_cause_predictions", f"predicted_root_cause_id != '{UNKNOWN}'"),
        "file_risk": ("file_risks", "method = 'logistic_regression'"),
        "critical_category": ("critical_outlook", "method = 'critical_issues'"),
    }


@dg.asset_check(asset=MODELS, description="A model answers only where it beats the naive answer.")
def published_models_are_better(issue_models: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """An answer of a model that did not win would look like any other."""
    from analytics_assets.warehouse.connection import count

    is_published = issue_models["is_published"].fillna(value=False).astype(bool)
    unproved = issue_models.loc[is_published & ~(issue_models["improvement_low"].fillna(0) > 0), "model"].tolist()
    published = set(issue_models.loc[is_published, "model"])
    with warehouse.get_connection() as con:
        answers = {
            model: count(con, f"select count(*) from predictions.{table} where {is_own}")
            for model, (table, is_own) in _own_answers().items()
        }
    unjudged = sorted(model for model, n in answers.items() if n and model not in published)
    return dg.AssetCheckResult(
        passed=not unproved and not unjudged,
        metadata={"published": sorted(published), "unproved": unproved, "answer_without_being_published": unjudged},
    )


@dg.asset_check(asset=["predictions", "fix_time_estimates"], description="The 90th percentile is not below the median.")
def long_estimates_above_short_ones(fix_time_estimates: Frame) -> dg.AssetCheckResult:
    """Both are above 0, or unknown together."""
    p50, p90 = fix_time_estimates["p50_minutes"], fix_time_estimates["p90_minutes"]
    is_wrong = ((p90 < p50) | (p50 <= 0)).fillna(value=False).astype(bool) | (p50.isna() != p90.isna())
    wrong = fix_time_estimates.loc[is_wrong, ["id", "p50_minutes", "p90_minutes"]].head(EXAMPLES)
    return dg.AssetCheckResult(
        passed=wrong.empty,
        metadata={
            "estimates": int(p50.notna().sum()),
            "wrong": shown_rows(("id", "p50_minutes", "p90_minutes"), wrong.to_numpy().tolist()),
        },
    )


@dg.asset_check(asset=["predictions", "root_cause_predictions"], description="A cause is named only when it is likely.")
def causes_named_when_likely(root_cause_predictions: Frame) -> dg.AssetCheckResult:
    """A named cause has the confidence that is asked for, and is likelier than the next one."""
    from analytics_assets.issue_thresholds import CAUSE_MIN_CONFIDENCE
    from analytics_assets.lib.root_causes import UNKNOWN

    table = root_cause_predictions
    named = table[table["predicted_root_cause_id"] != UNKNOWN]
    is_likely = (named["confidence"] >= CAUSE_MIN_CONFIDENCE.value) & (
        named["confidence"] >= named["runner_up_confidence"].fillna(0)
    )
    unlikely = named.loc[~is_likely.fillna(value=False).astype(bool), "id"].tolist()
    return dg.AssetCheckResult(
        passed=not unlikely,
        metadata={"named": len(named), "unlikely": unlikely[:EXAMPLES], "why": CAUSE_MIN_CONFIDENCE.why},
    )


@dg.asset_check(asset=["predictions", "file_risks"], description="Files are ranked by their risk, 0 to 1.")
def files_ranked_by_risk(file_risks: Frame) -> dg.AssetCheckResult:
    """The first row is the riskiest, and every risk is a probability."""
    ranked = file_risks.sort_values("rank")
    risks = ranked["risk"].dropna().astype(float)
    outside = ranked.loc[(ranked["risk"] < 0) | (ranked["risk"] > 1), "file"].tolist()
    is_ordered = bool(risks.is_monotonic_decreasing) and ranked["rank"].tolist() == list(range(1, len(ranked) + 1))
    return dg.AssetCheckResult(
        passed=is_ordered and not outside,
        metadata={"files": len(ranked), "with_risk": len(risks), "outside_of_0_to_1": outside[:EXAMPLES]},
    )


@dg.asset_check(asset=["predictions", "file_risks"], description="The repository that was named is read.")
def repository_is_read(file_risks: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Warn where ANALYTICS_REPOSITORY is set and no file has a figure of git: the asset's metadata says why."""
    folder = warehouse.settings.repository
    known = int(file_risks["age_days"].notna().sum())
    return dg.AssetCheckResult(
        passed=folder is None or bool(known) or file_risks.empty,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "repository": str(folder) if folder else "not set",
            "files": len(file_risks),
            "files_with_git_figures": known,
            "remedy": "See `repository` in the metadata of file_risks; paths in issues count from its top.",
        },
    )


@dg.asset_check(
    asset=["predictions", "critical_outlook"], description="The next critical issue comes from one of the categories."
)
def shares_are_the_whole(critical_outlook: Frame) -> dg.AssetCheckResult:
    """The probabilities add up to 1, and each lies in its own interval, where it has one."""
    told = critical_outlook.dropna(subset=["probability_next"])
    total = float(told["probability_next"].sum())
    ranged = told.dropna(subset=["probability_next_low"])
    is_inside = ranged["probability_next"].between(ranged["probability_next_low"], ranged["probability_next_high"])
    outside = ranged.loc[~is_inside.fillna(value=False).astype(bool), "category"].tolist()
    is_whole = told.empty or abs(total - 1) < 1e-6  # noqa: PLR2004 - but for rounding
    return dg.AssetCheckResult(
        passed=bool(is_whole and not outside), metadata={"sum": total, "outside_of_interval": outside[:EXAMPLES]}
    )
