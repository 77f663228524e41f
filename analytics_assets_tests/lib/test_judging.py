"""Which batches are due."""

from analytics_assets.lib.judging import Due, due


def test_the_first_look_takes_the_newest_batch_of_every_kind():
    assert due({"runs": 4, "executions": 7}, None) == Due(("executions", "runs"), None, 7)


def test_only_kinds_with_later_batches_are_due():
    assert due({"runs": 4, "executions": 7}, 4) == Due(("executions",), 4, 7)


def test_nothing_is_due_when_the_last_batch_was_judged_or_none_came():
    assert due({"runs": 4, "executions": 7}, 7) is None
    assert due({}, None) is None
    assert due({}, 3) is None


def test_a_new_warehouse_that_counts_from_one_again_is_judged_from_the_beginning():
    assert due({"runs": 2}, 40) == Due(("runs",), None, 2)
