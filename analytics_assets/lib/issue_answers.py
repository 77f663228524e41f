"""The framework's four key questions, answered in plain words with their numbers.

An answer says what was found; or that nothing is significant, which is an answer too; or that there is not enough data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from analytics_assets.issue_thresholds import RULE_MIN_TOGETHER, RULE_MIN_TRANSACTIONS
from analytics_assets.lib.issue_values import NOT_ENOUGH
from analytics_assets.lib.regression import COMPLEXITY
from analytics_assets.lib.significance import p_in_words
from analytics_assets.lib.words import percent

Row = Mapping[Any, Any]
POINTS = 5
"""Points of complexity in the sentence: two files and a half, or 250 lines over the limit."""
QUESTIONS = (
    ("What predicts long fix times?", "regression of the logarithm of minutes, HC3 errors"),
    ("What categories recur most?", "chi-square, or permutations where counts are small"),
    ("Does early detection reduce fix time?", "rank correlation of days open and time spent"),
    ("Which root causes cluster together?", "association rules, permutation test"),
)
PLURALS = {"category": "categories", "root_cause_id": "root causes", "subcategory": "subcategories"}


class Answer(NamedTuple):
    """One answer; ``n`` is what it rests on: issues, or transactions of the last question."""

    text: str
    n: int
    value: float | None = None
    p_adjusted: float | None = None
    is_significant: bool | None = None


def issue_answers(
    correlations: Sequence[Row],
    regression: Sequence[Row],
    recurrence: Sequence[Row],
    rules: Sequence[Row],
    transactions: int,
) -> list[dict[str, Any]]:
    """Four rows, in the framework's order.

    Args:
        correlations: rows of the table of that name.
        regression: rows of ``fix_time_regression``.
        recurrence: rows of ``recurrence_tests``.
        rules: rows of ``association_rules``; none where no two root causes were found together.
        transactions: how many the rules were sought in.
    """
    answers = (
        _fix_times(regression),
        _recurring(recurrence),
        _early_detection(correlations),
        _clusters(rules, transactions),
    )
    return [
        {
            "question_number": number,
            "question": question,
            "method": method,
            "answer": answer.text,
            "value": answer.value,
            "n": answer.n,
            "p_adjusted": answer.p_adjusted,
            "is_enough": answer.is_significant is not None,
            "is_significant": answer.is_significant,
        }
        for number, ((question, method), answer) in enumerate(zip(QUESTIONS, answers, strict=True), start=1)
    ]


def _fix_times(rows: Sequence[Row]) -> Answer:
    judged = [row for row in rows if row["p_adjusted"] is not None]
    n = int(rows[0]["n"]) if rows else 0
    if not judged:
        return _not_enough(rows, n)
    found = sorted((row for row in judged if row["is_significant"]), key=lambda row: row["p_adjusted"])
    if not found:
        least = min(judged, key=lambda row: row["p_adjusted"])
        names = "Neither category, complexity nor priority"
        text = f"{names} predicts fix time significantly (least adjusted p {_p(least)}, n = {n:,})."
        return Answer(text, n, None, least["p_adjusted"], False)
    # The framework expects complexity to matter: it leads where it does, else the surest term.
    lead = next((row for row in found if row["term"] == COMPLEXITY), found[0])
    others = ", ".join(_effect(row) for row in found if row is not lead)
    text = _sentence(lead, n) + (f" Also: {others}." if others else "")
    points = POINTS if lead["term"] == COMPLEXITY else 1
    return Answer(text, n, lead["ratio"] ** points, lead["p_adjusted"], True)


def _sentence(row: Row, n: int) -> str:
    points = POINTS if row["term"] == COMPLEXITY else 1
    low, high = row["ratio_low"] ** points, row["ratio_high"] ** points
    interval = f"(95 % interval {_ratio(low)} to {_ratio(high)}, n = {n:,})"
    if row["term"] != COMPLEXITY:
        effect = _effect(row)
        return f"{effect[0].upper()}{effect[1:]} {interval}."
    direction = "grows" if row["ratio"] > 1 else "falls"
    return (
        f"Fix time {direction} with complexity: each {POINTS} points take {_ratio(row['ratio'] ** points)} times as "
        f"long {interval}."
    )


def _effect(row: Row) -> str:
    return f"{row['term']} takes {_ratio(row['ratio'])} times as long as {row['reference']}"


def _recurring(rows: Sequence[Row]) -> Answer:
    judged = [row for row in rows if row["p_adjusted"] is not None]
    n = max((int(row["n"]) for row in rows), default=0)
    if not judged:
        return _not_enough(rows, n)
    # The question is about categories; root causes and subcategories answer it where those do not differ.
    found = [row for row in judged if row["is_significant"]]
    row = (found or sorted(judged, key=lambda one: one["p_adjusted"]))[0]
    overall = f"{percent(row['overall_rate'])} of {row['ever_fixed']:,} ever fixed issues came back"
    if not found:
        tested = ", ".join(PLURALS[one["variable"]] + _population(one, " of ") for one in judged)
        text = f"No difference is significant (tested: {tested}): {overall} (least adjusted p {_p(row)})."
        return Answer(text, int(row["n"]), None, row["p_adjusted"], False)
    # The p-value is of this sentence, that they differ, and not of the one value that is named after it.
    differ = f"{PLURALS[row['variable']].capitalize()} differ in how often they come back"
    text = f"{differ} (adjusted p {_p(row)}{_population(row, ', n = ')}): {overall}"
    if row["highest_value"] is not None:
        interval = f"95 % interval {percent(row['highest_low'])} to {percent(row['highest_high'])}"
        share = f"{percent(row['highest_rate'])} of {row['highest_n']:,} ({interval})"
        text += f"; farthest above the others is {row['highest_value']} with {share}"
    is_other = row["variable"] != "category" and any(one["variable"] == "category" for one in judged)
    text = f"Categories do not differ significantly. {text}." if is_other else f"{text}."
    return Answer(text, int(row["n"]), row["highest_rate"], row["p_adjusted"], True)


def _population(row: Row, before: str) -> str:
    """How many were compared, where not all ever fixed issues were."""
    return f"{before}{row['n']:,} that have one" if row["n"] < row["ever_fixed"] else ""


def _early_detection(rows: Sequence[Row]) -> Answer:
    asked = [row for row in rows if {row["variable_a"], row["variable_b"]} == {"time_spent_minutes", "days_open"}]
    row = asked[0] if asked else None
    if row is None or row["p_adjusted"] is None:
        return _not_enough(asked, int(row["n"]) if row else 0)
    figures = f"rank correlation {row['rank_correlation']:.2f}, adjusted p {_p(row)}, n = {row['n']:,}"
    if not row["is_significant"]:
        text = f"Nothing significant: issues that stay open longer take neither more nor less time ({figures})."
    elif row["rank_correlation"] > 0:
        text = f"Issues that stay open longer take longer to fix ({figures}); waiting need not be the cause."
    else:
        text = f"No: issues that stay open longer take less time to fix ({figures})."
    return Answer(text, int(row["n"]), row["rank_correlation"], row["p_adjusted"], bool(row["is_significant"]))


def _clusters(rows: Sequence[Row], transactions: int) -> Answer:
    if transactions < RULE_MIN_TRANSACTIONS.value:
        needed = f"fewer than {RULE_MIN_TRANSACTIONS.value:.0f} transactions with a root cause"
        return Answer(f"{NOT_ENOUGH}{needed} ({transactions}).", transactions)
    if not rows:
        text = f"None: no two root causes were found together {RULE_MIN_TOGETHER.value:.0f} times or more"
        return Answer(f"{text} (n = {transactions:,} transactions).", transactions, None, None, False)
    found = [row for row in rows if row["is_significant"] and row["lift"] > 1]
    if not found:
        least = min(rows, key=lambda row: row["p_adjusted"])
        text = f"No two go together significantly (least adjusted p {_p(least)}, n = {transactions:,} transactions)."
        return Answer(text, transactions, None, least["p_adjusted"], False)
    row = min(found, key=lambda one: (one["p_adjusted"], -one["confidence"], -one["lift"]))
    pairs = {frozenset((one["antecedent"], one["consequent"])) for one in found}
    more = f" Other pairs that do: {len(pairs) - 1}." if len(pairs) > 1 else ""
    text = (
        f"{row['antecedent']} comes with {row['consequent']}: in {row['both_count']:,} of {row['antecedent_count']:,} "
        f"({percent(row['confidence'])}; {row['lift']:.1f} times as often as in all transactions; "
        f"{row['transaction']}, adjusted p {_p(row)}, n = {transactions:,} transactions).{more}"
    )
    return Answer(text, transactions, row["confidence"], row["p_adjusted"], True)


def _not_enough(rows: Sequence[Row], n: int) -> Answer:
    """Why, in the words of the rows; with how many there are."""
    reasons = list(dict.fromkeys(row["reason"] for row in rows if row["reason"]))
    return Answer(f"{NOT_ENOUGH}{reasons[0] if reasons else 'no figures'} (n = {n:,}).", n)


def _p(row: Row) -> str:
    return p_in_words(row["p_adjusted"])


def _ratio(value: float) -> str:
    """As many figures as tell it from 1.

    >>> _ratio(1.4), _ratio(1.04), _ratio(12.3)
    ('1.4', '1.04', '12.3')
    """
    return f"{value:.2f}" if abs(value - 1) < 0.1 else f"{value:.1f}"  # noqa: PLR2004 - 1.0 would say nothing
