"""Features against a slow computation of their own: for each run, the rows of all others are looked through again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics_assets.predicting.examples import examples
from analytics_assets_tests.predicting.run_histories import history, surroundings

HOUR = pd.Timedelta(hours=1)
COLUMNS = [
    *("run_id", "spec_id", "spec_type", "model", "agent_id", "project_id", "started_at", "is_failed", "error_type"),
    *("duration_seconds", "memory_peak_mb", "memory_limit_mb", "llm_cost_usd", "is_oom", "is_transient"),
    *("cpu_peak_mcores", "cpu_limit_mcores", "spec_fingerprint", "spec_version"),
]
WEIGHT = 5


def odds(share):
    return np.log(share / (1 - share))


class Slow:
    """One run, with the rows that were known at its start."""

    def __init__(self, frame, place, around):
        self.own, self.around = frame.loc[place], around
        self.at = self.own["started_at"]
        self.before = frame[frame["started_at"] < self.at]
        told = self.before[(self.before["told_at"] <= self.at) & self.before["is_failed"].notna()]
        self.told = told.sort_values(["told_at", "started_at", "run_id"]).astype({"is_failed": float})
        self.all_rate = (self.told["is_failed"].sum() + 1) / (len(self.told) + 2)

    def of(self, *names):
        rows = self.told
        for name in names:
            rows = rows[rows[name] == self.own[name]]
        return rows

    def rate(self, *names, parent=None):
        rows, prior = self.of(*names), self.all_rate if parent is None else parent
        return (rows["is_failed"].sum() + WEIGHT * prior) / (len(rows) + WEIGHT)

    def recent(self, *names):
        rows = self.of(*names)["is_failed"]
        return rows.ewm(alpha=0.1, adjust=True).mean().iloc[-1] if len(rows) else np.nan

    def mean(self, logs, *names, parent):
        known = logs.loc[self.of(*names).index].dropna()
        return (known.sum() + WEIGHT * parent) / (len(known) + WEIGHT) if not np.isnan(parent) else np.nan

    def together(self):
        return odds(self.spec_rate()) + odds(self.rate("model")) - odds(self.all_rate)

    def spec_rate(self):
        return self.rate("spec_id", parent=self.rate("spec_type"))

    def model_spec_seconds(self):
        logs = np.log1p(self.told["duration_seconds"].astype(float))
        overall = logs.mean()
        parent = self.mean(logs, "spec_id", parent=overall) + self.mean(logs, "model", parent=overall) - overall
        return self.mean(logs, "model", "spec_id", parent=parent)

    def model_spec_cost(self):
        logs = np.log1p(100 * self.told["llm_cost_usd"].astype(float))
        overall = logs.mean()
        parent = self.mean(logs, "spec_id", parent=overall) + self.mean(logs, "model", parent=overall) - overall
        return self.mean(logs, "model", "spec_id", parent=parent)

    def seconds_trend(self):
        logs = np.log1p(self.of("spec_id")["duration_seconds"].astype(float)).dropna()
        return logs.ewm(alpha=0.1, adjust=True).mean().iloc[-1] - logs.mean() if len(logs) else np.nan

    def streak(self):
        outcomes = self.of("spec_id")["is_failed"].to_numpy()[::-1]
        return np.argmin(np.append(outcomes, 0))

    def used(self, peak, limit):
        rows = self.of("spec_id")
        return (rows[peak].astype(float) / rows[limit].astype(float)).mean()

    def error_types(self):
        last = self.of("spec_id").tail(10)
        return last["error_type"].nunique() if len(last) else np.nan

    def failures(self):
        rows = self.of("spec_id")
        return rows[rows["is_failed"] == 1]

    def same_error(self):
        errors = self.failures()["error_type"].tail(2).tolist()
        return float(errors[0] is not None and errors[0] == errors[1]) if len(errors) == 2 else np.nan

    def since_failure(self):
        failed = self.failures()["told_at"]
        return (self.at - failed.iloc[-1]) / HOUR if len(failed) else np.nan

    def active(self, *names):
        rows = self.before[~(self.before["told_at"] <= self.at) & (self.before["started_at"] >= self.at - 24 * HOUR)]
        for name in names:
            rows = rows[rows[name] == self.own[name]]
        return len(rows)

    def version_rows(self):
        version = self.own["spec_fingerprint"] or self.own["spec_version"]
        rows = self.before[self.before["spec_id"] == self.own["spec_id"]]
        return version and rows[(rows["spec_fingerprint"].fillna(rows["spec_version"])) == version]

    def since_change(self):
        rows = self.version_rows()
        return np.nan if rows is None else 0.0 if rows.empty else (self.at - rows["started_at"].min()) / HOUR

    def last_hour(self):
        starts = self.before["started_at"]
        if starts.empty or self.at - starts.min() < 24 * HOUR:
            return np.nan
        span = min(28 * 24 * HOUR, self.at - starts.min())
        return (starts >= self.at - HOUR).sum() / ((starts >= self.at - span).sum() / (span / HOUR))

    def last_told(self, told):
        return next((n for when, n in reversed(told) if when <= self.at), np.nan)

    def load(self, of_hour):
        return of_hour.get((self.at.floor("h") - HOUR).to_pydatetime(), np.nan)


EXPECTED = {
    "failure_rate": lambda slow: slow.all_rate,
    "spec_type_failure_rate": lambda slow: slow.rate("spec_type"),
    "spec_failure_rate": Slow.spec_rate,
    "model_failure_rate": lambda slow: slow.rate("model"),
    "model_spec_type_failure_rate": lambda slow: slow.rate("model", "spec_type", parent=slow.rate("model")),
    "spec_and_model_log_odds": Slow.together,
    "model_spec_failure_rate": lambda slow: slow.rate("model", "spec_id", parent=1 / (1 + np.exp(-slow.together()))),
    "recent_spec_failure_rate": lambda slow: slow.recent("spec_id"),
    "recent_model_spec_failure_rate": lambda slow: slow.recent("model", "spec_id"),
    "model_spec_log_seconds": Slow.model_spec_seconds,
    "model_spec_log_cost": Slow.model_spec_cost,
    "spec_seconds_trend": Slow.seconds_trend,
    "spec_failure_streak": Slow.streak,
    "spec_memory_used": lambda slow: slow.used("memory_peak_mb", "memory_limit_mb"),
    "spec_cpu_used": lambda slow: slow.used("cpu_peak_mcores", "cpu_limit_mcores"),
    "spec_oom_share": lambda slow: slow.of("spec_id")["is_oom"].astype(float).mean(),
    "spec_transient_share": lambda slow: slow.of("spec_id")["is_transient"].astype(float).mean(),
    "spec_error_types": Slow.error_types,
    "spec_same_error_twice": Slow.same_error,
    "hours_since_spec_failure": Slow.since_failure,
    "active_runs": Slow.active,
    "agent_active_runs": lambda slow: np.nan if slow.own["agent_id"] is None else slow.active("agent_id"),
    "system_load": lambda slow: slow.load(slow.around.cpu),
    "tool_error_rate": lambda slow: slow.load(slow.around.tool_errors),
    "dependencies": lambda slow: slow.last_told(slow.around.dependencies.get(slow.own["spec_id"], ())),
    "agent_failure_rate": lambda slow: slow.rate("agent_id"),
    "hour_failure_rate": lambda slow: slow.rate("hour"),
    "weekday_failure_rate": lambda slow: slow.rate("weekday"),
    "hours_since_spec_change": Slow.since_change,
    "runs_since_spec_change": lambda slow: np.nan if slow.version_rows() is None else len(slow.version_rows()),
    "hours_since_deployment": lambda slow: min(
        ((slow.at - at) / HOUR for at in slow.around.changes if at <= slow.at), default=np.nan
    ),
    "runs_last_hour": Slow.last_hour,
}


@pytest.fixture(scope="module")
def computed():
    """The examples of an untidy history, and what the slow computation has to go by."""
    around = surroundings(7)
    found = examples(history(7, 70), around)
    frame = pd.DataFrame([{name: getattr(run, name) for name in COLUMNS} for run in found.runs], dtype=object)
    frame["told_at"] = pd.to_datetime([run.told_at for run in found.runs])
    frame["started_at"] = pd.to_datetime(frame["started_at"])
    frame = frame.where(frame.notna(), None).assign(
        told_at=frame["told_at"], hour=frame["started_at"].dt.hour, weekday=frame["started_at"].dt.weekday
    )
    frame["started_at"] = pd.to_datetime(frame["started_at"])
    return found, [Slow(frame, place, around) for place in range(len(frame))]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_sweep_computes_what_the_slow_way_does(name, computed):
    found, slow = computed
    expected = np.array([EXPECTED[name](one) for one in slow], dtype=float)
    np.testing.assert_allclose(found.features[name].to_numpy(), expected, rtol=1e-9, atol=1e-12)
    assert len(np.unique(expected[~np.isnan(expected)])) > 1
