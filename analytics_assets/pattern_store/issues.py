"""Patterns of issues: root causes that go together, fixes out of the ordinary, what recurs, and where health goes."""

from __future__ import annotations

from collections import defaultdict

from analytics_assets.issue_thresholds import HEALTH_TREND_P
from analytics_assets.lib.monotone_trend import may_have_order, monotone_trend
from analytics_assets.pattern_store.looks import JOINED, Row
from analytics_assets.pattern_store.observed import Observed, relative_size

_PERMUTED = "FP-Growth, permutation test"


def root_causes(rows: list[Row]) -> list[Observed]:
    """A pattern per significant rule, and one per root cause in such rules: the ends of the relation.

    Args:
        rows: of ``patterns.association_rules``.
    """
    rules = [row for row in rows if row["is_significant"] and row["as_of"] is not None]
    of_cause: dict[str, list[Row]] = defaultdict(list)
    for row in rules:
        of_cause[row["antecedent"]].append(row)
        of_cause[row["consequent"]].append(row)
    return [_rule(row) for row in rules] + [_cause(cause, of_cause[cause]) for cause in sorted(of_cause)]


def _rule(row: Row) -> Observed:
    return Observed(
        pattern_type="root_cause_rule",
        subject=f"{row['antecedent']}{JOINED}{row['consequent']}",
        pattern_name=(
            f"Where {row['antecedent']} is found, {row['consequent']} is too: "
            f"{row['both_count']} of {row['antecedent_count']} times, {row['lift']:.2g} times as often as by chance"
        ),
        pattern_category="error",
        topic="error_propagation",
        detection_algorithm=_PERMUTED,
        confidence_score=1 - row["p_adjusted"],
        significance_score=relative_size(1.0, row["lift"]),
        strength=row["confidence"],
        strength_unit="share of the transactions with the antecedent",
        components=[row["antecedent"], row["consequent"]],
        last_observed_at=row["as_of"],
        detected_at=row["as_of"],
        more={
            name: row[name]
            for name in ("antecedent", "consequent", "support", "confidence", "lift", "p_adjusted", "transaction")
        },
    )


def _cause(cause: str, rules: list[Row]) -> Observed:
    surest = min(rules, key=lambda row: row["p_adjusted"])
    # A cause stands in as many transactions whichever rule names it.
    stands_in = (surest["antecedent_count"] if surest["antecedent"] == cause else surest["consequent_count"]) / surest[
        "transactions"
    ]
    return Observed(
        pattern_type="root_cause",
        subject=cause,
        pattern_name=f"Root cause {cause} comes with others in {len(rules)} rules",
        pattern_category="error",
        topic="failure_mode",
        detection_algorithm=_PERMUTED,
        confidence_score=1 - surest["p_adjusted"],
        significance_score=min(1.0, stands_in),
        strength=stands_in,
        strength_unit="share of transactions",
        components=[cause],
        last_observed_at=surest["as_of"],
        detected_at=surest["as_of"],
        more={"rules": [f"{row['antecedent']}{JOINED}{row['consequent']}" for row in rules]},
    )


def odd_fixes(rows: list[Row]) -> list[Observed]:
    """A pattern per fix out of the ordinary.

    Args:
        rows: of ``patterns.issue_anomalies``.
    """
    return [
        Observed(
            pattern_type="odd_fix",
            subject=row["id"],
            pattern_name=f"{row['id']}: {row['reason']}",
            pattern_category="quality",
            topic="refactoring_effect",
            detection_algorithm="Isolation Forest and robust deviation",
            confidence_score=_beyond(row["deviation"]),
            significance_score=relative_size(row["usual_value"], row["value"]),
            strength=abs(row["deviation"]),
            strength_unit="robust standard deviations",
            location=row["feature"],
            components=[row["category"]],
            last_observed_at=row["as_of"],
            detected_at=row["as_of"],
            more={name: row[name] for name in ("feature", "value", "usual_value", "deviation", "isolation_score")},
        )
        for row in rows
        if row["as_of"] is not None
    ]


def recurring(rows: list[Row]) -> list[Observed]:
    """A pattern per variable one value of which comes back significantly more often than the others.

    Args:
        rows: of ``patterns.recurrence_tests``.
    """
    return [
        Observed(
            pattern_type=f"recurring_{row['variable'].removesuffix('_id')}",
            subject=row["highest_value"],
            pattern_name=(
                f"Issues of {row['highest_value']} come back in {100 * row['highest_rate']:.0f} % of "
                f"{row['highest_n']} fixes; of all, {100 * row['overall_rate']:.0f} %"
            ),
            pattern_category="error",
            topic="prevention_effect",
            detection_algorithm=row["method"] or "test of shares",
            confidence_score=1 - row["p_adjusted"],
            significance_score=relative_size(row["overall_rate"], row["highest_rate"]),
            strength=row["highest_rate"],
            strength_unit="share of the fixes",
            components=[row["highest_value"]],
            last_observed_at=row["as_of"],
            detected_at=row["as_of"],
            more={name: row[name] for name in ("variable", "cramers_v", "p_adjusted", "highest_low", "highest_high")},
        )
        for row in rows
        if row["is_significant"] and row["highest_value"] is not None and row["as_of"] is not None
    ]


def debt_trends(rows: list[Row]) -> list[Observed]:
    """A pattern per scope whose weekly health falls or rises, beyond chance, over its finished weeks.

    Args:
        rows: of ``kpis.weekly_health``.
    """
    scopes: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["is_finished"] and row["health_score"] is not None and row["as_of"] is not None:
            scopes[row["scope"]].append(row)
    found = []
    for scope, weeks in sorted(scopes.items()):
        weeks.sort(key=lambda row: row["week"])
        first = weeks[0]["week"]
        if not may_have_order([row["health_score"] for row in weeks]):
            continue
        trend = monotone_trend(
            [(row["week"] - first).days / 7 for row in weeks], [row["health_score"] for row in weeks]
        )
        # As many scopes as are asked share the level of one test (Bonferroni).
        if trend is None or not trend.slope or trend.p_value * len(scopes) >= HEALTH_TREND_P.value:
            continue
        change = trend.slope * (weeks[-1]["week"] - first).days / 7
        found.append(_debt(scope, weeks, trend.slope, change, min(1.0, trend.p_value * len(scopes))))
    return found


def _debt(scope: str, weeks: list[Row], slope: float, change: float, p_value: float) -> Observed:
    is_worse, newest = slope < 0, weeks[-1]
    return Observed(
        pattern_type="health_decline" if is_worse else "health_recovery",
        subject=scope,
        pattern_name=(
            f"Health of {scope} {'falls' if is_worse else 'rises'} by {abs(slope):.2g} points a week over "
            f"{len(weeks)} weeks, to {newest['health_score']:.0f} of 100"
        ),
        pattern_category="quality",
        topic="technical_debt",
        detection_algorithm="Theil-Sen slope, Kendall's test",
        confidence_score=1 - p_value,
        significance_score=min(1.0, abs(change) / 100),
        strength=abs(slope),
        strength_unit="points a week",
        components=[scope],
        last_observed_at=newest["as_of"],
        detected_at=newest["as_of"],
        more={
            "slope_per_week": slope,
            "weeks": len(weeks),
            "p_adjusted": p_value,
            "health_score": newest["health_score"],
        },
    )


def _beyond(deviation: float) -> float:
    """Share of usual values that lie nearer than a deviation, two-sided: Chebyshev's bound, whatever their form."""
    return max(0.0, 1 - 1 / deviation**2) if deviation else 0.0
