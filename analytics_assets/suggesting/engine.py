"""Every rule on one window of runs: the same function answers for today and, in the back-test, for any day before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from analytics_assets.lib.effects import newcombe_interval
from analytics_assets.lib.sizes import Sizes
from analytics_assets.suggesting.claim import confidence, count_claim
from analytics_assets.suggesting.rules import cpu, iterations, memory, model, retrying, spec_quality
from analytics_assets.suggesting.suggestion import Basis, Finding, Level, Rule, Suggestion
from analytics_assets.suggesting.window import Spec, Window, open_window
from analytics_assets.thresholds import EVIDENCE_RUNS_SHOWN, SUGGEST_MIN_CONFIDENCE, SUGGEST_TRIED_RUNS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    Finder = Callable[[Window, list[Spec], Sizes], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    *(memory.RAISE, memory.LOWER, cpu.RAISE, cpu.LOWER),
    *(model.BETTER, model.CHEAPER_MODEL),
    *(spec_quality.REWRITE, spec_quality.PATTERN, retrying.RETRY, iterations.MANY),
)
"""Every rule there is."""
_FINDERS: tuple[Finder, ...] = (
    memory.find,
    cpu.find,
    model.find,
    spec_quality.find,
    retrying.find,
    iterations.find,
)


def propose(con: DuckDBPyConnection, as_of: datetime, sizes: Sizes, *, with_documents: bool = True) -> list[Suggestion]:
    """What the runs of the 30 days before ``as_of`` suggest, and for which specs they are too few.

    Reads ``staging.stg_judged_runs`` and ``staging.stg_specs`` of the connection; no run after ``as_of`` is looked at.

    Args:
        con: the warehouse.
        as_of: end of the window.
        sizes: what may be asked for.
        with_documents: whether specs are what their documents say now. For a day in the past that is the future: there
            they are what most of the newest runs of that day were given.
    """
    window = open_window(con, as_of)
    specs = window.specs(with_documents=with_documents)
    judged = (judge(window, finding) for find in _FINDERS for finding in find(window, specs, sizes))
    kept = [s for s in judged if s.confidence is None or s.confidence >= SUGGEST_MIN_CONFIDENCE.value]
    return list({suggestion.id: suggestion for suggestion in kept}.values())


def judge(window: Window, finding: Finding) -> Suggestion:
    """Count the claim in the window and say how far it can be trusted."""
    claim, con = finding.claim, window.con
    counts = count_claim(con, claim, window.start, window.end)
    tried = counts.compared[1].runs if counts.compared else 0
    basis = Basis.MEASURED if tried >= SUGGEST_TRIED_RUNS.value else Basis.ESTIMATED
    stated = None if finding.missing else confidence(claim, counts, finding.alternatives)
    level = Level.LOW if stated is None else finding.rule.level(stated, counts, basis)
    difference, interval = None, None
    if counts.compared is not None:
        now, then = counts.compared
        interval = newcombe_interval(then.failures, then.runs, now.failures, now.runs)
        difference = None if now.rate is None or then.rate is None else then.rate - now.rate
    runs = con.execute(claim.runs_sql(window.start, window.end)).fetchmany(int(EVIDENCE_RUNS_SHOWN.value))
    return Suggestion(
        finding=finding,
        counts=counts,
        confidence=stated,
        level=level,
        basis=basis,
        difference=difference,
        difference_interval=interval,
        evidence_sql=claim.sql(window.start, window.end),
        evidence_runs=tuple(run_id for run_id, _ in runs),
        newest_evidence_at=runs[0][1] if runs else None,
    )
