"""What is one trouble: one lead is told, the rest is with it."""

from __future__ import annotations

from analytics_assets.alerting.condition import AlertType
from analytics_assets_tests.alerting.made import condition, hours, look

ERRORS, RESOURCES = AlertType.ERROR_RATE, AlertType.RESOURCE_USAGE


def of(component, begins=0.0, ends=1.0, **fields):
    return condition(begins, ends, subject_key=f"metric/{component}/x", components=(component,), **fields)


def groups(rows):
    found = {}
    for row in rows:
        found.setdefault(row["group_id"], []).append(row)
    return sorted(sorted(row["subject_key"].split("/")[1] for row in group) for group in found.values())


def test_what_began_on_other_components_at_other_times_is_apart():
    rows = look([], 30, of("a"), of("b", 5, 6), of("c", 20, 21))
    assert groups(rows) == [["a"], ["b"], ["c"]]
    assert all(row["is_group_lead"] and row["group_size"] == 1 for row in rows)


def test_alerts_of_a_component_within_a_day_are_one_trouble_and_later_ones_another():
    first, second = of("a"), of("a", 20, 21, alert_type=ERRORS)
    third = of("a", 50, 51, alert_type=RESOURCES)
    rows = look([], 51, first, second, third)
    assert groups(rows) == [["a"], ["a", "a"]]


def test_the_lead_is_the_most_severe_then_the_earliest_and_only_it_is_told():
    rows = look([], 9, of("a"), of("a", 5, 6, alert_type=ERRORS, witnesses=2))
    assert [(row["severity"], row["is_group_lead"], row["notify"]) for row in rows] == [
        ("high", True, "immediate"),
        ("medium", False, "none"),
    ]
    rows = look([], 9, of("a"), of("a", 5, 6, alert_type=ERRORS))
    assert [row["first_seen_at"].hour for row in rows if row["is_group_lead"]] == [0]


def test_components_that_affect_each_other_are_one_trouble_while_near_in_time():
    related = frozenset({("queue", "api")})
    assert groups(look([], 9, of("queue"), of("api", 5, 6), related=related)) == [["api", "queue"]]
    assert groups(look([], 99, of("queue"), of("api", 50, 51), related=related)) == [["api"], ["queue"]]


def test_what_begins_within_an_hour_is_one_trouble_where_its_beginning_was_seen():
    assert groups(look([], 9, of("a"), of("b", 1, 2))) == [["a", "b"]]
    assert groups(look([], 9, of("a"), of("b", 1, 2, is_begin_seen=False))) == [["a"], ["b"]]


def test_a_chain_of_beginnings_does_not_grow_without_end():
    rows = look([], 9, *(of(name, place * 0.9, 9) for place, name in enumerate("abcdef")))
    assert max(len(group) for group in groups(rows)) == 2


def test_three_components_make_it_worse():
    rows = look([], 9, of("a"), of("b", 0.1), of("c", 0.2))
    assert [row["severity"] for row in rows if row["is_group_lead"]] == ["high"]


def test_a_group_keeps_its_name_when_its_lead_is_over():
    worst, rest = of("a", witnesses=2), of("a", 0.5, 2.5, alert_type=ERRORS)
    rows = look([], 2, worst, rest)
    name = rows[0]["group_id"]
    later = look(rows, 9, of("a", is_over=True, witnesses=2), rest, measured=hours(1, 1, 1, 1), key="metric/a/x")
    (last,) = [row for row in later if row["state"] == "open"]
    assert (last["group_id"], last["is_group_lead"], last["notify"]) == (name, True, "standard")


def test_ten_thousand_names_that_begin_together_are_grouped():
    rows = look([], 2, *(of(str(name), 0, 1) for name in range(2_000)))
    assert len({row["group_id"] for row in rows}) == 1
    assert sum(row["is_group_lead"] for row in rows) == 1
