"""Five questions to ask before a decision on issues, each answered from the data or with the reason why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from analytics_assets.issue_thresholds import (
    HEALTH_MIN_WEEKS,
    HEALTH_TREND_MIN_WEEKS,
    HEALTH_TREND_WEEKS,
    ISSUES_LISTED,
)
from analytics_assets.lib.monotone_trend import MonotoneTrend, monotone_trend
from analytics_assets.lib.outliers import FOR_COMPLEXITY, TIME
from analytics_assets.lib.rates import Interval, wilson_interval
from analytics_assets.lib.words import between, grouped, percent, plural
from analytics_assets.queries.answers import Answer, Row, rows
from analytics_assets.queries.issue_anomalies import anomalies_since
from analytics_assets.queries.issues import HEALTH_SOURCES, NO_ISSUES, NOT_LEARNED, learned, week_before
from analytics_assets.queries.snapshot import Snapshot

MOST = int(ISSUES_LISTED.value)
NOT_A_CAUSE = "Correlation is not cause."

ROI_BY_BATCH = f"""
    select
        id,
        priority,
        roi_score,
        row_number() over (order by roi_score desc, priority, id) as place,
        row_number() over (partition by priority order by roi_score desc, id) as place_in_batch,
        count(*) over () as with_roi
    from kpis.issue_features
    where is_open and roi_score is not null
    qualify place <= {MOST} or (priority = 1 and place_in_batch <= {MOST})
    order by place
"""
LONG_FIXES = """
    select id, time_spent_minutes, limit_minutes, timed_fixes
    from kpis.long_fixes
    order by time_spent_minutes desc, id
"""
# Of a week that still runs the end is not known.
HEALTH = f"""
    select week, health_score, source
    from kpis.weekly_health
    where scope = 'overall' and health_score is not null and is_finished
    order by week desc
    limit {HEALTH_TREND_WEEKS.value:.0f}
"""
DUPLICATES = """
    select
        is_duplicate,
        count(*) filter (where is_ever_fixed) as ever_fixed,
        count(*) filter (where is_ever_fixed and is_recurrence_known) as told,
        count(*) filter (where is_ever_fixed and is_recurred) as recurred,
        count(time_spent_minutes) filter (where status = 'FIXED') as timed_fixes,
        median(time_spent_minutes) filter (where status = 'FIXED') as median_minutes
    from (
        select *, coalesce(duplicate_count, 0) > 0 or coalesce(lower(subcategory), '') like 'duplicat%' as is_duplicate
        from kpis.issue_features
    )
    group by is_duplicate
"""
DUPLICATE_CORRELATIONS = """
    select variable_a, variable_b, rank_correlation, n, p_adjusted, is_significant
    from patterns.correlations
    where
        rank_correlation is not null
        and 'duplicate_count' in (variable_a, variable_b)
        and (
            variable_a in ('time_spent_minutes', 'days_to_fix', 'recurrence_count')
            or variable_b in ('time_spent_minutes', 'days_to_fix', 'recurrence_count')
        )
    order by variable_a, variable_b
"""
DUPLICATE_RULES = """
    select rule.antecedent, rule.consequent, rule.both_count, rule.confidence, rule.lift
    from patterns.association_rules as rule
    where
        rule.is_significant
        and exists (
            select 1
            from kpis.root_cause_progress as cause
            where lower(cause.subcategory) like 'duplicat%' and cause.root_cause_id = rule.antecedent
        )
    order by rule.lift desc
"""
RECURRENCE = """
    select scope as category, value, n, reason
    from kpis.optimization_kpis
    where kpi = 'recurrence_rate' and scope <> 'all' and day = cast($day as date) and not is_week_ago
    order by value desc nulls last, scope
"""


def consultation(snapshot: Snapshot, kpis: Answer) -> list[Answer]:
    """The answers in their order: ``question_number``, ``occasion``, ``question``, ``answer``, ``n``, ``reason``.

    ``answer`` is a sentence, or None where ``reason`` says why there is none; ``n`` counts the issues (weeks, for the
    trend) it rests on, where that is known. ``kpis`` is the answer of ``get_optimization_kpis``.
    """
    asked: tuple[tuple[str, str, Callable[[], Answer]], ...] = (
        ("Before a batch of P1 fixes", "Which issues have the highest ROI score?", lambda: _roi(snapshot)),
        ("After each run", "Any anomalies in fix times or patterns?", lambda: _anomalies(snapshot, kpis)),
        ("Weekly", "What is the trend of the health score: are we improving?", lambda: _trend(snapshot, kpis)),
        ("Before a new reference document", "Does duplication cause issues?", lambda: _duplicates(snapshot)),
        ("Before a prevention rule", "What is the recurrence rate per category?", lambda: _recurrence(snapshot, kpis)),
    )
    return [
        {"question_number": number, "occasion": occasion, "question": question} | answer()
        for number, (occasion, question, answer) in enumerate(asked, 1)
    ]


def _answered(answer: str, n: int | None) -> Answer:
    return {"answer": answer, "n": n, "reason": None}


def _unanswered(reason: str) -> Answer:
    return {"answer": None, "n": None, "reason": reason}


def _roi(snapshot: Snapshot) -> Answer:
    found = rows(snapshot, ROI_BY_BATCH)
    if not found:
        return _unanswered("not enough data: no open issue has a known ROI")
    known = found[0]["with_roi"]
    batch = [row for row in found if row["priority"] == 1][:MOST]
    p1 = f"Of P1: {_ids(batch)}." if batch else "No P1 issue is among them."
    return _answered(f"Of {plural(known, 'open issue')} with a known ROI: {_ids(found[:MOST])}. {p1}", known)


def _ids(found: Sequence[Row]) -> str:
    return grouped((row["id"], f"{row['roi_score']:.1f}, P{row['priority']}") for row in found)


def _anomalies(snapshot: Snapshot, kpis: Answer) -> Answer:
    odd = anomalies_since(snapshot, kpis["as_of"] and week_before(kpis["as_of"]))
    if odd["reason"] == NO_ISSUES:
        return _unanswered(NO_ISSUES)
    long = rows(snapshot, LONG_FIXES)
    told = []
    if odd["reason"] == NOT_LEARNED:
        told.append(f"Anomalies are {NOT_LEARNED}.")
    elif odd["rows"]:
        told.append(_standing_out(odd["rows"]))
    else:
        told.append(f"{odd['reason'][0].upper()}{odd['reason'][1:]}.")
    if long:
        limit, fixes = long[0]["limit_minutes"], long[0]["timed_fixes"]
        listed = ", ".join(f"{row['id']} ({row['time_spent_minutes']:,.0f} min)" for row in long[:MOST])
        told.append(f"Over {limit:,.0f} min (mean and 2 deviations of {fixes:,} fixes): {len(long)}, as {listed}.")
    if odd["reason"] == NOT_LEARNED and not long:
        return _unanswered(NOT_LEARNED)
    counts = [row["examined"] for row in odd["rows"]] + [row["timed_fixes"] for row in long]
    return _answered(" ".join(told), max((n for n in counts if n is not None), default=None))


def _standing_out(found: Sequence[Row]) -> str:
    """How many there are, and which of them are of the last seven days."""
    examined = found[0]["examined"]
    judged = "" if examined is None else f" of {examined:,} judged"
    recent = [f"{row['id']} {_oddity(row)}" for row in found if row["is_new"]]
    listed = f"{len(recent):,} of the last 7 days: {'; '.join(recent[:MOST])}" if recent else "none of the last 7 days"
    return f"{plural(len(found), 'issue')}{judged}, {listed}."


def _oddity(row: Row) -> str:
    """In short; the deviation and what is compared stand in ``analytics optimize``."""
    if row["feature"] in (TIME, FOR_COMPLEXITY) and None not in (row["value"], row["usual_value"]):
        return f"took {row['value']:,.0f} min (usual {row['usual_value']:,.0f})"
    return row["reason"] or "stands out"


def _trend(snapshot: Snapshot, kpis: Answer) -> Answer:
    weeks = rows(snapshot, HEALTH)[::-1]
    now = next((row for row in kpis["kpis"] if row["kpi"] == "health_score"), None)
    change = ""
    if now is not None and now["value"] is not None and now["value_before"] is not None:
        change = f" From open issues: {now['value']:.1f} %, a week ago {now['value_before']:.1f} %."
    found = monotone_trend(_numbers(weeks), [row["health_score"] for row in weeks])
    if found is None:
        least, of_forecast = HEALTH_TREND_MIN_WEEKS.value, HEALTH_MIN_WEEKS.value
        known = f"not enough data: a trend needs {least:.0f} finished weeks with a health score (a forecast "
        known += f"{of_forecast:.0f}), there {'is' if len(weeks) == 1 else 'are'} {len(weeks)}"
        return _unanswered(f"{known}.{change}" if change else known)
    span = " to ".join(f"{row['health_score']:.1f} % (week of {row['week']})" for row in (weeks[0], weeks[-1]))
    source = f"{HEALTH_SOURCES[weeks[-1]['source']]}, " if weeks[-1]["source"] in HEALTH_SOURCES else ""
    return _answered(f"{_direction(found)}: {source}from {span}, {_numbers_of(found)}.{change}", found.n)


def _direction(found: MonotoneTrend) -> str:
    if not found.is_clear:
        return "No clear change"
    return "Improving" if found.slope > 0 else "Getting worse"


def _numbers_of(found: MonotoneTrend) -> str:
    return f"{found.slope:+.1f} points a week, {found.n} weeks, p = {found.p_value:.2g}"


def _numbers(weeks: Sequence[Row]) -> list[float]:
    """Weeks since the first one: a week without a score is a gap and no step."""
    days = [date.fromisoformat(row["week"]) for row in weeks]
    return [(day - days[0]).days / 7 for day in days]


def _duplicates(snapshot: Snapshot) -> Answer:
    sides = {row["is_duplicate"]: row for row in rows(snapshot, DUPLICATES)}
    copies, others = sides.get(True), sides.get(False)
    if copies is None or others is None:
        which = "no issue of duplication" if copies is None else "every issue is one of duplication"
        return _unanswered(f"not enough data: {which}")
    told = [
        f"Recurred: {_rate(copies)} of duplication, {_rate(others)} of others{_apart(copies, others)}.",
        f"Median fix time: {_minutes(copies)} against {_minutes(others)}.",
        *_correlated(snapshot),
        NOT_A_CAUSE,
    ]
    return _answered(" ".join(told), copies["ever_fixed"])


def _rate(side: Row) -> str:
    band = _recurred(side)
    if band is None:
        return f"nothing known ({'nothing says whether a fix lasted' if side['ever_fixed'] else 'no fix'})"
    rate = percent(side["recurred"] / side["ever_fixed"])
    return f"{rate} ({side['recurred']:,} of {side['ever_fixed']:,} fixed, {between(*band)})"


def _recurred(side: Row) -> Interval | None:
    """The interval of the rate; None where no fix has anything that says whether it lasted."""
    return wilson_interval(side["recurred"], side["ever_fixed"]) if side["told"] else None


def _apart(copies: Row, others: Row) -> str:
    """What the intervals allow to say."""
    first, second = _recurred(copies), _recurred(others)
    if first is None or second is None:
        return ""
    if first.low > second.high:
        return ": clearly more often"
    return ": clearly less often" if first.high < second.low else ": no clear difference"


def _minutes(side: Row) -> str:
    known = side["median_minutes"]
    return "nothing known" if known is None else f"{known:,.0f} min (n = {side['timed_fixes']:,})"


def _correlated(snapshot: Snapshot) -> list[str]:
    """What was learned of copies: correlations with their n, and which root causes they come with."""
    pairs = learned(snapshot, DUPLICATE_CORRELATIONS)
    if pairs["reason"] == NOT_LEARNED:
        return [f"Correlations are {NOT_LEARNED}."]
    clear, unclear = [], []
    for row in pairs["rows"]:
        other = row["variable_a"] if row["variable_b"] == "duplicate_count" else row["variable_b"]
        name = other.replace("_", " ")
        if row["is_significant"]:
            clear.append(f"{name} {row['rank_correlation']:+.2f} (n = {row['n']:,})")
        else:
            unclear.append(f"{name} (n = {row['n']:,})")
    found = f"Rank correlation of copies with {', '.join(clear)}." if clear else ""
    none = f"No clear rank correlation of copies with {', '.join(unclear)}." if unclear else ""
    rules = learned(snapshot, DUPLICATE_RULES)["rows"][:MOST]
    with_causes = "; ".join(
        f"{row['antecedent']} comes with {row['consequent']} ({percent(row['confidence'])}, "
        f"{row['both_count']:,} times, lift {row['lift']:.1f})"
        for row in rules
    )
    return [text for text in (found, none, f"{with_causes}." if with_causes else "") if text]


def _recurrence(snapshot: Snapshot, kpis: Answer) -> Answer:
    if kpis["day"] is None:
        return _unanswered(NO_ISSUES)
    found = rows(snapshot, RECURRENCE, {"day": kpis["day"]})
    known = [row for row in found if row["value"] is not None and row["n"]]
    if not known:
        reason = next((row["reason"] for row in found if row["reason"]), None)
        return _unanswered(f"not enough data: {reason}" if reason else NO_ISSUES)
    told = []
    for row in known:
        recurred = round(row["value"] / 100 * row["n"])
        band = wilson_interval(recurred, row["n"])
        interval = "" if band is None else f", {between(*band)}"
        told.append(f"{row['category']} {row['value']:.0f} % ({recurred:,} of {row['n']:,}{interval})")
    cut = len(told) - MOST
    more = f"; {cut} more stand in kpis.optimization_kpis" if cut > 0 else ""
    return _answered(f"Of those ever fixed: {'; '.join(told[:MOST])}{more}.", sum(row["n"] for row in known))
