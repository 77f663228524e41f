"""How often does each step of a pipeline fail, and on which commits?

Flaky is said of a step that has both outcomes on the same commit on more commits than the other steps of its pipeline
have, for as many tries; failing of one that fails on more commits than they do (``stand_out``). A step whose code is
broken fails on every attempt at its commit, and is no flaky one. Where failures strike all steps alike, none is called
either, whatever its rate. Steps are compared on commits, so a breakage that outlasts a commit counts on each of them.

Measured (``pipeline_patterns`` in benchmarks/RESULTS.md): of 100 worlds of noise 1 to 4 have a step that is called
flaky, or failing, also where each failure is tried again; a step that fails 6 % on its own is found in 50 of 50.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.pipeline_steps import Pipeline
from analytics_assets.lib.rates import wilson_interval
from analytics_assets.lib.stand_out import stand_outs
from analytics_assets.mining_thresholds import FLAKY_MIN_COMMITS

if TYPE_CHECKING:
    from analytics_assets.lib.critical_path import Flags, Numbers

Row = dict[str, Any]


def of_outcomes(pipeline: Pipeline) -> list[Row]:
    """How often a step ran, was judged and failed."""
    failed, tried = _outcomes(pipeline)
    rows = []
    for place in range(len(pipeline.steps)):
        judged, failures = int((tried[:, place] > 0).sum()), int(failed[:, place].sum())
        interval = wilson_interval(failures, judged)
        ran = pipeline.values["ran"][:, place] > 0
        rows.append(
            {
                "executions": int(ran.sum()),
                "judged": judged,
                "failures": failures,
                "failure_rate": failures / judged if judged else None,
                "failure_rate_low": interval.low if interval else None,
                "failure_rate_high": interval.high if interval else None,
                "last_at": _last(pipeline, ran),
                "last_failure_at": _last(pipeline, failed[:, place]),
            }
        )
    return rows


def of_commits(pipeline: Pipeline) -> list[Row]:
    """On how many commits a step failed, and on how many it had both outcomes, against the other steps."""
    import numpy as np

    failures, successes = pipeline.values["failures"], pipeline.values["successes"]
    sha = pipeline.executions["head_sha"]
    # Without a commit an execution is one of its own: it may be compared with the others, and is never tried again.
    keys = sha.where(sha.notna(), "no commit " + pipeline.executions["id"].astype(str))
    commits, place_of = np.unique(keys.astype(str).to_numpy(), return_inverse=True)

    def per_commit(table: Numbers) -> Numbers:
        found = np.zeros((len(commits), table.shape[1]))
        np.add.at(found, place_of, table)
        return found

    failed, succeeded = per_commit(failures), per_commit(successes)
    tried = failed + succeeded
    is_known = np.isin(commits, keys[sha.notna()].astype(str).to_numpy())[:, None]
    again = np.where((tried > 1) & is_known, tried, 0.0)
    is_both = (failed > 0) & (succeeded > 0) & (again > 0)
    both = stand_outs(is_both, np.where(is_known, tried, 0.0), float(failed[is_known[:, 0]].sum()))
    fails = stand_outs(failed > 0, tried, float(failed.sum()))
    rows = []
    for place in range(len(pipeline.steps)):
        flaky, retried = int(is_both[:, place].sum()), int((again[:, place] > 0).sum())
        interval = wilson_interval(flaky, retried)
        by_chance, failing = both[place], fails[place]
        is_enough = retried >= FLAKY_MIN_COMMITS.value
        rows.append(
            {
                "flaky_commits": flaky,
                "retried_commits": retried,
                "flaky_rate": flaky / retried if retried else None,
                "flaky_rate_low": interval.low if interval else None,
                "flaky_rate_high": interval.high if interval else None,
                "flaky_expected": by_chance.expected,
                "flaky_failures": int(failed[is_both[:, place], place].sum()),
                "flaky_p_value": by_chance.p_value if is_enough else None,
                "failing_p_value": failing.p_value,
                "failing_expected": failing.expected,
                "failing_commits": int((failed[:, place] > 0).sum()),
            }
        )
    return rows


def _outcomes(pipeline: Pipeline) -> tuple[Flags, Numbers]:
    """Whether a step failed for good in an execution, and how often it was judged in it."""
    failures, successes = pipeline.values["failures"], pipeline.values["successes"]
    return (failures > 0) & (successes == 0), failures + successes


def _last(pipeline: Pipeline, chosen: Flags) -> datetime | None:
    times = pipeline.executions["started_at"][chosen]
    return None if times.empty else times.max().to_pydatetime()
