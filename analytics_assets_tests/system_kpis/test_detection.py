"""How much is found, how right it is, and how soon."""

from datetime import datetime, timedelta

import pytest

from analytics_assets.system_kpis.detection import (
    Batch,
    false_positive_rate,
    pattern_accuracy,
    patterns_per_day,
    time_to_detection,
)

AS_OF = datetime(2026, 3, 31)


def pattern(key, *, began=None, found=1.0, verdict=None, kinds=("executions",)):
    """Times in days before the newest record."""
    return {
        "id": key,
        "starts_at": None if began is None else AS_OF - timedelta(days=began),
        "detected_at": AS_OF - timedelta(days=found),
        "human_verdict": verdict,
        "record_kinds": kinds,
    }


def batch(kind, first, last, tenth=None):
    days = (first, first if tenth is None else tenth, last)
    return Batch(kind, *(AS_OF - timedelta(days=back) for back in days))


def decided(confirmed, rejected):
    words = ["confirmed"] * confirmed + ["rejected"] * rejected + ["acknowledged", None]
    return [pattern(f"p{place}", verdict=word) for place, word in enumerate(words)]


def test_patterns_are_counted_by_the_days_since_the_first_of_them():
    found = patterns_per_day([pattern("a", found=10), pattern("b", found=5), pattern("old", found=31)], AS_OF)
    assert (found.value, found.n) == (0.2, 2)
    assert patterns_per_day([pattern("a", found=0.1)], AS_OF).value == 1.0
    assert patterns_per_day([], AS_OF).value == 0.0


def test_the_word_of_a_person_counts_before_what_a_pattern_predicted():
    patterns = [pattern("a", verdict="rejected"), pattern("b", verdict="confirmed"), pattern("c"), pattern("d")]
    found = pattern_accuracy(patterns, {"a": 0.9, "b": 0.1, "c": 0.7})
    assert (found.value, found.n) == (pytest.approx((0 + 1 + 0.7) / 3), 3)
    assert found.source == "2 decisions, 1 prediction"


def test_without_a_word_or_a_prediction_accuracy_is_not_known():
    found = pattern_accuracy([pattern("a")], {})
    assert (found.value, found.n) == (None, 0)
    assert found.reason.startswith("nobody confirmed or rejected")


def test_false_patterns_are_a_share_of_what_was_decided_and_too_few_have_no_score():
    found = false_positive_rate(decided(4, 1))
    assert (found.value, found.n, found.reason) == (0.2, 5, None)
    few = false_positive_rate(decided(1, 1))
    assert (few.value, few.reason) == (0.5, "2 decisions, 5 needed")
    none = false_positive_rate(decided(0, 0))
    assert (none.value, none.reason) == (None, "nobody confirmed or rejected a pattern")


def test_detection_takes_the_median_of_the_hours():
    patterns = [pattern("a", began=5, found=4), pattern("b", began=5, found=3), pattern("c", began=9, found=2)]
    found = time_to_detection(patterns, [], AS_OF)
    assert (found.value, found.n) == (48.0, 3)


def test_what_was_rejected_or_begins_anew_or_has_no_beginning_does_not_count():
    patterns = [
        pattern("a", began=5, found=4, verdict="rejected"),
        pattern("b", began=1, found=4),
        pattern("c"),
        pattern("d", began=40, found=31),
    ]
    found = time_to_detection(patterns, [], AS_OF)
    assert (found.value, found.reason) == (None, "no pattern with a beginning was found in 30 days")


def test_patterns_of_imported_records_do_not_count_and_it_is_said():
    imported = batch("executions", 20, 2)
    patterns = [pattern("a", began=15, found=2), pattern("b", began=15, found=2, kinds=("metrics",))]
    found = time_to_detection(patterns, [imported], AS_OF)
    assert (found.value, found.n) == (13 * 24, 1)
    assert "1 pattern began among imported records" in found.source
    alone = time_to_detection(patterns[:1], [imported], AS_OF)
    assert (alone.value, alone.reason) == (None, "1 pattern began among imported records")


def test_a_few_late_records_make_no_import():
    live = batch("executions", 20, 2, tenth=2.5)
    assert time_to_detection([pattern("a", began=15, found=14)], [live], AS_OF).value == 24.0


def test_of_what_is_made_of_no_known_kind_any_import_may_be_the_cause():
    found = time_to_detection([pattern("a", began=15, kinds=())], [batch("metrics", 20, 2)], AS_OF)
    assert found.value is None
