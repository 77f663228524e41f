"""Every number that issues, reviews and what is learned of them are compared with: value, unit and why."""

from __future__ import annotations

from analytics_assets.limits import Setting

DEBT_WEIGHTS = (
    Setting(8, "points", "An open critical issue; each priority below weighs half as much."),
    Setting(4, "points", "An open issue of high priority."),
    Setting(2, "points", "An open issue of medium priority."),
    Setting(1, "points", "An open issue of low priority."),
)
"""What an open issue weighs, by its priority 0 to 3."""
HEALTH_MAX_DEBT = Setting(
    200,
    "points of debt at which health is 0",
    "The two targets then say the same: a health of 90 % is a debt of 20 points.",
)
HEALTH_TARGET = Setting(90, "percent", "One tenth of the debt that would be the end is what daily work leaves open.")
DEBT_TARGET = Setting(20, "points", "Five issues of high priority, or two critical ones and a few small ones.")
FIX_DAYS_TARGET_P0 = Setting(1, "days", "A critical issue is fixed on the day it is seen.")
FIX_DAYS_TARGET_P1 = Setting(7, "days", "An issue of high priority is fixed within a week.")
RECURRENCE_TARGET = Setting(10, "percent of fixed issues", "One fix in ten that does not last: above it causes stay.")
VELOCITY_TARGET = Setting(5, "fixes a week", "One on each working day.")

KPI_DAYS = Setting(90, "days", "A quarter of daily history: twelve weeks to compare.")
ISSUE_WEEKS = Setting(104, "weeks", "Two years: a yearly season is seen twice.")
LONG_FIX_DEVIATIONS = Setting(2, "standard deviations above the mean", "As the framework asks; 1 in 40 of a normal.")


def issue_vars() -> dict[str, Setting]:
    """What dbt models of issues compare with, by the names of their ``vars``."""
    return {f"debt_weight_p{priority}": weight for priority, weight in enumerate(DEBT_WEIGHTS)} | {
        "target_health_score": HEALTH_TARGET,
        "target_issue_debt": DEBT_TARGET,
        "target_time_to_fix_p0": FIX_DAYS_TARGET_P0,
        "target_time_to_fix_p1": FIX_DAYS_TARGET_P1,
        "target_recurrence_rate": RECURRENCE_TARGET,
        "target_fix_velocity": VELOCITY_TARGET,
        "kpi_days": KPI_DAYS,
        "issue_weeks": ISSUE_WEEKS,
        "long_fix_deviations": LONG_FIX_DEVIATIONS,
    }
