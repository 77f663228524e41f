"""How did the week of issues go? The review as files that can be sent and kept.

Reads the published snapshot, as every reader does: the writer is free meanwhile. Feeds people.
"""

import json
from typing import Any

import dagster as dg

from analytics_assets.metadata import Materialized, shown_rows
from analytics_assets.settings import Settings, load_settings

KEY = ["publish", "weekly_review"]
FORMS = ("md", "json", "html")
QUESTIONS = 4
CONSULTATION = 5


@dg.asset(key=KEY, deps=[["publish", "published_snapshot"]], kinds={"python", "markdown"})
def weekly_review(context: dg.AssetExecutionContext) -> Materialized:
    """The last seven days of issues against the seven before, as Markdown, JSON and a page. One row per report file.

    The week is the ISO week that most of the seven days lie in; another review of it replaces its files.
    """
    from analytics_assets.queries.issue_review import get_review
    from analytics_assets.queries.snapshot import open_snapshot
    from analytics_assets.reports.files import replace_file
    from analytics_assets.reports.markdown import as_markdown
    from analytics_assets.reports.page import as_page
    from analytics_assets.reports.review import answer_sections, review_sections, title

    settings = load_settings()
    with open_snapshot(settings) as snapshot:
        review = get_review(snapshot)
        told, sections = title(review), review_sections(review)
        page = as_page(told, sections, snapshot)
    text, record = as_markdown(told, sections), json.dumps(review, indent=2, ensure_ascii=False) + "\n"
    settings.reports.mkdir(parents=True, exist_ok=True)
    for form, content in zip(FORMS, (text, record, page), strict=True):
        replace_file(settings.reports / f"review-{review['week']}.{form}", content)
    context.log.info("review of %s written from version %d", review["week"], review["version"])
    return dg.MaterializeResult(
        metadata={
            "week": review["week"],
            "version": review["version"],
            "dagster/row_count": len(FORMS),
            "files": [f"review-{review['week']}.{form}" for form in FORMS],
            "answers": dg.MetadataValue.md(as_markdown(told, answer_sections(review))),
        }
    )


@dg.asset_check(asset=KEY, description="Each of the ten questions is answered, or the review says why not.")
def every_question_is_answered() -> dg.AssetCheckResult:
    """Read the newest review as a person finds it: five questions of the data, five before decisions."""
    review = _newest(load_settings())
    answers, consultation = review["answers"], review["consultation"]
    silent = [row["question"] for row in answers["rows"] if not row["answer"]]
    asked = [review["leading"], *consultation]
    silent += [row["question"] for row in asked if not (row["answer"] or row["reason"])]
    is_whole = len(consultation) == CONSULTATION and (len(answers["rows"]) == QUESTIONS or bool(answers["reason"]))
    return dg.AssetCheckResult(
        passed=is_whole and not silent,
        metadata={
            "week": review["week"],
            "answers": len(answers["rows"]),
            "why_no_answers": answers["reason"] or "",
            "consultation": len(consultation),
            "silent": silent,
        },
    )


@dg.asset_check(asset=KEY, description="The figures of the review are those that are published.")
def figures_are_the_published_ones() -> dg.AssetCheckResult:
    """Compare the summary with ``kpis.optimization_kpis``; a version that is published since changes them."""
    from analytics_assets.queries.issues import get_published_kpis
    from analytics_assets.queries.snapshot import open_snapshot

    settings = load_settings()
    review = _newest(settings)
    with open_snapshot(settings) as snapshot:
        published, version = get_published_kpis(snapshot), snapshot.version
    shown = [(row["kpi"], row["value"]) for row in [*review["summary"], *review["targets"]]]
    wrong = [(kpi, value, published.get(kpi)) for kpi, value in shown if value != published.get(kpi)]
    # A review without any figure agrees with everything: then what is published is what it lacks.
    missing = [] if shown else [(kpi, None, value) for kpi, value in published.items() if value is not None]
    is_same = version == review["version"]
    return dg.AssetCheckResult(
        passed=not (wrong or missing),
        severity=dg.AssetCheckSeverity.ERROR if is_same else dg.AssetCheckSeverity.WARN,
        metadata={
            "version_reviewed": review["version"],
            "version_published": version,
            "compared": len(shown),
            "wrong": shown_rows(("kpi", "in the review", "published"), [*wrong, *missing]),
        },
    )


def _newest(settings: Settings) -> dict[str, Any]:
    """The review written last, from its file.

    Raises:
        FileNotFoundError: none is written: then there is nothing to judge.
    """
    files = sorted(settings.reports.glob("review-*.json"), key=lambda file: file.stat().st_mtime_ns)
    if not files:
        raise FileNotFoundError(f"{settings.reports} has no review")
    return dict(json.loads(files[-1].read_text(encoding="utf-8")))
