"""What the report tells of the models of runs: what answers, how well, what moved since, and where the risk is."""

from __future__ import annotations

from analytics_assets.cli.reports.facts import Facts
from analytics_assets.predicting_thresholds import RISKIEST_REPORTED
from analytics_assets.reports.figures import Column, Row, figure, moment, share, text
from analytics_assets.reports.section import Section

TITLE = "What predicts runs"
REFRESH = "`analytics refresh` computes it."
NOT_COMPARED = "not compared yet"
FIGURES = {"brier": "Brier score", "auc": "AUC", "pinball": "pinball loss"}


def predictions(facts: Facts) -> Section:
    """Each model of runs, why others do not answer, and the riskiest of the next runs."""
    if facts.predictors is None:
        return Section(TITLE, (f"Not computed yet: {REFRESH}",))
    silent = [(row["id"], row["reason"]) for row in facts.predictors if not row["is_active"]]
    return Section(
        TITLE,
        ("A version answers only where it beats the simple answers on later runs; its figures are of those.",),
        (
            text("model", "id"),
            Column("answers", _answers, is_number=False),
            Column("scores", _scores, is_number=False),
            Column("calibrated?", _calibrated, is_number=False),
            Column("moved since?", _moved, is_number=False),
            figure("trained (UTC)", "created_at", moment),
            Column("to be trained?", _due, is_number=False),
        ),
        facts.predictors,
        points=(*silent, *_riskiest(facts.outlook)),
    )


def _answers(row: Row) -> str:
    if row["model_version"] is None:
        return "no"
    trial = f" ({row['challenger_version']} on trial)" if row["challenger_version"] else ""
    return f"{row['model_version']}{trial}" if row["is_active"] else f"{row['model_version']}, stopped"


def _scores(row: Row) -> str:
    known = row["performance_metrics"]
    return ", ".join(f"{words} {known[name]:.3f}" for name, words in FIGURES.items() if name in known)


def _calibrated(row: Row) -> str | None:
    """How far stated and true shares are apart; of a quantity how often its band of 80 % held."""
    if row["calibration_error"] is not None:
        return f"off by {100 * row['calibration_error']:.1f} points on average"
    return None if row["coverage"] is None else f"{share(row['coverage'])} within its band of 80 %"


def _moved(row: Row) -> str:
    if row["model_version"] is None:
        return "-"
    if row["drifted"] is None:
        return NOT_COMPARED
    if not row["drifted"]:
        return f"none of {row['compared']} features"
    first, many = row["drifted"][0], f"{len(row['drifted'])} of {row['compared']} features"
    return f"{many}, {first['feature_name']} most ({first['drift_score']:.2f})"


def _due(row: Row) -> str | None:
    return None if row["is_due"] is None else "yes" if row["is_due"] else "no"


def _riskiest(outlook: list[Row] | None) -> list[tuple[str, str]]:
    known = [row for row in outlook or () if row["failure_probability"] is not None]
    return [
        (f"Next run of {row['spec_id']} with {row['model'] or 'no model named'}", _risk(row))
        for row in known[: int(RISKIEST_REPORTED.value)]
    ]


def _risk(row: Row) -> str:
    """How likely the next run fails, the first reason, and what to do."""
    why = f": {row['risk_factors'][0]['description']}" if row["risk_factors"] else ""
    action = f". {row['recommended_action']}" if row["recommended_action"] else ""
    return f"fails with {share(row['failure_probability'])}{why}{action}"
